import { randomUUID } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { Failure } from '../../lib/errors.ts'
import type { StorageConnection } from '../../lib/blob/storage-connection.ts'
import { say } from '../../lib/phrase.ts'
import { removeAll } from '../../lib/whole-file.ts'
import { assemble, type Assembly, type AssemblyOptions } from './assembly.ts'
import { AMQP_PORT, DATA_FOLDER, KAFKA_PORT, RESET, STOP } from '../constants.ts'
import { type DataPaths, dataPaths, isDetached, type LocalHost } from './host.ts'
import { type Holder, explainFiles, makeFolder, takeLock } from './lock.ts'
import { isLivingHolder, type LocalRecord, readRecord, removeRecord, writeRecord } from './record.ts'
import { keepEndpoints, keepPorts, readEndpoints, readPorts, writeFailure } from './start-files.ts'

export interface ServiceOptions {
  readonly host: LocalHost
  readonly clock: Clock
  readonly version: string
  readonly dataFolder: string
  /** Keep resources and events in memory. The folder still holds the lock and the record. */
  readonly memory?: boolean
  readonly arm?: AssemblyOptions['arm']
  readonly dataPlane?: AssemblyOptions['dataPlane']
  readonly healthPort?: AssemblyOptions['healthPort']
  /** Told what people should know, one line each. */
  readonly log: (line: string) => void
}

export interface LocalService {
  readonly record: LocalRecord
  /** Fires when somebody asks it to end: whoever runs it closes it then. */
  readonly stopAsked: AbortSignal
  readonly flush: (...names: Parameters<Assembly['flush']>) => ReturnType<Assembly['flush']>
  /** Ends in order: nothing that was answered is lost, the record and the lock are gone. */
  close(): Promise<void>
}

/**
 * Runs the embedded Azure of a data folder in this process. Rejects with Failure `local-running` when another process
 * runs it, `local-folder` when the folder cannot be used, and as `assemble` does.
 */
export async function startService(options: ServiceOptions): Promise<LocalService> {
  const { host, clock, dataFolder } = options
  const paths = dataPaths(dataFolder)
  const own: Holder = { id: randomUUID(), pid: host.pid, since: clock.now() }
  await makeFolder(dataFolder)
  const lock = await takeLock(dataFolder, own, isLivingHolder({ host, clock, paths })).catch((error: unknown) => {
    throw explainFiles(error, dataFolder)
  })
  if ('heldBy' in lock) throw await alreadyRunning(paths, lock.heldBy)
  try {
    await removeAll(paths.failure)
    return await startLocked(options, paths, own, lock.release)
  } catch (error) {
    const explained = explainFiles(error, dataFolder)
    if (explained instanceof Failure && isDetached(host)) await writeFailure(paths.failure, explained)
    await lock.release()
    throw explained
  }
}

async function startLocked(
  options: ServiceOptions,
  paths: DataPaths,
  own: Holder,
  release: () => Promise<void>,
): Promise<LocalService> {
  const { clock, memory = false, arm, dataPlane, healthPort } = options
  if (!memory) await refuseEventsWithoutState(paths)
  const notes: string[] = []
  let record: LocalRecord | undefined
  const log = (line: string) => {
    if (!record) notes.push(line)
    options.log(line)
  }
  const asked = new AbortController()
  const onStop = (id: string | null): boolean => {
    if (id === own.id) asked.abort()
    return id === own.id
  }
  const lastPorts = await readPorts(paths.ports, log)
  const azure = await assemble({
    ...{ clock, log, healthPort, identity: () => record ?? {}, onStop },
    ...(!memory && { storage: paths }),
    ...(arm && { arm }),
    dataPlane: { ...dataPlane, lastPorts, capture: { folder: paths.capture, ...dataPlane?.capture } },
  })
  const { armEndpoint, listeners, healthUrl } = azure
  try {
    const known = { amqp: AMQP_PORT, kafka: KAFKA_PORT, ...lastPorts }
    if (listeners.some(({ protocol, port }) => port !== known[protocol])) await keepPorts(paths.ports, listeners)
    const captureStorage = endpointsOf(dataPlane?.capture?.storage)
    const kept = memory ? {} : await readEndpoints(paths.storage)
    if (!memory && Object.entries(captureStorage).some(([account, endpoint]) => kept[account] !== endpoint))
      await keepEndpoints(paths.storage, { ...kept, ...captureStorage })
    const captured = azure.capturedAccounts().map((account) => account.toLowerCase())
    const former = Object.entries(kept).filter(([account]) => captured.includes(account) && !captureStorage[account])
    record = {
      ...{ id: own.id, pid: own.pid, armEndpoint, listeners },
      startedAt: new Date(own.since).toISOString(),
      version: options.version,
      dataFolder: options.dataFolder,
      ...(healthUrl !== undefined && { healthUrl }),
      kafkaRange: dataPlane?.kafkaRange ?? 'full',
      ...(dataPlane?.enforceLimits && { enforcesLimits: true }),
      captureStorage,
      ...(former.length > 0 && { formerStorage: Object.fromEntries(former) }),
      notes,
    }
    await writeRecord(paths.record, record)
  } catch (error) {
    await azure.close()
    throw error
  }
  return {
    record,
    stopAsked: asked.signal,
    flush: (names) => azure.flush(names),
    close: async () => {
      await azure.close()
      await removeRecord(paths.record, own.id)
      await release()
    },
  }
}

/** By account. Keys are for memory alone. */
const endpointsOf = (storage: ReadonlyMap<string, StorageConnection> = new Map()): Readonly<Record<string, string>> =>
  Object.fromEntries([...storage].map(([account, { blobEndpoint }]) => [account, blobEndpoint]))

/** Without the state there are no hubs, and the events of a hub that is gone are removed. */
async function refuseEventsWithoutState({ state, events }: DataPaths): Promise<void> {
  const isThere = await stat(state).catch(() => undefined)
  if (isThere || !(await holdsEvents(events))) return
  throw new Failure({
    code: 'local-state',
    message: 'The state of the embedded Azure is missing',
    why: [`${state} is missing, and ${events} holds events of its event hubs. They were left as they are.`],
    hint: say`Put the file back, choose another folder with ${DATA_FOLDER}, or begin with nothing: ${RESET}`,
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
    hint: say`Use it, start another one with ${DATA_FOLDER}, or end this one: ${STOP}`,
  })
}
