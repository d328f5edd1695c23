import { AmqpReader, DESCRIPTOR, MalformedAmqp } from '../../encoding/reader.ts'
import {
  encodeBinary,
  encodeBoolean,
  encodeList,
  encodeSection,
  encodeString,
  encodeSymbol,
  encodeSymbolArray,
  encodeUbyte,
  encodeUint,
  encodeUlong,
  encodeUshort,
  NULL,
} from '../../encoding/writer.ts'

const NULL_CODE = 0x40

/** Constructor codes of each type that fields have (AMQP 1.0 part 1, section 1.6). */
const CODES = {
  boolean: [0x41, 0x42, 0x56],
  ubyte: [0x50],
  ushort: [0x60],
  uint: [0x43, 0x52, 0x70],
  ulong: [0x44, 0x53, 0x80],
  string: [0xa1, 0xb1],
  symbol: [0xa3, 0xb3],
  symbols: [0xa3, 0xb3, 0xe0, 0xf0],
  binary: [0xa0, 0xb0],
  map: [0xc1, 0xd1],
  described: [DESCRIPTOR],
} as const
export type FieldType = keyof typeof CODES

/** What a field of each type is when it is read. */
interface Decoded {
  boolean: boolean
  ubyte: number
  ushort: number
  uint: number
  ulong: number | bigint
  string: string
  symbol: string
  symbols: readonly string[]
  binary: Buffer
  map: ReadonlyMap<unknown, unknown>
  /** As encoded, with its descriptor. */
  described: Buffer
}

/** What a field of each type is when it is written. */
interface ToEncode extends Omit<Decoded, 'map' | 'ulong'> {
  ulong: number
  /** Encoded. */
  map: Buffer
}

const COMMON = { offeredCapabilities: 'symbols', desiredCapabilities: 'symbols', properties: 'map' } as const

/**
 * The performatives with the code of their descriptor and their fields in order; `!` marks the mandatory ones
 * (AMQP 1.0 part 2, section 2.7; part 5, section 5.3.3).
 */
const PERFORMATIVES = {
  open: {
    code: 0x10,
    fields: {
      ...{ containerId: 'string!', hostname: 'string', maxFrameSize: 'uint', channelMax: 'ushort' },
      ...{ idleTimeOut: 'uint', outgoingLocales: 'symbols', incomingLocales: 'symbols', ...COMMON },
    },
  },
  begin: {
    code: 0x11,
    fields: {
      ...{ remoteChannel: 'ushort', nextOutgoingId: 'uint!', incomingWindow: 'uint!', outgoingWindow: 'uint!' },
      ...{ handleMax: 'uint', ...COMMON },
    },
  },
  attach: {
    code: 0x12,
    fields: {
      ...{ name: 'string!', handle: 'uint!', receives: 'boolean!', sndSettleMode: 'ubyte', rcvSettleMode: 'ubyte' },
      ...{ source: 'described', target: 'described', unsettled: 'map', incompleteUnsettled: 'boolean' },
      ...{ initialDeliveryCount: 'uint', maxMessageSize: 'ulong', ...COMMON },
    },
  },
  flow: {
    code: 0x13,
    fields: {
      ...{ nextIncomingId: 'uint', incomingWindow: 'uint!', nextOutgoingId: 'uint!', outgoingWindow: 'uint!' },
      ...{ handle: 'uint', deliveryCount: 'uint', linkCredit: 'uint', available: 'uint', drain: 'boolean' },
      ...{ echo: 'boolean', properties: 'map' },
    },
  },
  transfer: {
    code: 0x14,
    fields: {
      ...{ handle: 'uint!', deliveryId: 'uint', deliveryTag: 'binary', messageFormat: 'uint', settled: 'boolean' },
      ...{ more: 'boolean', rcvSettleMode: 'ubyte', state: 'described', resume: 'boolean', aborted: 'boolean' },
      ...{ batchable: 'boolean' },
    },
  },
  disposition: {
    code: 0x15,
    fields: {
      ...{ isReceiver: 'boolean!', first: 'uint!', last: 'uint', settled: 'boolean', state: 'described' },
      ...{ batchable: 'boolean' },
    },
  },
  detach: { code: 0x16, fields: { handle: 'uint!', closed: 'boolean', error: 'described' } },
  end: { code: 0x17, fields: { error: 'described' } },
  close: { code: 0x18, fields: { error: 'described' } },
  'sasl-mechanisms': { code: 0x40, fields: { mechanisms: 'symbols!' } },
  'sasl-init': { code: 0x41, fields: { mechanism: 'symbol!', initialResponse: 'binary', hostname: 'string' } },
  'sasl-challenge': { code: 0x42, fields: { challenge: 'binary!' } },
  'sasl-response': { code: 0x43, fields: { response: 'binary!' } },
  'sasl-outcome': { code: 0x44, fields: { code: 'ubyte!', additionalData: 'binary' } },
} as const satisfies Readonly<
  Record<string, { readonly code: number; readonly fields: Readonly<Record<string, FieldType | `${FieldType}!`>> }>
