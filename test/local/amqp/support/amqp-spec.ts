import { checkComposite, composite, type Composite } from './amqp-spec-composites.ts'
import { isNull, numberOf, Reader, SpecViolation, type Typed } from './amqp-spec-types.ts'

/**
 * The frames of AMQP 1.0 as its specification defines them, to check every one that our server sends. Written from the
 * tables of the specification and from nothing of the code under test.
 * Performatives: https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-performatives
 * SASL: https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-security-v1.0-os.html#section-sasl
 */

const CAPABILITIES = 'offered-capabilities:symbol[] desired-capabilities:symbol[] properties:fields'

const PERFORMATIVES: readonly Composite[] = [
  composite(
    0x10,
    'open',
    `container-id:string! hostname:string max-frame-size:uint channel-max:ushort idle-time-out:milliseconds
     outgoing-locales:symbol[] incoming-locales:symbol[] ${CAPABILITIES}`,
  ),
  composite(
    0x11,
    'begin',
    `remote-channel:ushort next-outgoing-id:sequence-no! incoming-window:uint! outgoing-window:uint! handle-max:handle
     ${CAPABILITIES}`,
  ),
  composite(
    0x12,
    'attach',
    `name:string! handle:handle! role:role! snd-settle-mode:sender-settle-mode rcv-settle-mode:receiver-settle-mode
     source:<source> target:<target> unsettled:unsettled incomplete-unsettled:boolean
     initial-delivery-count:sequence-no max-message-size:ulong ${CAPABILITIES}`,
  ),
  composite(
    0x13,
    'flow',
    `next-incoming-id:sequence-no incoming-window:uint! next-outgoing-id:sequence-no! outgoing-window:uint!
     handle:handle delivery-count:sequence-no link-credit:uint available:uint drain:boolean echo:boolean
     properties:fields`,
  ),
  composite(
    0x14,
    'transfer',
    `handle:handle! delivery-id:delivery-number delivery-tag:delivery-tag message-format:message-format
     settled:boolean more:boolean rcv-settle-mode:receiver-settle-mode state:<delivery-state> resume:boolean
     aborted:boolean batchable:boolean`,
  ),
  composite(
    0x15,
    'disposition',
    'role:role! first:delivery-number! last:delivery-number settled:boolean state:<delivery-state> batchable:boolean',
  ),
  composite(0x16, 'detach', 'handle:handle! closed:boolean error:<error>'),
  composite(0x17, 'end', 'error:<error>'),
  composite(0x18, 'close', 'error:<error>'),
]
const SASL: readonly Composite[] = [
  composite(0x40, 'sasl-mechanisms', 'sasl-server-mechanisms:symbol[]!'),
  composite(0x41, 'sasl-init', 'mechanism:symbol! initial-response:binary hostname:string'),
  composite(0x42, 'sasl-challenge', 'challenge:binary!'),
  composite(0x43, 'sasl-response', 'response:binary!'),
  composite(0x44, 'sasl-outcome', 'code:sasl-code! additional-data:binary'),
]
/** "The maximum size of a SASL frame is defined by MIN-MAX-FRAME-SIZE" (part 5, section 5.3.1). */
export const MIN_MAX_FRAME_SIZE = 512

/** A frame that was checked. */
export interface CheckedFrame {
  readonly name: string
  readonly channel: number
  readonly fields: readonly Typed[]
  /** What stands behind the fields of a transfer. */
  readonly payload: Buffer
}

/** The frame as its performative, checked field by field. Throws SpecViolation. Heartbeats have none. */
export function checkFrame(frame: Buffer): CheckedFrame | undefined {
  const [size, offset, type] = [frame.readUInt32BE(0), frame[4]! * 4, frame[5]!]
  if (size !== frame.length || offset < 8 || offset > size)
    throw new SpecViolation('A frame with a wrong size or offset')
  if (type > 1) throw new SpecViolation(`A frame of type ${type}`)
  if (type === 1 && size > MIN_MAX_FRAME_SIZE) throw new SpecViolation(`A SASL frame of ${size} bytes`)
  if (offset === size) {
    if (type === 1) throw new SpecViolation('A SASL frame without a body')
    return undefined
  }
  const reader = new Reader(frame, offset)
  const { name, fields } = checkComposite(reader.read(), type === 1 ? SASL : PERFORMATIVES, 'frame')
  if (!reader.done && name !== 'transfer') throw new SpecViolation(`${name} has bytes behind its fields`)
  RULES[name]?.(fields)
  return { name, channel: frame.readUInt16BE(6), fields, payload: frame.subarray(reader.at) }
}

/** What the specification says of fields beside their types. */
const RULES: Readonly<Record<string, (fields: readonly Typed[]) => void>> = {
  /** Section 2.7.1. */
  open: ([, , maxFrameSize]) => {
    if (!isNull(maxFrameSize) && numberOf(maxFrameSize) < MIN_MAX_FRAME_SIZE)
      throw new SpecViolation('open.max-frame-size is below 512')
  },
  /** "initial-delivery-count: MUST NOT be null if role is sender" (section 2.7.3). */
  attach: ([, , role, , , , , , , count]) => {
    if (numberOf(role!) === 0n && isNull(count))
      throw new SpecViolation('attach.initial-delivery-count is mandatory for a sender')
  },
  /** "When the handle field is not set, this field MUST NOT be set"; the count is set with it (section 2.7.4). */
  flow: (fields) => {
    const [, , , , handle, count, credit, available, drain] = fields
    if (!isNull(handle)) {
      if (isNull(count)) throw new SpecViolation('flow.delivery-count is mandatory with a handle')
      return
    }
    const set = [count, credit, available].some((field) => !isNull(field)) || (!isNull(drain) && numberOf(drain) === 1n)
    if (set) throw new SpecViolation('flow states a link without its handle')
  },
  /** The first id is the lower one (section 2.7.6). */
  disposition: ([, first, last]) => {
    if (!isNull(last) && ((numberOf(last) - numberOf(first!)) & 0xffffffffn) > 0x7fffffffn)
      throw new SpecViolation('disposition.last is before its first')
  },
}
