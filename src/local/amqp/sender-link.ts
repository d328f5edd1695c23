import { MalformedAmqp } from '../encoding/reader.ts'
import type { Claims } from '../hubs/access.ts'
import { isClosedFor } from '../hubs/directory.ts'
import { HubError } from '../hubs/errors.ts'
import { needPartition } from '../hubs/hubs.ts'
import type { HubLink } from '../hubs/links.ts'
import { BATCH_FORMAT, readPublication } from './event-codec.ts'
import { type AmqpContext, notSupported } from './refusals.ts'
import type { AmqpError, Delivery, InboundLink } from './wire/link.ts'

const IDEMPOTENT = 'com.microsoft:idempotent-producer'

/** Opens a link that sends to a hub, or to one partition of it. Throws HubError or Refusal. */
export function openSender(
  context: AmqpContext,
  claims: Claims,
  link: InboundLink,
  partition: string | undefined,
): void {
  const { links } = context.hubs
  const path = link.request.target!
  const hub = claims.authorize(path, 'Send')
  if (isClosedFor(hub, 'Send')) throw new HubError({ because: 'disabled', path })
  const index = partition === undefined ? undefined : needPartition(hub, partition, path)
  if (link.request.desiredCapabilities.includes(IDEMPOTENT)) throw notSupported('Idempotent publishing is')
  const open: HubLink = {
    ...{ hub, claims, right: 'Send', path, group: undefined },
    close: (reason) => link.close(context.refusalOf(reason, path).toAmqp()),
  }
  links.add(open)
  link.onClose(() => links.delete(open))
  link.accept({
    maxMessageBytes: hub.maxMessageBytes,
    onTransfer: (delivery) => store(context, open, index, delivery),
  })
}

function store(context: AmqpContext, { hub, path }: HubLink, named: number | undefined, delivery: Delivery): void {
  const fail = (error: unknown) => delivery.reject(toAmqpError(context, path, error))
  try {
    if (delivery.format !== 0 && delivery.format !== BATCH_FORMAT) {
      throw notSupported(`Message format 0x${delivery.format.toString(16)} is`)
    }
    const publication = readPublication(delivery.raw, delivery.format)
    if (publication.events.length === 0) return delivery.accept()
    const { stored } = context.hubs.publish(hub, named, publication)
    if (stored) stored.then(() => delivery.accept(), fail)
    else delivery.accept()
  } catch (error) {
    fail(error)
  }
}

function toAmqpError(context: AmqpContext, path: string, error: unknown): AmqpError {
  if (error instanceof MalformedAmqp) return { condition: 'amqp:decode-error', description: error.message }
  return context.refusalOf(error, path).toAmqp()
}
