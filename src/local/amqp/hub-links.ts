import { ONLY_LOOKING } from '../constants.ts'
import { MalformedAmqp } from '../encoding/reader.ts'
import type { Claims } from '../hubs/access.ts'
import type { Amount } from '../hubs/budget.ts'
import { hasGroup, isClosedFor } from '../hubs/directory.ts'
import { HubError, type Owner } from '../hubs/errors.ts'
import { HubReader, READ_AT_ONCE } from '../hubs/hub-reader.ts'
import { needPartition } from '../hubs/hubs.ts'
import { amountRead } from '../hubs/limits.ts'
import type { HubLink } from '../hubs/links.ts'
import type { StartPosition } from '../log/partition-log.ts'
import { UnstorableEvent } from '../log/record.ts'
import { BATCH_FORMAT, encodeForReader, encodeMetrics, readPublication } from './event-codec.ts'
import { type AmqpContext, badFilter, notSupported } from './refusals.ts'
import type { AmqpError, AttachRequest, Delivery, InboundLink, OutboundLink } from './wire/link.ts'

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
  const fail = (error: unknown) => {
    context.countRefused(hub.namespace, path, error)
    delivery.reject(toAmqpError(context, path, error))
  }
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
  if (error instanceof UnstorableEvent) return { condition: 'amqp:not-allowed', description: error.message }
  return context.refusalOf(error, path).toAmqp()
}

const RUNTIME_METRIC = 'com.microsoft:enable-receiver-runtime-metric'

/** Opens a link that reads one partition through a consumer group. Throws HubError or Refusal. */
export function openReceiver(
  context: AmqpContext,
  claims: Claims,
  link: OutboundLink,
  address: { readonly group: string; readonly partition: string },
): void {
  const { hubs } = context
  const path = link.request.source!
  const hub = claims.authorize(path, 'Listen')
  if (isClosedFor(hub, 'Listen')) throw new HubError({ because: 'disabled', path })
  if (!hasGroup(hub, address.group)) throw new HubError({ because: 'not-found', path })
  const partition = needPartition(hub, address.partition, path)
  const log = hubs.partition(hub, partition)
  const key = [hub.namespace, hub.name, address.group, partition].join('/').toLowerCase()
  const events = HubReader.begin(log, readStart(link.request.selector), {
    told: hubs.told,
    key: `${key}/${hub.createdAt}`,
  })

  const close = (reason: HubError) => link.close(context.refusalOf(reason, path).toAmqp())
  const reader = hubs.readers.add(key, { ...readOwner(link.request), close })
  const isLooking = link.peer.userAgent.split(/[\s,]+/).includes(ONLY_LOOKING)
  const reading = isLooking ? undefined : hubs.positions.open(hub, address.group, partition, events.sequenceNumber)
  const open: HubLink = { hub, claims, right: 'Listen', path, group: address.group, close }
  hubs.links.add(open)
  const unsubscribe = log.onAppend(() => link.wake())
  const pace = hubs.limits?.joinReaders(hub.namespace, () => link.wake())
  link.onClose(() => {
    reader.remove()
    reading?.close()
    pace?.leave()
    hubs.links.delete(open)
    unsubscribe()
  })
  const withMetrics = link.request.desiredCapabilities.includes(RUNTIME_METRIC)
  const sending: Sending = {
    mayRead: () => pace?.mayRead() !== false,
    onRead: (read) => {
      const nowMs = hubs.clock.now()
      pace?.spend(read)
      hubs.traffic.countOut(hub, read, nowMs)
      if (read.events > 0) reading?.moveTo(events.sequenceNumber, nowMs)
    },
    metrics: () => (withMetrics ? encodeMetrics(log.state(), hubs.clock.now()) : undefined),
  }
  link.accept({
    onReady: () => {
      try {
        return sendFrom(events, link, sending)
      } catch (error) {
        context.countRefused(hub.namespace, path, error)
        link.close(context.refusalOf(error, path).toAmqp())
        return events.atEnd
      }
    },
  })
}

interface Sending {
  readonly mayRead: () => boolean
  readonly onRead: (read: Amount) => void
  /** What the reader is told of the partition, if it asked for it. */
  readonly metrics: () => Buffer | undefined
}

/** Sends what there is, and returns whether the client can have no more now. */
function sendFrom(events: HubReader, link: OutboundLink, { mayRead, onRead, metrics }: Sending): boolean {
  for (let room = link.room(); room > 0 && !events.atEnd; room = link.room()) {
    if (!mayRead()) return true
    const batch = events.read(Math.min(room, READ_AT_ONCE.events), READ_AT_ONCE.bytes)
    onRead(amountRead(batch))
    if (batch.length === 0) break
    for (const event of batch) link.send(encodeForReader(event, metrics()))
  }
  return events.atEnd
}

const ANNOTATIONS: Readonly<Record<string, 'offset' | 'sequenceNumber' | 'time'>> = {
  'x-opt-offset': 'offset',
  'x-opt-sequence-number': 'sequenceNumber',
  'x-opt-enqueued-time': 'time',
}

// The client in .NET leaves out the quotes.
const SELECTOR = /^\s*amqp\.annotation\.(x-opt-[a-z-]+)\s*(>=|>)\s*(?:'([^']*)'|(\S+))\s*$/

/** The position that a receiver's filter asks for; without a filter, the first event. Throws Refusal. */
function readStart(selector: string | undefined): StartPosition {
  if (selector === undefined) return { kind: 'earliest' }
  const match = SELECTOR.exec(selector)
  const kind = match && ANNOTATIONS[match[1]!]
  if (!kind) throw badFilter(selector)
  const value = match[3] ?? match[4]!
  if (kind === 'offset' && value === '@latest') return { kind: 'latest' }
  if (kind === 'offset' && value === '-1') return { kind: 'earliest' }
  if (!/^-?\d{1,18}$/.test(value)) throw badFilter(selector)
  return { kind, value: Number(value), inclusive: match[2] === '>=' }
}

function readOwner({ properties }: AttachRequest): Owner {
  const epoch = properties.get('com.microsoft:epoch')
  const name = properties.get('com.microsoft:receiver-name')
  return {
    epoch: typeof epoch === 'number' || typeof epoch === 'bigint' ? Number(epoch) : undefined,
    name: typeof name === 'string' ? name : undefined,
  }
}
