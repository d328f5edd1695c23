import { readFile } from 'node:fs/promises'
import type { Clock } from '../../lib/clock.ts'
import { askOverHttp } from '../../lib/http.ts'
import { removeFile, writeWhole } from '../../lib/whole-file.ts'
import type { Flushed, FlushRequest } from '../capture/captures.ts'
import type { HubCaptureStats } from '../capture/hub-capture.ts'
import type { ReaderPosition } from '../hubs/reader-positions.ts'
import type { KafkaGroupHeld } from '../kafka/groups/groups.ts'
import type { DataPaths, LocalHost } from './host.ts'
import type { Holder } from './lock.ts'

/** Path of the question "who are you?". Another process may have the pid or the port by now, but never the id. */
export const HEALTH_PATH = '/_local/health'
/** Path of the question "what do you hold?". */
export const STATUS_PATH = '/_local/status'
/** Path of the request to close the windows of Capture, with the names of a namespace and a hub. */
export const FLUSH_PATH = '/_local/capture/flush'
/** Path of the request to end, with the id of the one that is meant. */
export const STOP_PATH = '/_local/stop'

/** More than a busy machine takes: one that is silent for so long is not used. */
const HEALTH_TIMEOUT_MS = 5_000
const STATUS_TIMEOUT_MS = 5_000
/** A process that took the lock has written its record long before. */
const STARTING_MS = 30_000

/** A port of the data plane. */
export interface Listener {
  readonly protocol: 'amqp' | 'kafka'
  readonly port: number
}

/** What a running embedded Azure says of itself, in `local.json` and at `/_local/health`. */
export interface LocalRecord {
  /** New at every start. */
  readonly id: string
  readonly pid: number
  /** `http://127.0.0.1:PORT` */
  readonly armEndpoint: string
  /** One for each protocol of the data plane. */
  readonly listeners: readonly Listener[]
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly version: string
  readonly dataFolder: string
  /** Where the health check of the official emulator is answered, if it is. */
  readonly healthUrl?: string
  /** Whether it holds namespaces to their units. */
  readonly enforcesLimits?: boolean
  /** By the name of a storage account: the blob endpoint that its files of Capture go to. Others go to the data folder. */
  readonly captureStorage?: Readonly<Record<string, string>>
  /** The same of earlier starts, for accounts of captured hubs that this start knows no connection string of. */
  readonly formerStorage?: Readonly<Record<string, string>>
  /** What Kafka clients are offered. Left out by one of an older version, which serves none. */
  readonly kafkaRange?: 'full' | 'azure'
  /** What people should know of the start, one line each. */
  readonly notes?: readonly string[]
}

export const writeRecord = (file: string, record: LocalRecord): Promise<void> => writeJson(file, record)

/** Writes JSON whole or not at all: a reader never sees half of it. The writer has the lock of the folder. */
export const writeJson = (file: string, value: object): Promise<void> =>
  writeWhole(file, `${JSON.stringify(value, undefined, 2)}\n`)

/** The record in a folder, whoever wrote it; undefined where there is none that can be read. */
export async function readRecord(file: string): Promise<LocalRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(file, 'utf8')) as Partial<LocalRecord>
    const { id, pid, armEndpoint, listeners } = record
    if (typeof id !== 'string' || typeof pid !== 'number' || typeof armEndpoint !== 'string') return undefined
    return { ...(record as LocalRecord), listeners: Array.isArray(listeners) ? listeners : [] }
  } catch {
    return undefined
  }
}

/** Removes the record if it is still the one with this id. */
export async function removeRecord(file: string, id: string): Promise<void> {
  const record = await readRecord(file)
  if (record?.id === id) await removeFile(file)
}

/** `silent`: the connection is open and nothing comes, so nothing is known. */
export type Health = 'ours' | 'foreign' | 'silent'

/** Asks whoever listens at the endpoint of a record whether it is the process that wrote it. */
export async function checkHealth(record: LocalRecord): Promise<Health> {
  const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS)
  try {
    const answer = (await ask(record, HEALTH_PATH, signal)) as { id?: unknown }
    return answer.id === record.id ? 'ours' : 'foreign'
  } catch {
    return signal.aborted ? 'silent' : 'foreign'
  }
}

/**
 * Asks the process of a record to end in order; false when it does not say that it will, as one of an older version. On
 * Windows a signal would end it before it can clean up.
 */
