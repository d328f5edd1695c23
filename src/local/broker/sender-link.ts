import { MalformedAmqp } from './amqp/reader.ts'
import { partitionIndex } from './address.ts'
import type { Claims } from './claims.ts'
import type { BrokerContext, HubLink } from './context.ts'
import { BATCH_FORMAT, readPublication } from './event-codec.ts'
import { isBarred } from './hub-links.ts'
import { partitionForKey } from './partition-key.ts'
import type { AmqpError, Delivery, InboundLink } from './wire/link.ts'

const IDEMPOTENT = 'com.microsoft:idempotent-producer'

/** Opens a link that sends to a hub, or to one partition of it. Throws ServiceError. */
export function openSender(
  context: BrokerContext,
  claims: Claims,
  link: InboundLink,
  partition: string | undefined,
): void {
  const { errors, links } = context
  const path = link.request.target!
  const { hub } = claims.authorize(path, 'Send')
  if (isBarred(hub, 'Send')) throw errors.disabled(path)
  const index = partition === undefined ? undefined : partitionIndex(partition, hub.partitionCount)
  if (partition !== undefined && index === undefined) throw errors.partitionOutOfRange(path, hub.partitionCount)
  if (link.request.desiredCapabilities.includes(IDEMPOTENT)) throw errors.notSupported('Idempotent publishing is')
  const open: HubLink = { hub, claims, right: 'Send', path, group: undefined, close: (error) => link.close(error) }
  links.add(open)
  link.onClose(() => links.delete(open))
  link.accept({
    maxMessageBytes: hub.maxMessageBytes,
    onTransfer: (delivery) => store(context, open, index, delivery),
  })
}

function store(context: BrokerContext, { hub, path }: HubLink, fixed: number | undefined, delivery: Delivery): void {
  const fail = (error: unknown) => delivery.reject(toAmqpError(context, path, error))
  try {
    if (delivery.format !== 0 && delivery.format !== BATCH_FORMAT) {
      throw context.errors.notSupported(`Message format 0x${delivery.format.toString(16)} is`)
    }
    const { partitionKey, events } = readPublication(delivery.raw, delivery.format)
    if (events.length === 0) return delivery.accept()
    const { partitionCount } = context.directory.hub(hub.namespace, hub.name) ?? hub
    const partition =
      fixed ??
      (partitionKey === undefined
        ? context.turns.next(hub, partitionCount)
        : partitionForKey(partitionKey, partitionCount))
    const { stored } = context.store.partition(hub, partition).append(events, context.clock.now())
    if (stored) stored.then(() => delivery.accept(), fail)
    else delivery.accept()
  } catch (error) {
    fail(error)
  }
}

function toAmqpError(context: BrokerContext, path: string, error: unknown): AmqpError {
  if (error instanceof MalformedAmqp) return { condition: 'amqp:decode-error', description: error.message }
  return context.toServiceError(error, path).toAmqp()
}
