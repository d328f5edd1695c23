/**
 * AMQP 1.0 as its specification defines it, to check every frame that our server sends. Written from the tables of the
 * specification and from nothing of the code under test.
 * Types: https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html
 * Performatives: https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-performatives
 * Source, target, outcomes: https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html
 * SASL: https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-security-v1.0-os.html#section-sasl
 */

/** A frame that no strict client would take. */
export class SpecViolation extends Error {}

/** A value with the type that its bytes state. */
export interface Typed {
  /** The constructor byte. */
  readonly code: number
  readonly type: string
  /** Of a described type. */
  readonly descriptor?: Typed
  /** The elements of a list, the keys and values of a map in turn, the elements of an array; else the content. */
  readonly items: readonly Typed[]
  readonly content: Buffer
}

/** Part 1, section 1.6. The high half of a constructor says how long the value is. */
const PRIMITIVES: Readonly<Record<number, string>> = {
  ...{ 0x40: 'null', 0x56: 'boolean', 0x41: 'boolean', 0x42: 'boolean' },
  ...{ 0x50: 'ubyte', 0x60: 'ushort', 0x70: 'uint', 0x52: 'uint', 0x43: 'uint', 0x80: 'ulong', 0x53: 'ulong' },
  ...{ 0x44: 'ulong', 0x51: 'byte', 0x61: 'short', 0x71: 'int', 0x54: 'int', 0x81: 'long', 0x55: 'long' },
  ...{ 0x72: 'float', 0x82: 'double', 0x74: 'decimal32', 0x84: 'decimal64', 0x94: 'decimal128' },
  ...{ 0x73: 'char', 0x83: 'timestamp', 0x98: 'uuid', 0xa0: 'binary', 0xb0: 'binary', 0xa1: 'string' },
  ...{ 0xb1: 'string', 0xa3: 'symbol', 0xb3: 'symbol', 0x45: 'list', 0xc0: 'list', 0xd0: 'list' },
  ...{ 0xc1: 'map', 0xd1: 'map', 0xe0: 'array', 0xf0: 'array' },
}
const FIXED_WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 }

class Reader {
  readonly #bytes: Buffer
  at: number
  readonly #end: number

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.at = at
    this.#end = end
  }

  get done(): boolean {
    return this.at === this.#end
  }

  read(): Typed {
    const code = this.#unsigned(1)
    if (code !== 0) return this.#readAs(code)
    const descriptor = this.read()
    return { ...this.read(), descriptor }
  }

  #readAs(code: number): Typed {
    const type = PRIMITIVES[code]
    if (type === undefined) throw new SpecViolation(`0x${code.toString(16)} is no constructor`)
    const fixed = FIXED_WIDTHS[code >> 4]
    const sizeWidth = (code >> 4) % 2 === 0 ? 1 : 4
    const content = this.#take(fixed ?? this.#unsigned(sizeWidth))
    if (fixed !== undefined || code < 0xc0) return { code, type, items: [], content }
    const inner = new Reader(content)
    const count = inner.#unsigned(sizeWidth)
    const element = type === 'array' ? inner.#constructorOfArray() : undefined
    const items = Array.from({ length: count }, () =>
      element ? { ...inner.#readAs(element.code), ...element.descriptor } : inner.read(),
    )
    if (!inner.done) throw new SpecViolation(`A ${type} is longer than its elements`)
    if (type === 'map' && count % 2 === 1) throw new SpecViolation('A map has a key without a value')
    return { code, type, items, content }
  }

  #constructorOfArray(): { readonly code: number; readonly descriptor: Pick<Typed, 'descriptor'> } {
    const code = this.#unsigned(1)
    if (code !== 0) return { code, descriptor: {} }
    const descriptor = this.read()
    return { code: this.#unsigned(1), descriptor: { descriptor } }
  }

  #unsigned(width: number): number {
    return this.#take(width).readUIntBE(0, width)
  }

  #take(size: number): Buffer {
    if (this.at + size > this.#end) throw new SpecViolation('A value is longer than what holds it')
    this.at += size
    return this.#bytes.subarray(this.at - size, this.at)
  }
}

