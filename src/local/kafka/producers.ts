import { randomInt } from 'node:crypto'
import { type BatchHead, readBatchHead, RECORDS_AT } from '../batch/record-batch.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { KafkaError } from './errors.ts'

/** Where and when a batch was stored. */
export interface StoredBatch {
  readonly firstSequenceNumber: number
  readonly enqueuedTimeMs: number
  /** As it was of the batch: it is on the disk when this resolves. */
  readonly stored: Promise<void> | undefined
}

/** One of an idempotent producer. */
interface KnownBatch extends StoredBatch {
  readonly firstSequence: number
  readonly lastSequence: number
}

interface Producer {
  readonly epoch: number
  readonly batches: readonly KnownBatch[]
}

/** A producer has no more requests under way, so one of these is what it may repeat. */
const KEPT_BATCHES = 5
/** Of one partition. The one that has been silent for longest is forgotten. */
const MOST_PRODUCERS = 10_000
/** Sequences go on with 0 after 2^31 - 1. */
const SEQUENCES = 2 ** 31

/**
 * What idempotent producers have stored in each partition, so that a batch that is sent again is stored once. After a
 * restart it is read from the batches themselves. https://kafka.apache.org/documentation/#semantics
 */
export class Producers {
  readonly #partitions = new WeakMap<PartitionLog, Map<number, Producer>>()

  /** An id that no other producer has. */
  newId(): number {
    return randomInt(1, 2 ** 47)
  }

  /**
   * The batch that this one repeats; undefined for a new one. Throws KafkaError `outOfOrderSequenceNumber` where batches
   * before it are missing, and `invalidProducerEpoch` where the producer began anew since.
   */
  repeated(log: PartitionLog, head: BatchHead): StoredBatch | undefined {
    const known = this.#of(log).get(head.producerId)
    // One of which nothing is known any more may go on where it is.
    if (!known) return undefined
    if (head.producerEpoch < known.epoch)
      throw new KafkaError('invalidProducerEpoch', 'A producer with the same id began anew')
    const last = known.epoch === head.producerEpoch ? known.batches.at(-1)!.lastSequence : SEQUENCES - 1
    const isSame = (one: KnownBatch) =>
      known.epoch === head.producerEpoch &&
      one.firstSequence === head.baseSequence &&
      one.lastSequence === lastSequenceOf(head)
    const same = known.batches.find(isSame)
    if (same) return same
    const expected = (last + 1) % SEQUENCES
    if (head.baseSequence === expected) return undefined
    throw new KafkaError('outOfOrderSequenceNumber', `Sequence ${head.baseSequence} where ${expected} is next`)
  }

  /** This batch is stored now. */
  note(log: PartitionLog, head: BatchHead, stored: StoredBatch): void {
    note(this.#of(log), head, stored)
  }

  #of(log: PartitionLog): Map<number, Producer> {
    const known = this.#partitions.get(log)
    if (known) return known
    const producers = new Map<number, Producer>()
    for (const { bytes, firstSequenceNumber, enqueuedTimeMs } of log.batchHeads(RECORDS_AT)) {
      const head = readBatchHead(bytes)
      if (head.producerId >= 0) note(producers, head, { firstSequenceNumber, enqueuedTimeMs, stored: undefined })
    }
    this.#partitions.set(log, producers)
    return producers
  }
}

const lastSequenceOf = ({ baseSequence, count }: BatchHead): number => (baseSequence + count - 1) % SEQUENCES

function note(producers: Map<number, Producer>, head: BatchHead, stored: StoredBatch): void {
  const { producerId: id, producerEpoch: epoch, baseSequence: firstSequence } = head
  const known = producers.get(id)
  const batch = { ...stored, firstSequence, lastSequence: lastSequenceOf(head) }
  const before = known?.epoch === epoch ? known.batches : []
  producers.delete(id)
  producers.set(id, { epoch, batches: [...before.slice(1 - KEPT_BATCHES), batch] })
  const [silent] = producers.keys()
  if (producers.size > MOST_PRODUCERS) producers.delete(silent!)
}
