import { open, stat } from 'node:fs/promises'
import type { Clock } from '../../lib/clock.ts'
import { Failure } from '../../lib/errors.ts'
import { say } from '../../lib/phrase.ts'
import { draftBeside, removeAll } from '../../lib/whole-file.ts'
import { START_HERE } from '../constants.ts'
import { type DataPaths, dataPaths, type LocalHost } from './host.ts'
import { explainFiles, lastHolder, makeFolder, takeLock } from './lock.ts'
import {
  type Health,
  type LocalRecord,
  askToStop,
  checkHealth,
  isLivingHolder,
  readRecord,
  removeRecord,
} from './record.ts'
import { takeFailure } from './start-files.ts'

export interface LauncherInputs {
  readonly host: LocalHost
  readonly clock: Clock
  readonly dataFolder: string
  readonly signal?: AbortSignal
}

export type LocalStatus =
  ({ readonly running: true } & LocalRecord) | { readonly running: false; readonly dataFolder: string }

const POLL_MS = 20
const START_DEADLINE_MS = 15_000
const STOP_DEADLINE_MS = 15_000
const LOG_TAIL_BYTES = 4_000

/**
 * Whether the embedded Azure of a data folder runs, and where. Sends one request on loopback when there is a record. Rejects
 * with Failure `local-running` if it is there and does not answer.
 */
export async function localStatus(inputs: Pick<LauncherInputs, 'host' | 'dataFolder'>): Promise<LocalStatus> {
  const { dataFolder } = inputs
  const { health, record } = await look(inputs)
  if (record && health === 'silent') throw silent(record, dataFolder)
  return record && health === 'ours' ? { running: true, ...record } : { running: false, dataFolder }
}

async function look({
  host,
  dataFolder,
}: Pick<LauncherInputs, 'host' | 'dataFolder'>): Promise<{ readonly health?: Health; readonly record?: LocalRecord }> {
  const record = await readRecord(dataPaths(dataFolder).record)
  return record && host.isAlive(record.pid) ? { health: await checkHealth(record), record } : {}
}

/**
 * Makes sure that the embedded Azure of a data folder runs. If it does not, starts this program with `args` in a
 * process of its own, and waits until everything is there. When somebody else starts it at the same moment, theirs is
 * used. Rejects with the Failure of that process, or with `local-start` and the end of the log when it ended without
 * one or is not ready in time.
 */
export async function startDetached(
  inputs: LauncherInputs & {
    readonly args: readonly string[]
    /** Variables that it gets besides those of this process. */
    readonly variables?: Readonly<Record<string, string>>
  },
): Promise<{ readonly started: boolean; readonly record: LocalRecord }> {
  const { host, clock, dataFolder, args, variables = {}, signal } = inputs
  const standing = await localStatus(inputs)
  if (standing.running) return { started: false, record: standing }
  const paths = dataPaths(dataFolder)
  await makeFolder(dataFolder)
  const logStart = await sizeOf(paths.log)
  const pid = await removeAll(paths.failure)
    .then(() => host.spawnDetached(args, paths.log, variables))
    .catch((error: unknown) => {
      throw explainFiles(error, dataFolder)
    })
  const deadline = clock.now() + START_DEADLINE_MS
  while (clock.now() < deadline) {
    const alive = pid !== 0 && host.isAlive(pid)
    const { health, record } = await look(inputs)
    if (record && health === 'ours') return { started: record.pid === pid, record }
    if (!alive && !(await isLocked(inputs, paths)))
      throw (await takeFailure(paths.failure)) ?? (await startFailed('It ended at once.', paths, logStart))
    await clock.sleep(POLL_MS, signal)
  }
  if (pid !== 0) host.kill(pid, 'SIGTERM')
  throw await startFailed(`It was not ready after ${START_DEADLINE_MS / 1000} seconds.`, paths, logStart)
}

/**
 * Ends the embedded Azure of a data folder and waits until it is gone. Rejects with Failure `local-stop` if it stays, and as
 * `localStatus` does.
 */
