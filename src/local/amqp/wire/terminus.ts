import { AmqpReader, type Described } from '../../encoding/reader.ts'
import { encodeList, encodeSection, NULL } from '../../encoding/writer.ts'
import type { AttachRequest } from './link.ts'
import { type FieldsOf, type FieldType, isOfType } from './performatives.ts'

const COMMON = ['string', 'uint', 'symbol', 'uint', 'boolean', 'map'] as const
/** Place of the filter in a source. */
const FILTER = 7

/** The two ends of a link: the code and the name of the descriptor, and the types of the fields (part 3, section 3.5). */
const TERMINI = {
  source: {
    ...{ code: 0x28, symbol: 'amqp:source:list' },
    fields: [...COMMON, 'symbol', 'map', 'described', 'symbols', 'symbols'],
  },
  target: { code: 0x29, symbol: 'amqp:target:list', fields: [...COMMON, 'symbols'] },
} as const satisfies Readonly<Record<string, { code: number; symbol: string; fields: readonly FieldType[] }>>
type End = keyof typeof TERMINI

/** The fields of a source or target as encoded. Undefined where there is none, or another thing: a coordinator. */
function fieldsOf(end: End, encoded: Buffer | undefined): readonly Buffer[] | undefined {
  if (!encoded) return undefined
  const { code, symbol } = TERMINI[end]
  const reader = new AmqpReader(encoded, 1)
  const descriptor = reader.read()
  if (descriptor !== code && descriptor !== symbol) return undefined
  const list = reader.constructorCode()
  if (list !== 0x45 && list !== 0xc0 && list !== 0xd0) return undefined
  const fields: Buffer[] = []
  reader.compound(list, () => fields.push(reader.encoded()))
  return fields
}

/**
 * The client's source or target for the answer to its attach: each field in the type that it had. One of a wrong type is
 * left out, not sent back. Clients take an answer without one for a refusal, so an absent one is answered by an empty
 * one.
 */
export function echoTerminus(end: End, encoded: Buffer | undefined, mostFields = Infinity): Buffer {
  const { code, fields } = TERMINI[end]
  const sent = fieldsOf(end, encoded)?.slice(0, mostFields) ?? []
  return encodeSection(code, encodeList(fields.map((type, i) => (isOfType(type, sent[i]?.[0]) ? sent[i]! : NULL))))
}

/** What the client asks for. Throws MalformedAmqp. */
export function readRequest(attach: FieldsOf<'attach'>): AttachRequest {
  const source = fieldsOf('source', attach.source)
  const target = fieldsOf('target', attach.target)
  return {
    name: attach.name,
    source: text(decode(source?.[0])),
    target: text(decode(target?.[0])),
    selector: readSelector(decode(source?.[FILTER])),
    properties: attach.properties ?? new Map(),
    desiredCapabilities: attach.desiredCapabilities ?? [],
  }
}

/** Clients use three different descriptors for the filter. All mean the text in it. */
function readSelector(filter: unknown): string | undefined {
  if (!(filter instanceof Map)) return undefined
  for (const value of filter.values()) {
    const content = text(value) ?? text((value as Partial<Described> | null)?.value)
    if (content !== undefined) return content
  }
  return undefined
}

const decode = (encoded: Buffer | undefined): unknown => (encoded ? new AmqpReader(encoded).read() : undefined)

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
