import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, inject, test } from 'vitest'
import type { WindowsNode } from './setup.ts'
import { windowsPath } from './windows-path.ts'

export interface Run {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Default: the user's. */
  readonly cwd?: string
  readonly stdin?: string | Buffer
  /** The words are joined by spaces, as they are: for cmd. */
  readonly isVerbatim?: boolean
}

/** A user of the installed package on Windows, with a folder of their own. */
export interface WindowsUser {
  /** As this system names it. */
  readonly folder: string
  /** As Windows names a path of this system. */
  readonly path: (path: string) => string
  /** The program of Node, as Windows names it. */
  readonly node: string
  /** Runs ml-ingest to its end. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Run>
  /** Runs a program to its end. */
  readonly program: (program: string, args: readonly string[], options?: RunOptions) => Promise<Run>
  /** Ends a process at once, as the Task Manager does. */
  readonly kill: (pid: number) => Promise<void>
  /** Opens a file for reading, until the function that this answers is called. */
  readonly hold: (file: string) => Promise<() => Promise<void>>
  /** Stops what was started. */
  readonly leave: () => Promise<void>
}

/** A group of tests for each Node that there is for Windows; skipped where Windows programs cannot run. */
export const onEachNode = (tests: (node: WindowsNode) => void): void => {
  const nodes = inject('windows')?.nodes ?? []
  if (nodes.length === 0) describe.skip('Windows', () => void test.skip('nothing can be tried'))
  else describe.each(nodes)('Node $version', tests)
}

export async function windowsUser({ command }: WindowsNode): Promise<WindowsUser> {
  const { root, env: wine, installed } = inject('windows')!
  const folder = mkdtempSync(join(root, 'user '))
  const path = windowsPath
  const home = path(join(folder, 'home'))
  mkdirSync(join(folder, 'home'))
  const env = { USERPROFILE: home, LOCALAPPDATA: path(join(folder, 'data')) }
  const agent = await startAgent(command, wine)
  const { execPath: node } = (await agent.ask('self', {})) as { readonly execPath: string }
  const program = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<Run> => {
    const { stdin = '', cwd = '.', isVerbatim = false } = options
    const spawnOptions = {
      cwd: path(resolve(folder, cwd)),
      env: { ...env, ...options.env },
      windowsVerbatimArguments: isVerbatim,
    }
    const asked = { program, args, options: spawnOptions, stdin: Buffer.from(stdin).toString('base64') }
    return (await agent.ask('run', asked)) as Run
  }
  const bin = path(join(installed, 'node_modules', 'ml-ingest', 'bin', 'ml-ingest.js'))
  const run: WindowsUser['run'] = (args, options) => program(node, [bin, ...args], options)
  return {
    folder,
    path,
    node,
    run,
    program,
    kill: async (pid) => void (await agent.ask('kill', { pid })),
    hold: async (file) => {
      await agent.ask('hold', { file })
      return async () => void (await agent.ask('release', { file }))
    },
    leave: async () => {
      await run(['local', 'stop'])
      agent.close()
    },
  }
}

/** Starts `agent.cjs` in the Windows build of Node, which calls back. */
async function startAgent([program, ...args]: WindowsNode['command'], wine: Readonly<Record<string, string>>) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const script = windowsPath(join(import.meta.dirname, 'agent.cjs'))
  const env = process.platform === 'win32' ? process.env : wine
  spawn(program, [...args, script, String(port)], { env, stdio: 'ignore' })
  const [socket] = (await once(server, 'connection')) as [Socket]
  server.close()
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  createInterface({ input: socket }).on('line', (line) => {
    const { id, value, error } = JSON.parse(line) as { id: number; value?: unknown; error?: string }
    const { resolve, reject } = waiting.get(id)!
    waiting.delete(id)
    return error === undefined ? resolve(value) : reject(new Error(error))
  })
  let asked = 0
  return {
    ask: (kind: string, question: object): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = ++asked
        waiting.set(id, { resolve, reject })
        socket.write(`${JSON.stringify({ id, kind, ...question })}\n`)
      }),
    close: () => socket.destroy(),
  }
}
