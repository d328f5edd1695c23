import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import type { Target } from './load-client.ts'

/** The broker and its clients, each in a process of its own. */

/** A folder in memory, where the system has one: the broker is to be measured, not the disk. */
export const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

interface Measured {
  readonly rssBytes: number
  readonly cpuMs: number
}

export interface Broker {
  readonly child: ChildProcess
  readonly target: Target
}

export async function startBroker(script: string, folder: string, maxPartitionBytes?: number): Promise<Broker> {
  const { child, ready } = await startProcess(script, folder, ...(maxPartitionBytes ? [String(maxPartitionBytes)] : []))
  return { child, target: ready as Target }
}

export async function startProcess(
  script: string,
  ...args: string[]
): Promise<{ child: ChildProcess; ready: unknown }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [ready] = (await once(child, 'message')) as [unknown]
  return { child, ready }
}

export async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
}

export const measure = (child: ChildProcess, request: { fill?: number } = {}): Promise<Measured> => ask(child, request)

export async function ask<Request extends object, Answer>(child: ChildProcess, request: Request): Promise<Answer> {
  const answer = once(child, 'message')
  child.send(request)
  return ((await answer) as [Answer])[0]
}

/** Node 20 runs no TypeScript. */
export async function bundle(name: string, folder: string): Promise<string> {
  const file = join(folder, `${name}.mjs`)
  const built = await rolldown({
    input: fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
    platform: 'node',
    logLevel: 'silent',
  })
  await built.write({ file, format: 'esm', codeSplitting: false })
  await built.close()
  return file
}

export const megabytes = ({ rssBytes }: Pick<Measured, 'rssBytes'>): number => rssBytes / (1024 * 1024)

export const percentile = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))]!
