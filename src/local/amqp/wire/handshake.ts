import { encodeMap, encodeString, encodeSymbol } from '../../encoding/writer.ts'
import { type ForeignProtocol, headerOf, MAX_FRAME_BYTES } from './frame-reader.ts'
import type { AmqpError } from './link.ts'
import { encodePerformative, type FieldsOf, type Performative } from './performatives.ts'

/** What is said before the first session. */

const HTTP_BODY = 'AMQP over WebSockets and HTTP are not served here. Use the AMQP TCP transport.\n'

/** What a client hears that speaks another protocol. The header is that of the layer that we do speak. */
export const ANSWERS: Readonly<Partial<Record<ForeignProtocol, Buffer>>> = {
  http: Buffer.from(
    `HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain\r\nContent-Length: ${HTTP_BODY.length}\r\nConnection: close\r\n\r\n${HTTP_BODY}`,
  ),
  'amqp-0-9': headerOf('sasl'),
}

/**
 * Like the service, we learn by CBS who the client is, after the handshake. MSSBCBS is the name that .NET uses for
 * that. PLAIN carries a rule's name and key.
 */
export const MECHANISMS = ['MSSBCBS', 'PLAIN', 'ANONYMOUS', 'EXTERNAL'] as const

/** Codes of the outcome (AMQP 1.0 part 5, section 5.3.3.6). */
export const OUTCOME = { ok: 0, auth: 1 } as const

/**
 * The outcome for what a client has sent; undefined where it is to be asked for more. `onPassword` decides about a name
 * and a password.
 */
export function outcomeOf(
  sent: Extract<Performative, { readonly name: 'sasl-init' | 'sasl-response' }>,
  onPassword: (user: string, password: string) => boolean,
): number | undefined {
  const mechanism = sent.name === 'sasl-init' ? sent.fields.mechanism : 'PLAIN'
  if (!MECHANISMS.some((known) => known === mechanism)) return OUTCOME.auth
  if (mechanism !== 'PLAIN') return OUTCOME.ok
  const response = sent.name === 'sasl-init' ? sent.fields.initialResponse : sent.fields.response
  if (!response) return undefined
  const [, user = '', password = ''] = response.toString('utf8').split('\0')
  return onPassword(user, password) ? OUTCOME.ok : OUTCOME.auth
}

export const CHANNEL_MAX = 4_999
/**
 * What we ask of a client. It has twice as long before we give it up: "the value in idle-time-out SHOULD be half the
 * peer's actual timeout threshold" (AMQP 1.0 part 2, section 2.4.5).
 */
export const IDLE_TIMEOUT_MS = 240_000
/** A client gets signs of life at half of the time that it asks for, within these bounds. */
const CLIENT_IDLE_MS = { shortest: 100, longest: IDLE_TIMEOUT_MS }
/** The smallest limit of a frame that AMQP allows (part 2, section 2.3.1). */
const SMALLEST_FRAME_BYTES = 512
const PROPERTIES = encodeMap([encodeSymbol('product'), encodeString('Local Event Hubs of ml-ingest')])

export const encodeOpen = (containerId: string): Buffer =>
  encodePerformative('open', {
    ...{ containerId, maxFrameSize: MAX_FRAME_BYTES, channelMax: CHANNEL_MAX },
    ...{ idleTimeOut: IDLE_TIMEOUT_MS, properties: PROPERTIES },
  })

export interface AskedByOpen {
  readonly frameBytes: number
  /** Undefined where the client needs no signs of life. */
  readonly heartbeatMs: number | undefined
  /** Clients of Event Hubs say there what they are; empty where one does not. */
  readonly userAgent: string
}

/** What the client's open asks of us, or why it is refused. */
export function readOpen({
  maxFrameSize = MAX_FRAME_BYTES,
  idleTimeOut = 0,
  properties,
}: FieldsOf<'open'>): AskedByOpen | AmqpError {
  if (maxFrameSize < SMALLEST_FRAME_BYTES) {
    const description = `A max-frame-size of ${maxFrameSize}; the smallest is ${SMALLEST_FRAME_BYTES}`
    return { condition: 'amqp:invalid-field', description }
  }
  const idleMs = Math.min(Math.max(idleTimeOut, CLIENT_IDLE_MS.shortest), CLIENT_IDLE_MS.longest)
  const userAgent = properties?.get('user-agent')
  return {
    frameBytes: maxFrameSize,
    heartbeatMs: idleTimeOut > 0 ? idleMs / 2 : undefined,
    userAgent: typeof userAgent === 'string' ? userAgent : '',
  }
}
