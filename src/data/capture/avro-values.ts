/** A file that does not hold what its kind promises. The message follows the name of the file: `is no Avro file`. */
export class BrokenFile extends Error {}

/** A place in bytes that are being read. Every step past their end throws a `BrokenFile`. */
export class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Part of the same memory. */
  take(length: number): Buffer {
    if (length < 0 || length > this.#bytes.length - this.#at) throw new BrokenFile('ends within a value')
    return this.#bytes.subarray(this.#at, (this.#at += length))
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new BrokenFile('ends within a value')
    return byte
  }

  /** A long; a bigint where a number cannot hold it. */
  long(): number | bigint {
    let value = 0
    for (let scale = 1, i = 0; i < LAST_OF_SAFE; scale *= 0x80, i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      // Zigzag: 0, -1, 1, -2.
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    return this.#bigLong(BigInt(value))
  }

  #bigLong(start: bigint): number | bigint {
    let value = start
    for (let shift = BigInt(LAST_OF_SAFE * 7); ; shift += 7n) {
      if (shift > 63n) throw new BrokenFile('holds a number of more than 64 bits')
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    const long = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
    return long >= Number.MIN_SAFE_INTEGER && long <= Number.MAX_SAFE_INTEGER ? Number(long) : long
  }

  /** A length, an index or a count. */
  int(): number {
    const value = this.long()
    if (typeof value === 'bigint') throw new BrokenFile('holds a length that cannot be')
    return value
  }

  bytes(): Buffer {
    return this.take(this.int())
  }

  string(): string {
    return this.bytes().toString('utf8')
  }
}

/** So many bytes of a long fit into a number with a bit to spare. */
const LAST_OF_SAFE = 7

/** Reads one value. Bytes are part of the memory that they were read from. */
export type Decode = (from: Cursor) => unknown

/** Makes the decoder of a schema, of whatever fields. Throws a `BrokenFile` for what is no schema. https://avro.apache.org/docs/1.12.0/specification/ */
export function decoderOf(schema: unknown): Decode {
  return new Compiler().compile(schema, '')
}

const PRIMITIVES: Readonly<Record<string, Decode>> = {
  null: () => null,
  boolean: (from) => from.byte() === 1,
  int: (from) => from.long(),
  long: (from) => from.long(),
  float: (from) => from.take(4).readFloatLE(),
  double: (from) => from.take(8).readDoubleLE(),
  bytes: (from) => from.bytes(),
  string: (from) => from.string(),
}

type Schema = Readonly<Record<string, unknown>>

class Compiler {
  readonly #named = new Map<string, Decode>()

  compile(schema: unknown, namespace: string): Decode {
    if (typeof schema === 'string') return this.#reference(schema, namespace)
    if (Array.isArray(schema)) return this.#union(schema, namespace)
    if (typeof schema === 'object' && schema !== null) return this.#complex(schema as Schema, namespace)
    throw new BrokenFile('has a schema that is none')
  }

  #reference(name: string, namespace: string): Decode {
    const primitive = Object.hasOwn(PRIMITIVES, name) ? PRIMITIVES[name] : undefined
    if (primitive) return primitive
    const whole = fullName(name, namespace)
    if (!this.#named.has(whole)) throw new BrokenFile(`has a schema with the unknown type ${whole}`)
    // A record may name itself before it is done.
    return (from) => this.#named.get(whole)!(from)
  }

  #union(schemas: readonly unknown[], namespace: string): Decode {
    const branches = schemas.map((one) => this.compile(one, namespace))
    return (from) => {
      const branch = branches[from.int()]
      if (!branch) throw new BrokenFile('holds a value of no type of its schema')
      return branch(from)
    }
  }

  #complex(schema: Schema, namespace: string): Decode {
    switch (schema['type']) {
      case 'record':
        return this.#record(schema, namespace)
      case 'array': {
        const item = this.compile(schema['items'], namespace)
        return (from) => Array.from(blocks(from, () => item(from)))
      }
      case 'map': {
        const value = this.compile(schema['values'], namespace)
        return (from) => Object.fromEntries(blocks(from, () => [from.string(), value(from)] as const))
      }
      case 'enum': {
        const symbols = schema['symbols'] as readonly unknown[]
        return this.#keep(schema, namespace, (from) => symbols[from.int()])
      }
      case 'fixed': {
        const size = Number(schema['size'])
        return this.#keep(schema, namespace, (from) => from.take(size))
      }
      default:
        return this.compile(schema['type'], namespace)
    }
  }

  #record(schema: Schema, namespace: string): Decode {
    const own = namespaceOf(schema, namespace)
    const fields: [string, Decode][] = []
    const decode: Decode = (from) => {
      const record: Record<string, unknown> = {}
      for (const [name, read] of fields) record[name] = read(from)
      return record
    }
    this.#keep(schema, namespace, decode)
    for (const { name, type } of (schema['fields'] ?? []) as readonly Schema[])
      fields.push([String(name), this.compile(type, own)])
    return decode
  }

  #keep(schema: Schema, namespace: string, decode: Decode): Decode {
    this.#named.set(fullName(String(schema['name']), namespaceOf(schema, namespace)), decode)
    return decode
  }
}

const namespaceOf = ({ namespace }: Schema, around: string): string =>
  typeof namespace === 'string' ? namespace : around

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`

/** The items of an array or a map. A negative count is followed by the length of its items. */
function* blocks<T>(from: Cursor, item: () => T): Generator<T> {
  for (let count = from.int(); count !== 0; count = from.int()) {
    if (count < 0) from.long()
    for (let left = Math.abs(count); left > 0; left--) yield item()
  }
}
