import { type KafkaReader, type KafkaWriter, MalformedRequest } from './bytes.ts'

/**
 * The notation of Kafka's messages. Names and order are those of https://kafka.apache.org/protocol.html, so that a table
 * can be read against it. From a version on, an API is flexible: lengths are varints, and structures end with tagged
 * fields. We step over those of requests and write none.
 */
export interface Layout {
  readonly version: number
  readonly isFlexible: boolean
}

/** Reads and writes a type in one version. What is written may leave out more than what is read. */
export interface Codec<R, W = R> {
  /** The fewest bytes that a value takes. */
  readonly least: number
  readonly read: (reader: KafkaReader) => R
  readonly write: (writer: KafkaWriter, value: W) => void
}

export interface Type<R, W = R> {
  /** What a version without the field reads, and what is written when it is left out. */
  readonly initial: R
  readonly compile: (layout: Layout) => Codec<R, W>
}

/** A field that not every version has. */
export interface Versioned<R, W = R> {
  readonly first: number
  readonly last: number
  readonly type: Type<R, W>
  readonly initial: R
}

export type Fields = Readonly<Record<string, Type<unknown, never> | Versioned<unknown, never>>>

/** What is read: all fields. */
export type ReadOf<F> = {
  readonly [K in keyof F]: F[K] extends Type<infer R, never> ? R : F[K] extends Versioned<infer R, never> ? R : never
}

/** What is written: a field that not every version has may be left out. */
export type WrittenOf<F> = {
  readonly [K in keyof F as F[K] extends Type<unknown, never> ? K : never]: F[K] extends Type<unknown, infer W>
    ? W
    : never
} & {
  readonly [K in keyof F as F[K] extends Type<unknown, never> ? never : K]?: F[K] extends Versioned<unknown, infer W>
    ? W
    : never
}

export interface Api<Q extends Fields = Fields, A extends Fields = Fields> {
  readonly key: number
  readonly name: string
  /** The first and the last one that we speak. */
  readonly versions: readonly [first: number, last: number]
  /** The first flexible version; without it, none is. */
  readonly flexible?: number
  readonly request: Q
  readonly response: A
}

export type RequestOf<A> = A extends { readonly request: infer Q } ? ReadOf<Q> : never
export type ResponseOf<A> = A extends { readonly response: infer R } ? WrittenOf<R> : never

export const api = <const Q extends Fields, const A extends Fields>(definition: Api<Q, A>): Api<Q, A> => definition

const fixed = <T>(initial: T, codec: Codec<T>): Type<T> => ({ initial, compile: () => codec })

export const int8 = fixed(0, { least: 1, read: (from) => from.int8(), write: (to, value) => to.int8(value) })
export const int16 = fixed(0, { least: 2, read: (from) => from.int16(), write: (to, value) => to.int16(value) })
export const int32 = fixed(0, { least: 4, read: (from) => from.int32(), write: (to, value) => to.int32(value) })
/** Exact within 2^53. */
export const int64 = fixed(0, { least: 8, read: (from) => from.int64(), write: (to, value) => to.int64(value) })
export const bool = fixed<boolean>(false, {
  least: 1,
  read: (from) => from.int8() !== 0,
  write: (to, value) => to.int8(value ? 1 : 0),
})
/** In answers: what the client may do is not stated. The value that Kafka's message definitions have by default. */
export const OPERATIONS_NOT_STATED = -2_147_483_648
const UUID_BYTES = 16
/** 32 hexadecimal digits. */
export const uuid = fixed('0'.repeat(2 * UUID_BYTES), {
  least: UUID_BYTES,
  read: (from) => from.hex(UUID_BYTES),
  write: (to, value) => to.hex(value, UUID_BYTES),
})

/** A type with a length in front, by which it can be null as well. */
interface Sized<R, W = R> extends Type<R, W> {
  readonly initial: R & W
  readonly compileNullable: (layout: Layout) => Codec<R | null, W | null>
}

/** What follows the length. */
interface Body<R, W> {
  readonly lengthOf: (value: W) => number
  readonly read: (reader: KafkaReader, length: number) => R
  readonly write: (writer: KafkaWriter, value: W, length: number) => void
}

type LengthCodec = Codec<number>

const COMPACT: LengthCodec = { least: 1, read: (from) => from.varint() - 1, write: (to, value) => to.varint(value + 1) }
const SHORT = int16.compile({ version: 0, isFlexible: false })
const LONG = int32.compile({ version: 0, isFlexible: false })

