import { AmqpReader, DESCRIPTOR, MalformedAmqp } from './reader.ts'

/** Low bytes of the descriptors of a message's sections (AMQP 1.0 part 3, section 3.2). */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const

const SYMBOLS: Readonly<Record<string, number>> = {
  'amqp:header:list': SECTION.header,
  'amqp:delivery-annotations:map': SECTION.deliveryAnnotations,
  'amqp:message-annotations:map': SECTION.messageAnnotations,
  'amqp:properties:list': SECTION.properties,
  'amqp:application-properties:map': SECTION.applicationProperties,
  'amqp:data:binary': SECTION.data,
  'amqp:amqp-sequence:list': SECTION.sequence,
  'amqp:value:*': SECTION.value,
  'amqp:footer:map': SECTION.footer,
}

const NULL_CODE = 0x40
const LISTS = new Set([0x45, 0xc0, 0xd0])
const MAPS = new Set([0xc1, 0xd1])
/** An event without a body has a null in place of its bytes: https://github.com/Azure/azure-sdk-for-js/pull/29832 */
const BINARIES = new Set([NULL_CODE, 0xa0, 0xb0])
const SHAPES: Readonly<Record<number, ReadonlySet<number>>> = {
  [SECTION.header]: LISTS,
  [SECTION.deliveryAnnotations]: MAPS,
  [SECTION.messageAnnotations]: MAPS,
  [SECTION.properties]: LISTS,
  [SECTION.applicationProperties]: MAPS,
  [SECTION.data]: BINARIES,
  [SECTION.sequence]: LISTS,
  [SECTION.footer]: MAPS,
}

