import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startRecorder } from './recorder.ts'
import type { TestBroker } from './local.ts'

/** A program that a referee needs and that the test does not install. */
export interface Need {
  readonly what: string
  /** Fails when it is not there. */
  readonly probe: readonly [command: string, ...args: string[]]
  /** What brings it. */
  readonly from: string
}

export const PYTHON = '/usr/bin/python3'

export const pythonModule = (name: string, debianPackage: string): Need => ({
  what: `The module ${name} of ${PYTHON}`,
  probe: [PYTHON, '-c', `import ${name}`],
  from: `Debian's ${debianPackage}`,
})

/** Whether everything is there. What is missing is said by `stayAway`. */
export function present(...needs: readonly Need[]): boolean {
  const missing = needs.filter(({ probe: [command, ...args] }) => spawnSync(command, args).status !== 0)
  if (missing.length === 0) return true
  stayAway(missing.map(({ what, from }) => `${what} is missing; ${from} brings it`).join('. '))
  return false
}

/** Says aloud why something is not tried, or throws where `ML_INGEST_REFEREES=all` says that no referee may stay away. */
export function stayAway(why: string): void {
  if (process.env['ML_INGEST_REFEREES'] === 'all') throw new Error(why)
  console.warn(`SKIPPED: ${why}`)
}

/** Runs a program and reads the JSON document that it prints. Its stderr is the error when it prints none. */
export async function runReferee([command, ...args]: readonly [string, ...string[]]): Promise<unknown> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const code = await new Promise((resolve) => child.once('close', resolve).once('error', resolve))
  const document = stdout.trim().split('\n').at(-1)!
  if (!document.startsWith('{')) throw new Error(`${command} ended with ${String(code)}: ${stdout}${stderr}`)
  return JSON.parse(document)
}

/** The path of a script of this folder. */
export const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** What a connection string says, for engines that know no connection strings. */
export function piecesOf(connectionString: string): {
  readonly port: string
  readonly name: string
  readonly key: string
} {
  const [, port, name, key] = /:(\d+);SharedAccessKeyName=(.+);SharedAccessKey=([^;]+)/.exec(connectionString)!
  return { port: port!, name: name!, key: key! }
}

/**
 * Lets a client work on the broker and checks every frame that the broker sent it. The string is the one that the broker
 * prints, with the recorder's port.
 */
export async function judge<T>(
  local: TestBroker,
  options: { readonly hub: string; readonly name: string },
  work: (connectionString: string, port: number) => Promise<T>,
): Promise<{ readonly result: T; readonly sent: Readonly<Record<string, number>> }> {
  const recorder = await startRecorder(local.broker.port)
  try {
    const string = local.connectionString({ hub: options.hub }).replace(`:${local.broker.port};`, `:${recorder.port};`)
    const result = await work(string, recorder.port)
    await recorder.ended()
    const folder = process.env['ML_INGEST_RECORD']
    if (folder !== undefined)
      keep(
        folder,
        options.name,
        recorder.conversations().map(({ fromClient }) => fromClient),
      )
    return { result, sent: recorder.check() }
  } finally {
    recorder.close()
  }
}

/** What a client sent, one file a connection, for the test that changes recorded sessions. */
function keep(folder: string, name: string, sessions: readonly Buffer[]): void {
  mkdirSync(folder, { recursive: true })
  for (const [i, bytes] of sessions.entries()) writeFileSync(`${folder}/${name}-${i}.amqp`, bytes)
}
