import xterm from '@xterm/headless'
import type * as Pty from '@lydell/node-pty'

const pty = await pseudoTerminals().catch((error: unknown) => {
  console.warn(`No pseudo-terminal on ${process.platform} ${process.arch}: its tests are skipped. ${String(error)}`)
  return undefined
})

async function pseudoTerminals(): Promise<typeof Pty> {
  if (process.platform === 'win32')
    throw new Error('The console of Windows sends on what it drew, not what it was sent.')
  return import('@lydell/node-pty')
}

/** Whether this machine can open a pseudo-terminal; tests that need one are skipped, aloud, where it cannot. */
export const canOpenTerminal = pty !== undefined

export interface TerminalOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Default 100. */
  readonly cols?: number
  /** Default 40. */
  readonly rows?: number
  /** What is shown instead of what the program sends. */
  readonly shownAs?: (data: string) => string
}

export interface Ending {
  readonly exitCode: number
  /** Number of the signal that killed the program; 0 when none did. */
  readonly signal: number
}

const KEYS = {
  enter: '\r',
  up: '\x1b[A',
  down: '\x1b[B',
  'ctrl-c': '\x03',
  'ctrl-d': '\x04',
  backspace: '\x7f',
} as const
export type Key = keyof typeof KEYS

/** One character of a terminal. */
export interface Cell {
  readonly text: string
  /** Of the terminal's palette; undefined is its own colour. */
  readonly colour: number | undefined
  readonly bold: boolean
  readonly dim: boolean
}

const cellOf = (cell: xterm.IBufferCell | undefined): Cell => ({
  text: cell?.getChars() || ' ',
  colour: cell?.isFgPalette() ? cell.getFgColor() : undefined,
  bold: Boolean(cell?.isBold()),
  dim: Boolean(cell?.isDim()),
})

const PATIENCE_MS = 15_000
const ESCAPE = '\x1b'

/** A program at a pseudo-terminal, seen as a person sees it: a screen that is read, and keys that are pressed. */
export class Terminal {
  readonly #program: Pty.IPty
  readonly #screen: InstanceType<typeof xterm.Terminal>
  readonly ended: Promise<Ending>
  #raw = ''
  #ending: Ending | undefined
  #listeners = new Set<() => void>()

  constructor(program: string, args: readonly string[], options: TerminalOptions) {
    if (!pty) throw new Error('there is no pseudo-terminal here')
    const { cwd, env, cols = 100, rows = 40, shownAs = (data) => data } = options
    this.#screen = new xterm.Terminal({ cols, rows, scrollback: 5_000, allowProposedApi: true })
    this.#program = pty.spawn(program, [...args], {
      name: env['TERM'] ?? 'xterm-256color',
      cwd,
      env: { ...env },
      cols,
      rows,
    })
    this.#program.onData((data) => {
      this.#raw += data
      this.#screen.write(shownAs(data), () => this.#tell())
    })
    this.ended = new Promise((resolve) => {
      this.#program.onExit(({ exitCode, signal = 0 }) => {
        // What was written last is still being drawn.
        this.#screen.write('', () => {
          this.#ending = { exitCode, signal }
          resolve(this.#ending)
          this.#tell()
        })
      })
    })
  }

  get pid(): number {
    return this.#program.pid
  }

  /** All that the program sent, escapes included. */
  get raw(): string {
    return this.#raw
  }

  /** What stands on the screen and above it, as lines of text. Lines that the terminal broke are whole again. */
  get lines(): readonly string[] {
    const { active } = this.#screen.buffer
    const lines: string[] = []
    for (let y = 0; y < active.length; y++) {
      const line = active.getLine(y)
      const text = line?.translateToString(true) ?? ''
      if (line?.isWrapped) lines.push((lines.pop() ?? '') + text)
      else lines.push(text)
    }
    while (lines.at(-1) === '') lines.pop()
    return lines
  }

  get text(): string {
    return this.lines.join('\n')
  }

  /** The same, one cell for each character, with its looks. Lines that the terminal broke stay broken. */
  get cells(): readonly (readonly Cell[])[] {
    const { active } = this.#screen.buffer
    const lines = Array.from({ length: active.length }, (_, y) =>
      Array.from({ length: this.#screen.cols }, (__, x) => cellOf(active.getLine(y)?.getCell(x))),
    )
    return lines.slice(0, lines.findLastIndex((line) => line.some(({ text }) => text !== ' ')) + 1)
  }

  get isCursorVisible(): boolean {
    return this.#raw.lastIndexOf(`${ESCAPE}[?25l`) <= this.#raw.lastIndexOf(`${ESCAPE}[?25h`)
  }

  /** Waits until the screen shows this. Rejects with the screen when it does not in time, or when the program ends first. */
  see(what: string | RegExp, patienceMs = PATIENCE_MS): Promise<void> {
    const isSeen = () => (typeof what === 'string' ? this.text.includes(what) : what.test(this.text))
    return this.#until(isSeen, `${String(what)} on the screen`, patienceMs)
  }

  /** Waits until the question is open: the last one on the screen, not answered yet. */
  question(message: string): Promise<void> {
    const isOpen = () => {
      const last = this.lines.findLast((line) => /^(\?|✓|✔|ok) /.test(line))
      return last?.startsWith(`? ${message}`) ?? false
    }
    return this.#until(isOpen, `the question "${message}"`, PATIENCE_MS)
  }

  /** Waits for the question, types the answer, if any, and presses Enter. */
  async answer(message: string, text = ''): Promise<void> {
    await this.question(message)
    this.type(text)
    this.press('enter')
  }

  /** Waits for the question and moves down to the row that begins with `label`, then presses Enter. */
  async choose(message: string, label: string): Promise<void> {
    await this.question(message)
    const marked = () => this.lines.find((line) => /^[❯>] /.test(line)) ?? ''
    for (let row = marked(); !row.slice(2).startsWith(label); row = marked()) {
      this.press('down')
      await this.#until(() => marked() !== row, `another row than "${row}" after "down"`, PATIENCE_MS)
    }
    this.press('enter')
  }

  type(text: string): void {
    this.#program.write(text)
  }

  press(...keys: readonly Key[]): void {
    for (const key of keys) this.#program.write(KEYS[key])
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows)
    this.#program.resize(cols, rows)
  }

  kill(signal: NodeJS.Signals): void {
    this.#program.kill(signal)
  }

  /** How the program ended. Kills it, and rejects with the screen, when it does not end in time. */
  async ending(patienceMs = PATIENCE_MS): Promise<Ending> {
    await this.#until(() => this.#ending !== undefined, 'the end of the program', patienceMs)
    return this.ended
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    if (!this.#ending) this.#program.kill('SIGKILL')
    await this.ended
    this.#screen.dispose()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #until(isDone: () => boolean, what: string, patienceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        this.#listeners.delete(look)
        clearTimeout(timer)
        if (error) reject(error)
        else resolve()
      }
      const look = () => {
        if (isDone()) finish()
        else if (this.#ending) finish(this.#failure(`The program ended before ${what}`))
      }
      const timer = setTimeout(() => finish(this.#failure(`Waited ${patienceMs} ms for ${what}`)), patienceMs)
      this.#listeners.add(look)
      look()
    })
  }

  #failure(reason: string): Error {
    const ending = this.#ending ? `, exit ${this.#ending.exitCode}, signal ${this.#ending.signal}` : ''
    return new Error(`${reason}${ending}. The screen:\n${this.text}`)
  }
}
