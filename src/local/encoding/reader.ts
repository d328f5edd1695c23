import { isAscii, isUtf8 } from 'node:buffer'

/** Bytes that AMQP 1.0 does not allow: the sender's mistake. */
export class MalformedAmqp extends Error {}

/** A value with a descriptor, such as a section of a message or a filter. */
export interface Described {
  readonly descriptor: unknown
  readonly value: unknown
}

/** Strings and symbols, by the low half of their constructors. */
const TEXT_CHECKS: Readonly<Record<number, (bytes: Buffer) => boolean>> = { 1: isUtf8, 3: isAscii }

/** The byte that stands before a descriptor. */
export const DESCRIPTOR = 0x00

const DEEPEST = 64
/** Elements of no width cost nothing to send: ten bytes could ask for four billion. So many more than bytes are allowed. */
const SPARE_WEIGHTLESS = 256

/** Bytes of a fixed-width value by the high half of its constructor (AMQP 1.0 part 1, section 1.2). */
const WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 }
const KNOWN = new Set([
  ...[0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70, 0x71, 0x72],
  ...[0x73, 0x74, 0x80, 0x81, 0x82, 0x83, 0x84, 0x94, 0x98, 0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3, 0xc0, 0xc1, 0xd0],
  ...[0xd1, 0xe0, 0xf0],
])

/**
 * Walks over AMQP 1.0 encoded bytes. Every extent is checked against the one around it, so that nothing read from the
 * network can claim more than it sent.
 */
export class AmqpReader {
  readonly bytes: Buffer
  at: number
  end: number
  readonly #checksTexts: boolean
  #depth = 0
  #weightless: number

  /**
   * With `checksTexts`, each string has to be UTF-8 and each symbol ASCII. Bytes that are `stored` were let in as a part of
   * more, so that as many elements of no width are allowed as are there.
   */
  constructor(bytes: Buffer, at = 0, end = bytes.length, { checksTexts = false, stored = false } = {}) {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.#checksTexts = checksTexts
    this.#weightless = stored ? Infinity : end - at + SPARE_WEIGHTLESS
  }

  get done(): boolean {
    return this.at >= this.end
  }

  /** Steps over one value, and checks all that is in it. */
  skip(): void {
    const code = this.constructorCode()
    this.#skipBody(code)
  }

  /** One value as encoded, its descriptor included, and all that is in it checked. */
  encoded(): Buffer {
    const { at } = this
    this.skip()
    return this.bytes.subarray(at, this.at)
  }

  /** Reads one value: numbers, strings, Buffers, Dates, arrays and Maps; 64-bit numbers beyond 2^53 as bigint. */
  read(): unknown {
    const { bytes } = this
    if (this.at < this.end && bytes[this.at] === 0) {
      this.at++
      const descriptor = this.#deeper(() => this.read())
      return { descriptor, value: this.#deeper(() => this.read()) } satisfies Described
    }
    return this.#readBody(this.constructorCode())
  }

  /** The constructor byte of the next value; a descriptor in front of it is stepped over. */
  constructorCode(): number {
    let code = this.byte()
    while (code === 0) {
      this.#deeper(() => this.skip())
      code = this.byte()
    }
    if (!KNOWN.has(code)) throw new MalformedAmqp(`Unknown AMQP type 0x${code.toString(16)}`)
    return code
  }

  byte(): number {
    return this.bytes[this.take(1)]!
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.take(4))
  }

  /** Claims the next `size` bytes and returns where they start. */
  take(size: number): number {
    const { at } = this
    if (at + size > this.end) throw new MalformedAmqp('An AMQP value is longer than what holds it')
    this.at = at + size
    return at
  }

  #deeper<T>(work: () => T): T {
    if (++this.#depth > DEEPEST) throw new MalformedAmqp('AMQP values are nested too deeply')
    const result = work()
    this.#depth--
    return result
  }

