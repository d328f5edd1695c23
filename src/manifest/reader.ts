import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node, type YAMLMap } from 'yaml'
import type { FileOrigin, Problem } from '../lib/errors.ts'
import { redact } from '../lib/secret.ts'
import { suggest } from '../lib/suggest.ts'
import type { AnyBranch, AnyNode, Leaf, List } from '../wanted/node.ts'
import type { ChoiceShape, ListShape, MapShape, ObjectShape, ScalarShape, Shape } from '../wanted/shape.ts'

/** A problem with its place in the file. */
export interface ManifestProblem extends Problem {
  readonly origin: FileOrigin
}

/** Enough for a hundred environments that share a hub list. A limit protects the memory. */
const MAX_ALIASES = 100
const ECHO_MAX = 60

/** Reads a document by its shape. What cannot be read becomes a problem and is left out. */
export class Reader {
  readonly problems: ManifestProblem[] = []
  readonly #document: Document.Parsed
  readonly #counter: LineCounter
  readonly #file: string
  /** Places and messages of the problems, so that an alias does not repeat them. */
  readonly #reported = new Set<string>()
  /** Shapes whose keys were listed in a message; they are listed once. */
  readonly #listed = new Set<ObjectShape>()
  #aliases = 0
  /** The place of the alias whose target is being read. */
  #aliasOffset: number | undefined
  /** The number of problems, including repeated ones. */
  #count = 0

  /** `file` is the name of the file in problems. */
  constructor(document: Document.Parsed, counter: LineCounter, file: string) {
    this.#document = document
    this.#counter = counter
    this.#file = file
  }

  sorted(): readonly ManifestProblem[] {
    return [...this.problems].sort((a, b) => a.origin.line - b.origin.line || a.origin.column - b.origin.column)
  }

  problem(node: Node | null | undefined, path: string, message: string): undefined {
    return this.problemAt(node?.range?.[0], path, message)
  }

