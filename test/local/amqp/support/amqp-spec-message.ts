import { checkComposite, checkField, composite, describes } from './amqp-spec-composites.ts'
import { Reader, SpecViolation, type Typed } from './amqp-spec-types.ts'

/**
 * A message as part 3 of the specification lays it out:
 * https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html#section-message-format
 */

const HEADER = composite(
  0x70,
  'header',
  'durable:boolean priority:ubyte ttl:milliseconds first-acquirer:boolean delivery-count:uint',
)
const PROPERTIES = composite(
  0x73,
  'properties',
  `message-id:message-id user-id:binary to:address subject:string reply-to:address correlation-id:message-id
   content-type:symbol content-encoding:symbol absolute-expiry-time:timestamp creation-time:timestamp group-id:string
   group-sequence:sequence-no reply-to-group-id:string`,
)

interface Section {
  readonly name: string
  readonly code: number
  /** What the descriptor says behind the name. */
  readonly kind: string
  readonly check: (value: Typed) => void
}
const restricted = (code: number, name: string, kind: string, type: string): Section => ({
  name,
  code,
  kind,
  check: ({ descriptor: _, ...value }) => {
    if (value.type === 'null') throw new SpecViolation(`${name} is null`)
    checkField(value, type, name)
  },
})

/** In the order in which they may come. */
const SECTIONS: readonly Section[] = [
  { name: 'header', code: 0x70, kind: 'list', check: (value) => void checkComposite(value, [HEADER], 'section') },
  restricted(0x71, 'delivery-annotations', 'map', 'annotations'),
  restricted(0x72, 'message-annotations', 'map', 'annotations'),
  {
    name: 'properties',
    code: 0x73,
    kind: 'list',
    check: (value) => void checkComposite(value, [PROPERTIES], 'section'),
  },
  restricted(0x74, 'application-properties', 'map', 'application-properties'),
  restricted(0x75, 'data', 'binary', 'binary'),
  restricted(0x76, 'amqp-sequence', 'list', 'list'),
  { name: 'amqp-value', code: 0x77, kind: '*', check: () => undefined },
  restricted(0x78, 'footer', 'map', 'annotations'),
]
const BODY = ['data', 'amqp-sequence', 'amqp-value']
const REPEATED = ['data', 'amqp-sequence']

/** The names of a message's sections. Throws SpecViolation. */
export function checkMessage(bytes: Buffer): readonly string[] {
  const reader = new Reader(bytes)
  const names: string[] = []
  let last = -1
  while (!reader.done) {
    const value = reader.read()
    const place = SECTIONS.findIndex(
      ({ name, code, kind }) => value.descriptor && describes(value.descriptor, `amqp:${name}:${kind}`, code),
    )
    const section = SECTIONS[place]
    if (!section) throw new SpecViolation('A message with something else than a section')
    if (place < last || (place === last && !REPEATED.includes(section.name)))
      throw new SpecViolation(`${section.name} comes after ${SECTIONS[last]!.name}`)
    section.check(value)
    names.push(section.name)
    last = place
  }
  const kinds = new Set(names.filter((name) => BODY.includes(name)))
  if (kinds.size !== 1) throw new SpecViolation(`A message whose body is ${[...kinds].join(' and ') || 'missing'}`)
  return names
}
