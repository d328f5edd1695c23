import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import {
  startLocalArm,
  type LocalArm,
  type LocalArmOptions,
  type RequestRecord,
  LOCAL_SUBSCRIPTION,
} from '../../src/local/index.ts'
import { stateText } from '../local/support/inside.ts'
import { newFolder } from '../support/folder.ts'
import { Terminal, type TerminalOptions } from '../support/terminal.ts'

export interface Run {
  /** Null when a signal killed it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
}

/** A user of the installed package: a home and a data folder of their own, and nothing in the environment. */
export interface Sandbox {
  /** The working folder. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Where the embedded Azure keeps its data. */
  readonly dataFolder: string
  /** Starts ml-ingest without waiting for it. */
  readonly spawn: (args: readonly string[], options?: RunOptions) => ChildProcess
  /** Runs ml-ingest with pipes to its end. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Run>
  /** Runs a line of a POSIX shell, in which `npx ml-ingest` is the installed one. */
  readonly shell: (line: string, options?: RunOptions) => Promise<Run>
  /** Runs ml-ingest at a pseudo-terminal. */
  readonly terminal: (
    args: readonly string[],
    options?: RunOptions & Pick<TerminalOptions, 'cols' | 'rows'>,
  ) => Terminal
  /** Runs a line of a POSIX shell at a pseudo-terminal. */
  readonly shellTerminal: (line: string, options?: RunOptions) => Terminal
}

export interface SandboxOptions {
  /** The Node to run with. Default: the one that runs the tests. */
  readonly node?: string
  /** The folder in which the package is installed. */
  readonly installed?: string
  /** A concurrent test has its own. */
  readonly onFinished?: OnFinished
}
type OnFinished = (close: () => Promise<void>) => void

const PATIENCE_MS = 45_000

/** Made for one test: what it left running is stopped with it. */
export function sandbox(options: SandboxOptions = {}): Sandbox {
  const { node = process.execPath, installed = inject('installed'), onFinished = onTestFinished } = options
  const folder = newFolder(inject('root'))
  const bin = join(installed, 'node_modules', 'ml-ingest', 'bin', 'ml-ingest.js')
  const env = environment(folder, node, installed)
  const dataFolder = dataFolderIn(folder)
  const start = (args: readonly string[], options: RunOptions = {}) =>
    spawn(node, [bin, ...args], { cwd: folder, env: { ...env, ...options.env } })
  const shell = (line: string, options: RunOptions = {}) =>
    spawn('bash', ['-c', `${NPX}\n${line}`], { cwd: folder, env: { ...env, ...options.env } })
  const open = (
    program: string,
    args: readonly string[],
    options: RunOptions & Pick<TerminalOptions, 'cols' | 'rows'>,
  ) => {
    const terminal = new Terminal(program, args, {
      ...options,
      cwd: folder,
      env: { ...env, ...TERMINAL_ENV, ...options.env },
    })
    onFinished(() => terminal.close())
    return terminal
  }
  onFinished(async () => {
    if (existsSync(join(dataFolder, 'local.json'))) await ended(start(['local', 'stop']))
  })
  return {
    folder,
    env,
    dataFolder,
    spawn: start,
    run: (args, options) => ended(start(args, options)),
    shell: (line, options) => ended(shell(line, options)),
    terminal: (args, options = {}) => open(node, [bin, ...args], options),
    shellTerminal: (line, options = {}) => open('bash', ['-c', `${NPX}\n${line}`], options),
  }
}

const NPX = 'npx() { [ "$1" = ml-ingest ] || { echo "npx $*: not here" >&2; return 1; }; shift; ml-ingest "$@"; }'
const TERMINAL_ENV = { TERM: 'xterm-256color', COLORTERM: 'truecolor' }

function environment(folder: string, node: string, installed: string): Record<string, string> {
  const home = join(folder, 'home')
  mkdirSync(home)
  const separator = process.platform === 'win32' ? ';' : ':'
  const path = [join(installed, 'node_modules', '.bin'), join(node, '..'), process.env['PATH']].join(separator)
  const kept = ['SystemRoot', 'TEMP', 'TMP', 'ComSpec', 'PATHEXT', 'LANG'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(kept),
    PATH: path,
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: join(folder, 'data'),
    XDG_DATA_HOME: join(folder, 'data'),
  }
}

const dataFolderIn = (folder: string): string =>
  process.platform === 'darwin'
    ? join(folder, 'home', 'Library', 'Application Support', 'ml-ingest')
    : join(folder, 'data', 'ml-ingest')

/** What a child process wrote and how it ended. Kills it when it does not end in time. */
export function ended(child: ChildProcess): Promise<Run> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin?.end()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`It did not end within ${PATIENCE_MS} ms. It wrote:\n${stdout}\n${stderr}`))
    }, PATIENCE_MS)
    child.on('error', reject)
    child.on('close', (exitCode) => {
      clearTimeout(timer)
      resolve({ exitCode, stdout, stderr })
    })
  })
}

export interface WatchedAzure {
  readonly arm: LocalArm
  /** Point ml-ingest here with these. */
  readonly env: Readonly<Record<string, string>>
  readonly requests: readonly RequestRecord[]
  /** Requests that change state: all but GET and the POSTs that only ask. */
  writes(): readonly RequestRecord[]
}

const ASKING = /\/(listKeys|checkNameAvailability)\?/i
export const isWrite = ({ method, path }: RequestRecord): boolean =>
  !['GET', 'HEAD'].includes(method) && !(method === 'POST' && ASKING.test(path))

/** The embedded Azure inside of the test, which sees every request. */
export async function watchAzure(
  options: Omit<LocalArmOptions, 'clock'> = {},
  onFinished: OnFinished = onTestFinished,
): Promise<WatchedAzure> {
  const requests: RequestRecord[] = []
  const onRequest = (record: RequestRecord) => {
    requests.push(record)
    options.onRequest?.(record)
  }
  const arm = await startLocalArm({ ...options, onRequest })
  onFinished(() => arm.close())
  const env = { ML_INGEST_ARM_ENDPOINT: arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
  return { arm, env, requests, writes: () => requests.filter(isWrite) }
}

/** All that the embedded Azure holds, without what differs from run to run: keys, times, the order in which it was made. */
export function stateOf({ arm }: WatchedAzure): unknown {
  const textOf = (value: unknown) => JSON.stringify(value)
  return JSON.parse(stateText(arm), (key, value: unknown) => {
    if (/^(primaryKey|secondaryKey|createdAt|updatedAt|until|operations)$/.test(key)) return undefined
    return Array.isArray(value) ? value.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1)) : value
  })
}
