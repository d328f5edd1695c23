import type {
  Frame,
  AttachFields,
  DispositionFields,
  FlowFields,
  RheaSession,
  TransferFields,
} from './rhea-internals.ts'
import type { RheaInbound, RheaOutbound } from './rhea-link.ts'

const HANDLE_MAX = 4_999
/** Any format but 0 makes the engine hand over the bytes of a message instead of decoding it, which loses types. */
const HAND_OVER_BYTES = 1
const TRANSFER = 0x14
/** More than any client leaves unsettled. A wrong range must not keep us busy. */
const MOST_SETTLED_AT_ONCE = 100_000
const SOURCE_AND_TARGET = new Set<unknown>([0x28, 0x29, 'amqp:source:list', 'amqp:target:list'])

type Links = ReadonlyMap<unknown, RheaInbound | RheaOutbound>

/** Corrects, for this session, what rhea does with frames from clients other than rhea. */
export function adaptSession(session: RheaSession, links: Links): void {
  // Clients in Python and Java cannot take null for these two.
  Object.assign((session.local as unknown as { begin: object }).begin, { handle_max: HANDLE_MAX, properties: {} })
  adaptAttach(session)
  adaptTransfer(session, links)
  adaptFlow(session, links)
  adaptOutput(session, links)
  adaptDisposition(session)
}

function adaptAttach(session: RheaSession): void {
  const original = session.on_attach.bind(session)
  session.on_attach = (frame: Frame<AttachFields>) => {
    const { performative } = frame
    if (typeof performative.name !== 'string' || !(performative.handle <= HANDLE_MAX)) {
      throw new Error(`A link needs a name and a handle up to ${HANDLE_MAX}`)
    }
    // This may be a coordinator of transactions. The engine would print that it does not know it.
    for (const end of ['source', 'target'] as const) {
      const terminus = performative[end] as { descriptor?: { value?: unknown } } | null | undefined
      if (terminus && !SOURCE_AND_TARGET.has(terminus.descriptor?.value)) performative[end] = undefined
    }
    separateDirections(session, performative)
    original(frame)
  }
}

/** Two links may have one name when one sends and the other receives. The engine knows them by the name alone. */
function separateDirections(session: RheaSession, { name, role }: AttachFields): void {
  const other = session.links[name]
  if (!other || other.is_receiver() !== role) return
  delete session.links[name]
  other.name = `${name}\0`
  session.links[other.name] = other
}

function adaptTransfer(session: RheaSession, links: Links): void {
  const original = session.on_transfer.bind(session)
  session.on_transfer = (frame: Frame<TransferFields>) => {
    const { performative } = frame
    const engine = session._get_link(frame)
    const link = links.get(engine)
    if (link?.direction === 'outbound') throw new Error('A transfer on a link that receives')
    if (engine.credit <= 0) throw new Error('A transfer without credit')
    const isFirst = (engine as { _incomplete?: unknown })._incomplete === undefined
    const payload = frame.payload ?? Buffer.alloc(0)
    const keep =
      link?.begin(performative.message_format, payload.length, isFirst, performative.aborted === true) ?? false
    // What will be rejected for its size need not be collected.
    frame.payload = keep ? payload : Buffer.alloc(0)
    performative.message_format = HAND_OVER_BYTES
    original(frame)
  }
}

function adaptFlow(session: RheaSession, links: Links): void {
  const original = session.on_flow.bind(session)
  session.on_flow = (frame: Frame<FlowFields>) => {
    const { performative } = frame
    const { handle } = performative
    const engine = typeof handle === 'number' ? session._get_link({ performative: { handle } }) : undefined
    // Only the receiving side can drain; the engine prints a complaint where there is nothing to do.
    if (engine?.is_receiver()) performative.drain = false
    original(frame)
    if (performative.echo === true) session._write_flow(engine)
    wake(session, links)
  }
}

/**
 * Deliveries are settled for the engine as they are sent, because it keeps what only our side has settled. What the
 * client reads in the frame is what it asked for.
 */
function adaptOutput(session: RheaSession, links: Links): void {
  const original = session.output.bind(session)
  session.output = (performative, payload) => {
    if (performative.constructor.descriptor.numeric === TRANSFER) {
      const link = links.get(session.local.handles[(performative as unknown as TransferFields).handle])
      Object.assign(performative, { settled: link?.direction === 'outbound' && link.sendsSettled })
    }
    original(performative, payload)
  }
}

/**
 * Outcomes change nothing: events stay in the log whatever a reader does with them. A reader that waits for our
 * settlement (receiver settles second, like Java) gets it, or it would soon wait for ever.
 */
function adaptDisposition(session: RheaSession): void {
  session.on_disposition = ({ performative }: Frame<DispositionFields>) => {
    const { role, first, settled, state } = performative
    if (!role || settled || !state || typeof first !== 'number') return
    const { outgoing } = session
    const link = Object.values(session.links).find((other) => other?.is_sender())
    if (!link) return
    const last = Math.min(performative.last ?? first, outgoing.next_pending_delivery - 1)
    for (let id = Math.max(first, last - MOST_SETTLED_AT_ONCE); id <= last; id++) outgoing.update({ id, link }, true)
  }
}

function wake(session: RheaSession, links: Links): void {
  for (const link of links.values()) {
    if (link.direction === 'outbound' && link.session === session.local.channel) link.wake()
  }
}
