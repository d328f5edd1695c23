import { randomUUID } from 'node:crypto'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { Failure } from '../lib/errors.ts'
import { type LocalArm, type LocalArmOptions, startLocalArm } from './arm/server.ts'
import { type DataPaths, dataPaths } from './data-folder.ts'
import type { Directory } from './directory.ts'
import type { LocalHost } from './host.ts'
import { isLivingHolder } from './liveness.ts'
import { type Holder, takeLock } from './lock.ts'
import { heldBy, STATUS_PATH, type TrafficStats } from './status.ts'
import { HEALTH_PATH, type LocalRecord, readRecord, removeRecord, writeRecord } from './record.ts'

/** Something that runs beside the control plane in the same process: the data plane. */
export interface Companion {
  /** Where its clients connect. */
  readonly port: number
  stats?(): TrafficStats
  close(): Promise<void>
}

export interface CompanionInputs {
  readonly directory: Directory
  /** Where to keep events; undefined when nothing is to be kept. */
  readonly eventsFolder: string | undefined
  readonly clock: Clock
}

export interface ServiceOptions {
  readonly host: LocalHost
  readonly clock: Clock
  readonly version: string
  readonly dataFolder: string
  /** Keep the state in memory only. The folder still holds the lock and the record. */
  readonly memory?: boolean
  /** Switches of the control plane. */
  readonly arm?: Omit<LocalArmOptions, 'clock' | 'state' | 'dataPlanePort' | 'extra'>
  /** Starts the data plane; without it connection strings name the usual port. */
  readonly startCompanion?: (inputs: CompanionInputs) => Promise<Companion>
}

export interface LocalService {
  readonly record: LocalRecord
  /** Ends in order: nothing that was answered is lost, the record and the lock are gone. */
  close(): Promise<void>
}

/**
 * Runs the embedded Azure of a data folder in this process. Rejects with Failure `local-running` when another process
 * runs it, `local-state` when the state cannot be read, `local-port` when the port is taken.
 */
export async function startService(options: ServiceOptions): Promise<LocalService> {
  const { host, clock, dataFolder } = options
  const paths = dataPaths(dataFolder)
  const own: Holder = { id: randomUUID(), pid: host.pid, since: clock.now() }
  await makeFolder(dataFolder)
  const lock = await takeLock(dataFolder, own, isLivingHolder({ host, clock, paths }))
  if ('heldBy' in lock) throw await alreadyRunning(paths, lock.heldBy)
  try {
    return await startLocked(options, paths, own, lock.release)
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function startLocked(
  options: ServiceOptions,
  paths: DataPaths,
  own: Holder,
  release: () => Promise<void>,
): Promise<LocalService> {
  const { clock, memory = false, startCompanion } = options
  if (!memory) await refuseEventsWithoutState(paths)
  let companion: Companion | undefined
  let record: LocalRecord | undefined
  const arm: LocalArm = await startLocalArm({
    ...options.arm,
    clock,
    state: memory ? 'memory' : { folder: paths.folder },
    dataPlanePort: () => companion?.port ?? AMQP_PORT,
    extra: {
      [HEALTH_PATH]: () => record ?? {},
      [STATUS_PATH]: () => heldBy(arm.directory, companion?.stats?.()),
    },
  }).catch((error: unknown) => {
    throw explainPort(error, options.arm?.port)
  })
  try {
    companion = await startCompanion?.({
      directory: arm.directory,
      eventsFolder: memory ? undefined : paths.events,
      clock,
    })
    record = recordOf(options, own, arm.endpoint, companion)
    await writeRecord(paths.record, record)
  } catch (error) {
    await companion?.close()
    await arm.close()
    throw error
  }
  return {
    record,
    close: async () => {
      await companion?.close()
      await arm.close()
      await removeRecord(paths.record, own.id)
      await release()
    },
  }
}

const AMQP_PORT = 5672

const recordOf = (options: ServiceOptions, own: Holder, armEndpoint: string, companion?: Companion): LocalRecord => ({
  id: own.id,
  pid: own.pid,
  armEndpoint,
  ...(companion && { dataPlanePort: companion.port }),
  startedAt: new Date(own.since).toISOString(),
  version: options.version,
  dataFolder: options.dataFolder,
})

/** Throws Failure when the folder cannot be made or is a file. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Failure({
      code: 'local-folder',
      message: `Can't use ${folder} for the embedded Azure`,
      why: [(error as Error).message],
      hint: 'Give another folder with --data.',
      cause: error,
    })
  }
}

/** Without the state there are no hubs, and the events of a hub that is gone are removed. */
async function refuseEventsWithoutState({ state, events }: DataPaths): Promise<void> {
  const isThere = await stat(state).catch(() => undefined)
  if (isThere || !(await holdsEvents(events))) return
  throw new Failure({
    code: 'local-state',
    message: 'The state of the embedded Azure is missing',
    why: [`${state} is missing, and ${events} holds events of its event hubs. They were left as they are.`],
    hint: 'Put the file back, run "ml-ingest local reset" to begin with nothing, or give another folder with --data.',
  })
}

async function holdsEvents(folder: string): Promise<boolean> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => [])
  for (const name of names.filter((one) => one.endsWith('.log'))) {
    if ((await stat(join(folder, name))).size > 0) return true
  }
  return false
}

async function alreadyRunning(paths: DataPaths, holder: Holder): Promise<Failure> {
  const record = await readRecord(paths.record)
  const where = record?.id === holder.id ? ` at ${record.armEndpoint}` : ''
  return new Failure({
    code: 'local-running',
    message: `The embedded Azure already runs in ${paths.folder}`,
    why: [`Process ${holder.pid} runs it${where}.`],
    hint: 'Use it, end it with "ml-ingest local stop", or start another one with --data DIR.',
  })
}

function explainPort(error: unknown, port: number | undefined): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error
  const why = code === 'EACCES' ? 'It may not be opened by this user.' : 'Another process listens there.'
  return new Failure({
    code: 'local-port',
    message: `Can't listen on port ${port ?? 0}`,
    why: [why],
    hint: 'Give another port, or none: any free one is taken then.',
    cause: error,
  })
}
