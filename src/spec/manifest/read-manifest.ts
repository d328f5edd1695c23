import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml'
import { suggest } from '../../lib/suggest.ts'
import { redact } from '../../lib/redact.ts'
import { MANIFEST } from './manifest-shape.ts'
import type { ChoiceShape, ListShape, MapShape, ObjectShape, ScalarShape, Shape } from './shape.ts'

/** Something wrong with the file, where an editor would point. Lines and columns begin at 1. */
export interface ManifestProblem {
  readonly line: number
  readonly column: number
  /** `hubs[0].partitions`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
}

/** A value of the manifest, parsed, with the words it stood in. */
export interface ManifestValue {
  readonly value: unknown
  readonly text: string
  readonly line: number
  readonly column: number
}
export type ManifestNode = ManifestValue | readonly ManifestNode[] | ManifestObject
export interface ManifestObject {
  readonly [key: string]: ManifestNode
}

export type ReadManifest =
  | { readonly ok: true; readonly root: ManifestObject }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] }

/** A hundred environments that repeat a hub list by alias are plenty; more is an attack on memory. */
const MAX_ALIASES = 100
const MAX_BYTES = 4 * 1024 * 1024

/** Reads a manifest: YAML 1.2 without tags of its own, so that nothing in it can run. Lists every problem there is. */
export function readManifest(text: string): ReadManifest {
  if (text.length > MAX_BYTES)
    return { ok: false, problems: [{ line: 1, column: 1, path: '', message: 'is larger than 4 MB' }] }
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, schema: 'core', uniqueKeys: true })
  const reader = new Reader(document, counter)
  for (const error of [...document.errors, ...document.warnings])
    reader.problem(error.pos[0], '', sentenceOf(error.message))
  if (reader.problems.length > 0) return { ok: false, problems: reader.problems }
  const root = reader.object(MANIFEST, document.contents, '')
  return reader.problems.length > 0 ? { ok: false, problems: reader.sorted() } : { ok: true, root }
}

const sentenceOf = (message: string): string => `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
const ECHO_MAX = 60

class Reader {
  readonly problems: ManifestProblem[] = []
  readonly #document: Document.Parsed
  readonly #counter: LineCounter
  #aliases = 0

  constructor(document: Document.Parsed, counter: LineCounter) {
    this.#document = document
    this.#counter = counter
  }

  problem(offset: number | undefined, path: string, message: string): undefined {
    const { line, col } = this.#counter.linePos(offset ?? 0)
    this.problems.push({ line: Math.max(1, line), column: Math.max(1, col), path, message })
    return undefined
  }

  sorted(): readonly ManifestProblem[] {
    return [...this.problems].sort((a, b) => a.line - b.line || a.column - b.column)
  }

  object(shape: ObjectShape, raw: unknown, path: string): ManifestObject {
    const node = this.#resolve(raw, path)
    if (!isMap(node)) {
      this.#mismatch(node, path, `a mapping of ${Object.keys(shape.keys).slice(0, 3).join(', ')} …`)
      return {}
    }
    const found: Record<string, ManifestNode> = {}
    const present: (string | undefined)[] = []
    for (const { key, name, value } of this.#entries(node, path)) {
      const at = path === '' ? name : `${path}.${name}`
      const known = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined
      present.push(known ? name : this.#unknownKey(key, at, name, Object.keys(shape.keys)))
      if (known) {
        const read = this.#read(known, value, at, key)
        if (read !== undefined) found[name] = read
      }
    }
    for (const name of shape.required.filter((one) => !present.includes(one))) {
      this.problem(node.range?.[0], path, `has no ${name}, which it needs`)
    }
    return found
  }

  #entries(node: YAMLMap, path: string) {
    return node.items.flatMap((pair) => {
      const key = pair.key as Node | null
      if (!isScalar(key)) {
        this.problem(key?.range?.[0] ?? node.range?.[0], path, 'has a key that is not a word')
        return []
      }
      return [{ key, name: String(key.value), value: pair.value }]
    })
  }

  /** Answers the key that was probably meant. */
  #unknownKey(key: Node, path: string, name: string, known: readonly string[]): string | undefined {
    const meant = suggest(name, known)
    this.problem(
      key.range?.[0],
      path,
      `is not a key here.${meant ? ` Did you mean ${meant}?` : ''} Keys: ${known.join(', ')}`,
    )
    return meant
  }

  #read(shape: Shape, raw: unknown, path: string, key?: Node): ManifestNode | undefined {
    const before = this.problems.length
    const node = this.#resolve(raw, path)
    if (this.problems.length > before) return undefined
    const where = node ?? key
    if (node === undefined || (isScalar(node) && node.value === null))
      return this.problem(where?.range?.[0], path, 'is empty')
    switch (shape.kind) {
      case 'scalar':
        return this.#scalar(shape, node, path)
      case 'list':
        return this.#list(shape, node, path)
      case 'map':
        return this.#map(shape, node, path)
      case 'object':
        return this.object(shape, node, path)
      case 'choice':
        return this.#choice(shape, node, path)
    }
  }

  #scalar(shape: ScalarShape, node: Node, path: string): ManifestValue | undefined {
    if (!isScalar(node)) return this.#mismatch(node, path, nameOfType(shape))
    const words = typeof node.source === 'string' ? node.source : String(node.value)
    const parsed = shape.parse(words)
    if (parsed.ok) {
      const { line, col } = this.#counter.linePos(node.range?.[0] ?? 0)
      return { value: parsed.value, text: words, line, column: col }
    }
    const echo = redact(words).slice(0, ECHO_MAX)
    return this.problem(node.range?.[0], path, `"${echo}" ${parsed.message}`)
  }

  #list(shape: ListShape, node: Node, path: string): readonly ManifestNode[] | undefined {
    if (!isSeq(node)) return this.#mismatch(node, path, 'a list')
    return node.items.flatMap((item, i) => {
      const read = this.#read(shape.of, item, `${path}[${i}]`, node)
      return read === undefined ? [] : [read]
    })
  }

  #map(shape: MapShape, node: Node, path: string): ManifestObject | undefined {
    if (!isMap(node)) return this.#mismatch(node, path, 'a mapping')
    const found: Record<string, ManifestNode> = {}
    for (const { key, name, value } of this.#entries(node, path)) {
      const read = this.#read(shape.of, value, `${path}.${name}`, key)
      if (read !== undefined) Object.defineProperty(found, name, { value: read, enumerable: true })
    }
    return found
  }

  #choice(shape: ChoiceShape, node: Node, path: string): ManifestNode | undefined {
    if (isMap(node)) return this.object(shape.long, node, path)
    const short = this.#scalar(shape.short, node, path)
    return short && { [shape.key]: short }
  }

  #mismatch(node: unknown, path: string, wanted: string): undefined {
    const where = node as Node | null | undefined
    const found = isMap(where) ? 'a mapping' : isSeq(where) ? 'a list' : where ? 'a single value' : 'nothing'
    return this.problem(where?.range?.[0], path, `is ${found} where ${wanted} is expected`)
  }

  #resolve(raw: unknown, path: string): Node | undefined {
    const node = raw as Node | null | undefined
    if (!isAlias(node)) return node ?? undefined
    if (++this.#aliases > MAX_ALIASES)
      return this.problem(node.range?.[0], path, `is one alias more than ${MAX_ALIASES}`)
    const target = node.resolve(this.#document)
    if (!target) return this.problem(node.range?.[0], path, 'is an alias of nothing')
    return target
  }
}

const nameOfType = ({ type }: ScalarShape): string =>
  ({ string: 'a text', integer: 'a whole number', boolean: 'true or false' })[type]
