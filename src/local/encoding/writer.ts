/** Encodes AMQP 1.0 values (part 1, section 1.6), for the few things that we say ourselves. */

export const NULL = Buffer.from([0x40])

export const EMPTY_MAP = Buffer.from([0xc1, 1, 0])

export const encodeBoolean = (value: boolean): Buffer => Buffer.from([value ? 0x41 : 0x42])

export const encodeString = (text: string): Buffer => variable(0xa1, 0xb1, Buffer.from(text, 'utf8'))

export const encodeSymbol = (text: string): Buffer => variable(0xa3, 0xb3, Buffer.from(text, 'ascii'))

export const encodeBinary = (bytes: Buffer): Buffer => variable(0xa0, 0xb0, bytes)

export const encodeUbyte = (value: number): Buffer => Buffer.from([0x50, value])

export const encodeUshort = (value: number): Buffer => Buffer.from([0x60, value >> 8, value & 0xff])

export function encodeUint(value: number): Buffer {
  if (value === 0) return Buffer.from([0x43])
  if (value <= 0xff) return Buffer.from([0x52, value])
  const bytes = Buffer.allocUnsafe(5)
  bytes[0] = 0x70
  bytes.writeUInt32BE(value, 1)
  return bytes
}

export const encodeUlong = (value: number): Buffer => eightBytes(0x80, value)

/** A 32-bit integer in its full width: clients in Go and .NET ask for just this type. */
export function encodeInt(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(5)
  bytes[0] = 0x71
  bytes.writeInt32BE(value, 1)
  return bytes
}

export const encodeLong = (value: number): Buffer => eightBytes(0x81, value)

export const encodeTimestamp = (epochMs: number): Buffer => eightBytes(0x83, epochMs)

export function encodeDouble(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = 0x82
  bytes.writeDoubleBE(value, 1)
  return bytes
}

export function encodeList(elements: readonly Buffer[]): Buffer {
  const bytes = elements.reduce((sum, element) => sum + element.length, 1)
  if (bytes > 0xff || elements.length > 0xff) return compound(0xd0, elements, elements.length)
  return Buffer.concat([Buffer.from([0xc0, bytes, elements.length]), ...elements], bytes + 2)
}

/** `elements`: key, value, key, value … */
export const encodeMap = (elements: readonly Buffer[]): Buffer => compound(0xd1, elements, elements.length)

/** An array, not a list: the clients in Java, .NET and Go insist on it for partition ids. */
export const encodeStringArray = (texts: readonly string[]): Buffer => textArray(0xa1, texts)

export const encodeSymbolArray = (texts: readonly string[]): Buffer => textArray(0xa3, texts)

/** A section of a message: `code` is the low byte of its descriptor. */
export const encodeSection = (code: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x00, 0x53, code]), value])

/** Texts of up to 255 bytes. */
function textArray(code: number, texts: readonly string[]): Buffer {
  const elements = texts.map((text) => {
    const utf8 = Buffer.from(text, 'utf8')
    return Buffer.concat([Buffer.from([utf8.length]), utf8])
  })
  return compound(0xf0, [Buffer.from([code]), ...elements], elements.length)
}

function variable(short: number, long: number, content: Buffer): Buffer {
  const wide = content.length > 255
  const bytes = Buffer.allocUnsafe((wide ? 5 : 2) + content.length)
  bytes[0] = wide ? long : short
  if (wide) bytes.writeUInt32BE(content.length, 1)
  else bytes[1] = content.length
  content.copy(bytes, wide ? 5 : 2)
  return bytes
}

function eightBytes(code: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = code
  bytes.writeBigInt64BE(BigInt(value), 1)
  return bytes
}

function compound(code: number, parts: readonly Buffer[], count: number): Buffer {
  const head = Buffer.allocUnsafe(9)
  head[0] = code
  head.writeUInt32BE(
    parts.reduce((sum, part) => sum + part.length, 4),
    1,
  )
  head.writeUInt32BE(count, 5)
  return Buffer.concat([head, ...parts])
}
