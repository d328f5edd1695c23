import { decodeMessage, type DecodedMessage, SECTION } from '../encoding/message.ts'
import {
  encodeInt,
  encodeList,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  NULL,
} from '../encoding/writer.ts'
import type { Refusal } from './refusals.ts'
import type { Delivery, InboundLink, OutboundLink } from './wire/link.ts'

/** Places in the properties section (AMQP 1.0 part 3, section 3.2.4). */
const MESSAGE_ID = 0
const REPLY_TO = 4
/** Replies kept for a client that gives no credit for them. */
const MOST_WAITING = 1_000

export interface Reply {
  readonly status: number
  readonly description: string
  /** Encoded; absent in replies that only say how it went. */
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
    link.onClose(() => this.#replyLinks.delete(replies))
    link.accept({
      onReady: () => {
        while (replies.waiting.length > 0 && link.room() > 0) link.send(replies.waiting.shift()!)
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
    if (replies.waiting.length >= MOST_WAITING) {
      return replies.link.close({
        condition: 'amqp:resource-limit-exceeded',
        description: 'Too many replies are not fetched',
      })
    }
    replies.waiting.push(encodeReply(request.properties[MESSAGE_ID]?.bytes, this.#reply(request)))
    replies.link.wake()
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