>

type Name = keyof typeof PERFORMATIVES
type TypeOf<Field> = Field extends `${infer Type extends FieldType}!` ? Type : Field extends FieldType ? Field : never

/** The fields of a performative as read; a missing one is `undefined`. */
export type FieldsOf<N extends Name> = {
  readonly [K in keyof (typeof PERFORMATIVES)[N]['fields']]:
    | Decoded[TypeOf<(typeof PERFORMATIVES)[N]['fields'][K]>]
    | ((typeof PERFORMATIVES)[N]['fields'][K] extends FieldType ? undefined : never)
}

/** The fields of a performative to write. Those that are left out are written as null. */
export type FieldsToWrite<N extends Name> = {
  readonly [K in keyof (typeof PERFORMATIVES)[N]['fields']]?:
    ToEncode[TypeOf<(typeof PERFORMATIVES)[N]['fields'][K]>] | undefined
}

/** What a client may send: the answers of SASL are ours alone. */
type SentByClients = Exclude<Name, 'sasl-mechanisms' | 'sasl-challenge' | 'sasl-outcome'>

/** One performative that was read, and where the payload behind it begins. */
export type Performative = {
  readonly [N in SentByClients]: { readonly name: N; readonly fields: FieldsOf<N>; readonly payloadStart: number }
}[SentByClients]

interface Shape {
  readonly name: Name
  readonly fields: readonly { readonly key: string; readonly type: FieldType; readonly mandatory: boolean }[]
  /** One more than the place of the last mandatory field. */
  readonly fewest: number
}

const shapeOf = (name: Name): Shape => {
  const fields = Object.entries<string>(PERFORMATIVES[name].fields).map(([key, type]) => ({
    ...{ key, type: type.replace('!', '') as FieldType, mandatory: type.endsWith('!') },
  }))
  return { name, fields, fewest: fields.findLastIndex(({ mandatory }) => mandatory) + 1 }
}
const NAMES = Object.keys(PERFORMATIVES) as Name[]
const SHAPES = Object.fromEntries(NAMES.map((name) => [name, shapeOf(name)])) as Readonly<Record<Name, Shape>>
const ANSWERS: ReadonlySet<Name> = new Set<Name>(['sasl-mechanisms', 'sasl-challenge', 'sasl-outcome'])
/** By both forms of the descriptor. */
const BY_DESCRIPTOR = new Map<unknown, Shape>(
  NAMES.filter((name) => !ANSWERS.has(name)).flatMap((name) => [
    [PERFORMATIVES[name].code, SHAPES[name]],
    [`amqp:${name}:list`, SHAPES[name]],
  ]),
)

/** Whether a value with this constructor fits a field; a missing one does not. */
export function isOfType(type: FieldType, code: number | undefined): boolean {
  const allowed: readonly number[] = CODES[type]
  return code !== undefined && allowed.includes(code)
}

/**
 * Reads the performative at `start`. Its fields have the types of the specification, and it is one that a client may
 * send. Throws MalformedAmqp.
 */
