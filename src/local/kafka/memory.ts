/** So many pieces of a size are kept when nobody uses them. */
const MOST_SPARE = 8
/** With more than so many pieces under way, an answer gets one, so that slow clients do not fill the memory. */
const MANY_TAKEN = 64

/** Memory in pieces of one size, which is used again: new memory would cost more than what is done with it. */
export class MemoryPool {
  readonly bytes: number
  readonly #spare: Buffer[] = []
  #taken = 0

  constructor(bytes: number) {
    this.bytes = bytes
  }

  get isScarce(): boolean {
    return this.#taken > MANY_TAKEN
  }

  take(): Buffer {
    this.#taken++
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.bytes)
  }

  give(memory: Buffer): void {
    this.#taken--
    if (this.#spare.length < MOST_SPARE) this.#spare.push(memory)
  }
}

/** The memory that one answer is read into, and that is given back when the answer is out. */
export class AnswerMemory {
  readonly #pool: MemoryPool
  readonly #taken: Buffer[] = []
  #used = 0

  constructor(pool: MemoryPool) {
    this.#pool = pool
  }

  /** The answer should have no more bytes now. */
  get most(): number {
    return this.#pool.isScarce ? this.#pool.bytes : Infinity
  }

  /** What is free for the next read: half a piece at least, so that most batches fit. */
  rest(): Buffer {
    const last = this.#taken.at(-1)
    if (last && this.#used <= last.length / 2) return last.subarray(this.#used)
    const memory = this.#pool.take()
    this.#taken.push(memory)
    this.#used = 0
    return memory
  }

  /** These bytes, if they are of the last `rest`, and those before them are part of the answer. */
  keep(bytes: Buffer): void {
    const last = this.#taken.at(-1)
    if (bytes.buffer === last?.buffer) this.#used = bytes.byteOffset + bytes.length - last.byteOffset
  }

  /** Nothing of it is used any more. */
  clear(): void {
    for (const memory of this.#taken.splice(0)) this.#pool.give(memory)
  }
}
