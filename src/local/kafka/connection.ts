import type { Socket } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import type { MemoryPool } from './memory.ts'
import { type Frame, FrameReader } from './wire/frames.ts'

/**
 * https://learn.microsoft.com/azure/event-hubs/apache-kafka-configurations: the service ends what is idle for longer. So we end
 * a client that takes nothing of its answer, too.
 */
const MOST_IDLE_MS = 240_000
/** When a client has sent so much that it waits for us, it is not heard until we come to it. */
const MOST_UNREAD_BYTES = 256 * 1024

export interface ConnectionOptions {
  readonly clock: Clock
  /** Shared by all connections. */
  readonly memory: MemoryPool
  /** Told why a connection ends that the client did not end. */
  readonly onError: (error: unknown) => void
}

/** What the handler of a connection may do to it. */
export interface Peer {
  readonly socket: Socket
  /** Aborted when the connection ends. */
  readonly signal: AbortSignal
  /** The next request is taken after so long. */
  mute(ms: number): void
  /** Calls it once the network has the answer, or the connection has ended. */
  afterAnswer(done: () => void): void
  /** From now on requests may be as large as they ever are. */
  allowLarge(): void
  /** Ends when the answer is out. */
  endAfterAnswer(): void
}

/** Answers a request, whose bytes are good until then; undefined is no answer. What it throws ends the connection. */
export type Answerer = (frame: Frame) => Promise<readonly Buffer[] | undefined>

/**
 * Serves one client on an accepted socket. As Kafka's broker does, it takes one request at a time, answers in their
 * order, and takes the next one when the network has room for more answers.
 */
export class Connection implements Peer {
  readonly socket: Socket
  readonly #options: ConnectionOptions
  readonly #frames: FrameReader
  readonly #ending = new AbortController()
  /** Called when there is something new to look at. */
  #wake: () => void = () => undefined
  #activeAt: number
  /** The client waits for us. */
  #isBusy = false
  readonly #onTaken = () => {
    this.#activeAt = this.#options.clock.now()
    this.#wake()
  }
  #mutedMs = 0
  #isLast = false
  #afterAnswer: (() => void)[] = []

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket
    this.#options = options
    this.#frames = new FrameReader(options.memory)
    this.#activeAt = options.clock.now()
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#end())
  }

  /** Takes requests from now on. */
  serve(answer: Answerer): void {
    void this.#serve(answer)
    void this.#watch()
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  mute(ms: number): void {
    this.#mutedMs = ms
  }

  afterAnswer(done: () => void): void {
    this.#afterAnswer.push(done)
  }

  allowLarge(): void {
    this.#frames.allowLarge()
  }

  endAfterAnswer(): void {
    this.#isLast = true
  }

  /** At once: `close` comes later, and until then a request that waits would read on in what may be closed. */
  destroy(): void {
    this.socket.destroy()
    this.#end()
  }

  #receive(chunk: Buffer): void {
    this.#frames.receive(chunk)
    if (this.#frames.unreadBytes > MOST_UNREAD_BYTES) this.socket.pause()
    this.#wake()
  }

  async #serve(answer: Answerer): Promise<void> {
    try {
      for (let frame = await this.#next(); frame; frame = await this.#next()) {
        this.#isBusy = true
        const parts = await answer(frame)
        if (this.signal.aborted) break
        this.#isBusy = false
        this.#activeAt = this.#options.clock.now()
        if (parts) this.#write(parts)
        if (this.#isLast) return this.socket.destroySoon()
        while (this.#isWriting() && !this.signal.aborted) await this.#woken()
        this.#tellAnswered()
        if (this.#mutedMs > 0) await this.#pauseMuted()
        this.#activeAt = this.#options.clock.now()
      }
    } catch (error) {
      if (!this.signal.aborted) this.#options.onError(error)
      // Not before the answers are out that it has been given.
      this.socket.destroySoon()
    } finally {
      this.#tellAnswered()
      this.#frames.close()
    }
  }

  async #pauseMuted(): Promise<void> {
    this.#isBusy = true
    await this.#pauseFor(this.#mutedMs)
    this.#isBusy = false
    this.#mutedMs = 0
  }

  /** The next request; undefined when the connection has ended. Throws RefusedFrame. */
  async #next(): Promise<Frame | undefined> {
    while (!this.signal.aborted) {
      const frame = this.#frames.next()
      if (frame) return frame
      this.socket.resume()
      await this.#woken()
    }
    return undefined
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Without joining the parts, and in one system call for all answers until there is nothing more to do at once. */
  #write(parts: readonly Buffer[]): void {
    this.socket.cork()
    for (const part of parts) this.socket.write(part, this.#onTaken)
    setImmediate(() => this.socket.uncork())
  }

  /** Whether the network has to take more before the next request. */
  #isWriting(): boolean {
    const isAwaited = this.#afterAnswer.length > 0 && this.socket.writableLength > 0
    return isAwaited || this.socket.writableNeedDrain
  }

  #tellAnswered(): void {
    for (const done of this.#afterAnswer.splice(0)) done()
  }

  /** Ends the connection when nothing was asked for long. */
  async #watch(): Promise<void> {
    const { clock } = this.#options
    while (!this.signal.aborted) {
      const leftMs = this.#isBusy ? MOST_IDLE_MS : this.#activeAt + MOST_IDLE_MS - clock.now()
      if (leftMs <= 0) return this.destroy()
      await this.#pauseFor(leftMs)
    }
  }

  #pauseFor(ms: number): Promise<void> {
    return this.#options.clock.sleep(ms, this.signal).catch(() => undefined)
  }

  #end(): void {
    this.#ending.abort()
    this.#wake()
  }
}