export function readPerformative(bytes: Buffer, start: number, end: number): Performative {
  const reader = new AmqpReader(bytes, start, end, { checksTexts: true })
  if (reader.byte() !== DESCRIPTOR) throw new MalformedAmqp('A frame without a performative')
  const shape = BY_DESCRIPTOR.get(reader.read())
  if (!shape) throw new MalformedAmqp('A frame with an unknown performative')
  const code = reader.constructorCode()
  if (code !== 0x45 && code !== 0xc0 && code !== 0xd0)
    throw new MalformedAmqp(`The fields of ${shape.name} are not a list`)
  const fields: Record<string, unknown> = {}
  let present = 0
  reader.compound(code, (index) => {
    const field = shape.fields[index]
    if (!field) throw new MalformedAmqp(`Too many fields in ${shape.name}`)
    const fieldCode = bytes[reader.at]
    const isAllowed = fieldCode === NULL_CODE ? !field.mandatory : isOfType(field.type, fieldCode)
    if (!isAllowed) throw new MalformedAmqp(`Field ${index} of ${shape.name} has a wrong type`)
    fields[field.key] = readField(reader, field.type, fieldCode!)
    present++
  })
  if (present < shape.fewest) throw new MalformedAmqp(`A mandatory field of ${shape.name} is missing`)
  return { name: shape.name, fields, payloadStart: reader.at } as unknown as Performative
}

function readField(reader: AmqpReader, type: FieldType, code: number): unknown {
  if (type === 'described' && code === DESCRIPTOR) return reader.encoded()
  const value = reader.read() ?? undefined
  return type !== 'symbols' || value === undefined || Array.isArray(value) ? value : [value]
}

const ENCODERS: { readonly [T in FieldType]: (value: ToEncode[T]) => Buffer } = {
  boolean: encodeBoolean,
  ubyte: encodeUbyte,
  ushort: encodeUshort,
  uint: encodeUint,
  ulong: encodeUlong,
  string: encodeString,
  symbol: encodeSymbol,
  symbols: encodeSymbolArray,
  binary: encodeBinary,
  map: (encoded) => encoded,
  described: (encoded) => encoded,
}

/** A performative with all its fields: clients in Python read them by position and miss those that are left out. */
export function encodePerformative<N extends Name>(name: N, fields: FieldsToWrite<N>): Buffer {
  const values = fields as Readonly<Record<string, unknown>>
  const encoded = SHAPES[name].fields.map(({ key, type }) =>
    values[key] === undefined ? NULL : (ENCODERS[type] as (value: unknown) => Buffer)(values[key]),
  )
  return encodeSection(PERFORMATIVES[name].code, encodeList(encoded))
}

/** Bytes of what `writeTransfer` writes. */
export const TRANSFER_BYTES = 30
const TRANSFER_START = Buffer.from([0, 0x53, PERFORMATIVES.transfer.code, 0xc0, TRANSFER_BYTES - 5, 11])

export interface TransferHead {
  readonly handle: number
  /** Also the delivery tag. */
  readonly deliveryId: number
  readonly settled: boolean
  readonly more: boolean
}

/** The performative that is written for each event, without a buffer of its own. Message format 0. */
export function writeTransfer(bytes: Buffer, at: number, { handle, deliveryId, settled, more }: TransferHead): void {
  bytes.set(TRANSFER_START, at)
  bytes[at + 6] = 0x70
  bytes.writeUInt32BE(handle, at + 7)
  bytes[at + 11] = 0x70
  bytes.writeUInt32BE(deliveryId, at + 12)
  bytes[at + 16] = 0xa0
  bytes[at + 17] = 4
  bytes.writeUInt32BE(deliveryId, at + 18)
  bytes[at + 22] = 0x43
  bytes[at + 23] = settled ? 0x41 : 0x42
  bytes[at + 24] = more ? 0x41 : 0x42
  bytes.fill(NULL_CODE, at + 25, at + 30)
}
