import { readFileSync } from 'node:fs'
import fc from 'fast-check'

/** The messages as Kafka publishes them, and an encoder that knows nothing of ours. */

interface Range {
  readonly first: number
  readonly last: number
}

export interface PublishedField {
  readonly name: string
  readonly isArray: boolean
  /** Undefined for a structure. */
  readonly type: string | undefined
  readonly versions: Range
  readonly nullable: Range | undefined
  readonly initial: string | undefined
  readonly fields: PublishedField[]
}

export interface Published {
  readonly name: string
  readonly key: number
  readonly flexible: number
  readonly request: PublishedField[]
  readonly response: PublishedField[]
}

const FIXTURE = new URL('../fixtures/messages.txt', import.meta.url)

export function readPublished(): readonly Published[] {
  const all: Published[] = []
  /** Where the fields of each depth go. */
  const open: PublishedField[][] = []
  for (const line of readFileSync(FIXTURE, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const depth = line.search(/\S/) / 2
    const words = line.trim().split(' ')
    if (depth === 0) {
      const [name = '', key, flexible = ''] = words
      all.push({ name, key: Number(key), flexible: rangeOf(flexible.slice(9)).first, request: [], response: [] })
    } else if (depth === 1) open[2] = all.at(-1)![words[0] as 'request' | 'response']
    else {
      const field = fieldOf(words)
      open[depth]!.push(field)
      open[depth + 1] = field.fields
    }
  }
  return all
}

function fieldOf([name = '', type = '', versions = '', ...more]: readonly string[]): PublishedField {
  const word = (start: string) => more.find((one) => one.startsWith(start))?.slice(start.length)
  const nullable = word('null:')
  const element = type.replace('[]', '')
  return {
    ...{ name, isArray: type.startsWith('[]'), type: element === '' ? undefined : element, fields: [] },
    ...{ versions: rangeOf(versions), nullable: nullable === undefined ? undefined : rangeOf(nullable) },
    initial: word('default:'),
  }
}

function rangeOf(text: string): Range {
  if (text === 'none') return { first: Infinity, last: Infinity }
  const [first, last = first] = text.replace(/\+$/, '-Infinity').split('-').map(Number)
  return { first: first!, last: last! }
}

const has = ({ first, last }: Range, version: number): boolean => version >= first && version <= last
const isNullable = ({ nullable }: PublishedField, version: number): boolean =>
  nullable !== undefined && has(nullable, version)

const INTEGERS: Readonly<Record<string, { readonly bytes: number; readonly most: number }>> = {
  int8: { bytes: 1, most: 127 },
  int16: { bytes: 2, most: 32_767 },
  int32: { bytes: 4, most: 2_147_483_647 },
  int64: { bytes: 8, most: Number.MAX_SAFE_INTEGER },
}

/** Any value of a structure in one version. Fields that the version lacks have their default. */
export const anyStructure = (
  fields: readonly PublishedField[],
  version: number,
): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  fc.record(Object.fromEntries(fields.map((field) => [field.name, anyOf(field, version)])), { noNullPrototype: true })

function anyOf(field: PublishedField, version: number): fc.Arbitrary<unknown> {
  if (!has(field.versions, version)) return fc.constant(initialOf(field))
  const element = anyElement(field, version)
  const value = field.isArray ? fc.array(element, { maxLength: 3 }) : element
  return isNullable(field, version) ? fc.option(value, { freq: 3 }) : value
}

function anyElement({ type, fields }: PublishedField, version: number): fc.Arbitrary<unknown> {
  if (type === undefined) return anyStructure(fields, version)
  if (type === 'bool') return fc.boolean()
  if (type === 'string') return fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constant('é'.repeat(100)))
  if (type === 'uuid')
    return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((raw) => Buffer.from(raw).toString('hex'))
  const integer = INTEGERS[type]
  if (integer) return fc.maxSafeInteger().map((value) => Math.max(-integer.most - 1, Math.min(integer.most, value)))
  // Beyond 2 KB the writer does not copy.
  return fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((raw) => Buffer.from(raw)),
    fc.constant(Buffer.alloc(2_047, 7)),
    fc.constant(Buffer.alloc(2_048, 8)),
  )
}

function initialOf({ type, isArray, nullable, initial }: PublishedField): unknown {
  if (nullable) return null
  if (isArray) return []
  if (type === 'bool') return initial === 'true'
  if (type === 'string') return ''
  return type === 'uuid' ? '0'.repeat(32) : Number(initial ?? 0)
}

/** Tagged fields as a newer client may send them, at the end of each structure. */
export type Tags = readonly { readonly tag: number; readonly bytes: Uint8Array }[]

/** Encodes by https://kafka.apache.org/protocol.html#protocol_types, the slow and plain way. */
export function encodePublished(
  fields: readonly PublishedField[],
  value: Readonly<Record<string, unknown>>,
  { version, isFlexible, tags = [] }: { readonly version: number; readonly isFlexible: boolean; readonly tags?: Tags },
): Buffer {
  const layout = { version, isFlexible, tags }
  const length = (count: number, plainBytes: number): Buffer =>
    isFlexible ? varint(count + 1) : integer(count, plainBytes)
  const element = ({ type, fields: inner }: PublishedField, one: unknown): Buffer => {
    if (type === undefined) return encodePublished(inner, one as Readonly<Record<string, unknown>>, layout)
    if (type === 'bool') return integer(one === true ? 1 : 0, 1)
    if (type === 'uuid') return Buffer.from(one as string, 'hex')
    if (type === 'string') {
      const text = Buffer.from(one as string, 'utf8')
      return Buffer.concat([length(text.length, 2), text])
    }
    if (type === 'bytes' || type === 'records') {
      return Buffer.concat([length((one as Buffer).length, 4), one as Buffer])
    }
    return integer(one as number, INTEGERS[type]!.bytes)
  }
  const parts = fields
    .filter(({ versions }) => has(versions, version))
    .map((field) => {
      const one = value[field.name]
      if (one === null) return length(-1, !field.isArray && field.type === 'string' ? 2 : 4)
      if (!field.isArray) return element(field, one)
      const list = one as readonly unknown[]
      return Buffer.concat([length(list.length, 4), ...list.map((each) => element(field, each))])
    })
  const tagged = tags.flatMap(({ tag, bytes }) => [varint(tag), varint(bytes.length), Buffer.from(bytes)])
  return Buffer.concat([...parts, ...(isFlexible ? [varint(tags.length), ...tagged] : [])])
}

function integer(value: number, bytes: number): Buffer {
  const all = Buffer.alloc(8)
  all.writeBigInt64BE(BigInt(value))
  return all.subarray(8 - bytes)
}

const varint = (value: number): Buffer =>
  value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value % 128) + 128]), varint(Math.floor(value / 128))])
