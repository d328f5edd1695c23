import { checkFrame, MIN_MAX_FRAME_SIZE, type CheckedFrame } from './amqp-spec.ts'
import { checkMessage } from './amqp-spec-message.ts'
import { isNull, numberOf, SpecViolation, type Typed } from './amqp-spec-types.ts'

/** What follows from earlier frames of a connection (part 2, sections 2.4 to 2.7). */

const HEADERS = ['AMQP\x03\x01\x00\x00', 'AMQP\x00\x01\x00\x00']

/** Every byte that the server sent on one connection, and what the client said of frames that it can take. */
export interface Conversation {
  readonly fromClient: Buffer
  readonly fromServer: Buffer
}

interface OpenDelivery {
  readonly id: bigint
  readonly parts: Buffer[]
}
interface Session {
  readonly handles: Map<bigint, OpenDelivery | undefined>
  lastDeliveryId?: bigint
}

/** How often the server sent each performative. Throws SpecViolation, naming the frame, at the first that is wrong. */
export function checkConversation({ fromClient, fromServer }: Conversation): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const limit = maxFrameSizeOf(fromClient)
  const connection = new ServerSide()
  let frames = 0
  for (const part of partsOf(fromServer)) {
    frames++
    try {
      if (part.isHeader) {
        if (!HEADERS.includes(part.bytes.toString('latin1'))) throw new SpecViolation('A header of another protocol')
        continue
      }
      const frame = checkFrame(part.bytes)
      if (!frame) continue
      if (part.bytes.length > limit)
        throw new SpecViolation(`A frame of ${part.bytes.length} bytes of at most ${limit}`)
      connection.take(frame)
      const name = isDrained(frame) ? 'flow that drained' : frame.name
      counts.set(name, (counts.get(name) ?? 0) + 1)
    } catch (error) {
      throw new SpecViolation(
        `Part ${frames}, ${part.bytes.toString('hex').slice(0, 400)}: ${(error as Error).message}`,
      )
    }
  }
  return counts
}

/** "All available credit has been consumed" (section 2.6.7). */
const isDrained = ({ name, fields: [, , , , , , credit, , drain] }: CheckedFrame): boolean =>
  name === 'flow' && !isNull(drain) && numberOf(drain) === 1n && !isNull(credit) && numberOf(credit) === 0n

/** The server's side of one connection, frame by frame. Each throws SpecViolation. */
export class ServerSide {
  readonly #checkMessage: (message: Buffer) => unknown
  #opened = false
  #closed = false
  readonly #sessions = new Map<number, Session>()

  /** Messages come back as they were sent: their check can be left out where a client sends nonsense. */
  constructor(check: (message: Buffer) => unknown = checkMessage) {
    this.#checkMessage = check
  }

  take({ name, channel, fields, payload }: CheckedFrame): void {
    if (name.startsWith('sasl')) return
    if (this.#closed) throw new SpecViolation(`${name} after close`)
    if (name === 'open' ? this.#opened : !this.#opened)
      throw new SpecViolation(`${name} where open belongs, or open twice`)
    if (name === 'open') this.#opened = true
    else if (name === 'close') this.#closed = true
    else if (name === 'begin') this.#begin(channel, fields)
    else this.#inSession(name, channel, fields, payload)
  }

  /** "When an endpoint responds to a remotely initiated session, the remote-channel MUST be set" (2.7.2). */
  #begin(channel: number, [remoteChannel]: readonly Typed[]): void {
    if (isNull(remoteChannel)) throw new SpecViolation('begin.remote-channel is missing in an answer')
    if (this.#sessions.has(channel)) throw new SpecViolation(`begin on channel ${channel}, which is in use`)
    this.#sessions.set(channel, { handles: new Map() })
  }

  #inSession(name: string, channel: number, fields: readonly Typed[], payload: Buffer): void {
    const session = this.#sessions.get(channel)
    if (!session) throw new SpecViolation(`${name} on channel ${channel}, which has no session`)
    if (name === 'end') this.#sessions.delete(channel)
    if (name === 'attach') {
      const handle = numberOf(fields[1]!)
      if (session.handles.has(handle)) throw new SpecViolation(`attach of handle ${handle}, which is in use`)
      session.handles.set(handle, undefined)
    }
    if (name === 'flow') {
      if (isNull(fields[0])) throw new SpecViolation('flow.next-incoming-id is missing after begin')
      if (!isNull(fields[4])) attached(session, fields[4], name)
    }
    if (name === 'detach') {
      attached(session, fields[0]!, name)
      session.handles.delete(numberOf(fields[0]!))
    }
    if (name === 'transfer') this.#transfer(session, fields, payload)
  }

  /** The id, tag and format of a delivery are in its first transfer; ids follow each other (2.7.5). */
  #transfer(session: Session, fields: readonly Typed[], payload: Buffer): void {
    const [handle, id, tag, format, , more, , , , aborted] = fields
    attached(session, handle!, 'transfer')
    const open = session.handles.get(numberOf(handle!))
    if (!open) {
      if (isNull(id) || isNull(tag) || isNull(format))
        throw new SpecViolation('The first transfer of a delivery lacks its id, tag or format')
      const expected = session.lastDeliveryId === undefined ? undefined : (session.lastDeliveryId + 1n) & 0xffffffffn
      if (expected !== undefined && numberOf(id) !== expected)
        throw new SpecViolation(`delivery-id ${numberOf(id)} where ${expected} is next`)
      session.lastDeliveryId = numberOf(id)
    } else if (!isNull(id) && numberOf(id) !== open.id) throw new SpecViolation('Two deliveries are mixed on one link')
    const delivery = open ?? { id: numberOf(id!), parts: [] }
    delivery.parts.push(payload)
    const goesOn = !isNull(more) && numberOf(more) === 1n
    session.handles.set(numberOf(handle!), goesOn ? delivery : undefined)
    if (!goesOn && (isNull(aborted) || numberOf(aborted) === 0n)) this.#checkMessage(Buffer.concat(delivery.parts))
  }
}

function attached(session: Session, handle: Typed, name: string): void {
  if (!session.handles.has(numberOf(handle))) throw new SpecViolation(`${name} on a handle that is not attached`)
}

/** Headers and frames, one after the other. Bytes that are neither are a violation. */
export function* partsOf(bytes: Buffer): Iterable<{ readonly isHeader: boolean; readonly bytes: Buffer }> {
  for (let at = 0; at < bytes.length;) {
    const isHeader = bytes.toString('latin1', at, at + 4) === 'AMQP'
    const size = isHeader ? 8 : bytes.length - at < 8 ? 0 : bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) throw new SpecViolation(`Bytes that are no whole frame at ${at}`)
    yield { isHeader, bytes: bytes.subarray(at, at + size) }
    at += size
  }
}

/** What the client's open says, else no limit. */
function maxFrameSizeOf(fromClient: Buffer): number {
  for (const { isHeader, bytes } of partsOf(fromClient)) {
    if (isHeader || bytes[5] !== 0) continue
    const open = checkFrame(bytes)
    if (open?.name !== 'open') break
    const size = open.fields[2]
    return isNull(size) ? Number.MAX_SAFE_INTEGER : Math.max(Number(numberOf(size)), MIN_MAX_FRAME_SIZE)
  }
  return Number.MAX_SAFE_INTEGER
}
