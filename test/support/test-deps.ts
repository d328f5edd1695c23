import { clearLine, cursorTo, moveCursor, type Direction } from 'node:readline'
import { PassThrough, Writable } from 'node:stream'
import { WriteStream } from 'node:tty'
import type { Deps } from '../../src/run/invocation.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { LocalHost } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { ManualClock } from './manual-clock.ts'

/** A stream that keeps what was written to it. */
export class Capture extends Writable {
  #text = ''
  readonly isTTY: boolean
  readonly columns: number

  constructor(options: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
    super()
    this.isTTY = options.isTTY ?? false
    this.columns = options.columns ?? 80
  }

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    this.#text += chunk.toString()
    done()
  }

  /** What Node says of a terminal with this environment. */
  getColorDepth(env: object = {}): number {
    return this.isTTY ? WriteStream.prototype.getColorDepth.call(this, env) : 1
  }

  cursorTo(x: number, y?: number | (() => void), done?: () => void): boolean {
    return cursorTo(this, x, y as number, done)
  }

  clearLine(direction: Direction, done?: () => void): boolean {
    return clearLine(this, direction, done)
  }

  moveCursor(dx: number, dy: number, done?: () => void): boolean {
    return moveCursor(this, dx, dy, done)
  }

  get text(): string {
    return this.#text
  }
}

/** No process is ever started: a test that needs one brings its own host. */
const noHost: LocalHost = {
  env: {},
  platform: 'linux',
  homedir: '/nonexistent',
  pid: 1,
  spawnDetached: () => {
    throw new Error('this test starts no process')
  },
  isAlive: () => false,
  kill: () => false,
}

export interface TestRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface TestOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: Clock
  readonly stop?: AbortSignal
  readonly cwd?: string
  /** Which of stdout and stderr are a terminal: both, none (the default), or stderr alone, as in `CONN="$(...)"`. */
  readonly tty?: boolean | 'stderr'
  readonly columns?: number
  readonly platform?: NodeJS.Platform
  readonly run?: Deps['run']
  readonly openPage?: Deps['openPage']
  readonly runForeground?: Deps['runForeground']
  readonly host?: LocalHost
  /** What stdin holds. */
  readonly stdin?: string
}

export function testDeps(options: TestOptions = {}): Deps & { readonly stdout: Capture; readonly stderr: Capture } {
  const columns = options.columns === undefined ? {} : { columns: options.columns }
  return {
    stdin: options.stdin === undefined ? new PassThrough() : new PassThrough().end(options.stdin),
    stdout: new Capture({ isTTY: options.tty === true, ...columns }),
    stderr: new Capture({ isTTY: Boolean(options.tty), ...columns }),
    env: options.env ?? {},
    platform: options.platform ?? 'linux',
    nodeVersion: process.versions.node,
    version: '0.0.0-test',
    issuesUrl: 'https://example.org/issues',
    cwd: options.cwd ?? process.cwd(),
    clock: options.clock ?? new ManualClock({ autoAdvance: true }),
    random: () => 0.5,
    stop: options.stop ?? new AbortController().signal,
    run: options.run ?? (() => Promise.resolve(undefined)),
    openPage: options.openPage ?? (() => Promise.reject(new Error('this test opens no page'))),
    runForeground: options.runForeground ?? (() => Promise.reject(new Error('this test runs no command'))),
    host: options.host ?? noHost,
  }
}

/** Runs the command line in this process: the whole program but for `src/cli.ts`. */
export async function runCli(argv: readonly string[], options: TestOptions = {}): Promise<TestRun> {
  const deps = testDeps(options)
  const exitCode = await main(argv, deps)
  return { exitCode, stdout: deps.stdout.text, stderr: deps.stderr.text }
}
