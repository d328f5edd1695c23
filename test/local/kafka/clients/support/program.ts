import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PATIENCE_MS = 45_000

/** What a client told us, from its lines. */
export interface Told {
  readonly assigned?: number
  readonly read?: readonly string[]
}

/** A client in a process of its own, and what it prints. */
export class Program {
  readonly #child: ChildProcess
  readonly #tell: (line: string) => Told | undefined
  readonly #watchers = new Set<() => void>()
  readonly #read: string[] = []
  #errors = ''
  #assigned = 0
  #isOver = false

  constructor([command, ...args]: readonly [string, ...string[]], tell: (line: string) => Told | undefined) {
    this.#tell = tell
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#follow(this.#child.stdout!)
    this.#follow(this.#child.stderr!)
    this.#child.once('close', () => {
      this.#isOver = true
      this.#changed()
    })
  }

  /** How many partitions it has. */
  get assigned(): number {
    return this.#assigned
  }

  get read(): readonly string[] {
    return this.#read
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Calls `look` whenever something changes, until the function that this returns is called. */
  watch(look: () => void): () => void {
    this.#watchers.add(look)
    return () => this.#watchers.delete(look)
  }

  toString(): string {
    return `${this.#assigned} partitions, read ${this.#read.length}${this.#isOver ? ', ended' : ''}. ${this.#errors}`
  }

  /** Lets it end by itself: it leaves its group. */
  async leave(signal?: NodeJS.Signals): Promise<void> {
    if (signal) this.#child.kill(signal)
    else this.#child.stdin!.end()
    await this.#over()
  }

  /** SIGKILL: its group hears nothing. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#over()
  }

  async #over(): Promise<void> {
    if (!this.#isOver) await new Promise((resolve) => this.#child.once('close', resolve))
  }

  #follow(stream: NodeJS.ReadableStream): void {
    let rest = ''
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.#hear(line)
      this.#changed()
    })
  }

  #hear(line: string): void {
    const told = this.#tell(line)
    if (!told) this.#errors += `${line}\n`
    if (told?.assigned !== undefined) this.#assigned = told.assigned
    this.#read.push(...(told?.read ?? []))
  }

  #changed(): void {
    for (const look of this.#watchers) look()
  }
}

/** Resolves as soon as `isTrue`; rejects when that takes too long or one of the programs ends before. */
export async function until(programs: readonly Program[], what: string, isTrue: () => boolean): Promise<void> {
  const endings: (() => void)[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error([`${why}: ${what}`, ...programs].join('\n')))
      const look = () => {
        if (isTrue()) resolve()
        else if (programs.some(({ isOver }) => isOver)) fail('A program ended before this')
      }
      const timer = setTimeout(() => fail('This did not come'), PATIENCE_MS)
      endings.push(() => clearTimeout(timer), ...programs.map((program) => program.watch(look)))
      look()
    })
  } finally {
    for (const end of endings) end()
  }
}

/** For the scripts here: every line is JSON. */
export function tellOfJson(line: string): Told | undefined {
  return line.startsWith('{') ? (JSON.parse(line) as Told) : undefined
}

/** The path of a script of this folder. */
export const scriptOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** What a program prints, for the title of its tests; nothing when it is not installed. */
export const printedBy = (command: string, ...args: readonly string[]): string =>
  spawnSync(command, args, { encoding: 'utf8' }).stdout?.trim() ?? ''

/** A package of npm with its version. */
export function packageTitle(name: string): string {
  const file = new URL(`../../../../../node_modules/${name}/package.json`, import.meta.url)
  return `${name} ${(JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version}`
}
