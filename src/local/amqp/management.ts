import type { DecodedMessage } from '../encoding/message.ts'
import {
  encodeBoolean,
  encodeInt,
  encodeLong,
  encodeMap,
  encodeString,
  encodeStringArray,
  encodeTimestamp,
} from '../encoding/writer.ts'
import { type Claims, verifyToken } from '../hubs/access.ts'
import type { LocalHub } from '../hubs/directory.ts'
import { HubError } from '../hubs/errors.ts'
import { type Hubs, needPartition } from '../hubs/hubs.ts'
import { notSupported } from './refusals.ts'
import type { Reply } from './request-node.ts'

const HUB = 'com.microsoft:eventhub'
const PARTITION = 'com.microsoft:partition'

/** Answers a READ of a hub or a partition. Throws HubError or Refusal. */
export function answerManagement(hubs: Hubs, claims: Claims, request: DecodedMessage): Reply {
  const field = (name: string): string | undefined => {
    const value = request.applicationProperties.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const type = field('type')
  const name = field('name') ?? ''
  if (field('operation') !== 'READ') throw notSupported(`The management operation '${field('operation')}' is`)
  const hub = authorize(hubs, claims, name, field('security_token'))
  if (type === HUB) return { status: 200, description: 'OK', body: describeHub(hub) }
  if (type !== PARTITION) throw notSupported(`The management type '${type}' is`)
  const index = needPartition(hub, field('partition') ?? '', name)
  return { status: 200, description: 'OK', body: describePartition(hubs, hub, index) }
}

/** By a claim of the connection, or by the token that most clients put into the request itself. */
function authorize(hubs: Hubs, claims: Claims, name: string, token: string | undefined): LocalHub {
  const claim = claims.find(name, undefined) ?? (token === undefined ? undefined : verifyToken(token, name, hubs))
  if (!claim) throw new HubError({ because: 'missing-right', right: 'Listen', path: `${name}/$management` })
  const hub = hubs.directory.hub(claim.namespace, name)
  if (!hub) throw new HubError({ because: 'not-found', path: name })
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

function describePartition(hubs: Hubs, hub: LocalHub, partition: number): Buffer {
  const state = hubs.partition(hub, partition).state()
  return toMap({
    name: encodeString(hub.name),
    type: encodeString(PARTITION),
    partition: encodeString(String(partition)),
    begin_sequence_number: encodeLong(state.beginSequenceNumber),
    last_enqueued_sequence_number: encodeLong(state.lastSequenceNumber),
    last_enqueued_offset: encodeString(String(state.lastOffset)),
    last_enqueued_time_utc: encodeTimestamp(state.lastEnqueuedTimeMs),
    runtime_info_retrieval_time_utc: encodeTimestamp(hubs.clock.now()),
    is_partition_empty: encodeBoolean(state.isEmpty),
  })
}

const toMap = (fields: Readonly<Record<string, Buffer>>): Buffer =>
  encodeMap(Object.entries(fields).flatMap(([name, value]) => [encodeString(name), value]))
