import type { DecodedMessage } from './amqp/message.ts'
import {
  encodeBoolean,
  encodeInt,
  encodeLong,
  encodeMap,
  encodeString,
  encodeStringArray,
  encodeTimestamp,
} from './amqp/writer.ts'
import { partitionIndex } from './address.ts'
import { type Authority, type Claims, verifyToken } from './claims.ts'
import type { BrokerContext } from './context.ts'
import type { LocalHub } from '../directory.ts'
import type { Reply } from './request-node.ts'

const HUB = 'com.microsoft:eventhub'
const PARTITION = 'com.microsoft:partition'

/** Answers a READ of a hub or a partition. Throws ServiceError. `addressed` is the hub in the link's own address. */
export function answerManagement(
  context: BrokerContext,
  authority: Authority,
  claims: Claims,
  request: DecodedMessage,
): Reply {
  const { errors } = context
  const field = (name: string): string | undefined => {
    const value = request.applicationProperties.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const type = field('type')
  const name = field('name') ?? ''
  if (field('operation') !== 'READ') throw errors.notSupported(`The management operation '${field('operation')}' is`)
  const hub = authorize(authority, claims, name, field('security_token'))
  if (type === HUB) return { status: 200, description: 'OK', body: describeHub(hub) }
  if (type !== PARTITION) throw errors.notSupported(`The management type '${type}' is`)
  const partition = field('partition') ?? ''
  const index = partitionIndex(partition, hub.partitionCount)
  if (index === undefined) throw errors.partitionOutOfRange(name, hub.partitionCount)
  return { status: 200, description: 'OK', body: describePartition(context, hub, index) }
}

/** By a claim of the connection, or by the token that most clients put into the request itself. */
function authorize(authority: Authority, claims: Claims, name: string, token: string | undefined): LocalHub {
  const { directory, errors } = authority
  const claim = claims.find(name, undefined) ?? (token === undefined ? undefined : verifyToken(token, name, authority))
  if (!claim) throw errors.missingRight('Listen', `${name}/$management`)
  const hub = directory.hub(claim.namespace, name)
  if (!hub) throw errors.notFound(name)
  return hub
}

/** Types matter: the clients in Go, Java and .NET take nothing else. */
function describeHub(hub: LocalHub): Buffer {
  const ids = Array.from({ length: hub.partitionCount }, (_, i) => String(i))
  return toMap({
    name: encodeString(hub.name),
    type: encodeString(HUB),
    created_at: encodeTimestamp(hub.createdAt),
    partition_count: encodeInt(hub.partitionCount),
    partition_ids: encodeStringArray(ids),
    georeplication_factor: encodeInt(1),
  })
}

function describePartition({ store, clock }: BrokerContext, hub: LocalHub, partition: number): Buffer {
  const state = store.partition(hub, partition).state()
  return toMap({
    name: encodeString(hub.name),
    type: encodeString(PARTITION),
    partition: encodeString(String(partition)),
    begin_sequence_number: encodeLong(state.beginSequenceNumber),
    last_enqueued_sequence_number: encodeLong(state.lastSequenceNumber),
    last_enqueued_offset: encodeString(String(state.lastOffset)),
    last_enqueued_time_utc: encodeTimestamp(state.lastEnqueuedTimeMs),
    runtime_info_retrieval_time_utc: encodeTimestamp(clock.now()),
    is_partition_empty: encodeBoolean(state.isEmpty),
  })
}

const toMap = (fields: Readonly<Record<string, Buffer>>): Buffer =>
  encodeMap(Object.entries(fields).flatMap(([name, value]) => [encodeString(name), value]))
