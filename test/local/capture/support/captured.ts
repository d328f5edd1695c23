import { inflateRaw } from 'node:zlib'
import avsc from 'avsc'
import { AvroWriter } from '../../../../src/local/capture/avro.ts'
import type { EventToStore, StoredEvent } from '../../../../src/local/log/record.ts'
import { LONG } from '../../../support/avro-long.ts'

/** An event of a file, as a reader has it. */
export interface ReadEvent {
  readonly SequenceNumber: bigint
  readonly Offset: string
  readonly EnqueuedTimeUtc: string
  readonly SystemProperties: Readonly<Record<string, unknown>>
  readonly Properties: Readonly<Record<string, unknown>>
  readonly Body: { readonly bytes: Buffer } | null
}

/** A stored event with a body of no bytes, changed by `fields`. */
export const storedEvent = ({ annotations = [], ...fields }: Partial<EventToStore & StoredEventHead>): StoredEvent => ({
  ...{ sequenceNumber: 0, offset: 0, enqueuedTimeMs: 0, partitionKey: undefined, header: Buffer.alloc(0) },
  ...{ bare: Buffer.from([0x00, 0x53, 0x75, 0xa0, 0]), annotationCount: annotations.length },
  ...fields,
  annotations: Buffer.concat(annotations),
})
type StoredEventHead = Pick<StoredEvent, 'sequenceNumber' | 'offset' | 'enqueuedTimeMs'>

/** A whole file of the events, and the blocks that it was written in. */
export async function fileOf(
  events: Iterable<StoredEvent>,
  codec: 'null' | 'deflate' = 'null',
): Promise<{ readonly bytes: Buffer; readonly blocks: number; readonly plainBytes: number }> {
  const writer = new AvroWriter(codec)
  const pieces = [writer.header]
  const take = async () => pieces.push(Buffer.from(await writer.takeBlock()))
  for (const event of events) {
    writer.add(event)
    if (writer.isBlockFull) await take()
  }
  const last = await writer.end()
  if (last) pieces.push(last)
  return { bytes: Buffer.concat(pieces), blocks: pieces.length - 1, plainBytes: writer.uncompressedBytes }
}

/** What avsc reads, in the order of the file. A value of a union is under the name of its kind, a long is a bigint. */
export async function readByAvsc(file: Buffer): Promise<readonly ReadEvent[]> {
  const inflate = (block: Buffer, done: (error: Error | null, bytes?: Buffer) => void) => inflateRaw(block, done)
  const decoder = new avsc.streams.BlockDecoder({
    codecs: { null: (block, done) => done(null, block), deflate: inflate },
    parseHook: (schema) => avsc.Type.forSchema(schema, { wrapUnions: true, registry: { long: LONG } }),
  })
  decoder.end(file)
  const events: ReadEvent[] = []
  for await (const event of decoder) events.push(event as ReadEvent)
  return events
}
