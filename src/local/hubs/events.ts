import { once } from 'node:events'
import { decodeMessage, SECTION } from '../encoding/message.ts'
import {
  encodeBinary,
  encodeBoolean,
  encodeDouble,
  encodeList,
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  NULL,
} from '../encoding/writer.ts'
import { DamagedEvents } from '../log/damage.ts'
import type { StartPosition } from '../log/partition-log.ts'
import type { LogReader } from '../log/reader.ts'
import type { EventToStore, StoredEvent } from '../log/record.ts'
import type { LocalHub } from './directory.ts'
import { HubError } from './errors.ts'
import { READ_AT_ONCE, readerFrom } from './hub-reader.ts'
import { type Hubs, needPartition } from './hubs.ts'

/** An event as any program has it, before it is stored. */
export interface LocalEventToSend {
  readonly body: Buffer
  readonly contentType?: string
  readonly properties?: Readonly<Record<string, string | number | boolean>>
}

export interface AppendRequest {
  readonly namespace: string
  readonly hub: string
  /** The id of a partition; without it the key decides, and without that too each publication goes to the next one. */
  readonly partition?: string
  readonly partitionKey?: string
  readonly events: readonly LocalEventToSend[]
}

export interface AppendResult {
  readonly partition: string
  readonly firstSequenceNumber: number
  readonly lastSequenceNumber: number
}

export interface ReadRequest {
  readonly namespace: string
  readonly hub: string
  readonly partition: string
  readonly start: StartPosition
  /** Wait for more events after the last one. */
  readonly follow?: boolean
  readonly signal?: AbortSignal
}

export interface LocalEvent {
  readonly partition: string
  readonly sequenceNumber: number
  readonly offset: number
  readonly enqueuedTimeMs: number
  readonly partitionKey: string | undefined
  /** A Buffer for a data body, an array for a sequence, any value for a value body. */
  readonly body: unknown
  readonly contentType: string | undefined
  readonly properties: ReadonlyMap<unknown, unknown>
}

/** Place of the content type in the properties section (AMQP 1.0 part 3, section 3.2.4). */
const CONTENT_TYPE = 6

/** Stores events as a client's send would, and waits until they are stored. Rejects with HubError. */
export async function appendEvents(hubs: Hubs, request: AppendRequest): Promise<AppendResult> {
  const hub = needHub(hubs, request)
  const { partition, partitionKey } = request
  const index = partition === undefined ? undefined : needPartition(hub, partition)
  const events = request.events.map((event) => encodeEvent(event, partitionKey))
  const { stored, partition: chosen, ...numbers } = hubs.publish(hub, index, { partitionKey, events })
  await stored
  return { partition: String(chosen), ...numbers }
}

/**
 * Reads one partition; with `follow` it goes on until `signal` aborts or the hub is gone. Throws HubError: `lost` names
 * the number to go on with.
 */
export async function* readEvents(hubs: Hubs, request: ReadRequest): AsyncGenerator<LocalEvent> {
  const hub = needHub(hubs, request)
  const log = hubs.partition(hub, needPartition(hub, request.partition))
  const reader = readerFrom(log, request.start)
  const appended = new EventTarget()
  const unsubscribe = log.onAppend(() => appended.dispatchEvent(new Event('append')))
  try {
    while (!request.signal?.aborted && !log.closed) {
      for (const event of readSome(reader)) yield decodeEvent(event, request.partition)
      if (!reader.atEnd) continue
      if (!request.follow) return
      await once(appended, 'append', request.signal ? { signal: request.signal } : {}).catch(() => undefined)
    }
  } finally {
    unsubscribe()
  }
}

function readSome(reader: LogReader): readonly StoredEvent[] {
  try {
    return reader.read(READ_AT_ONCE.events, READ_AT_ONCE.bytes)
  } catch (error) {
    throw error instanceof DamagedEvents ? new HubError({ because: 'lost', lost: [error.lost] }) : error
  }
}

function needHub({ directory }: Hubs, { namespace, hub }: { namespace: string; hub: string }): LocalHub {
  const found = directory.hub(namespace, hub)
  if (!found) throw new HubError({ because: 'not-found', path: hub })
  return found
}

function encodeEvent(event: LocalEventToSend, partitionKey: string | undefined): EventToStore {
  const properties = Object.entries(event.properties ?? {}).flatMap(([name, value]) => [
    encodeString(name),
    encodeScalar(value),
  ])
  const contentType =
    event.contentType === undefined ? [] : [...Array<Buffer>(CONTENT_TYPE).fill(NULL), encodeSymbol(event.contentType)]
  const bare = Buffer.concat([
    ...(contentType.length > 0 ? [encodeSection(SECTION.properties, encodeList(contentType))] : []),
    ...(properties.length > 0 ? [encodeSection(SECTION.applicationProperties, encodeMap(properties))] : []),
    encodeSection(SECTION.data, encodeBinary(event.body)),
  ])
  return { partitionKey, header: Buffer.alloc(0), annotations: [], bare }
}

function encodeScalar(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return encodeString(value)
  if (typeof value === 'boolean') return encodeBoolean(value)
  return Number.isSafeInteger(value) ? encodeLong(value) : encodeDouble(value)
}

function decodeEvent(event: StoredEvent, partition: string): LocalEvent {
  const { sequenceNumber, offset, enqueuedTimeMs, partitionKey } = event
  const { properties, applicationProperties, body } = decodeMessage(event.bare)
  const contentType = properties[CONTENT_TYPE]?.value
  return {
    partition,
    sequenceNumber,
    offset,
    enqueuedTimeMs,
    partitionKey,
    body,
    contentType: typeof contentType === 'string' ? contentType : undefined,
    properties: applicationProperties,
  }
}
