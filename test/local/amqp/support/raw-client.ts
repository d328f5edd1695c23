import { connect, type Socket } from 'node:net'
import { AmqpReader, type Described } from '../../../../src/local/encoding/reader.ts'
import {
  encodeBinary,
  encodeBoolean,
  encodeInt,
  encodeList,
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  NULL,
} from '../../../../src/local/encoding/writer.ts'
import { checkFrame } from './amqp-spec.ts'
import { ServerSide } from './amqp-spec-session.ts'
import type { Typed } from './amqp-spec-types.ts'

/** Codes of the performatives. */
export const P = {
  open: 0x10,
  begin: 0x11,
  attach: 0x12,
  flow: 0x13,
  transfer: 0x14,
  disposition: 0x15,
  detach: 0x16,
  end: 0x17,
  close: 0x18,
} as const
export const HEADER = {
  amqp: Buffer.from('AMQP\0\x01\0\0', 'latin1'),
  sasl: Buffer.from('AMQP\x03\x01\0\0', 'latin1'),
} as const

export interface RawFrame {
  readonly channel: number
  readonly type: number
  readonly code: number
  readonly fields: readonly unknown[]
  /** The fields with the types that their bytes state. */
  readonly typed: readonly Typed[]
  readonly payload: Buffer
}

export const uint = (value: number): Buffer => fixed(0x70, 4, (bytes) => bytes.writeUInt32BE(value, 1))
export const ulong = (value: number | bigint): Buffer =>
  fixed(0x80, 8, (bytes) => bytes.writeBigUInt64BE(BigInt(value), 1))
const ubyte = (value: number): Buffer => Buffer.from([0x50, value])
const ushort = (value: number): Buffer => fixed(0x60, 2, (bytes) => bytes.writeUInt16BE(value, 1))
export const uuid = (value: Buffer): Buffer => Buffer.concat([Buffer.from([0x98]), value])
export const described = (descriptor: Buffer, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0]), descriptor, value])
export {
  encodeBinary,
  encodeBoolean,
  encodeInt,
  encodeList,
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  NULL,
}

function fixed(code: number, width: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(1 + width)
  bytes[0] = code
  write(bytes)
  return bytes
}

export function frame(
  channel: number,
  code: number,
  fields: readonly Buffer[],
  payload: Buffer = Buffer.alloc(0),
  type = 0,
): Buffer {
  const body = Buffer.concat([encodeSection(code, encodeList(fields)), payload])
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head[4] = 2
  head[5] = type
  head.writeUInt16BE(channel, 6)
  return Buffer.concat([head, body])
}

export interface AttachOptions {
  readonly name: string
  readonly handle: number
  readonly source?: string | null
  readonly target?: string | null
  /** All fields of the source or the target as encoded, in place of an address and a filter. */
  readonly sourceFields?: Buffer
  readonly targetFields?: Buffer
  readonly sndSettleMode?: number
  readonly rcvSettleMode?: number
  /** The encoded value of the one filter. */
  readonly filter?: Buffer
  readonly properties?: readonly Buffer[]
  readonly desiredCapabilities?: readonly string[]
}

