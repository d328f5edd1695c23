import { AmqpReader, MalformedAmqp } from '../../encoding/reader.ts'

export const DESCRIBED = 0x00
const NULL = 0x40

/** Constructor codes of each type that fields of performatives have (AMQP 1.0 part 1, section 1.6). */
const TYPES = {
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
  described: [DESCRIBED],
  any: undefined,
} as const
export type FieldType = keyof typeof TYPES

interface Shape {
  readonly name: string
  readonly fields: readonly FieldType[]
  /** Places of the fields that must not be null. */
  readonly mandatory: readonly number[]
}

const PROPERTIES = ['symbols', 'symbols', 'map'] as const

/**
 * The performatives that a client may send, by the code of their descriptor (part 2, section 2.7; part 5, section 5.3).
 */
const SHAPES: Readonly<Record<number, Shape>> = {
  0x10: {
    name: 'open',
    fields: ['string', 'string', 'uint', 'ushort', 'uint', 'symbols', 'symbols', ...PROPERTIES],
    mandatory: [0],
  },
  0x11: { name: 'begin', fields: ['ushort', 'uint', 'uint', 'uint', 'uint', ...PROPERTIES], mandatory: [1, 2, 3] },
  0x12: {
    name: 'attach',
    fields: [
      ...(['string', 'uint', 'boolean', 'ubyte', 'ubyte', 'described', 'described', 'map', 'boolean', 'uint'] as const),
      ...(['ulong', ...PROPERTIES] as const),
    ],
    mandatory: [0, 1, 2],
  },
  0x13: {
    name: 'flow',
    fields: ['uint', 'uint', 'uint', 'uint', 'uint', 'uint', 'uint', 'uint', 'boolean', 'boolean', 'map'],
    mandatory: [1, 2, 3],
  },
  0x14: {
    name: 'transfer',
    fields: [
      ...(['uint', 'uint', 'binary', 'uint', 'boolean', 'boolean', 'ubyte', 'described'] as const),
      ...(['boolean', 'boolean', 'boolean'] as const),
    ],
    mandatory: [0],
  },
  0x15: {
    name: 'disposition',
    fields: ['boolean', 'uint', 'uint', 'boolean', 'described', 'boolean'],
    mandatory: [0, 1],
  },
  0x16: { name: 'detach', fields: ['uint', 'boolean', 'described'], mandatory: [0] },
  0x17: { name: 'end', fields: ['described'], mandatory: [] },
  0x18: { name: 'close', fields: ['described'], mandatory: [] },
  0x41: { name: 'sasl-init', fields: ['symbol', 'binary', 'string'], mandatory: [0] },
  0x43: { name: 'sasl-response', fields: ['binary'], mandatory: [0] },
}
const BY_SYMBOL = new Map(Object.values(SHAPES).map((shape) => [`amqp:${shape.name}:list`, shape]))

const TERMINUS = ['any', 'uint', 'symbol', 'uint', 'boolean', 'map'] as const

/** Fields of the two ends of a link (part 3, section 3.5). */
export const SOURCE_FIELDS: readonly FieldType[] = [...TERMINUS, 'symbol', 'map', 'described', 'symbols', 'symbols']
export const TARGET_FIELDS: readonly FieldType[] = [...TERMINUS, 'symbols']

/** Whether a value with this constructor fits a field; a missing one does not. */
export function isOfType(type: FieldType, code: number | undefined): boolean {
  const allowed: readonly number[] | undefined = TYPES[type]
  return code !== undefined && (allowed === undefined || allowed.includes(code))
}

/**
 * Checks that a client may send the performative at `start`, and that its fields have the types of the specification.
 * The engine does not check them and would fail on a wrong one later. Throws MalformedAmqp.
 */
export function checkPerformative(bytes: Buffer, start: number, end: number): void {
  const reader = new AmqpReader(bytes, start, end)
  if (reader.byte() !== DESCRIBED) throw new MalformedAmqp('A frame without a performative')
  const descriptor = reader.read()
  const shape = typeof descriptor === 'number' ? SHAPES[descriptor] : BY_SYMBOL.get(String(descriptor))
  if (!shape) throw new MalformedAmqp('A frame with an unknown performative')
  const code = reader.constructorCode()
  if (code !== 0x45 && code !== 0xc0 && code !== 0xd0)
    throw new MalformedAmqp(`The fields of ${shape.name} are not a list`)
  let present = 0
  reader.compound(code, (index) => {
    checkField(shape, index, bytes[reader.at])
    reader.skip()
    present++
  })
  if (shape.mandatory.some((index) => index >= present))
    throw new MalformedAmqp(`A mandatory field of ${shape.name} is missing`)
}

function checkField({ name, fields, mandatory }: Shape, index: number, code: number | undefined): void {
  const type = fields[index]
  if (!type) throw new MalformedAmqp(`Too many fields in ${name}`)
  const isAllowed = code === NULL ? !mandatory.includes(index) : isOfType(type, code)
  if (!isAllowed) throw new MalformedAmqp(`Field ${index} of ${name} has a wrong type`)
}
