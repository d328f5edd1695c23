import { isUtf8 } from 'node:buffer'

/**
 * The types of AMQP 1.0, read as part 1 of its specification defines them, and from nothing of the code under test:
 * https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html
 */

/** Bytes that no strict client would take. */
export class SpecViolation extends Error {}

/** A value with the type that its bytes state. */
export interface Typed {
  /** The constructor byte. */
  readonly code: number
  readonly type: string
  /** Of a described type. */
  readonly descriptor?: Typed
  /** The elements of a list, the keys and values of a map in turn, the elements of an array; else the content. */
  readonly items: readonly Typed[]
  readonly content: Buffer
}

/** Part 1, section 1.6. The high half of a constructor says how long the value is. */
const PRIMITIVES: Readonly<Record<number, string>> = {
  ...{ 0x40: 'null', 0x56: 'boolean', 0x41: 'boolean', 0x42: 'boolean' },
  ...{ 0x50: 'ubyte', 0x60: 'ushort', 0x70: 'uint', 0x52: 'uint', 0x43: 'uint', 0x80: 'ulong', 0x53: 'ulong' },
  ...{ 0x44: 'ulong', 0x51: 'byte', 0x61: 'short', 0x71: 'int', 0x54: 'int', 0x81: 'long', 0x55: 'long' },
  ...{ 0x72: 'float', 0x82: 'double', 0x74: 'decimal32', 0x84: 'decimal64', 0x94: 'decimal128' },
  ...{ 0x73: 'char', 0x83: 'timestamp', 0x98: 'uuid', 0xa0: 'binary', 0xb0: 'binary', 0xa1: 'string' },
  ...{ 0xb1: 'string', 0xa3: 'symbol', 0xb3: 'symbol', 0x45: 'list', 0xc0: 'list', 0xd0: 'list' },
  ...{ 0xc1: 'map', 0xd1: 'map', 0xe0: 'array', 0xf0: 'array' },
}
const FIXED_WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 }

/** Reads values one after the other, each within its bounds. Throws SpecViolation. */
export class Reader {
  readonly #bytes: Buffer
  at: number
  readonly #end: number

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.at = at
    this.#end = end
  }

  get done(): boolean {
    return this.at === this.#end
  }

  read(): Typed {
    const code = this.#unsigned(1)
    if (code !== 0) return this.#readAs(code)
    const descriptor = this.read()
    return { ...this.read(), descriptor }
  }

  #readAs(code: number): Typed {
    const type = PRIMITIVES[code]
    if (type === undefined) throw new SpecViolation(`0x${code.toString(16)} is no constructor`)
    const fixed = FIXED_WIDTHS[code >> 4]
    const sizeWidth = (code >> 4) % 2 === 0 ? 1 : 4
    const content = this.#take(fixed ?? this.#unsigned(sizeWidth))
    if (fixed !== undefined || code < 0xc0) {
      checkContent(type, code, content)
      return { code, type, items: [], content }
    }
    const inner = new Reader(content)
    const count = inner.#unsigned(sizeWidth)
    const element = type === 'array' ? inner.#constructorOfArray() : undefined
    const items = Array.from({ length: count }, () =>
      element ? { ...inner.#readAs(element.code), ...element.descriptor } : inner.read(),
    )
    if (!inner.done) throw new SpecViolation(`A ${type} is longer than its elements`)
    if (type === 'map') checkKeys(items)
    return { code, type, items, content }
  }

  #constructorOfArray(): { readonly code: number; readonly descriptor: Pick<Typed, 'descriptor'> } {
    const code = this.#unsigned(1)
    if (code !== 0) return { code, descriptor: {} }
    const descriptor = this.read()
    return { code: this.#unsigned(1), descriptor: { descriptor } }
  }

  #unsigned(width: number): number {
    return this.#take(width).readUIntBE(0, width)
  }

  #take(size: number): Buffer {
    if (this.at + size > this.#end) throw new SpecViolation('A value is longer than what holds it')
    this.at += size
    return this.#bytes.subarray(this.at - size, this.at)
  }
}

/** Part 1, section 1.6: what the bytes of one value may hold. */
function checkContent(type: string, code: number, content: Buffer): void {
  const is = (good: boolean) => {
    if (!good) throw new SpecViolation(`0x${content.toString('hex').slice(0, 40)} is no ${type}`)
  }
  if (code === 0x56) is(content[0]! < 2)
  if (type === 'symbol') is(content.every((byte) => byte < 0x80))
  if (type === 'string') is(isUtf8(content))
  if (type === 'char') is(content.readUInt32BE() <= 0x10ffff)
}

/** "A map in which there exist two identical key values is invalid" (section 1.6.23). */
function checkKeys(items: readonly Typed[]): void {
  if (items.length % 2 === 1) throw new SpecViolation('A map has a key without a value')
  const keys = items.filter((_, i) => i % 2 === 0).map(({ type, content }) => `${type} ${content.toString('hex')}`)
  if (new Set(keys).size < keys.length) throw new SpecViolation(`A map has a key twice: ${keys.join(', ')}`)
}

/** The number of an unsigned type, in whichever of its encodings. */
export function numberOf({ code, content }: Typed): bigint {
  if (code === 0x41 || code === 0x42) return code === 0x41 ? 1n : 0n
  return BigInt(`0x${content.toString('hex') || '0'}`)
}

export const isNull = (value: Typed | undefined): value is undefined => value === undefined || value.type === 'null'

export const textOf = ({ content }: Typed): string => content.toString()

export const show = ({ type, content }: Typed): string => `${type} ${content.toString('hex').slice(0, 40)}`
