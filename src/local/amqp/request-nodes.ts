import { type DecodedMessage, decodeMessage, SECTION } from '../encoding/message.ts'
import {
  encodeBoolean,
  encodeInt,
  encodeList,
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeStringArray,
  encodeSymbol,
  encodeTimestamp,
  NULL,
} from '../encoding/writer.ts'
import { type Claims, verifyToken } from '../hubs/access.ts'
import type { LocalHub } from '../hubs/directory.ts'
import { HubError } from '../hubs/errors.ts'
import { type Hubs, needPartition } from '../hubs/hubs.ts'
import { notSupported, type Refusal } from './refusals.ts'
import type { Delivery, InboundLink, OutboundLink } from './wire/link.ts'

/** Places in the properties section (AMQP 1.0 part 3, section 3.2.4). */
const MESSAGE_ID = 0
const REPLY_TO = 4
/** How many bytes of replies wait on one connection whose client gives no credit for them. */
const MOST_WAITING_BYTES = 256 * 1024

export interface Reply {
  readonly status: number
  readonly description: string
  /** Encoded. Replies that only say how it went have none. */
  readonly body?: Buffer
}

interface ReplyLink {
  readonly link: OutboundLink
  readonly waiting: Buffer[]
}

/** `$cbs` or `$management` on one connection: requests come on one link, and the answers go out on another. */
export class RequestNode {
  readonly #replyLinks = new Set<ReplyLink>()
  readonly #answer: (request: DecodedMessage) => Reply
  readonly #refusalOf: (error: unknown) => Refusal
  #waitingBytes = 0

  /** `answer` may throw; `refusalOf` says what the client is told then. */
  constructor(answer: (request: DecodedMessage) => Reply, refusalOf: (error: unknown) => Refusal) {
    this.#answer = answer
    this.#refusalOf = refusalOf
  }

  openRequests(link: InboundLink, maxMessageBytes: number): void {
    link.accept({ maxMessageBytes, onTransfer: (delivery) => this.#onRequest(link, delivery) })
  }

  openReplies(link: OutboundLink): void {
    const replies: ReplyLink = { link, waiting: [] }
    this.#replyLinks.add(replies)
    link.onClose(() => {
      this.#replyLinks.delete(replies)
      while (replies.waiting.length > 0) this.#take(replies)
    })
    link.accept({
      onReady: () => {
        while (replies.waiting.length > 0 && link.room() > 0) link.send([this.#take(replies)])
        return replies.waiting.length === 0
      },
    })
  }

  #onRequest(link: InboundLink, delivery: Delivery): void {
    let request: DecodedMessage
    try {
      request = decodeMessage(delivery.raw)
    } catch (error) {
      return delivery.reject({ condition: 'amqp:decode-error', description: (error as Error).message })
    }
    delivery.accept()
    const replies = this.#replyLinkFor(request.properties[REPLY_TO]?.value, link)
    if (!replies) return
    if (this.#waitingBytes > MOST_WAITING_BYTES) {
      return replies.link.close({
        condition: 'amqp:resource-limit-exceeded',
        description: 'Too many replies are not fetched',
      })
    }
    const reply = encodeReply(request.properties[MESSAGE_ID]?.bytes, this.#reply(request))
    this.#waitingBytes += reply.length
    replies.waiting.push(reply)
    replies.link.wake()
  }

  #take({ waiting }: ReplyLink): Buffer {
    const reply = waiting.shift()!
    this.#waitingBytes -= reply.length
    return reply
  }

  #reply(request: DecodedMessage): Reply & { readonly condition?: string } {
    try {
      return this.#answer(request)
    } catch (error) {
      const { status, message, condition } = this.#refusalOf(error)
      return { status, description: message, condition }
    }
  }

  /** Clients name the link by its target's address or by its own name; some name it by neither. */
  #replyLinkFor(replyTo: unknown, { session }: InboundLink): ReplyLink | undefined {
    const all = [...this.#replyLinks]
    return (
      all.find(({ link }) => link.request.target === replyTo || link.request.name === replyTo) ??
      all.find(({ link }) => link.session === session)
    )
  }
}

function encodeReply(messageId: Buffer | undefined, reply: Reply & { readonly condition?: string }): Buffer {
  const { status, description, condition } = reply
  // Hyphens for most clients; the one in Python reads the text of an error under the other spelling.
  const properties = ['status-code', 'statusCode'].flatMap((name) => [encodeString(name), encodeInt(status)])
  for (const name of ['status-description', 'statusDescription'])
    properties.push(encodeString(name), encodeString(description))
  if (condition !== undefined) {
    for (const name of ['error-condition', 'errorCondition'])
      properties.push(encodeString(name), encodeSymbol(condition))
  }
  return Buffer.concat([
    encodeSection(SECTION.properties, encodeList([NULL, NULL, NULL, NULL, NULL, messageId ?? NULL])),
    encodeSection(SECTION.applicationProperties, encodeMap(properties)),
    encodeSection(SECTION.value, reply.body ?? NULL),
  ])
}

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
  // An empty partition begins at its last number, also when all its events have expired, and at -1 when it is new:
  // https://github.com/MicrosoftLearning/mslearn-azure-developer/issues/70
  const begin = state.isEmpty ? state.lastSequenceNumber : state.beginSequenceNumber
  return toMap({
    name: encodeString(hub.name),
    type: encodeString(PARTITION),
    partition: encodeString(String(partition)),
    begin_sequence_number: encodeLong(begin),
    last_enqueued_sequence_number: encodeLong(state.lastSequenceNumber),
    last_enqueued_offset: encodeString(String(state.lastOffset)),
    last_enqueued_time_utc: encodeTimestamp(state.lastEnqueuedTimeMs),
    runtime_info_retrieval_time_utc: encodeTimestamp(hubs.clock.now()),
    is_partition_empty: encodeBoolean(state.isEmpty),
  })
}

const toMap = (fields: Readonly<Record<string, Buffer>>): Buffer =>
  encodeMap(Object.entries(fields).flatMap(([name, value]) => [encodeString(name), value]))
