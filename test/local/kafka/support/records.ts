import { crc32c } from '../../../../src/lib/crc32c.ts'
import { FETCH, PRODUCE } from '../../../../src/local/kafka/wire/apis/records.ts'
import type { ReadOf, WrittenOf } from '../../../../src/local/kafka/wire/codec.ts'
import { batchOfRecords } from '../../batch/support/batch-bytes.ts'
import type { TestClient } from './client.ts'

export interface BatchOptions {
  readonly gzip?: boolean
  readonly producer?: { readonly id: number; readonly epoch?: number; readonly sequence: number }
  /** Bits of the attributes to set besides. */
  readonly attributes?: number
  readonly magic?: number
}

/** A batch of texts, each of which may have a key: `key=value`. */
export function batchOfTexts(texts: readonly string[], options: BatchOptions = {}): Buffer {
  const batch = batchOfRecords(
    texts.map((text, offsetDelta) => {
      const [value = '', key] = text.split('=').reverse()
      return {
        ...{ offsetDelta, timestampDeltaMs: 0, headers: [] },
        ...{ key: key === undefined ? null : Buffer.from(key), value: Buffer.from(value) },
      }
    }),
    { gzip: options.gzip ?? false },
  )
  const { producer, attributes = 0, magic } = options
  batch.writeUInt16BE(batch.readUInt16BE(21) | attributes, 21)
  if (magic !== undefined) batch[16] = magic
  if (producer) {
    batch.writeBigInt64BE(BigInt(producer.id), 43)
    batch.writeInt16BE(producer.epoch ?? 0, 51)
    batch.writeInt32BE(producer.sequence, 53)
  }
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

type ProduceRequest = WrittenOf<typeof PRODUCE.request>

export const produceRequest = (
  topic: string,
  records: Buffer | null,
  fields: Partial<ProduceRequest> & { readonly partition?: number } = {},
): ProduceRequest => ({
  ...{ transactionalId: null, acks: -1, timeoutMs: 1_000 },
  topicData: [{ name: topic, partitionData: [{ index: fields.partition ?? 0, records }] }],
  ...fields,
})

type Produced = ReadOf<typeof PRODUCE.response>['responses'][number]['partitionResponses'][number]

/** Sends one batch and returns what is said of it. */
export async function produce(client: TestClient, ...request: Parameters<typeof produceRequest>): Promise<Produced> {
  const { responses } = await client.call(PRODUCE, 9, produceRequest(...request))
  return responses[0]!.partitionResponses[0]!
}

type FetchRequest = WrittenOf<typeof FETCH.request>

export const fetchRequest = (topic: string, offset: number, fields: Partial<FetchRequest> = {}): FetchRequest => ({
  ...{ replicaId: -1, maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, isolationLevel: 0 },
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1_000_000 }] }],
  ...fields,
})

type Fetched = ReadOf<typeof FETCH.response>['responses'][number]['partitions'][number]

export async function fetch(client: TestClient, ...request: Parameters<typeof fetchRequest>): Promise<Fetched> {
  const { responses } = await client.call(FETCH, 12, fetchRequest(...request))
  return responses[0]!.partitions[0]!
}
