import { isCollection, isMap, isScalar, isSeq, YAMLMap, YAMLSeq, type Document, type Pair } from 'yaml'
import { holdsSecret } from '../lib/redact.ts'
import { sameName } from '../lib/names.ts'
import type { Parser } from '../inputs/parsers.ts'
import type { ManifestNode, ManifestObject, ManifestValue } from './nodes.ts'

/** What a mapping says. */
export type Entries = ManifestObject['entries']
export const NOTHING: Entries = new Map()

/** What a key of the manifest shall say. */
export interface Wanted {
  readonly key: string
  readonly text: string | number | boolean
  /** False: nothing has to be said, unless the file says something else. */
  readonly given: boolean
  readonly parse: Parser<unknown>
  /** Names compare without regard to case unless it is said here. */
  readonly isSame?: (a: unknown, b: unknown) => boolean
}

/** `true` or `false`, which has no flag to be read by. */
export const switchOf = (key: string, value: boolean, given: boolean): Wanted => ({
  ...{ key, text: value, given },
  parse: () => ({ ok: true, value }),
})

/**
 * A mapping of a manifest that is written to, and what holds where it says nothing: for an environment the rest of the
 * file. It is changed only where the two together do not say what they shall, and made only when it has something to say.
 */
export class Layer {
  readonly said: Entries
  readonly below: Entries
  readonly #node: () => YAMLMap
  readonly #nodeBelow: YAMLMap | undefined

  constructor(said: Entries, below: Entries, node: () => YAMLMap, nodeBelow?: YAMLMap) {
    this.said = said
    this.below = below
    this.#node = node
    this.#nodeBelow = nodeBelow
  }

  /** What holds: what is said here, else what is said below. */
  holds(key: string): ManifestNode | undefined {
    return this.said.get(key) ?? this.below.get(key)
  }

  put({ key, text, given, parse, isSame = isSameText }: Wanted): void {
    const parsed = parse(String(text))
    const now = valueIn(this.holds(key))
    if (!parsed.ok || (now ? isSame(now.value, parsed.value) : !given)) return
    this.set(key, text)
  }

  /** Nothing that looks like a key is ever written. */
  set(key: string, text: string | number | boolean): void {
    if (!holdsSecret(String(text))) setIn(this.#node(), key, text)
  }

  drop(key: string): void {
    if (this.said.has(key)) this.#node().delete(key)
  }

  /** The mapping of a key, of which an environment says what differs. */
  child(key: string, below: Entries = objectIn(this.below, key)): Layer {
    return new Layer(objectIn(this.said, key), below, () => mapAt(this.#node(), key))
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

const isSameText = (a: unknown, b: unknown): boolean =>
  typeof a === 'string' && typeof b === 'string' ? sameName(a, b) : a === b

export const valueIn = (node: ManifestNode | undefined): ManifestValue | undefined =>
  node?.kind === 'value' ? node : undefined
export function objectIn(entries: Entries, key: string): Entries {
  const found = entries.get(key)
  return found?.kind === 'object' ? found.entries : NOTHING
}
export const objectsIn = (entries: Entries, key: string): readonly Entries[] => listOf(entries.get(key))
export const listOf = (node: ManifestNode | undefined): readonly Entries[] =>
  node?.kind === 'list' ? node.items.flatMap((item) => (item.kind === 'object' ? [item.entries] : [])) : []
export const textIn = (entries: Entries, key: string): string => valueIn(entries.get(key))?.text ?? ''

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