/** One section: `start` is at its descriptor, `valueStart` at the constructor of its value. */
export interface Section {
  readonly code: number
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** The sections of the message at `from` in their order, every byte of them checked. Throws MalformedAmqp. */
export const readSections = (message: Buffer, from = 0, to = message.length): Section[] =>
  sectionsOf(new AmqpReader(message, from, to))

/** The sections of what was stored of a message, which were checked when it came. */
export const readStoredSections = (bare: Buffer): Section[] =>
  sectionsOf(new AmqpReader(bare, 0, bare.length, { stored: true }))

function sectionsOf(reader: AmqpReader): Section[] {
  const message = reader.bytes
  const sections: Section[] = []
  let last = 0
  while (!reader.done) {
    const start = reader.at
    const code = readDescriptor(reader)
    const repeatable = code === SECTION.data || code === SECTION.sequence
    const isSecondBody = last >= SECTION.data && last <= SECTION.value && code <= SECTION.value && code !== last
    if (code < last || (code === last && !repeatable) || isSecondBody) {
      throw new MalformedAmqp('The sections of the message are out of order')
    }
    last = code
    const valueStart = reader.at
    if (SHAPES[code]?.has(message[valueStart] ?? 0) === false) {
      throw new MalformedAmqp(`Section 0x${code.toString(16)} of the message has a wrong type`)
    }
    reader.skip()
    sections.push({ code, start, valueStart, end: reader.at })
  }
  return sections
}

function readDescriptor(reader: AmqpReader): number {
  if (reader.byte() !== 0) throw new MalformedAmqp('A section of the message has no descriptor')
  const descriptor = reader.read()
  const code = typeof descriptor === 'string' ? SYMBOLS[descriptor] : descriptor
  if (typeof code !== 'number' || code < SECTION.header || code > SECTION.footer) {
    throw new MalformedAmqp('Not a section of a message')
  }
  return code
}

/** One entry of a map as its encoded bytes, key and value together. */
export interface RawEntry {
  readonly key: unknown
  readonly value: unknown
  readonly bytes: Buffer
}

const NO_BYTES: Buffer = Buffer.alloc(0)
const NO_ENTRIES: readonly RawEntry[] = []

export interface MessageParts {
  /** The header section as sent; empty when there is none. */
  readonly header: Buffer
  readonly annotations: readonly RawEntry[]
  /** Properties, application properties, body and footer, untouched. */
  readonly bare: Buffer
}

/** Takes the message at `from` apart where the broker adds something of its own. Throws MalformedAmqp. */
export function splitMessage(bytes: Buffer, from = 0, to = bytes.length): MessageParts {
  let header = NO_BYTES
  let annotations = NO_ENTRIES
  let bareStart = from
  for (const section of readSections(bytes, from, to)) {
    if (section.code > SECTION.messageAnnotations) break
    if (section.code === SECTION.header) header = bytes.subarray(section.start, section.end)
    if (section.code === SECTION.messageAnnotations) annotations = readEntries(bytes, section)
    bareStart = section.end
  }
  return { header, annotations, bare: bytes.subarray(bareStart, to) }
}

/** The entries of a section that is a map. Throws MalformedAmqp. */
function readEntries(message: Buffer, section: Section): RawEntry[] {
  const entries: RawEntry[] = []
  const reader = new AmqpReader(message, section.valueStart, section.end)
  let key: unknown
  let start = 0
  reader.compound(reader.constructorCode(), (index) => {
    if (index % 2 === 0) {
      start = reader.at
      key = reader.read()
    } else {
      entries.push({ key, value: reader.read(), bytes: message.subarray(start, reader.at) })
    }
  })
  return entries
}

/** The entries of a message's annotations. Throws MalformedAmqp. */
export function readAnnotations(message: Buffer, sections: readonly Section[]): readonly RawEntry[] {
  const section = sections.find(({ code }) => code === SECTION.messageAnnotations)
  return section ? readEntries(message, section) : NO_ENTRIES
}

/** Where the bytes of a data section begin; at its end where it holds null. */
export function contentStart(message: Buffer, { valueStart, end }: Section): number {
  const code = message[valueStart]!
  return code === NULL_CODE ? end : valueStart + (code === 0xa0 ? 2 : 5)
}

/** The constructor of a descriptor below 256. */
const SMALL_ULONG = 0x53

/**
 * Where the body begins of an event that has nothing else, as most have: this is far faster than to look for sections.
 * Undefined for any other event.
 */
export function soleBodyStart(bare: Buffer): number | undefined {
  if (bare[0] !== DESCRIPTOR || bare[1] !== SMALL_ULONG || bare[2] !== SECTION.data) return undefined
  if (bare[3] === 0xa0 && bare[4] === bare.length - 5) return 5
  if (bare[3] === 0xb0 && bare.readUInt32BE(4) === bare.length - 8) return 8
  return undefined
}

/**
 * The body for those who know bytes alone: what the data sections hold, and other bodies as they are encoded. Null where
 * there is none.
 */
export function bodyBytes(message: Buffer, sections: readonly Section[]): Buffer | null {
  const bodies: Buffer[] = []
  for (const section of sections) {
    const { code, valueStart, end } = section
    if (code === SECTION.sequence || code === SECTION.value) bodies.push(message.subarray(valueStart, end))
    else if (code === SECTION.data && message[valueStart] !== NULL_CODE)
      bodies.push(message.subarray(contentStart(message, section), end))
  }
  return bodies.length > 1 ? Buffer.concat(bodies) : (bodies[0] ?? null)
}

/** The content of a binary, a string or a symbol; undefined for any other value. */
export function contentOfVariable(encoded: Buffer): Buffer | undefined {
  const code = encoded[0]!
  if (code === 0xa0 || code === 0xa1 || code === 0xa3) return encoded.subarray(2)
  return code === 0xb0 || code === 0xb1 || code === 0xb3 ? encoded.subarray(5) : undefined
}

/** A message with everything decoded, for requests and for showing events to people. */
export interface DecodedMessage {
  /** Elements of the properties section by position, as encoded bytes and as values. */
  readonly properties: readonly { readonly bytes: Buffer; readonly value: unknown }[]
  readonly applicationProperties: ReadonlyMap<unknown, unknown>
  /** A Buffer for a data body, null for an empty one, an array for a sequence, the value itself otherwise. */
  readonly body: unknown
}

/** Decodes all of a message. Throws MalformedAmqp. */
export function decodeMessage(message: Buffer): DecodedMessage {
  let properties: DecodedMessage['properties'] = []
  let applicationProperties: ReadonlyMap<unknown, unknown> = new Map()
  let body: unknown
  for (const section of readSections(message)) {
    const reader = new AmqpReader(message, section.valueStart, section.end)
    if (section.code === SECTION.properties) properties = readList(reader)
    else if (section.code === SECTION.applicationProperties)
      applicationProperties = reader.read() as Map<unknown, unknown>
    else if (section.code === SECTION.data) {
      const content = reader.read() as Buffer | null
      body = Buffer.isBuffer(body) && content ? Buffer.concat([body, content]) : content
    } else if (section.code === SECTION.sequence) {
      body = [...(Array.isArray(body) ? (body as unknown[]) : []), ...(reader.read() as unknown[])]
    } else if (section.code === SECTION.value) body = reader.read()
  }
  return { properties, applicationProperties, body }
}

function readList(reader: AmqpReader): { bytes: Buffer; value: unknown }[] {
  const elements: { bytes: Buffer; value: unknown }[] = []
  reader.compound(reader.constructorCode(), () => {
    const start = reader.at
    const value = reader.read()
    elements.push({ value, bytes: reader.bytes.subarray(start, reader.at) })
  })
  return elements
}