  problemAt(offset: number | undefined, path: string, message: string): undefined {
    this.#count++
    const identity = `${offset ?? 0} ${message}`
    if (this.#aliasOffset !== undefined && this.#reported.has(identity)) return undefined
    this.#reported.add(identity)
    this.problems.push({ kind: 'invalid', input: 'file', origin: this.#origin(offset, path), message })
    return undefined
  }

  object(shape: ObjectShape, raw: unknown, path: string): AnyBranch | undefined {
    const before = this.#count
    const node = raw as Node | null
    if (!isMap(node))
      return this.#mismatch(node, path, `a mapping of ${Object.keys(shape.keys).slice(0, 3).join(', ')} …`)
    const keys: Record<string, AnyNode> = {}
    const given = new Set<string>()
    for (const { key, name, value } of this.#entries(node, path)) {
      const at = path === '' ? name : `${path}.${name}`
      const known = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined
      if (!known) given.add(this.#unknownKey(key, at, name, shape) ?? name)
      else {
        given.add(name)
        const read = this.#read(known, value, at, key)
        if (read) keys[name] = read
      }
    }
    for (const name of shape.required.filter((one) => !given.has(one))) {
      this.problem(node, path, `has no ${name}, which it needs`)
      given.add(name)
    }
    return {
      ...this.#node(node, path, before),
      unread: [...given].filter((name) => !Object.hasOwn(keys, name)),
      ...keys,
    }
  }

  /** The common fields of a node. `before` is the number of problems before it was read. */
  #node(node: Node, path: string, before: number) {
    return { origin: this.#origin(node.range?.[0], path), text: '', isBroken: this.#count > before }
  }

  /** The pairs of a mapping. A repeated key is a problem and left out. */
  #entries(node: YAMLMap, path: string) {
    const lines = new Map<string, number>()
    return node.items.flatMap((pair) => {
      const key = pair.key as Node | null
      if (!isScalar(key)) return this.problem(key ?? node, path, 'has a key that is not a word') ?? []
      const name = typeof key.source === 'string' ? key.source : String(key.value)
      const at = path === '' ? name : `${path}.${name}`
      const before = lines.get(name)
      if (before !== undefined) return this.problem(key, at, `is there twice: line ${before} has it already`) ?? []
      lines.set(name, this.#origin(key.range?.[0], at).line)
      return [{ key, name, value: pair.value }]
    })
  }

  /** Reports an unknown key, and returns the key that was probably meant. */
  #unknownKey(key: Node, path: string, name: string, shape: ObjectShape): string | undefined {
    if (name === '<<') return this.problem(key, path, 'is a merge key, which is not supported: write the keys out')
    const keys = Object.keys(shape.keys)
    const meant = suggest(name, keys)
    const isListed = meant !== undefined || this.#listed.has(shape)
    if (!isListed) this.#listed.add(shape)
    const help = meant ? `. Did you mean ${meant}?` : isListed ? '' : `. Keys: ${keys.join(', ')}`
    this.problem(key, path, `is not a key here${help}`)
    return meant
  }

  #read(shape: Shape, raw: unknown, path: string, key?: Node): AnyNode | undefined {
    const node = raw as Node | null | undefined
    if (!isAlias(node)) return this.#readNode(shape, node ?? undefined, path, key)
    const outer = this.#aliasOffset
    const offset = outer ?? node.range?.[0]
    if (++this.#aliases > MAX_ALIASES) {
      if (this.#aliases === MAX_ALIASES + 1)
        return this.problemAt(offset, path, `is one alias more than ${MAX_ALIASES}`)
      this.#count++
      return undefined
    }
    const target = node.resolve(this.#document)
    if (!target) return this.problemAt(offset, path, `is an alias of nothing: there is no &${node.source} before it`)
    this.#aliasOffset = offset
    const read = this.#readNode(shape, target, path, key)
    this.#aliasOffset = outer
    return read
  }

  #readNode(shape: Shape, node: Node | undefined, path: string, key?: Node): AnyNode | undefined {
    if (node === undefined || (isScalar(node) && node.value === null && !isQuoted(node)))
      return this.problem(node ?? key, path, 'is empty')
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

  #scalar(shape: ScalarShape, node: Node, path: string): Leaf<unknown> | undefined {
    if (!isScalar(node)) return this.#mismatch(node, path, nameOfType(shape))
    const words = typeof node.source === 'string' ? node.source : String(node.value)
    if (shape.type !== 'string' && typeof node.value === 'string' && isQuoted(node))
      return this.problem(node, path, `is a text where ${nameOfType(shape)} is expected: remove the quotes`)
    // YAML and editors read 2.0 as 2.
    const isNumber = shape.type === 'integer' && typeof node.value === 'number'
    const parsed = shape.parse(isNumber ? String(node.value) : words)
    if (parsed.ok) return { origin: this.#origin(node.range?.[0], path), text: words, value: parsed.value }
    return this.problem(node, path, `"${echoOf(words)}" ${parsed.message}`)
  }

  #list(shape: ListShape, node: Node, path: string): List<AnyNode> | undefined {
    const before = this.#count
    if (!isSeq(node)) return this.#mismatch(node, path, 'a list')
    if (shape.empty !== undefined && node.items.length === 0) return this.problem(node, path, shape.empty)
    const items = node.items.flatMap((item, i) => this.#read(shape.of, item, `${path}[${i}]`, node) ?? [])
    return { ...this.#node(node, path, before), items }
  }

  #map(shape: MapShape, node: Node, path: string): List<AnyNode> | undefined {
    const before = this.#count
    if (!isMap(node)) return this.#mismatch(node, path, 'a mapping')
    const items = this.#entries(node, path).flatMap(({ key, name, value }): readonly AnyNode[] => {
      const at = `${path}.${echoOf(name)}`
      const parsed = shape.key(name)
      if (!parsed.ok) this.problem(key, path, `has the key "${echoOf(name)}", which ${parsed.message}`)
      const read = this.#read(shape.of, value, at, key)
      if (!parsed.ok) return []
      const origin = this.#origin(key.range?.[0], at)
      const entry = { origin, text: name, name: { origin, text: name, value: name } }
      return [read ? { ...entry, unread: [], value: read } : { ...entry, unread: ['value'] }]
    })
    return { ...this.#node(node, path, before), items }
  }

  #choice(shape: ChoiceShape, node: Node, path: string): AnyBranch | undefined {
    if (isMap(node)) return this.object(shape.long, node, path)
    const short = this.#scalar(shape.short, node, path)
    return short && { origin: short.origin, text: short.text, [shape.key]: short }
  }

  #mismatch(node: Node | null, path: string, wanted: string): undefined {
    const found = isMap(node) ? 'a mapping' : isSeq(node) ? 'a list' : node ? 'a single value' : 'nothing'
    return this.problem(node, path, `is ${found} where ${wanted} is expected`)
  }

  #origin(offset: number | undefined, path: string): FileOrigin {
    const { line, col } = this.#counter.linePos(this.#aliasOffset ?? offset ?? 0)
    return { kind: 'file', file: this.#file, line: Math.max(1, line), column: Math.max(1, col), path }
  }
}

const isQuoted = (node: Node): boolean =>
  isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')

/** A value for a message: shortened, and without secrets. */
const echoOf = (words: string): string => {
  const clean = redact(words)
  return clean.length > ECHO_MAX ? `${clean.slice(0, ECHO_MAX)}…` : clean
}

const nameOfType = ({ type }: ScalarShape): string =>
  ({ string: 'a text', integer: 'a whole number', boolean: 'true or false' })[type]
