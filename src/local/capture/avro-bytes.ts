/** More than this is given back once it was taken: a large event is rare. */
const KEPT_BYTES = 1024 * 1024
const LEAST_BYTES = 4 * 1024
/** By which memory grows that was full at the usual size. */
const STEP_BYTES = 64 * 1024

/** Memory in which values are written as Avro has them, used again and again. It grows to what it is asked for. */
export class AvroBytes {
  readonly #start: number
  readonly #usualBytes: number
  #memory: Buffer = Buffer.alloc(0)
  #at: number

  /** Leaves `room` bytes free in front. `usualBytes` is what it is expected to hold. */
  constructor(room: number, usualBytes: number) {
    this.#start = this.#at = room
    this.#usualBytes = usualBytes + room
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#at - this.#start
  }

  /** What was written, with the free bytes in front. Good until the next write. */
  get memory(): Buffer {
    return this.#memory.subarray(0, this.#at)
  }

  /** Begins anew. */
  clear(): void {
    this.#at = this.#start
    if (this.#memory.length > KEPT_BYTES) this.#memory = Buffer.alloc(0)
  }

  /** A whole number that a double holds exactly: zigzag, seven bits a byte. */
  long(value: number): void {
    this.#need(9)
    const isNegative = value < 0
    const size = isNegative ? -(value + 1) : value
    let low = (size % 64) * 2 + (isNegative ? 1 : 0)
    let rest = Math.floor(size / 64)
    while (rest > 0) {
      this.#memory[this.#at++] = low | 0x80
      low = rest % 128
      rest = Math.floor(rest / 128)
    }
    this.#memory[this.#at++] = low
  }

  /** Any number of 64 bits. */
  longOfBigint(value: bigint): void {
    this.#need(10)
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    for (; rest > 0x7fn; rest >>= 7n) this.#memory[this.#at++] = Number(rest & 0x7fn) | 0x80
    this.#memory[this.#at++] = Number(rest)
  }

  double(value: number): void {
    this.#need(8)
    this.#at = this.#memory.writeDoubleLE(value, this.#at)
  }

  /** The bytes of `source` from `start`, after their length. A string is UTF-8 in it. */
  bytes(source: Buffer, start = 0): void {
    this.long(source.length - start)
    this.#append(source, start)
  }

  text(text: string): void {
    const length = Buffer.byteLength(text, 'utf8')
    this.long(length)
    this.#need(length)
    this.#at += this.#memory.write(text, this.#at, length, 'utf8')
  }

  /** The decimal digits of a number that is not negative, as a string. */
  digits(value: number): void {
    this.#need(17)
    let length = 1
    for (let power = 10; power <= value; power *= 10) length++
    this.long(length)
    this.#at += length
    let rest = value
    for (let at = this.#at; length > 0; length--) {
      this.#memory[--at] = 0x30 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
  }

  /** Bytes that are encoded already. */
  raw(encoded: Buffer): void {
    this.#append(encoded, 0)
  }

  #append(source: Buffer, start: number): void {
    this.#need(source.length - start)
    this.#at += source.copy(this.#memory, this.#at, start)
  }

  #need(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#memory.length) return
    const doubled = Math.max(needed * 2, LEAST_BYTES)
    const length = needed <= this.#usualBytes ? Math.min(doubled, this.#usualBytes) : needed + STEP_BYTES
    const memory = Buffer.allocUnsafeSlow(length)
    this.#memory.copy(memory, 0, 0, this.#at)
    this.#memory = memory
  }
}