  #skipBody(code: number): void {
    const width = WIDTHS[code >> 4]
    if (width !== undefined) this.take(width)
    else if (code < 0xc0) this.#takeVariable(code)
    else if (code >= 0xe0) this.#array(code, (element) => this.#skipBody(element))
    else this.compound(code, () => this.skip())
  }

  #readBody(code: number): unknown {
    if (code >= 0xe0) {
      const elements: unknown[] = []
      this.#array(code, (element) => elements.push(this.#readBody(element)))
      return elements
    }
    if (code >= 0xc0) {
      const elements: unknown[] = []
      this.compound(code, () => elements.push(this.read()))
      return isMap(code) ? toMap(elements) : elements
    }
    const width = WIDTHS[code >> 4]
    const start = width === undefined ? this.#takeVariable(code) : this.take(width)
    return readScalar(code, this.bytes, start, this.at)
  }

  #takeVariable(code: number): number {
    const start = this.take(code >> 4 === 0xa ? this.byte() : this.uint32())
    if (!this.#checksTexts) return start
    const isWrong = TEXT_CHECKS[code & 0x0f]?.(this.bytes.subarray(start, this.at)) === false
    if (isWrong) throw new MalformedAmqp('A string that is no UTF-8, or a symbol that is no ASCII')
    return start
  }

  /** Visits the elements of a list or map whose constructor was read; `visit` must consume exactly one value. */
  compound(code: number, visit: (index: number) => void): void {
    const outer = this.end
    const [bodyEnd, count] = this.#sizeAndCount(code)
    if (count > bodyEnd - this.at || (isMap(code) && count % 2 === 1))
      throw new MalformedAmqp('Wrong count of elements')
    this.end = bodyEnd
    this.#deeper(() => {
      for (let index = 0; index < count; index++) visit(index)
    })
    if (this.at !== bodyEnd) throw new MalformedAmqp('A list or map is not as long as it says')
    this.end = outer
  }

  #array(code: number, visit: (elementCode: number) => void): void {
    const outer = this.end
    const [bodyEnd, count] = this.#sizeAndCount(code)
    this.end = bodyEnd
    const elementCode = this.constructorCode()
    if (WIDTHS[elementCode >> 4] === 0) this.#weightless -= count
    else if (count > bodyEnd - this.at) throw new MalformedAmqp('Wrong count of elements')
    if (this.#weightless < 0) throw new MalformedAmqp('Too many empty elements')
    this.#deeper(() => {
      for (let index = 0; index < count; index++) visit(elementCode)
    })
    if (this.at !== bodyEnd) throw new MalformedAmqp('An array is not as long as it says')
    this.end = outer
  }

  #sizeAndCount(code: number): [bodyEnd: number, count: number] {
    if (code === 0x45) return [this.at, 0]
    const wide = code >= 0xf0 || (code >= 0xd0 && code < 0xe0)
    const size = wide ? this.uint32() : this.byte()
    const bodyEnd = this.at + size
    if (bodyEnd > this.end) throw new MalformedAmqp('An AMQP value is longer than what holds it')
    const count = wide ? this.uint32() : this.byte()
    return [bodyEnd, count]
  }
}

const isMap = (code: number): boolean => code === 0xc1 || code === 0xd1

function toMap(elements: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>()
  for (let i = 0; i < elements.length; i += 2) map.set(elements[i], elements[i + 1])
  return map
}

const plain = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value

/** The value in `bytes` from `start` to `end`, which makes no new view of them for a number. */
function readScalar(code: number, bytes: Buffer, start: number, end: number): unknown {
  switch (code) {
    case 0x40:
      return null
    case 0x41:
      return true
    case 0x42:
      return false
    case 0x43:
    case 0x44:
      return 0
    case 0x45:
      return []
    case 0x56:
      return bytes[start] !== 0
    case 0x50:
    case 0x52:
    case 0x53:
      return bytes[start]
    case 0x51:
    case 0x54:
    case 0x55:
      return bytes.readInt8(start)
    case 0x60:
      return bytes.readUInt16BE(start)
    case 0x61:
      return bytes.readInt16BE(start)
    case 0x70:
      return bytes.readUInt32BE(start)
    case 0x71:
      return bytes.readInt32BE(start)
    case 0x72:
      return bytes.readFloatBE(start)
    case 0x73:
      return readCharacter(bytes.readUInt32BE(start))
    case 0x80:
      return plain(bytes.readBigUInt64BE(start))
    case 0x81:
      return plain(bytes.readBigInt64BE(start))
    case 0x82:
      return bytes.readDoubleBE(start)
    case 0x83:
      return new Date(Number(bytes.readBigInt64BE(start)))
    case 0x98:
      return bytes.toString('hex', start, end).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    case 0xa1:
    case 0xb1:
    case 0xa3:
    case 0xb3:
      return bytes.toString('utf8', start, end)
    default:
      return Buffer.from(bytes.subarray(start, end))
  }
}

const readCharacter = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')