function sized<R, W>(plain: LengthCodec, initial: R & W, body: (layout: Layout) => Body<R, W>): Sized<R, W> {
  const compileNullable = (layout: Layout): Codec<R | null, W | null> => {
    const length = layout.isFlexible ? COMPACT : plain
    const { lengthOf, read, write } = body(layout)
    return {
      least: length.least,
      read: (from) => {
        const size = length.read(from)
        if (size >= 0) return read(from, size)
        if (size === -1) return null
        throw new MalformedRequest(`A length of ${size}`)
      },
      write: (to, value) => {
        const size = value === null ? -1 : lengthOf(value)
        length.write(to, size)
        if (value !== null) write(to, value, size)
      },
    }
  }
  const compile = (layout: Layout): Codec<R, W> => {
    const { least, read, write } = compileNullable(layout)
    return { least, read: (from) => read(from) ?? refuseNull(), write }
  }
  return { initial, compile, compileNullable }
}

function refuseNull(): never {
  throw new MalformedRequest('A null where the version has none')
}

export const string: Sized<string> = sized<string, string>(SHORT, '', () => ({
  lengthOf: (value) => Buffer.byteLength(value),
  read: (from, length) => from.text(length),
  write: (to, value, length) => to.text(value, length),
}))

/** A part of the request's memory: good until the request is answered. */
export const bytes: Sized<Buffer> = sized<Buffer, Buffer>(LONG, Buffer.alloc(0), () => ({
  lengthOf: (value) => value.length,
  read: (from, length) => from.part(length),
  write: (to, value) => to.put(value),
}))

/** Record batches as they are: read as `bytes` are, and written without being joined. */
export const records: Sized<Buffer, Buffer | readonly Buffer[]> = sized<Buffer, Buffer | readonly Buffer[]>(
  LONG,
  Buffer.alloc(0),
  () => ({
    lengthOf: (value) => (Buffer.isBuffer(value) ? value.length : value.reduce((sum, { length }) => sum + length, 0)),
    read: (from, length) => from.part(length),
    write: (to, value) => {
      if (Buffer.isBuffer(value)) to.put(value)
      else for (const part of value) to.put(part)
    },
  }),
)

export const array = <R, W>(type: Pick<Type<R, W>, 'compile'>): Sized<readonly R[], readonly W[]> =>
  sized<readonly R[], readonly W[]>(LONG, [], (layout) => arrayBody(type.compile(layout)))

function arrayBody<R, W>({ least, read, write }: Codec<R, W>): Body<readonly R[], readonly W[]> {
  return {
    lengthOf: (values) => values.length,
    read: (from, length) => {
      from.expectList(length, least)
      const values: R[] = []
      for (let i = 0; i < length; i++) values.push(read(from))
      return values
    },
    write: (to, values) => {
      for (const value of values) write(to, value)
    },
  }
}

export const arrayOf = <const F extends Fields>(fields: F): Sized<readonly ReadOf<F>[], readonly WrittenOf<F>[]> =>
  array({ compile: (layout) => compileFields(fields, layout) })

/** A type that may be null, from a version on. Before, a null is written as what the type has in place of it. */
export const nullable = <R, W>(type: Sized<R, W>, first = 0): Type<R | null, W | null> => ({
  initial: null,
  compile: (layout) => {
    if (layout.version >= first) return type.compileNullable(layout)
    const { least, read, write } = type.compile(layout)
    return { least, read, write: (to, value) => write(to, value ?? type.initial) }
  },
})

export const between = <R, W>(
  first: number,
  last: number,
  type: Type<R, W>,
  initial: R = type.initial,
): Versioned<R, W> => ({ first, last, type, initial })
export const since = <R, W>(first: number, type: Type<R, W>, initial?: R): Versioned<R, W> =>
  between(first, Infinity, type, initial)
export const until = <R, W>(last: number, type: Type<R, W>, initial?: R): Versioned<R, W> =>
  between(0, last, type, initial)

/** The reader and the writer of a structure in one version. */
export function compileFields<F extends Fields>(fields: F, layout: Layout): Codec<ReadOf<F>, WrittenOf<F>> {
  const all = Object.entries(fields).map(([name, field]) => {
    const { first, last, type, initial } = 'first' in field ? field : between(0, Infinity, field)
    const isThere = layout.version >= first && layout.version <= last
    return { name, initial, codec: isThere ? type.compile(layout) : undefined }
  })
  const there = all.flatMap(({ name, initial, codec }) => (codec ? [{ name, initial, codec }] : []))
  const ofTags = layout.isFlexible ? 1 : 0
  return {
    least: there.reduce((sum, { codec }) => sum + codec.least, ofTags),
    read: (from) => {
      const value: Record<string, unknown> = {}
      for (const { name, initial, codec } of all) value[name] = codec ? codec.read(from) : initial
      if (layout.isFlexible) from.skipTags()
      return value as ReadOf<F>
    },
    write: (to, value) => {
      const given = value as Readonly<Record<string, unknown>>
      for (const { name, initial, codec } of there) {
        const one = given[name]
        codec.write(to, (one === undefined ? initial : one) as never)
      }
      if (layout.isFlexible) to.varint(0)
    },
  }
}