/** `!` marks a mandatory field, `[]` one that may hold several; `<source>` is a composite type of this name or group. */
type Field = string

interface Composite {
  readonly name: string
  readonly code: number
  readonly fields: readonly (readonly [name: string, type: Field])[]
}

/** `address *` in a table of the specification is written `address:*` here. */
const composite = (code: number, name: string, fields: string): Composite => ({
  name,
  code,
  fields: fields
    .split(/\s+/)
    .filter((field) => field !== '')
    .map((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)] as const),
})

const CAPABILITIES = 'offered-capabilities:symbol[] desired-capabilities:symbol[] properties:fields'
const TERMINUS = `address:* durable:uint expiry-policy:symbol timeout:uint dynamic:boolean dynamic-node-properties:fields`

const PERFORMATIVES: readonly Composite[] = [
  composite(
    0x10,
    'open',
    `container-id:string! hostname:string max-frame-size:uint channel-max:ushort idle-time-out:uint
     outgoing-locales:symbol[] incoming-locales:symbol[] ${CAPABILITIES}`,
  ),
  composite(
    0x11,
    'begin',
    `remote-channel:ushort next-outgoing-id:uint! incoming-window:uint! outgoing-window:uint! handle-max:uint ${CAPABILITIES}`,
  ),
  composite(
    0x12,
    'attach',
    `name:string! handle:uint! role:boolean! snd-settle-mode:ubyte rcv-settle-mode:ubyte source:<source>
     target:<target> unsettled:map incomplete-unsettled:boolean initial-delivery-count:uint max-message-size:ulong
     ${CAPABILITIES}`,
  ),
  composite(
    0x13,
    'flow',
    `next-incoming-id:uint incoming-window:uint! next-outgoing-id:uint! outgoing-window:uint! handle:uint
     delivery-count:uint link-credit:uint available:uint drain:boolean echo:boolean properties:fields`,
  ),
  composite(
    0x14,
    'transfer',
    `handle:uint! delivery-id:uint delivery-tag:binary message-format:uint settled:boolean more:boolean
     rcv-settle-mode:ubyte state:<delivery-state> resume:boolean aborted:boolean batchable:boolean`,
  ),
  composite(
    0x15,
    'disposition',
    'role:boolean! first:uint! last:uint settled:boolean state:<delivery-state> batchable:boolean',
  ),
  composite(0x16, 'detach', 'handle:uint! closed:boolean error:<error>'),
  composite(0x17, 'end', 'error:<error>'),
  composite(0x18, 'close', 'error:<error>'),
]
const SASL: readonly Composite[] = [
  composite(0x40, 'sasl-mechanisms', 'sasl-server-mechanisms:symbol[]!'),
  composite(0x41, 'sasl-init', 'mechanism:symbol! initial-response:binary hostname:string'),
  composite(0x42, 'sasl-challenge', 'challenge:binary!'),
  composite(0x43, 'sasl-response', 'response:binary!'),
  composite(0x44, 'sasl-outcome', 'code:ubyte! additional-data:binary'),
]
const OUTCOMES: readonly Composite[] = [
  composite(0x24, 'accepted', ''),
  composite(0x25, 'rejected', 'error:<error>'),
  composite(0x26, 'released', ''),
  composite(0x27, 'modified', 'delivery-failed:boolean undeliverable-here:boolean message-annotations:fields'),
]
const GROUPS: Readonly<Record<string, readonly Composite[]>> = {
  '<error>': [composite(0x1d, 'error', 'condition:symbol! description:string info:fields')],
  '<source>': [
    composite(
      0x28,
      'source',
      `${TERMINUS} distribution-mode:symbol filter:filter-set default-outcome:<outcome> outcomes:symbol[]
       capabilities:symbol[]`,
    ),
  ],
  '<target>': [composite(0x29, 'target', `${TERMINUS} capabilities:symbol[]`)],
  '<outcome>': OUTCOMES,
  '<delivery-state>': [...OUTCOMES, composite(0x23, 'received', 'section-number:uint! section-offset:ulong!')],
}

