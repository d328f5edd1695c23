import { isCollection, isMap, isScalar, isSeq, YAMLMap, YAMLSeq, type Document, type Pair } from 'yaml'
import { holdsSecret } from '../lib/secret.ts'
import { sameName } from '../lib/names.ts'
import type { Saved } from '../resources/setting.ts'
import { childOf, isLeaf, type AnyBranch, type AnyNode, type Branch, type Leaf } from '../wanted/node.ts'
import type { ObjectShape, ScalarShape } from '../wanted/shape.ts'

/** A mapping without keys. */
export const EMPTY_BRANCH: AnyBranch = { origin: { kind: 'answer' }, text: '' }

/**
 * A mapping of a manifest to write to, and the values below it: for an environment, the rest of the file. A value is written
 * only if the two together do not have it yet. The mapping itself is made when the first value is written.
 */
export class Layer {
  readonly own: AnyBranch
  readonly below: AnyBranch
  readonly #shape: ObjectShape
  readonly #node: () => YAMLMap
  readonly #nodeBelow: YAMLMap | undefined

  constructor(shape: ObjectShape, own: Branch, below: Branch, node: () => YAMLMap, nodeBelow?: YAMLMap) {
    this.own = own as AnyBranch
    this.below = below as AnyBranch
    this.#shape = shape
    this.#node = node
    this.#nodeBelow = nodeBelow
  }

  /** The value here, or else the one below. */
  get(key: string): AnyNode | undefined {
    return childOf(this.own, key) ?? childOf(this.below, key)
  }

  /** Puts values in the order of the shape. */
  putAll(values: Readonly<Record<string, Saved>>): void {
    for (const key of Object.keys(this.#shape.keys)) if (values[key]) this.put(key, values[key])
  }

  /** Writes a value if there is another one, or if there is none and it is needed. */
  put(key: string, { value, isNeeded }: Saved): void {
    const shape = this.#shape.keys[key] as ScalarShape
    const written = shape.format?.(value)
    const words = written === undefined || written === String(value) ? (value as string | number | boolean) : written
    const parsed = shape.parse(String(words))
    const now = this.get(key)
    if (!parsed.ok || (isLeaf(now) ? isSame(now, parsed.value, shape) : !isNeeded)) return
    this.set(key, words)
  }

  /** Writes a value, unless it looks like a secret. `under` is the key of a mapping to write it to. */
  set(key: string, words: string | number | boolean, under?: string): void {
    if (holdsSecret(String(words))) return
    setIn(under === undefined ? this.#node() : mapAt(this.#node(), under), key, words)
  }

  drop(key: string): void {
    if (childOf(this.own, key)) this.#node().delete(key)
  }

  /** The layer of a mapping under a key. */
  child(shape: ObjectShape, key: string, below: Branch): Layer {
    return new Layer(shape, (childOf(this.own, key) as Branch | undefined) ?? EMPTY_BRANCH, below, () =>
      mapAt(this.#node(), key),
    )
  }

  /** Whether the list under a key is merged with the one below by name. */
  isMerged(key: string): boolean {
    const shape = this.#shape.keys[key]
    return shape?.kind === 'list' && (shape.byName ?? false)
  }

  /** The list under a key. A new list starts as a copy of the one below if it replaces it. */
  list(key: string, document: Document): YAMLSeq {
    const node = this.#node()
    const found = pairOf(node, key)?.value
    if (isSeq(found)) return found
    const below = this.isMerged(key) ? undefined : this.#nodeBelow && pairOf(this.#nodeBelow, key)?.value
    const made = isSeq(below) ? (below.clone(document.schema) as YAMLSeq) : new YAMLSeq()
    setIn(node, key, made)
    return made
  }

  /** The mapping, which is made if it is missing. */
  node(): YAMLMap {
    return this.#node()
  }
}

const isSame = ({ value }: Leaf<unknown>, wanted: unknown, { isCaseSensitive }: ScalarShape): boolean =>
  typeof value === 'string' && typeof wanted === 'string' && !isCaseSensitive
    ? sameName(value, wanted)
    : value === wanted

/** Compares keys as text, like the reader: `2024:` is a number in YAML. */
export const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === key)

export function mapAt(parent: YAMLMap, key: string): YAMLMap {
  const found = pairOf(parent, key)?.value
  if (isMap(found)) return found
  const made = new YAMLMap()
  setIn(parent, key, made)
  return made
}

/** An existing value keeps its comments and quotes. A new one goes after the other values, before lists and mappings. */
function setIn(map: YAMLMap, key: string, value: unknown): void {
  const found = pairOf(map, key)
  map.set(found?.key ?? key, value)
  if (found || isCollection(value)) return
  const made = map.items.pop()!
  map.items.splice(map.items.findLastIndex((pair) => !isCollection(pair.value)) + 1, 0, made)
}
