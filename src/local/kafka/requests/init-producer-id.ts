import type { Handler } from '../call.ts'
import { ERROR } from '../errors.ts'
import type { INIT_PRODUCER_ID } from '../wire/apis/records.ts'

/** Epochs of a producer have 16 bits. With the last one used up, it gets a new id. */
const LAST_EPOCH = 32_767

/** Gives an idempotent producer its id. One that has an id, and lost batches, goes on with the next epoch. */
export const answerInitProducerId: Handler<typeof INIT_PRODUCER_ID> = (request, { broker }) => {
  const { transactionalId, producerId, producerEpoch } = request
  if (transactionalId !== null)
    return { throttleTimeMs: 0, errorCode: ERROR.invalidRequest, producerId: -1, producerEpoch: -1 }
  const goesOn = producerId >= 0 && producerEpoch >= 0 && producerEpoch < LAST_EPOCH
  const own = goesOn
    ? { producerId, producerEpoch: producerEpoch + 1 }
    : { producerId: broker.producers.newId(), producerEpoch: 0 }
  return { throttleTimeMs: 0, errorCode: ERROR.none, ...own }
}