/** The frame as its performative, checked field by field. Throws SpecViolation. Heartbeats have none. */
export function checkFrame(frame: Buffer): { readonly name: string; readonly fields: readonly Typed[] } | undefined {
  const [size, offset, type] = [frame.readUInt32BE(0), frame[4]! * 4, frame[5]!]
  if (size !== frame.length || offset < 8 || offset > size)
    throw new SpecViolation('A frame with a wrong size or offset')
  if (type > 1) throw new SpecViolation(`A frame of type ${type}`)
  if (offset === size) return undefined
  const reader = new Reader(frame, offset)
  const value = reader.read()
  const { name, fields } = checkComposite(value, type === 1 ? SASL : PERFORMATIVES, 'frame')
  if (!reader.done && name !== 'transfer') throw new SpecViolation(`${name} has bytes behind its fields`)
  if (name === 'attach') checkAttach(fields)
  return { name, fields }
}

/** "initial-delivery-count: MUST NOT be null if role is sender" (part 2, section 2.7.3). */
function checkAttach([, , role, , , , , , , count]: readonly Typed[]): void {
  const isReceiver = role!.code === 0x41 || role!.content[0] === 1
  if (!isReceiver && (count === undefined || count.type === 'null')) {
    throw new SpecViolation('attach.initial-delivery-count is mandatory for a sender')
  }
}

function checkComposite(
  value: Typed,
  allowed: readonly Composite[],
  where: string,
): { name: string; fields: readonly Typed[] } {
  const { descriptor } = value
  if (!descriptor) throw new SpecViolation(`${where}: a ${value.type} in place of a described list`)
  const found = allowed.find(({ name, code }) => describes(descriptor, name, code))
  if (!found || descriptor.descriptor) throw new SpecViolation(`${where}: a wrong descriptor, ${show(descriptor)}`)
  if (value.type !== 'list') throw new SpecViolation(`${found.name} is a ${value.type} and no list`)
  if (value.items.length > found.fields.length) throw new SpecViolation(`${found.name} has too many fields`)
  for (const [i, [name, type]] of found.fields.entries()) checkField(value.items[i], type, `${found.name}.${name}`)
  return { name: found.name, fields: value.items }
}

function describes({ type, content }: Typed, name: string, code: number): boolean {
  if (type === 'symbol') return content.toString('latin1') === `amqp:${name}:list`
  return type === 'ulong' && BigInt(`0x${content.toString('hex') || '0'}`) === BigInt(code)
}

function checkField(value: Typed | undefined, field: Field, where: string): void {
  const type = field.replace('!', '')
  if (value === undefined || value.type === 'null') {
    if (field.endsWith('!')) throw new SpecViolation(`${where} is mandatory`)
    return
  }
  if (type === '*') return
  if (type.startsWith('<')) return void checkComposite(value, GROUPS[type]!, where)
  if (value.descriptor) throw new SpecViolation(`${where} has a descriptor`)
  if (type.endsWith('[]')) {
    const all = value.type === 'array' ? value.items : [value]
    if (all.every((item) => item.type === type.slice(0, -2) && !item.descriptor)) return
    throw new SpecViolation(`${where} is neither a ${type.slice(0, -2)} nor an array of them, but ${show(value)}`)
  }
  const isMap = type === 'fields' || type === 'filter-set'
  if (value.type !== (isMap ? 'map' : type)) throw new SpecViolation(`${where} is a ${value.type} and no ${type}`)
  if (isMap && value.items.some((item, i) => i % 2 === 0 && item.type !== 'symbol')) {
    throw new SpecViolation(`${where} has a key that is no symbol`)
  }
}

const show = ({ type, content }: Typed): string => `${type} ${content.toString('hex').slice(0, 40)}`
