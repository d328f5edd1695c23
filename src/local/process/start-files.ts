import { readFile, stat } from 'node:fs/promises'
import { Failure, type FailureFields } from '../../lib/errors.ts'
import { Phrase, type Text } from '../../lib/phrase.ts'
import { removeFile } from '../../lib/whole-file.ts'
import type { Ports } from './data-plane.ts'
import { type Listener, writeJson } from './record.ts'

/** Small files of a data folder that one start leaves for the next one, or for whoever waits for it. */

type Told = Pick<FailureFields, 'code' | 'message' | 'azure'> & {
  readonly why: readonly Text[]
  readonly hint?: Text | undefined
}

/** Writes why a start failed. */
export async function writeFailure(file: string, failure: Failure): Promise<void> {
  const { code, message, why, hint, azure } = failure
  await writeJson(file, { code, message, why, hint, azure } satisfies Told)
}

/** Reads why a start failed, once; undefined where nothing is said. */
export async function takeFailure(file: string): Promise<Failure | undefined> {
  const told = (await readJson(file)) as Told | undefined
  await removeFile(file)
  return told && new Failure({ ...told, why: told.why.map(revive), hint: told.hint && revive(told.hint) })
}

/** A phrase is plain data once it is read from a file. */
const revive = (text: Text): Text => (typeof text === 'string' ? text : new Phrase(text.parts))

/** The ports of the last start; empty where none is known. `log` is told when the file cannot be read. */
export async function readPorts(file: string, log: (line: string) => void): Promise<Ports> {
  const ports = (await readJson(file)) as { readonly amqp?: unknown; readonly kafka?: unknown } | undefined
  const { amqp, kafka } = ports ?? {}
  // A file of an older version knows no port of Kafka.
  if (isPort(amqp) && (kafka === undefined || isPort(kafka))) return { amqp, ...(kafka !== undefined && { kafka }) }
  if (await exists(file)) log(`${file} is damaged: clients may have to connect to another port than at the last start`)
  return {}
}

const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )

/** Keeps the ports for the next start, because connection strings name them. */
export async function keepPorts(file: string, listeners: readonly Listener[]): Promise<void> {
  const ports: Ports = Object.fromEntries(listeners.map(({ protocol, port }) => [protocol, port]))
  await writeJson(file, ports)
}

/** By the name of a storage account: its blob endpoint. Keys are for memory alone. */
type Endpoints = Readonly<Record<string, string>>

/** The blob endpoints that earlier starts were given; empty where none can be read. */
export async function readEndpoints(file: string): Promise<Endpoints> {
  const kept = Object.entries((await readJson(file)) ?? {})
  return Object.fromEntries(kept.filter((one): one is [string, string] => typeof one[1] === 'string'))
}

/** Keeps blob endpoints, so that a start without their connection strings can say what changes. */
export const keepEndpoints = (file: string, endpoints: Endpoints): Promise<void> => writeJson(file, endpoints)

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown
  } catch {
    return undefined
  }
}
