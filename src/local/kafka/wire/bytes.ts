/** Bytes that Kafka's protocol does not allow: the client's mistake, after which its connection ends. */
export class MalformedRequest extends Error {}

const TWO_32 = 2 ** 32
/** https://kafka.apache.org/protocol.html#protocol_types: a number of 32 bits, seven in a byte. */
const MOST_VARINT_BYTES = 5
/**
 * In all lists of one request, which without it could be a million names of no length. It is our own: more than one element
 * for each partition of the largest namespace that anybody tries here.
 */
const MOST_ELEMENTS = 50_000

/**
 * Walks over one request. Every extent is checked against the end of the request, so that nothing read from the network
 * can claim more than it sent. Throws MalformedRequest.
 */
export class KafkaReader {
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0
  /** Of all lists up to here. */
  #elements = 0

  /** Begins with a request. What is read as bytes is a part of this memory. */
  open(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#elements = 0
  }

  int8(): number {
    return this.#bytes.readInt8(this.#step(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#step(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#step(4))
  }

  /** Beyond 2^53 as near as a number comes. */
  int64(): number {
    const at = this.#step(8)
    return this.#bytes.readInt32BE(at) * TWO_32 + this.#bytes.readUInt32BE(at + 4)
  }

  /** Without a sign. What five bytes hold is below 2^35, also where it is no number of 32 bits. */
  varint(): number {
    let value = 0
    for (let i = 0; i < MOST_VARINT_BYTES; i++) {
      const byte = this.#bytes[this.#step(1)]!
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return value
    }
    throw new MalformedRequest('A varint without an end')
  }

  text(length: number): string {
    const at = this.#step(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  hex(length: number): string {
    const at = this.#step(length)
    return this.#bytes.toString('hex', at, at + length)
  }

  /** A part of the request's memory: good until the request is answered. */
  part(length: number): Buffer {
    const at = this.#step(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** Steps over tagged fields: none that we know would change an answer. */
  skipTags(): void {
    for (let left = this.varint(); left > 0; left--) {
      this.varint()
      this.#step(this.varint())
    }
  }

  /** Before the first element of a list is read, each of `least` bytes or more: a count alone asks for no memory. */
  expectList(count: number, least: number): void {
    this.expect(count * least)
    this.#elements += count
    if (this.#elements > MOST_ELEMENTS) throw new MalformedRequest(`More than ${MOST_ELEMENTS} elements in its lists`)
  }

  /** Throws when fewer bytes are left. */
  expect(bytes: number): void {
    const left = this.#end - this.#at
    if (bytes > left) throw new MalformedRequest(`${bytes} bytes are announced and ${left} are left`)
  }

  #step(bytes: number): number {
    this.expect(bytes)
    const at = this.#at
    this.#at = at + bytes
    return at
  }
}

const FIRST_BYTES = 4_096
/** A larger answer gets memory of its own, which is not kept. */
const MOST_KEPT_BYTES = 65_536
const LENGTH_BYTES = 4
/** Below, one copy costs less than one more part for the system to gather. */
const LEAST_PART_BYTES = 2_048

/** Writes one answer after the other. Its memory is used again: what `finish` hands out is a copy. */
export class KafkaWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #at = LENGTH_BYTES
  /** Large parts that stay where they are, and where in our bytes they belong. */
  #parts: { readonly at: number; readonly bytes: Buffer }[] = []

  int8(value: number): void {
    const at = this.#reserve(1)
    this.#bytes.writeInt8(value, at)
  }

  int16(value: number): void {
    const at = this.#reserve(2)
    this.#bytes.writeInt16BE(value, at)
  }

  int32(value: number): void {
    const at = this.#reserve(4)
    this.#bytes.writeInt32BE(value, at)
  }

  int64(value: number): void {
    const high = Math.floor(value / TWO_32)
    const at = this.#reserve(8)
    this.#bytes.writeInt32BE(high, at)
    this.#bytes.writeUInt32BE(value - high * TWO_32, at + 4)
  }

  varint(value: number): void {
    let left = value
    for (; left > 0x7f; left = Math.floor(left / 0x80)) this.#byte((left % 0x80) + 0x80)
    this.#byte(left)
  }

  /** `length` bytes of UTF-8. */
  text(value: string, length: number): void {
    const at = this.#reserve(length)
    this.#bytes.write(value, at, 'utf8')
  }

  hex(value: string, length: number): void {
    const at = this.#reserve(length)
    this.#bytes.write(value, at, 'hex')
  }

  /** Large bytes are not copied: they must stay as they are until the network has taken them. */
  put(bytes: Buffer): void {
    if (bytes.length >= LEAST_PART_BYTES) {
      this.#parts.push({ at: this.#at, bytes })
      return
    }
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** The answer with its length in front, in parts that follow each other. The writer is free for the next one. */
  finish(): readonly Buffer[] {
    const own = Buffer.allocUnsafe(this.#at)
    this.#bytes.copy(own, 0, 0, this.#at)
    const bytes = this.#parts.reduce((sum, part) => sum + part.bytes.length, own.length)
    own.writeInt32BE(bytes - LENGTH_BYTES, 0)
    const answer: Buffer[] = []
    let from = 0
    for (const { at, bytes: part } of this.#parts) {
      if (at > from) answer.push(own.subarray(from, at))
      answer.push(part)
      from = at
    }
    if (own.length > from) answer.push(own.subarray(from))
    this.clear()
    return answer
  }

  /** Forgets what was written. */
  clear(): void {
    this.#at = LENGTH_BYTES
    this.#parts = []
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  }

  #byte(value: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = value
  }

  /** Where the next bytes go. Afterwards the memory may be another one. */
  #reserve(bytes: number): number {
    const at = this.#at
    const end = at + bytes
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    this.#at = end
    return at
  }
}
