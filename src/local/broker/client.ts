import type { DecodedMessage } from './amqp/message.ts'
import { parseAddress } from './address.ts'
import { Claims, verifyPassword, verifyToken, type Authority } from './claims.ts'
import type { BrokerContext } from './context.ts'
import { answerManagement } from './management.ts'
import { openReceiver } from './receiver-link.ts'
import { RequestNode, type Reply } from './request-node.ts'
import { openSender } from './sender-link.ts'
import type { AmqpError, InboundLink, OutboundLink, PeerHandler } from './wire/link.ts'

const MOST_REQUEST_BYTES = 64 * 1024

/** One connection: what it may do, and what its links lead to. */
export class Client implements PeerHandler {
  readonly #context: BrokerContext
  readonly #authority: Authority
  readonly #claims: Claims
  readonly #cbs: RequestNode
  readonly #management: RequestNode
  readonly #onClose: () => void

  constructor(context: BrokerContext, onClose: () => void) {
    this.#context = context
    this.#authority = context
    this.#claims = new Claims(context)
    this.#onClose = onClose
    const node = (name: string, answer: (request: DecodedMessage) => Reply) =>
      new RequestNode(answer, (error) => context.toServiceError(error, name))
    this.#cbs = node('$cbs', (request) => this.#putToken(request))
    this.#management = node('$management', (request) =>
      answerManagement(context, this.#authority, this.#claims, request),
    )
  }

  onPassword(user: string, password: string): boolean {
    const claim = verifyPassword(user, password, this.#authority)
    if (claim) this.#claims.add(claim)
    return claim !== undefined
  }

  onInboundLink(link: InboundLink): void {
    const path = link.request.target ?? ''
    this.#refuseOnError(link, path, () => {
      const address = parseAddress(path)
      const { errors } = this.#context
      if (address.kind === 'cbs') this.#cbs.openRequests(link, MOST_REQUEST_BYTES)
      else if (address.kind === 'management') this.#management.openRequests(link, MOST_REQUEST_BYTES)
      else if (address.kind === 'hub') openSender(this.#context, this.#claims, link, undefined)
      else if (address.kind === 'partition') openSender(this.#context, this.#claims, link, address.partition)
      else if (address.kind === 'publisher') throw errors.notSupported('Publisher endpoints are')
      else throw errors.notFound(path)
    })
  }

  onOutboundLink(link: OutboundLink): void {
    const path = link.request.source ?? ''
    this.#refuseOnError(link, path, () => {
      const address = parseAddress(path)
      if (address.kind === 'cbs') this.#cbs.openReplies(link)
      else if (address.kind === 'management') this.#management.openReplies(link)
      else if (address.kind === 'consumer') openReceiver(this.#context, this.#claims, link, address)
      else throw this.#context.errors.notFound(path)
    })
  }

  onClose(): void {
    this.#onClose()
  }

  #putToken({ applicationProperties, body }: DecodedMessage): Reply {
    const operation = applicationProperties.get('operation')
    const audience = applicationProperties.get('name')
    if (operation !== 'put-token') throw this.#context.errors.notSupported(`The operation '${String(operation)}' is`)
    const token = Buffer.isBuffer(body) ? body.toString('utf8') : body
    // The type that the request states is not looked at: the client in Python says jwt of every token.
    const isText = typeof token === 'string' && typeof audience === 'string'
    if (!isText) throw this.#context.errors.malformedToken(String(audience))
    this.#claims.add(verifyToken(token, audience, this.#authority))
    return { status: 202, description: 'Accepted' }
  }

  #refuseOnError(link: { close(error: AmqpError): void }, path: string, open: () => void): void {
    try {
      open()
    } catch (error) {
      link.close(this.#context.toServiceError(error, path).toAmqp())
    }
  }
}
