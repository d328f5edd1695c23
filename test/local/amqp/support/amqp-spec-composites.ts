import { isNull, numberOf, show, SpecViolation, textOf, type Typed } from './amqp-spec-types.ts'

/**
 * The composite and restricted types of AMQP 1.0, as the tables of its specification give them:
 * https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html
 * https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html
 */

/** `!` marks a mandatory field, `[]` one that may hold several; `<source>` is a composite type of this name or group. */
type Field = string

/** A described list with named fields. */
export interface Composite {
  readonly name: string
  readonly code: number
  readonly fields: readonly (readonly [name: string, type: Field])[]
}

/** `name:type` for each field, in order. */
export const composite = (code: number, name: string, fields: string): Composite => ({
  name,
  code,
  fields: fields
    .split(/\s+/)
    .filter((field) => field !== '')
    .map((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)] as const),
})

const TERMINUS = `address:address durable:terminus-durability expiry-policy:terminus-expiry-policy timeout:seconds
  dynamic:boolean dynamic-node-properties:fields`

const OUTCOMES: readonly Composite[] = [
  composite(0x24, 'accepted', ''),
  composite(0x25, 'rejected', 'error:<error>'),
  composite(0x26, 'released', ''),
  composite(0x27, 'modified', 'delivery-failed:boolean undeliverable-here:boolean message-annotations:fields'),
]
const GROUPS: Readonly<Record<string, readonly Composite[]>> = {
  '<error>': [composite(0x1d, 'error', 'condition:error-condition! description:string info:fields')],
  '<source>': [
    composite(
      0x28,
      'source',
      `${TERMINUS} distribution-mode:std-dist-mode filter:filter-set default-outcome:<outcome> outcomes:symbol[]
       capabilities:symbol[]`,
    ),
  ],
  '<target>': [composite(0x29, 'target', `${TERMINUS} capabilities:symbol[]`)],
  '<outcome>': OUTCOMES,
  '<delivery-state>': [...OUTCOMES, composite(0x23, 'received', 'section-number:uint! section-offset:ulong!')],
}

const CONDITIONS = [
  ...['internal-error', 'not-found', 'unauthorized-access', 'decode-error', 'resource-limit-exceeded', 'not-allowed'],
  ...['invalid-field', 'not-implemented', 'resource-locked', 'precondition-failed', 'resource-deleted'],
  ...['illegal-state', 'frame-size-too-small', 'connection:forced', 'connection:framing-error', 'connection:redirect'],
  ...['session:window-violation', 'session:errant-link', 'session:handle-in-use', 'session:unattached-handle'],
  ...['link:detach-forced', 'link:transfer-limit-exceeded', 'link:message-size-exceeded', 'link:redirect'],
  'link:stolen',
].map((name) => `amqp:${name}`)

interface Restricted {
  /** The type that carries it. */
  readonly source: string
  readonly allows?: (value: Typed) => boolean
}
const upTo = (source: string, most: bigint): Restricted => ({ source, allows: (value) => numberOf(value) <= most })
const oneOf = (...names: readonly string[]): Restricted => ({
  source: 'symbol',
  allows: (value) => names.includes(textOf(value)),
})
const keysOf = ({ items }: Typed): readonly Typed[] => items.filter((_, i) => i % 2 === 0)
const valuesOf = ({ items }: Typed): readonly Typed[] => items.filter((_, i) => i % 2 === 1)
const hasKeys = (value: Typed, ...types: readonly string[]): boolean =>
  keysOf(value).every((key) => types.includes(key.type) && !key.descriptor)

