import { partitionIndex } from './address.ts'
import type { Claims } from './claims.ts'
import type { BrokerContext, HubLink } from './context.ts'
import { encodeForReader, encodeMetrics } from './event-codec.ts'
import { hasGroup, isBarred } from './hub-links.ts'
import type { PartitionLog } from './log/partition-log.ts'
import type { LogReader } from './log/reader.ts'
import { parseSelector } from './selector.ts'
import type { ServiceErrors } from './service-errors.ts'
import type { AttachRequest, OutboundLink } from './wire/link.ts'

const RUNTIME_METRIC = 'com.microsoft:enable-receiver-runtime-metric'
/** Events taken from the log at a time, so that a reader with much credit does not fill the memory. */
const READ_AT_ONCE = 100

/** Opens a link that reads one partition through a consumer group. Throws ServiceError. */
export function openReceiver(
  context: BrokerContext,
  claims: Claims,
  link: OutboundLink,
  address: { readonly group: string; readonly partition: string },
): void {
  const { errors, links, readers } = context
  const path = link.request.source!
  const { hub } = claims.authorize(path, 'Listen')
  if (isBarred(hub, 'Listen')) throw errors.disabled(path)
  if (!hasGroup(hub, address.group)) throw errors.notFound(path)
  const partition = partitionIndex(address.partition, hub.partitionCount)
  if (partition === undefined) throw errors.partitionOutOfRange(path, hub.partitionCount)
  const log = context.store.partition(hub, partition)
  const events = log.reader(startOf(log, link.request.selector, errors))

  const key = [hub.namespace, hub.name, address.group, partition].join('/').toLowerCase()
  const reader = readers.add(key, { ...readOwner(link.request), close: (error) => link.close(error) })
  const open: HubLink = {
    hub,
    claims,
    right: 'Listen',
    path,
    group: address.group,
    close: (error) => link.close(error),
  }
  links.add(open)
  const unsubscribe = log.onAppend(() => link.wake())
  link.onClose(() => {
    reader.remove()
    links.delete(open)
    unsubscribe()
  })
  const withMetrics = link.request.desiredCapabilities.includes(RUNTIME_METRIC)
  link.accept({
    onReady: () => {
      try {
        sendFrom(events, link, () => (withMetrics ? encodeMetrics(log.state(), context.clock.now()) : undefined))
      } catch (error) {
        link.close(context.toServiceError(error, path).toAmqp())
      }
    },
  })
}

function sendFrom(events: LogReader, link: OutboundLink, metrics: () => Buffer | undefined): void {
  for (let room = link.room(); room > 0 && !events.atEnd; room = link.room()) {
    const batch = events.read(Math.min(room, READ_AT_ONCE))
    if (batch.length === 0) return
    for (const event of batch) link.send(encodeForReader(event, metrics()))
  }
}

/** The number of the first event that the reader gets. Throws ServiceError. */
function startOf(log: PartitionLog, selector: string | undefined, errors: ServiceErrors): number {
  if (selector === undefined) return log.locate({ kind: 'earliest' })
  const position = parseSelector(selector)
  if (!position) throw errors.badFilter(selector)
  const { lastSequenceNumber, lastOffset } = log.state()
  if (position.kind === 'sequenceNumber') {
    // The one after the last is the next to come, which is a place to start from.
    const furthest = position.inclusive ? lastSequenceNumber + 1 : lastSequenceNumber
    if (position.value > furthest) throw errors.beyondEnd('sequence number', String(position.value), lastSequenceNumber)
  }
  if (position.kind === 'offset' && position.value > lastOffset) {
    throw errors.beyondEnd('offset', String(position.value), lastOffset)
  }
  return log.locate(position)
}

function readOwner({ properties }: AttachRequest): { epoch: number | undefined; name: string | undefined } {
  const epoch = properties['com.microsoft:epoch']
  const name = properties['com.microsoft:receiver-name']
  return {
    epoch: typeof epoch === 'number' ? epoch : Buffer.isBuffer(epoch) ? Number(epoch.readBigInt64BE(0)) : undefined,
    name: typeof name === 'string' ? name : undefined,
  }
}
