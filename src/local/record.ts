import { readFile, rename, rm, writeFile } from 'node:fs/promises'

/** Path of the question "who are you?". A pid or a port may have gone to somebody else; the id cannot. */
export const HEALTH_PATH = '/_local/health'

const HEALTH_TIMEOUT_MS = 2_000

/** What a running embedded Azure says of itself, in `local.json` and at `/_local/health`. */
export interface LocalRecord {
  /** New at every start. */
  readonly id: string
  readonly pid: number
  /** `http://127.0.0.1:PORT` */
  readonly armEndpoint: string
  /** Of the data plane, where it runs. */
  readonly dataPlanePort?: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly version: string
  readonly dataFolder: string
}

/** Written whole or not at all: a reader never sees half of it. */
export async function writeRecord(file: string, record: LocalRecord): Promise<void> {
  const draft = `${file}.${record.id}`
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 })
  await rename(draft, file)
}

/** The record in a folder, whoever wrote it; undefined where there is none that can be read. */
export async function readRecord(file: string): Promise<LocalRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(file, 'utf8')) as Partial<LocalRecord>
    const whole =
      typeof record.id === 'string' && typeof record.pid === 'number' && typeof record.armEndpoint === 'string'
    return whole ? (record as LocalRecord) : undefined
  } catch {
    return undefined
  }
}

/** Removes the record if it is still the one with this id. */
export async function removeRecord(file: string, id: string): Promise<void> {
  const record = await readRecord(file)
  if (record?.id === id) await rm(file, { force: true })
}

/** `silent`: somebody holds the connection and says nothing, so nothing is known. */
export type Health = 'ours' | 'foreign' | 'silent'

/** Asks whoever listens at the endpoint of a record whether it is the process that wrote it. */
export async function checkHealth(record: LocalRecord): Promise<Health> {
  try {
    const response = await fetch(new URL(HEALTH_PATH, record.armEndpoint), {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    })
    const answer = (await response.json()) as { id?: unknown }
    return answer.id === record.id ? 'ours' : 'foreign'
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'silent' : 'foreign'
  }
}
