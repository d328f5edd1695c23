import fc from 'fast-check'

/** Encoded AMQP values of every type and width, made without the code under test. */

const u8 = (n: number): Buffer => Buffer.from([n])
const u32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(n)
  return bytes
}
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((a) => Buffer.from(a))
const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts)

const FIXED: readonly (readonly [width: number, codes: readonly number[]])[] = [
  [0, [0x40, 0x41, 0x42, 0x43, 0x44, 0x45]],
  [1, [0x50, 0x51, 0x52, 0x53, 0x54, 0x55]],
  [2, [0x60, 0x61]],
  [4, [0x70, 0x71, 0x72, 0x74]],
  [8, [0x80, 0x81, 0x82, 0x84]],
  [16, [0x94, 0x98]],
]
const fixed = fc.oneof(
  ...FIXED.map(([width, codes]) =>
    fc.tuple(fc.constantFrom(...codes), bytesOf(width)).map(([code, body]) => join(u8(code), body)),
  ),
  fc.boolean().map((value) => Buffer.from([0x56, value ? 1 : 0])),
  fc.integer({ min: 0, max: 0xd7ff }).map((char) => join(u8(0x73), u32(char))),
  fc.integer({ min: 0, max: 4_102_444_800_000 }).map((ms) => {
    const bytes = Buffer.alloc(9)
    bytes[0] = 0x83
    bytes.writeBigInt64BE(BigInt(ms), 1)
    return bytes
  }),
)
const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => Buffer.from(value, 'utf8'))
const ascii = fc.string({ minLength: 1, maxLength: 20 }).map((value) => Buffer.from(value, 'latin1'))
const variable = (short: number, content: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(content, fc.boolean())
    .map(([bytes, wide]) =>
      wide || bytes.length > 255
        ? join(u8(short + 0x10), u32(bytes.length), bytes)
        : join(u8(short), u8(bytes.length), bytes),
    )
const scalar = fc.oneof(
  { weight: 4, arbitrary: fixed },
  variable(
    0xa0,
    fc.uint8Array({ maxLength: 400 }).map((a) => Buffer.from(a)),
  ),
  variable(0xa1, text),
  variable(0xa3, ascii),
)

/** `wide` chooses the form with four bytes of size and count; the short one is not for more than 200 bytes. */
function compound(short: number, elements: readonly Buffer[], wide: boolean, count = elements.length): Buffer {
  const body = join(...elements)
  return wide || body.length > 200 || count > 200
    ? join(u8(short + 0x10), u32(body.length + 4), u32(count), body)
    : join(u8(short), u8(body.length + 1), u8(count), body)
}

const { value } = fc.letrec<{ value: Buffer; compound: Buffer }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, scalar, tie('compound')),
  compound: fc.oneof(
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), fc.boolean()).map(([all, wide]) => compound(0xc0, all, wide)),
    fc
      .tuple(fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }), fc.boolean())
      .map(([all, wide]) => compound(0xc1, all.flat(), wide)),
    fc
      .tuple(fc.array(bytesOf(4), { maxLength: 4 }), fc.boolean())
      .map(([all, wide]) => compound(0xe0, [u8(0x71), ...all], wide, all.length)),
    fc.tuple(variable(0xa3, ascii), tie('value')).map(([descriptor, content]) => join(u8(0), descriptor, content)),
  ),
}))

const SYMBOLS: Readonly<Record<number, string>> = {
  0x70: 'amqp:header:list',
  0x72: 'amqp:message-annotations:map',
  0x73: 'amqp:properties:list',
  0x74: 'amqp:application-properties:map',
  0x75: 'amqp:data:binary',
  0x76: 'amqp:amqp-sequence:list',
  0x77: 'amqp:value:*',
  0x78: 'amqp:footer:map',
}

const descriptor = (code: number): fc.Arbitrary<Buffer> =>
  fc.constantFrom(
    Buffer.from([0, 0x53, code]),
    Buffer.from([0, 0x80, 0, 0, 0, 0, 0, 0, 0, code]),
    join(Buffer.from([0, 0xa3, SYMBOLS[code]!.length]), Buffer.from(SYMBOLS[code]!)),
  )
const section = (code: number, content: fc.Arbitrary<Buffer>) =>
  fc.tuple(descriptor(code), content).map(([head, body]) => join(head, body))
const list = fc.tuple(fc.array(value, { maxLength: 13 }), fc.boolean()).map(([all, wide]) => compound(0xc0, all, wide))
const map = (key: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(fc.array(fc.tuple(key, value), { maxLength: 4 }), fc.boolean())
    .map(([all, wide]) => compound(0xc1, all.flat(), wide))
const optional = (content: fc.Arbitrary<Buffer>) => fc.option(content, { nil: Buffer.alloc(0) })
const symbolKey = variable(
  0xa3,
  ascii.map((key) => join(Buffer.from('note-'), key)),
)

export interface ArbitraryMessage {
  readonly header: Buffer
  /** Encoded entries of the message annotations. */
  readonly entries: readonly Buffer[]
  readonly bare: Buffer
  readonly message: Buffer
}

/** Any message that AMQP 1.0 allows, in all the forms in which it allows it. */
export const arbitraryMessage: fc.Arbitrary<ArbitraryMessage> = fc
  .record({
    header: optional(section(0x70, list)),
    entries: fc.array(
      fc.tuple(symbolKey, value).map((pair) => join(...pair)),
      { maxLength: 4 },
    ),
    annotationsHead: descriptor(0x72),
    properties: optional(section(0x73, list)),
    applicationProperties: optional(section(0x74, map(variable(0xa1, text)))),
    body: fc.oneof(
      fc.array(
        section(
          0x75,
          variable(
            0xa0,
            fc.uint8Array({ maxLength: 600 }).map((a) => Buffer.from(a)),
          ),
        ),
        { minLength: 1, maxLength: 3 },
      ),
      fc.array(section(0x76, list), { minLength: 1, maxLength: 3 }),
      section(0x77, value).map((one) => [one]),
    ),
    footer: optional(section(0x78, map(symbolKey))),
  })
  .map(({ header, entries, annotationsHead, properties, applicationProperties, body, footer }) => {
    const annotations =
      entries.length === 0 ? Buffer.alloc(0) : join(annotationsHead, compound(0xc1, entries, true, entries.length * 2))
    const bare = join(properties, applicationProperties, ...body, footer)
    return { header, entries, bare, message: join(header, annotations, bare) }
  })
