import { isCollection, isMap, isScalar, isSeq, YAMLMap, YAMLSeq, type Document, type Pair } from 'yaml'
import { holdsSecret } from '../lib/redact.ts'
import { sameName } from '../lib/names.ts'
import type { Saved } from '../resources/setting.ts'
import { childOf, isLeaf, type AnyBranch, type AnyNode, type Branch, type Leaf } from '../wanted/node.ts'
import type { ObjectShape, ScalarShape } from '../wanted/shape.ts'

/** What a mapping says. */
export const NOTHING: AnyBranch = { origin: { kind: 'answer' }, text: '' }

/**
 * A mapping of a manifest that is written to, and what holds where it says nothing: for an environment the rest of the
 * file. It is changed only where the two together do not say what they shall, and made only when it has something to say.
 */
export class Layer {
  readonly said: AnyBranch
  readonly below: AnyBranch
  readonly #shape: ObjectShape
  readonly #node: () => YAMLMap
  readonly #nodeBelow: YAMLMap | undefined

  constructor(shape: ObjectShape, said: Branch, below: Branch, node: () => YAMLMap, nodeBelow?: YAMLMap) {
    this.said = said as AnyBranch
    this.below = below as AnyBranch
    this.#shape = shape
    this.#node = node
    this.#nodeBelow = nodeBelow
  }

  /** What holds: what is said here, else what is said below. */
  holds(key: string): AnyNode | undefined {
    return childOf(this.said, key) ?? childOf(this.below, key)
  }

  /** Makes these values true, in the order of the shape. */
  putAll(values: Readonly<Record<string, Saved>>): void {
    for (const key of Object.keys(this.#shape.keys)) if (values[key]) this.put(key, values[key])
  }

  /** Says a value, where it is not said and has to be, or another is said. */
  put(key: string, { value, isNeeded }: Saved): void {
    const shape = this.#shape.keys[key] as ScalarShape
    const words = shape.format?.(value) ?? (value as string | number | boolean)
    const parsed = shape.parse(String(words))
    const now = this.holds(key)
    if (!parsed.ok || (isLeaf(now) ? isSame(now, parsed.value, shape) : !isNeeded)) return
    this.set(key, words)
  }

  /** Nothing that looks like a key is ever written. `under`: in the mapping of that key. */
  set(key: string, words: string | number | boolean, under?: string): void {
    if (holdsSecret(String(words))) return
    setIn(under === undefined ? this.#node() : mapAt(this.#node(), under), key, words)
  }

  drop(key: string): void {
    if (childOf(this.said, key)) this.#node().delete(key)
  }

  /** The mapping of a key, of which an environment says what differs. */
  child(shape: ObjectShape, key: string, below: Branch = childOf(this.below, key) ?? NOTHING): Layer {
    return new Layer(shape, (childOf(this.said, key) as Branch | undefined) ?? NOTHING, below, () =>
      mapAt(this.#node(), key),
    )
  }

  /** The list of a key, to be written to. A list replaces the one below whole, so it begins as its copy. */
  list(key: string, document: Document): YAMLSeq {
    const node = this.#node()
    const found = pairOf(node, key)?.value
    if (isSeq(found)) return found
    const below = this.#nodeBelow && pairOf(this.#nodeBelow, key)?.value
    const made = isSeq(below) ? (below.clone(document.schema) as YAMLSeq) : new YAMLSeq()
    setIn(node, key, made)
    return made
  }

  /** The mapping itself, made if it is not there. */
  node(): YAMLMap {
    return this.#node()
  }
}

/** Azure's names compare without regard to case. */
const isSame = ({ value }: Leaf<unknown>, wanted: unknown, { isCaseSensitive }: ScalarShape): boolean =>
  typeof value === 'string' && typeof wanted === 'string' && !isCaseSensitive
    ? sameName(value, wanted)
    : value === wanted

/** By the key's words, as the reader goes by: `2024:` is a number to YAML. */
export const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === key)

export function mapAt(parent: YAMLMap, key: string): YAMLMap {
  const found = pairOf(parent, key)?.value
  if (isMap(found)) return found
  const made = new YAMLMap()
  setIn(parent, key, made)
  return made
}

/** A value that is there keeps its comments and quotes; a new one stands behind the others, before lists and mappings. */
function setIn(map: YAMLMap, key: string, value: unknown): void {
  const found = pairOf(map, key)
  map.set(found?.key ?? key, value)
  if (found || isCollection(value)) return
  const made = map.items.pop()!
  map.items.splice(map.items.findLastIndex((pair) => !isCollection(pair.value)) + 1, 0, made)
}
