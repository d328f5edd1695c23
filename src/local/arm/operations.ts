import { ArmError } from './errors.ts'
import type { ArmReply } from './http.ts'
import { type Operation, keyOf } from './model.ts'
import type { Call } from './routes.ts'

/** What Azure says to a client that waits for the deletion of a group. Source: recordings of azure-service-operator. */
const MOST_SECONDS = 15

/** Whole seconds until the next look makes sense: Azure's 15, or less where the end is nearer. */
export const retryAfter = (call: Call, until: number): string =>
  String(Math.min(MOST_SECONDS, Math.max(0, Math.ceil((until - call.now) / 1000))))

/** Answers a poll: `reply` gets the operation while it runs and undefined when it is over. Throws ArmError 404. */
export function operationReply(call: Call, id: string, reply: (running: Operation | undefined) => ArmReply): ArmReply {
  const operation = call.world.store.state.operations.get(keyOf(id))
  if (!operation) {
    throw new ArmError({ status: 404, code: 'OperationNotFound', message: `The operation '${id}' could not be found.` })
  }
  return reply(operation.until > call.now ? operation : undefined)
}
