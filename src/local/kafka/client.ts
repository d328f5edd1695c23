import { Claims } from '../hubs/access.ts'
import type { LocalRule } from '../hubs/directory.ts'
import type { Broker, Handler, Session } from './call.ts'
import type { Peer } from './connection.ts'
import { ERROR, KafkaError, TurnedAway } from './errors.ts'
import { announcedVersions, isOffered } from './requests/api-versions.ts'
import { type Account, answerHandshake, isInForce, signIn } from './sasl.ts'
import { API_VERSIONS, SASL_AUTHENTICATE, SASL_HANDSHAKE } from './wire/apis/session.ts'
import type { Api, Fields } from './wire/codec.ts'
import type { Frame } from './wire/frames.ts'
import type { Head, Messages } from './wire/messages.ts'

/** An API, and who answers it. */
export interface Served {
  readonly api: Api
  readonly handle: Handler<Api>
}

export const served = <Q extends Fields, A extends Fields>(api: Api<Q, A>, handle: Handler<Api<Q, A>>): Served => ({
  api,
  handle,
})

/** What all clients share. */
export interface ClientContext {
  readonly broker: Broker
  /** By their keys. */
  readonly served: ReadonlyMap<number, Served>
  readonly messages: Messages
  /** Tells the log, once of each `what`. */
  readonly tell: (what: string, line: string) => void
}

type Answer = readonly Buffer[] | undefined

/** One connection: who it is, and what answers its requests. */
export class Client {
  readonly #context: ClientContext
  readonly #peer: Peer
  readonly #id: string
  /** What has to come next. */
  #stage: 'handshake' | 'raw token' | 'authenticate' | 'request' = 'handshake'
  #account: Account | undefined
  #session: Session | undefined

  constructor(context: ClientContext, peer: Peer, id: string) {
    this.#context = context
    this.#peer = peer
    this.#id = id
  }

  /** Whose key it has shown; undefined before that. */
  get namespace(): string | undefined {
    return this.#session?.namespace
  }

  /** Throws MalformedRequest, TurnedAway, and what a handler throws. */
  async answer(frame: Frame): Promise<Answer> {
    const { messages, served, broker } = this.#context
    if (this.#stage === 'raw token') return this.#answerRawToken(frame)
    const head = messages.readHead(frame)
    if (head.apiKey === API_VERSIONS.key) return this.#answerApiVersions(head)
    if (head.apiKey === SASL_HANDSHAKE.key) return this.#answerHandshake(head)
    if (head.apiKey === SASL_AUTHENTICATE.key) return this.#answerAuthenticate(head)
    if (!this.#session) throw new TurnedAway('no-sign-in', NO_SIGN_IN)
    const { version, clientId } = head
    const one = served.get(head.apiKey)
    if (!one || !isOffered(one.api, version, broker.range)) throw notOffered(head)
    const request = messages.readBody(one.api, head)
    const response = await one.handle(request, { broker, session: this.#session, version, clientId })
    return response && messages.write(one.api, head, response)
  }

  /** Ends the connection if it was opened with what holds no longer. */
  followRules(rules: readonly LocalRule[]): void {
    const { directory } = this.#context.broker.hubs
    if (this.#account && !isInForce(this.#account, rules, directory)) this.#peer.socket.destroy()
  }

  /**
   * A version that we do not know is answered in version 0, with what we offer: https://cwiki.apache.org/confluence/x/5guOBw
   * (KIP-511).
   */
  #answerApiVersions(head: Head): Answer {
    const { messages, served, broker } = this.#context
    const isKnown = isOffered(API_VERSIONS, head.version, broker.range)
    if (isKnown) messages.readBody(API_VERSIONS, head)
    const all = [...served.values()].map(({ api }) => api)
    const apiKeys = [...all, API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE].flatMap((api) => {
      const versions = announcedVersions(api, broker.range)
      return versions ? [{ apiKey: api.key, minVersion: versions[0], maxVersion: versions[1] }] : []
    })
    const errorCode = isKnown ? ERROR.none : ERROR.unsupportedVersion
    return messages.write(API_VERSIONS, isKnown ? head : { ...head, version: 0 }, { errorCode, apiKeys })
  }

  #answerHandshake(head: Head): Answer {
    const { messages, broker } = this.#context
    if (!isOffered(SASL_HANDSHAKE, head.version, broker.range)) throw notOffered(head)
    const answer = answerHandshake(messages.readBody(SASL_HANDSHAKE, head).mechanism)
    if (this.#stage !== 'handshake')
      return messages.write(SASL_HANDSHAKE, head, { ...answer, errorCode: ERROR.illegalSaslState })
    if (answer.errorCode !== ERROR.none) this.#peer.endAfterAnswer()
    this.#stage = head.version === 0 ? 'raw token' : 'authenticate'
    return messages.write(SASL_HANDSHAKE, head, answer)
  }

  #answerAuthenticate(head: Head): Answer {
    const { messages, broker } = this.#context
    if (!isOffered(SASL_AUTHENTICATE, head.version, broker.range)) throw notOffered(head)
    const { authBytes } = messages.readBody(SASL_AUTHENTICATE, head)
    const refused = this.#stage === 'authenticate' ? this.#signIn(authBytes) : OUT_OF_TURN
    const { code = ERROR.none, message = null } = refused ?? {}
    return messages.write(SASL_AUTHENTICATE, head, { errorCode: code, errorMessage: message, authBytes: NOTHING })
  }

  /** After the first version of the handshake the tokens come by themselves, and there is no answer that refuses one. */
  #answerRawToken({ bytes, start, end }: Frame): Answer {
    const refused = this.#signIn(bytes.subarray(start, end))
    if (refused) throw new TurnedAway('refused-sign-in', refusedSignIn(refused))
    return this.#context.messages.writeToken(NOTHING)
  }

  /** Returns why not. */
  #signIn(token: Buffer): KafkaError | undefined {
    try {
      this.#open(signIn(token, this.#context.broker.hubs.directory))
      return undefined
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      this.#context.tell('refused-sign-in', refusedSignIn(error))
      this.#peer.endAfterAnswer()
      return error
    }
  }

  #open(account: Account): void {
    const { socket, signal } = this.#peer
    const claims = new Claims(this.#context.broker.hubs)
    claims.add(account.claim)
    this.#account = account
    this.#session = {
      ...{ id: this.#id, claims, namespace: account.claim.namespace, signal, readers: new WeakMap() },
      address: { host: plainAddress(socket.localAddress), port: socket.localPort ?? 0 },
      clientHost: `/${plainAddress(socket.remoteAddress)}`,
      mute: (ms) => this.#peer.mute(ms),
      afterAnswer: (done) => this.#peer.afterAnswer(done),
    }
    this.#stage = 'request'
    this.#peer.allowLarge()
  }
}

const NOTHING = Buffer.alloc(0)
const NO_SIGN_IN =
  'A Kafka client did not sign in and was turned away: it needs security.protocol=SASL_PLAINTEXT and sasl.mechanism=PLAIN'
const OUT_OF_TURN = new KafkaError('illegalSaslState', 'The mechanism comes first, and signing in only once')

const refusedSignIn = ({ message }: KafkaError): string => `A Kafka client could not sign in: ${message}`

const notOffered = ({ apiKey, version }: Head): TurnedAway =>
  new TurnedAway(
    `not-offered ${apiKey}`,
    `A Kafka client asked for API ${apiKey} in version ${version}, which is not offered`,
  )

/** An address of IPv4 on a socket of IPv6 looks like one of IPv6. */
const plainAddress = (address = ''): string => address.replace(/^::ffff:/i, '')
