import { PassThrough, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { makeIo, type Io, type TalkFlags } from '../../src/ui/io.ts'
import type { Env } from '../../src/inputs/given.ts'

const PATIENCE_MS = 5_000

export const KEYS = {
  enter: '\r',
  up: '\u001b[A',
  down: '\u001b[B',
  tab: '\t',
  backspace: '\u007f',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
} as const

class Screen extends Writable {
  readonly isTTY: boolean
  /** As on process.stderr: whoever pipes into it does not close it. */
  readonly _isStdio = true
  readonly columns: number
  readonly rows = 24
  readonly chunks: string[] = []

  constructor(columns: number, isTTY: boolean) {
    super({ decodeStrings: false })
    this.columns = columns
    this.isTTY = isTTY
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk.toString())
    this.emit('written')
    done()
  }

  getColorDepth(): number {
    return 4
  }
}

/** A person at a terminal: sees what is drawn on stderr and types on stdin. */
export class FakeTerminal {
  readonly io: Io
  readonly stdin: PassThrough & { isTTY: boolean; isRaw: boolean; setRawMode: (raw: boolean) => void }
  readonly #stdout: Screen
  readonly #stderr: Screen
  #mark = 0

  constructor(
    options: {
      readonly columns?: number
      readonly env?: Env
      readonly flags?: TalkFlags
      readonly stdoutIsTTY?: boolean
    } = {},
  ) {
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      isRaw: false,
      setRawMode: (raw: boolean): void => void (stdin.isRaw = raw),
    })
    this.stdin = stdin
    this.#stdout = new Screen(options.columns ?? 80, options.stdoutIsTTY ?? true)
    this.#stderr = new Screen(options.columns ?? 80, true)
    this.io = makeIo({
      stdin,
      stdout: this.#stdout,
      stderr: this.#stderr,
      env: options.env ?? { TERM: 'xterm' },
      platform: 'linux',
      flags: options.flags ?? {},
    })
  }

  /** All that was drawn, escape sequences included. */
  get raw(): string {
    return this.#stderr.chunks.join('')
  }

  get stdout(): string {
    return this.#stdout.chunks.join('')
  }

  /** The question as it stands: a question is drawn as a whole, in one piece. */
  frame(): string {
    const frames = this.#stderr.chunks.map(stripVTControlCharacters).filter((text) => text.trim() !== '')
    return frames.at(-1) ?? ''
  }

  /** Waits until this text has been drawn since the last keys or look. */
  async see(text: string): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE_MS)
    while (!this.#sinceKeys().includes(text)) {
      await new Promise<void>((resolve, reject) => {
        const give = (): void => {
          this.#stderr.off('written', go)
          reject(new Error(`"${text}" was not drawn. Since the last keys:\n${this.#sinceKeys()}`))
        }
        const go = (): void => {
          deadline.removeEventListener('abort', give)
          resolve()
        }
        this.#stderr.once('written', go)
        deadline.addEventListener('abort', give, { once: true })
      })
    }
  }

  /** What is drawn so far has been seen: `see` waits for what comes. */
  look(): void {
    this.#mark = this.#stderr.chunks.length
  }

  type(...keys: readonly string[]): void {
    this.look()
    this.stdin.write(keys.join(''))
  }

  /** Waits for each text in turn and types the keys beside it. */
  async play(script: readonly (readonly [text: string, ...keys: string[]])[]): Promise<void> {
    for (const [text, ...keys] of script) {
      await this.see(text)
      this.type(...keys)
    }
  }

  #sinceKeys(): string {
    return stripVTControlCharacters(this.#stderr.chunks.slice(this.#mark).join(''))
  }
}