/** AMQP written by hand, frame by frame, so that habits of any client can be replayed. Does nothing by itself. */
export class RawClient {
  readonly frames: RawFrame[] = []
  readonly headers: Buffer[] = []
  /** Of every frame, in bytes. */
  readonly sizes: number[] = []
  readonly socket: Socket
  closed = false
  received: Buffer = Buffer.alloc(0)
  /** Why a frame of the server is none by the specification; whatever the test does next fails by it. */
  #violation: Error | undefined
  readonly #server = new ServerSide(() => undefined)
  #waiting: (() => void)[] = []
  #taken = 0

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect({ port, host })
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  send(...parts: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(parts))
  }

  /** The next frame of this kind after the ones already taken; the others before it stay in `frames`. */
  async next(code: number): Promise<RawFrame> {
    for (;;) {
      for (let index = this.#taken; index < this.frames.length; index++) {
        if (this.frames[index]!.code !== code) continue
        this.#taken = index + 1
        return this.frames[index]!
      }
      this.#check()
      if (this.closed) throw new Error(`The connection ended before 0x${code.toString(16)}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Waits until `check` holds; it is looked at when something arrives. */
  async until(check: () => boolean): Promise<void> {
    while (!check()) {
      this.#check()
      if (this.closed) throw new Error('The connection ended')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  count = (code: number): number => this.frames.filter((other) => other.code === code).length

  async ended(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#check()
  }

  end(): void {
    this.socket.destroy()
    this.#check()
  }

  #check(): void {
    if (this.#violation) throw this.#violation
  }

  /** Opens a connection and a session, by default without a SASL layer, as Java does. */
  async openSession(
    options: { sasl?: string; idleTimeoutMs?: number; maxFrameSize?: number; incomingWindow?: number } = {},
  ): Promise<void> {
    if (options.sasl) {
      this.send(HEADER.sasl)
      await this.next(0x40)
      this.send(frame(0, 0x41, [encodeSymbol(options.sasl), NULL, NULL], undefined, 1))
      await this.next(0x44)
    }
    this.send(HEADER.amqp, this.openFrame(options), this.beginFrame(options.incomingWindow))
    await this.next(P.begin)
  }

  openFrame({
    idleTimeoutMs = 60_000,
    maxFrameSize = 65_536,
  }: { idleTimeoutMs?: number; maxFrameSize?: number } = {}): Buffer {
    return frame(0, P.open, [
      encodeString('raw'),
      encodeString('localhost'),
      uint(maxFrameSize),
      ushort(255),
      uint(idleTimeoutMs),
    ])
  }

  beginFrame(incomingWindow = 100_000): Buffer {
    return frame(0, P.begin, [NULL, uint(0), uint(incomingWindow), uint(100_000), uint(255)])
  }

  attachFrame(role: 'sender' | 'receiver', options: AttachOptions): Buffer {
    const terminus = (code: number, address: string | null | undefined, filter?: Buffer) =>
      address === null
        ? NULL
        : encodeSection(
            code,
            encodeList([
              address === undefined ? NULL : encodeString(address),
              ...(filter
                ? [
                    NULL,
                    NULL,
                    NULL,
                    NULL,
                    NULL,
                    NULL,
                    encodeMap([encodeSymbol('apache.org:selector-filter:string'), filter]),
                  ]
                : []),
            ]),
          )
    const capabilities = options.desiredCapabilities ?? []
    return frame(0, P.attach, [
      encodeString(options.name),
      uint(options.handle),
      encodeBoolean(role === 'receiver'),
      options.sndSettleMode === undefined ? NULL : ubyte(options.sndSettleMode),
      options.rcvSettleMode === undefined ? NULL : ubyte(options.rcvSettleMode),
      options.sourceFields ? encodeSection(0x28, options.sourceFields) : terminus(0x28, options.source, options.filter),
      options.targetFields ? encodeSection(0x29, options.targetFields) : terminus(0x29, options.target),
      NULL,
      NULL,
      role === 'sender' ? uint(0) : NULL,
      NULL,
      NULL,
      capabilities.length === 1 ? encodeSymbol(capabilities[0]!) : NULL,
      options.properties ? encodeMap(options.properties) : NULL,
    ])
  }

  flowFrame(
    handle: number,
    credit: number,
    options: { deliveryCount?: number; drain?: boolean; echo?: boolean; nextIncoming?: number } = {},
  ): Buffer {
    const { deliveryCount = 0, drain = false, echo = false, nextIncoming = 0 } = options
    const session = [uint(nextIncoming), uint(100_000), uint(0), uint(100_000)]
    return frame(0, P.flow, [
      ...session,
      uint(handle),
      uint(deliveryCount),
      uint(credit),
      NULL,
      encodeBoolean(drain),
      encodeBoolean(echo),
    ])
  }

  transferFrame(
    handle: number,
    id: number,
    payload: Buffer,
    options: { format?: number; settled?: boolean; more?: boolean; aborted?: boolean } = {},
  ): Buffer {
    const { format = 0, settled = false, more = false, aborted = false } = options
    const fields = [
      uint(handle),
      uint(id),
      encodeBinary(Buffer.from(String(id))),
      uint(format),
      encodeBoolean(settled),
      encodeBoolean(more),
    ]
    return frame(0, P.transfer, [...fields, NULL, NULL, NULL, encodeBoolean(aborted)], payload)
  }

  acceptFrame(first: number, last: number, settled: boolean): Buffer {
    return frame(0, P.disposition, [
      encodeBoolean(true),
      uint(first),
      uint(last),
      encodeBoolean(settled),
      encodeSection(0x24, encodeList([])),
    ])
  }

  /** Puts a token over a `$cbs` pair on handles 100 and 101. Returns the status and the raw reply. */
  async putToken(
    audience: string,
    token: string,
    options: { id?: Buffer; type?: string; attach?: boolean } = {},
  ): Promise<{ status: unknown; payload: Buffer }> {
    const replies = 'cbs-client-reply-to'
    if (options.attach !== false) {
      this.send(
        this.attachFrame('sender', { name: 'cbs:sender', handle: 100, source: replies, target: '$cbs' }),
        this.attachFrame('receiver', { name: 'cbs:receiver', handle: 101, source: '$cbs', target: replies }),
        this.flowFrame(101, 100),
      )
    }
    const request = requestMessage({
      id: options.id ?? ulong(1),
      replyTo: replies,
      properties: { operation: 'put-token', type: options.type ?? 'servicebus.windows.net:sastoken', name: audience },
      body: encodeSection(0x77, encodeString(token)),
    })
    this.send(this.transferFrame(100, this.#cbsDelivery++, request, { settled: true }))
    const { payload } = await this.next(P.transfer)
    return { status: applicationProperties(payload).get('status-code'), payload }
  }

  #cbsDelivery = 0

  #receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk])
    for (;;) {
      const { received } = this
      if (received.length < 8) break
      if (received.subarray(0, 4).toString('latin1') === 'AMQP') {
        this.headers.push(received.subarray(0, 8))
        this.received = received.subarray(8)
        continue
      }
      const size = received.readUInt32BE(0)
      if (size < 8 || size > 1_000_000 || received.length < size) break
      const bytes = received.subarray(0, size)
      this.sizes.push(size)
      this.received = received.subarray(size)
      this.frames.push(this.#readFrame(bytes))
    }
    this.#wake()
  }

  #readFrame(bytes: Buffer): RawFrame {
    let typed: readonly Typed[] = []
    try {
      const checked = checkFrame(bytes)
      typed = checked?.fields ?? []
      if (checked) this.#server.take(checked)
    } catch (error) {
      this.#violation ??= error as Error
    }
    const head = { channel: bytes.readUInt16BE(6), type: bytes[5]!, typed }
    if (bytes.length === 8) return { ...head, code: -1, fields: [], payload: Buffer.alloc(0) }
    const reader = new AmqpReader(bytes, 8)
    const { descriptor, value } = reader.read() as Described
    return { ...head, code: descriptor as number, fields: value as unknown[], payload: bytes.subarray(reader.at) }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

export function requestMessage(parts: {
  id: Buffer
  replyTo?: string
  properties: Record<string, string>
  body: Buffer
}): Buffer {
  const properties = [parts.id, NULL, NULL, NULL, parts.replyTo === undefined ? NULL : encodeString(parts.replyTo)]
  const entries = Object.entries(parts.properties).flatMap(([name, value]) => [encodeString(name), encodeString(value)])
  return Buffer.concat([
    encodeSection(0x73, encodeList(properties)),
    encodeSection(0x74, encodeMap(entries)),
    parts.body,
  ])
}

/** The sections of a message by the low byte of their descriptors. */
export function sectionsOf(message: Buffer): Map<number, unknown> {
  const reader = new AmqpReader(message)
  const sections = new Map<number, unknown>()
  while (!reader.done) {
    const { descriptor, value } = reader.read() as Described
    sections.set(descriptor as number, value)
  }
  return sections
}

export const applicationProperties = (message: Buffer): Map<unknown, unknown> =>
  sectionsOf(message).get(0x74) as Map<unknown, unknown>

export const annotationsOf = (message: Buffer): Map<unknown, unknown> =>
  sectionsOf(message).get(0x72) as Map<unknown, unknown>

/** The condition and text of an error in a field of a performative. */
export function errorOf(field: unknown): { condition: unknown; description: string; fields: number } {
  const list = (field as Described).value as unknown[]
  return { condition: list[0], description: String(list[1]), fields: list.length }
}