const RESTRICTED: Readonly<Record<string, Restricted>> = {
  role: { source: 'boolean' },
  handle: { source: 'uint' },
  seconds: { source: 'uint' },
  milliseconds: { source: 'uint' },
  'delivery-number': { source: 'uint' },
  'sequence-no': { source: 'uint' },
  'message-format': { source: 'uint' },
  'sender-settle-mode': upTo('ubyte', 2n),
  'receiver-settle-mode': upTo('ubyte', 1n),
  'terminus-durability': upTo('uint', 2n),
  'sasl-code': upTo('ubyte', 4n),
  'terminus-expiry-policy': oneOf('link-detach', 'session-end', 'connection-close', 'never'),
  'std-dist-mode': oneOf('move', 'copy'),
  address: { source: 'string' },
  'delivery-tag': { source: 'binary', allows: ({ content }) => content.length <= 32 },
  /** Others than AMQP's own are for the server to name. */
  'error-condition': {
    source: 'symbol',
    allows: (value) => CONDITIONS.includes(textOf(value)) || /^(?!amqp:)[\w.-]+:/.test(textOf(value)),
  },
  fields: { source: 'map', allows: (value) => hasKeys(value, 'symbol') },
  annotations: { source: 'map', allows: (value) => hasKeys(value, 'symbol', 'ulong') },
  'application-properties': {
    source: 'map',
    allows: (value) =>
      hasKeys(value, 'string') && valuesOf(value).every(({ type }) => !['map', 'list', 'array'].includes(type)),
  },
  unsettled: { source: 'map', allows: (value) => hasKeys(value, 'binary') },
  /**
   * Values are of a described type or null (part 3, section 3.5.8). A client that sends another, as some do, gets its
   * own filter back, so this is not held against the server.
   */
  'filter-set': { source: 'map', allows: (value) => hasKeys(value, 'symbol') },
}
const MESSAGE_ID = ['ulong', 'uuid', 'binary', 'string']

/** Checks a described list field by field, and says which of the allowed ones it is. Throws SpecViolation. */
export function checkComposite(
  value: Typed,
  allowed: readonly Composite[],
  where: string,
): { readonly name: string; readonly fields: readonly Typed[] } {
  const { descriptor } = value
  if (!descriptor) throw new SpecViolation(`${where}: a ${value.type} in place of a described list`)
  const found = allowed.find(({ name, code }) => describes(descriptor, `amqp:${name}:list`, code))
  if (!found) throw new SpecViolation(`${where}: a wrong descriptor, ${show(descriptor)}`)
  if (value.type !== 'list') throw new SpecViolation(`${found.name} is a ${value.type} and no list`)
  if (value.items.length > found.fields.length) throw new SpecViolation(`${found.name} has too many fields`)
  for (const [i, [name, type]] of found.fields.entries()) checkField(value.items[i], type, `${found.name}.${name}`)
  return { name: found.name, fields: value.items }
}

/** Whether a descriptor is this one, in its symbolic or its numeric form. */
export function describes(descriptor: Typed, symbol: string, code: number): boolean {
  if (descriptor.descriptor) return false
  if (descriptor.type === 'symbol') return textOf(descriptor) === symbol
  return descriptor.type === 'ulong' && numberOf(descriptor) === BigInt(code)
}

/** Checks one value against the type of a field. Throws SpecViolation. */
export function checkField(value: Typed | undefined, field: Field, where: string): void {
  const type = field.replace('!', '')
  if (isNull(value)) {
    if (field.endsWith('!')) throw new SpecViolation(`${where} is mandatory`)
    return
  }
  if (type.startsWith('<')) return void checkComposite(value, GROUPS[type]!, where)
  if (value.descriptor) throw new SpecViolation(`${where} has a descriptor`)
  if (type.endsWith('[]')) return checkMultiple(value, type.slice(0, -2), where)
  if (type === 'message-id') {
    if (!MESSAGE_ID.includes(value.type)) throw new SpecViolation(`${where} is a ${value.type} and no message id`)
    return
  }
  const { source, allows } = RESTRICTED[type] ?? { source: type }
  if (value.type !== source) throw new SpecViolation(`${where} is a ${value.type} and no ${source}`)
  if (allows && !allows(value)) throw new SpecViolation(`${where} is no ${type}: ${describeValue(value)}`)
}

/** "A single value, or an array of them" (part 1, section 1.4). */
function checkMultiple(value: Typed, type: string, where: string): void {
  const all = value.type === 'array' ? value.items : [value]
  if (all.every((item) => item.type === type && !item.descriptor)) return
  throw new SpecViolation(`${where} is neither a ${type} nor an array of them, but ${show(value)}`)
}

const describeValue = (value: Typed): string =>
  value.type === 'symbol' || value.type === 'string' ? textOf(value) : show(value)