export async function stopLocal(inputs: LauncherInputs): Promise<{ readonly stopped: boolean; readonly pid?: number }> {
  const { host, clock, dataFolder, signal } = inputs
  const { record: file } = dataPaths(dataFolder)
  const status = await localStatus(inputs)
  if (!status.running) return { stopped: false }
  if (!(await askToStop(status))) end(host, status.pid)
  const deadline = clock.now() + STOP_DEADLINE_MS
  // The last thing that it does is to release the lock. In a container its pid may stay, because nobody collects it.
  while (host.isAlive(status.pid) && (await lastHolder(dataFolder)).holder?.id === status.id) {
    if (clock.now() >= deadline) throw stopFailed(status.pid)
    await clock.sleep(POLL_MS, signal)
  }
  // On Windows a process that is ended cannot clean up after itself.
  await removeRecord(file, status.id)
  return { stopped: true, pid: status.pid }
}

/** Throws a Failure `local-stop` where this user may not. */
function end(host: LocalHost, pid: number): void {
  try {
    host.kill(pid, 'SIGTERM')
  } catch (error) {
    throw stopFailed(pid, ['It belongs to another user, or was started as administrator: do it as that one.'], error)
  }
}

/**
 * Ends the embedded Azure of a data folder and removes everything it knew: resources, keys and events. The files of Capture
 * stay, as on Azure; `captured` is their folder.
 */
export async function resetLocal(
  inputs: LauncherInputs,
): Promise<{ readonly stopped: boolean; readonly removed: boolean; readonly captured?: string }> {
  const { host, clock, dataFolder } = inputs
  const paths = dataPaths(dataFolder)
  const { stopped } = await stopLocal(inputs)
  if ((await sizeOf(dataFolder)) === undefined) return { stopped, removed: false }
  const own = { id: `reset-${host.pid}-${clock.now()}`, pid: host.pid, since: clock.now() }
  try {
    const lock = await takeLock(dataFolder, own, isLivingHolder({ host, clock, paths }))
    if ('heldBy' in lock) throw stopFailed(lock.heldBy.pid)
    try {
      const removed = (await sizeOf(paths.state)) !== undefined || (await sizeOf(paths.events)) !== undefined
      // The events first: without their state the next start would refuse them.
      const { events, state, record, log, failure, ports, storage } = paths
      const files = [state, record, failure, ports, storage]
      for (const path of [events, ...files, ...files.map(draftBeside), log]) await removeAll(path)
      const keepsFiles = (await sizeOf(paths.capture)) !== undefined
      return { stopped, removed, ...(keepsFiles && { captured: paths.capture }) }
    } finally {
      await lock.release()
    }
  } catch (error) {
    throw explainFiles(error, dataFolder)
  }
}

/** Whether a process is about to start, or runs, in the folder. */
async function isLocked({ host, clock, dataFolder }: LauncherInputs, paths: DataPaths): Promise<boolean> {
  const { holder } = await lastHolder(dataFolder)
  return holder !== undefined && (await isLivingHolder({ host, clock, paths })(holder))
}

/** In bytes; undefined where there is nothing. */
const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size

async function startFailed(why: string, { log }: DataPaths, from: number | undefined): Promise<Failure> {
  const tail = await readTail(log, from ?? 0)
  return new Failure({
    code: 'local-start',
    message: "The embedded Azure didn't start",
    why: [why, ...tail.split('\n').filter((line) => line.trim() !== '')],
    hint: say`See ${log}, or run it in the foreground: ${START_HERE}`,
  })
}

/** Another program may have its process id and its port by now, so nothing is ended. */
const silent = ({ pid, armEndpoint }: LocalRecord, dataFolder: string): Failure =>
  new Failure({
    code: 'local-running',
    message: `The embedded Azure in ${dataFolder} doesn't answer`,
    why: [`Process ${pid} is there, and nothing comes from ${armEndpoint}.`],
    hint: `Wait, or end it: ${endByHand(pid)}. If process ${pid} is another program, delete ${dataPaths(dataFolder).record}`,
  })

const endByHand = (pid: number): string => `kill -9 ${pid} (on Windows: taskkill /F /PID ${pid})`

const stopFailed = (pid: number, more: readonly string[] = [], cause?: unknown): Failure =>
  new Failure({
    code: 'local-stop',
    message: "The embedded Azure didn't stop",
    why: [`Process ${pid} still runs.`, ...more],
    hint: `End it by hand: ${endByHand(pid)}. What it answered is kept.`,
    cause,
  })

/** The end of what was written to a log after `from`. */
async function readTail(file: string, from: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (!handle) return ''
  try {
    const { size } = await handle.stat()
    const start = Math.max(from, size - LOG_TAIL_BYTES)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LOG_TAIL_BYTES), 0, LOG_TAIL_BYTES, start)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
