import { sameName } from '../../../lib/names.ts'
import type { Call } from '../call.ts'
import { KafkaError } from '../errors.ts'
import type { Group } from '../groups/group.ts'
import type { Member } from '../groups/member.ts'
import { KafkaReader } from '../wire/bytes.ts'

/** Throws KafkaError where the connection may read no hub at all: groups are those of the namespace. */
export function checkGroupRight({ session }: Call): void {
  if (!session.claims.hasSomewhere('Listen')) throw refusal('The key of this connection has no right to listen')
}

/**
 * Throws KafkaError where the group is about hubs that the connection may not read: it has offsets in them, or members
 * that want them. A hub's key opens that hub alone.
 */
export function checkWholeGroup(call: Call, groupId: string): void {
  checkGroupRight(call)
  const { groups } = call.broker
  const { namespace } = call.session
  if (isOfNamespace(call)) return
  const isOpen =
    groups.offsetsOf(namespace, groupId).every(({ name }) => mayRead(call, name)) &&
    (groups.find(namespace, groupId)?.members ?? []).every((member) => readsOnlyOpen(call, member))
  if (!isOpen) throw refusal('The group is about other event hubs, too')
}

/** Throws KafkaError where the connection may not end the member. Its own it may end, whatever that one reads. */
export function checkMember(call: Call, member: Member): void {
  const isOwn = member.client.connection === call.session.signal
  if (isOwn || isOfNamespace(call) || readsOnlyOpen(call, member)) return
  throw refusal('The member is about other event hubs')
}

/** Whether a member wants the topic. One that says so in other words than Kafka's consumers wants it, to be sure. */
export const subscribes = ({ members, protocol }: Group, topic: string): boolean =>
  members.some((member) => {
    const topics = topicsIn(member.metadata(protocol))
    return !topics || topics.some((one) => sameName(one, topic))
  })

/** What no hub's name covers. */
const isOfNamespace = (call: Call): boolean => mayRead(call, '')

const mayRead = ({ session }: Call, hub: string): boolean => session.claims.find(hub, 'Listen') !== undefined

/** In the terms of each protocol, as the group may not have chosen one yet. */
const readsOnlyOpen = (call: Call, { protocols }: Member): boolean =>
  protocols.every(({ metadata }) => topicsIn(metadata)?.every((topic) => mayRead(call, topic)))

/**
 * Undefined where it is in other words than those of Kafka's consumers.
 * https://kafka.apache.org/protocol.html#The_Messages_ConsumerProtocolSubscription
 */
function topicsIn(metadata: Buffer): readonly string[] | undefined {
  const reader = new KafkaReader()
  reader.open(metadata, 0, metadata.length)
  try {
    reader.int16() // The version: what follows is the same in all of them.
    const count = reader.int32()
    reader.expectList(count, 2)
    return Array.from({ length: count }, () => reader.text(reader.int16()))
  } catch {
    return undefined
  }
}

const refusal = (message: string): KafkaError => new KafkaError('groupAuthorizationFailed', message)