export async function askToStop(record: Pick<LocalRecord, 'armEndpoint' | 'id'>): Promise<boolean> {
  try {
    const path = `${STOP_PATH}?id=${encodeURIComponent(record.id)}`
    const answer = await ask(record, path, AbortSignal.timeout(HEALTH_TIMEOUT_MS), 'POST')
    return (answer as { stopping?: unknown }).stopping === true
  } catch {
    return false
  }
}

/** The ports of the data plane of the one whose Resource Manager is at the endpoint; none when it does not say. */
export async function askListeners(armEndpoint: string): Promise<readonly Listener[]> {
  try {
    const answer = await ask({ armEndpoint }, HEALTH_PATH, AbortSignal.timeout(HEALTH_TIMEOUT_MS))
    return (answer as Partial<LocalRecord>).listeners ?? []
  } catch {
    return []
  }
}

async function ask(
  { armEndpoint }: Pick<LocalRecord, 'armEndpoint'>,
  path: string,
  signal: AbortSignal | undefined,
  method: 'GET' | 'POST' = 'GET',
): Promise<unknown> {
  const { text } = await askOverHttp(new URL(path, armEndpoint), { method, signal })
  return JSON.parse(text)
}

/**
 * Whether the holder of a lock still runs. A pid alone proves nothing, as another process may have it by now. One that
 * answers with the holder's id runs, one that is silent may run, and one without a record has a while to start.
 */
export const isLivingHolder =
  ({ host, clock, paths }: { host: LocalHost; clock: Clock; paths: DataPaths }) =>
  async (holder: Holder): Promise<boolean> => {
    if (!host.isAlive(holder.pid)) return false
    const record = await readRecord(paths.record)
    if (record?.id !== holder.id) return clock.now() - holder.since < STARTING_MS
    return (await checkHealth(record)) !== 'foreign'
  }

export interface HubHeld {
  readonly resourceGroup: string
  readonly namespace: string
  readonly name: string
  readonly partitions: number
  /** Null for a compacted hub, which keeps events for ever. */
  readonly retentionHours: number | null
  readonly status: string
  /** `$Default` first. */
  readonly consumerGroups: readonly string[]
  readonly events: number
  readonly bytes: number
  /** Events that were dropped for the size of their partition since the start. */
  readonly droppedEvents: number
  /** Links that are open now. */
  readonly senders: number
  readonly receivers: number
  /** How far readers over AMQP have read since the start; left out by one of an older version. */
  readonly readers?: readonly ReaderPosition[]
  /** Null where it is not captured; left out by one of an older version, which captures nothing. */
  readonly capture?: HubCaptureStats | null
}

/** A namespace that is held to its units. */
export interface NamespaceHeld {
  readonly resourceGroup: string
  readonly namespace: string
  readonly unit: 'throughput unit' | 'processing unit'
  readonly units: number
  /** Publications that were refused since the start, because more came in than the units take. */
  readonly refused: number
}

/** What a running embedded Azure holds. */
export interface Held {
  /** Connections of clients, of every protocol. */
  readonly connections: number
  /** Left out by one of an older version, which serves no Kafka. */
  readonly kafka?: { readonly connections: number; readonly groups: readonly KafkaGroupHeld[] }
  /** A partition that holds more drops its oldest events. */
  readonly maxPartitionBytes: number
  /** Null where namespaces are not held to their units. */
  readonly limits: readonly NamespaceHeld[] | null
  readonly hubs: readonly HubHeld[]
}

/** Asks a running embedded Azure what it holds; undefined when it does not say, as one of an older version. */
export async function askHeld(record: Pick<LocalRecord, 'armEndpoint'>): Promise<Held | undefined> {
  try {
    const answer = (await ask(record, STATUS_PATH, AbortSignal.timeout(STATUS_TIMEOUT_MS))) as Partial<Held>
    const isHeld = Array.isArray(answer.hubs) && typeof answer.maxPartitionBytes === 'number'
    return isHeld ? { ...(answer as Held), limits: answer.limits ?? null } : undefined
  } catch {
    return undefined
  }
}

/**
 * Lets a running embedded Azure close the windows of Capture: of all hubs, or of those with the names. Resolves when the files
 * are written. Rejects when it does not answer, with the reason of the signal too.
 */
export async function flushCapture(
  record: Pick<LocalRecord, 'armEndpoint'>,
  names: FlushRequest,
  signal?: AbortSignal,
): Promise<Flushed> {
  const query = new URLSearchParams(
    Object.entries(names).filter(([, name]) => name !== undefined) as [string, string][],
  )
  return (await ask(record, `${FLUSH_PATH}?${query.toString()}`, signal, 'POST')) as Flushed
}
