import { checkRecords, MalformedRecords } from '../../batch/records.ts'
import {
  type BatchHead,
  checkBatch,
  CorruptBatch,
  GZIP,
  MAGIC,
  NO_COMPRESSION,
  readBatchHead,
  stampBatch,
} from '../../batch/record-batch.ts'
import type { LocalHub } from '../../hubs/directory.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR, KafkaError, NO_TRANSACTIONS, tellMistake, TurnedAway } from '../errors.ts'
import { countRefused, hubOf, logOf } from '../partitions.ts'
import type { StoredBatch } from '../producers.ts'
import type { INIT_PRODUCER_ID, PRODUCE } from '../wire/apis/records.ts'
import type { RequestOf, ResponseOf } from '../wire/codec.ts'

type Request = RequestOf<typeof PRODUCE>
type Answer = ResponseOf<typeof PRODUCE>['responses'][number]['partitionResponses'][number]

/** What a producer may wait for: nothing, the leader, or all replicas, which here is the same. */
const ACKS = new Set([0, 1, -1])

const REFUSED_UNACKNOWLEDGED =
  'A Kafka client sent events that were refused, and waits for no answer (acks=0): its connection was ended instead'

/** Stores the batch of each partition that the request names. Without acknowledgement, a refusal ends the connection. */
export const answerProduce: Handler<typeof PRODUCE> = async (request, call) => {
  const waits: number[] = []
  const responses = await Promise.all(
    request.topicData.map(async ({ name, partitionData }) => ({
      name,
      partitionResponses: await Promise.all(
        partitionData.map(({ index, records }) => storeOrRefuse(call, request, { name, index, records, waits })),
      ),
    })),
  )
  const throttleTimeMs = Math.max(0, ...waits)
  call.session.mute(throttleTimeMs)
  if (request.acks !== 0) return { responses, throttleTimeMs }
  const refused = responses.flatMap(({ partitionResponses }) => partitionResponses).find((one) => one.errorCode !== 0)
  if (refused) throw new TurnedAway('refused-unacknowledged', REFUSED_UNACKNOWLEDGED)
  return undefined
}

interface PartitionData {
  readonly name: string
  readonly index: number
  readonly records: Buffer | null
  /** Takes how many milliseconds the client has to wait. */
  readonly waits: number[]
}

/** All that happens before the wait for the disk happens at once, so that batches are stored in the order of their requests. */
async function storeOrRefuse(call: Call, request: Request, data: PartitionData): Promise<Answer> {
  try {
    const { answer, stored } = store(call, request, data)
    await stored
    return answer
  } catch (error) {
    tellMistake(error, call.broker.hubs.log)
    countRefused(call, data.name, error)
    return {
      ...{ index: data.index, errorCode: codeOf(error), baseOffset: -1, logAppendTimeMs: -1 },
      errorMessage: error instanceof KafkaError ? error.message : null,
    }
  }
}

function store(
  call: Call,
  request: Request,
  { name, index, records, waits }: PartitionData,
): { readonly answer: Answer; readonly stored?: Promise<void> | undefined } {
  const { broker } = call
  if (!ACKS.has(request.acks)) throw new KafkaError('invalidRequiredAcks', `acks is ${request.acks}`)
  if (request.transactionalId !== null) throw new KafkaError('invalidRequest', NO_TRANSACTIONS)
  const hub = hubOf(call, name, 'Send')
  const log = logOf(call, hub, index)
  const head = readBatch(records ?? Buffer.alloc(0), hub)
  const repeated = head.producerId >= 0 ? broker.producers.repeated(log, head) : undefined
  const answerOf = ({ firstSequenceNumber, enqueuedTimeMs }: StoredBatch): Answer => ({
    ...{ index, errorCode: ERROR.none, baseOffset: firstSequenceNumber },
    logAppendTimeMs: hub.timestampType === 'LogAppend' ? enqueuedTimeMs : -1,
    logStartOffset: log.state().beginSequenceNumber,
  })
  if (repeated) return { answer: answerOf(repeated), stored: repeated.stored }
  let enqueuedTimeMs = 0
  const batch = {
    ...{ bytes: records!, events: head.count },
    stamp: (first: number, timeMs: number) => {
      enqueuedTimeMs = timeMs
      stampBatch(records!, first, hub.timestampType === 'LogAppend' ? timeMs : undefined)
    },
  }
  const { firstSequenceNumber, stored, waitMs } = broker.hubs.publishBatch(hub, index, batch, request.timeoutMs)
  waits.push(waitMs)
  const appended = { firstSequenceNumber, enqueuedTimeMs, stored }
  if (head.producerId >= 0) broker.producers.note(log, head, appended)
  return { answer: answerOf(appended), stored }
}

/** The head of what has to be one whole batch that we can store. Throws KafkaError. */
function readBatch(records: Buffer, hub: LocalHub): BatchHead {
  try {
    const head = readBatchHead(records)
    if (head.magic !== MAGIC)
      throw new KafkaError('unsupportedForMessageFormat', `Message format ${head.magic} is not taken`)
    if (head.compression !== NO_COMPRESSION && head.compression !== GZIP)
      throw new KafkaError('unsupportedForMessageFormat', 'Event Hubs takes records without compression, or gzip')
    if (head.isTransactional || head.isControl) throw new KafkaError('invalidRequest', NO_TRANSACTIONS)
    if (head.bytes > hub.maxMessageBytes)
      throw new KafkaError(
        'messageTooLarge',
        `A batch of ${head.bytes} bytes, where ${hub.maxMessageBytes} are the most`,
      )
    checkBatch(records, 0, head)
    if (head.producerId >= 0 && (head.producerEpoch < 0 || head.baseSequence < 0))
      throw new KafkaError('invalidRecord', 'A batch of a producer has no sequence')
    if (head.bytes < records.length) throw new KafkaError('invalidRecord', 'More than one batch for a partition')
    checkRecords(records, head, { needKeys: hub.isCompacted })
    return head
  } catch (error) {
    if (error instanceof CorruptBatch) throw new KafkaError('corruptMessage', error.message)
    if (error instanceof MalformedRecords) throw new KafkaError('invalidRecord', error.message)
    throw error
  }
}

/**
 * Gives an idempotent producer an id that nobody else has, as Kafka does without a transaction. Which id the client says
 * that it has does not matter: @platformatic/kafka says 0 for each of its producers.
 */
export const answerInitProducerId: Handler<typeof INIT_PRODUCER_ID> = ({ transactionalId }, { broker }) => {
  if (transactionalId !== null)
    return { throttleTimeMs: 0, errorCode: ERROR.invalidRequest, producerId: -1, producerEpoch: -1 }
  return { throttleTimeMs: 0, errorCode: ERROR.none, producerId: broker.producers.newId(), producerEpoch: 0 }
}
