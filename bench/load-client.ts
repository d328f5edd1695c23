import { connect, type Socket } from 'node:net'
import {
  encodeBinary,
  encodeBoolean,
  encodeList,
  encodeSection,
  encodeString,
  encodeSymbol,
  encodeUbyte,
  encodeUint,
  NULL,
} from '../src/local/encoding/writer.ts'

/**
 * Clients of the broker in a process of their own, driven over IPC, which decode nothing that they need not: so what is
 * measured is the broker. They speak AMQP by hand and know how our broker writes.
 */

const BATCH_FORMAT = 0x80013700
const FRAME_BYTES = 65_536
const TRANSFER_OVERHEAD_BYTES = 64
const CREDIT = 10_000
const CODES = { transfer: 0x14, disposition: 0x15, begin: 0x11, attach: 0x12, flow: 0x13, outcome: 0x44 } as const

export interface Target {
  /** Of AMQP. */
  readonly port: number
  readonly kafkaPort: number
  readonly user: string
  readonly password: string
  readonly hub: string
}

/** What the process is asked for. */
export type LoadRequest = Target & {
  readonly eventBytes: number
  readonly connections: number
} & (
    | { readonly kind: 'send'; readonly events: number; readonly batch: number; readonly inFlight: number }
    | { readonly kind: 'receive'; readonly events: number }
    | { readonly kind: 'pace'; readonly perSecond: number; readonly seconds: number }
  )

export interface LoadResult {
  readonly ms: number
  readonly cpuMs: number
  /** Of single sends, in milliseconds. */
  readonly latencies: readonly number[]
}

function frame(channel: number, code: number, fields: readonly Buffer[], payload?: Buffer, type = 0): Buffer {
  const body = [encodeSection(code, encodeList(fields)), ...(payload ? [payload] : [])]
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.reduce((sum, part) => sum + part.length, 8))
  head.set([2, type], 4)
  head.writeUInt16BE(channel, 6)
  return Buffer.concat([head, ...body])
}

const header = (layer: number) => Buffer.from([0x41, 0x4d, 0x51, 0x50, layer, 1, 0, 0])

class RawConnection {
  readonly socket: Socket
  onTransfers: (count: number) => void = () => undefined
  onAccepted: (count: number) => void = () => undefined
  #pending: Buffer = Buffer.alloc(0)
  #seen = new Map<number, () => void>()

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  async open({ user, password }: Target): Promise<void> {
    const plain = encodeBinary(Buffer.from(`\0${user}\0${password}`))
    this.socket.write(
      Buffer.concat([header(3), frame(0, 0x41, [encodeSymbol('PLAIN'), plain, NULL], undefined, 1), header(0)]),
    )
    this.socket.write(frame(0, 0x10, [encodeString('bench')]))
    const window = encodeUint(2 ** 31 - 1)
    this.socket.write(frame(0, 0x11, [NULL, encodeUint(0), window, window]))
    await this.#next(CODES.begin)
  }

  async attach(receives: boolean, address: string): Promise<void> {
    const terminus = (code: number, text: string) => encodeSection(code, encodeList([encodeString(text)]))
    const modes = receives ? [encodeUbyte(1), NULL] : [NULL, NULL]
    const ends = [terminus(0x28, receives ? address : 'me'), terminus(0x29, receives ? 'me' : address)]
    const name = encodeString(receives ? 'in' : 'out')
    const fields = [name, encodeUint(0), encodeBoolean(receives), ...modes, ...ends, NULL, NULL, encodeUint(0)]
    this.socket.write(frame(0, CODES.attach, fields))
    await this.#next(receives ? CODES.attach : CODES.flow)
  }

  credit(deliveryCount: number): void {
    const window = encodeUint(2 ** 31 - 1)
    const session = [encodeUint(deliveryCount), window, encodeUint(0), window]
    this.socket.write(frame(0, CODES.flow, [...session, encodeUint(0), encodeUint(deliveryCount), encodeUint(CREDIT)]))
  }

  send(id: number, format: number, message: Buffer): void {
    const room = FRAME_BYTES - TRANSFER_OVERHEAD_BYTES
    for (let at = 0; at < message.length; at += room) {
      const more = at + room < message.length
      const fields = [encodeUint(0), encodeUint(id), encodeBinary(Buffer.from('t')), encodeUint(format)]
      const part = message.subarray(at, at + room)
      this.socket.write(frame(0, CODES.transfer, [...fields, encodeBoolean(false), encodeBoolean(more)], part))
    }
  }

  #next(code: number): Promise<void> {
    return new Promise((resolve) => this.#seen.set(code, resolve))
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk
    let at = 0
    let transfers = 0
    while (bytes.length - at >= 8) {
      const size = bytes.readUInt32BE(at) === 0x414d5150 ? 8 : bytes.readUInt32BE(at)
      if (bytes.length - at < size) break
      const code = size > 10 ? bytes[at + 10]! : 0
      if (code === CODES.transfer) transfers++
      else if (code === CODES.disposition) this.onAccepted(acceptedIn(bytes, at + 8))
      else {
        this.#seen.get(code)?.()
        this.#seen.delete(code)
      }
      at += size
    }
    this.#pending = bytes.subarray(at)
    if (transfers > 0) this.onTransfers(transfers)
  }
}

/** How many deliveries a disposition of our broker accepts: 00 53 15 c0 size count role first last … */
function acceptedIn(bytes: Buffer, at: number): number {
  const [first, next] = uintAt(bytes, at + 7)
  const [last, rest] = uintAt(bytes, next)
  if (bytes[rest + 3] !== 0x24) throw new Error('The broker did not accept a message')
  return last - first + 1
}

function uintAt(bytes: Buffer, at: number): [value: number, next: number] {
  if (bytes[at] === 0x43) return [0, at + 1]
  return bytes[at] === 0x52 ? [bytes[at + 1]!, at + 2] : [bytes.readUInt32BE(at + 1), at + 5]
}

async function send(request: LoadRequest & { kind: 'send' }): Promise<void> {
  const { connections, events, batch, inFlight, hub } = request
  const event = encodeSection(0x75, encodeBinary(Buffer.alloc(request.eventBytes, 'x')))
  const message = Buffer.concat(Array.from({ length: batch }, () => encodeSection(0x75, encodeBinary(event))))
  const each = Math.ceil(events / connections / batch)
  const lanes = Array.from({ length: connections }, async (_, lane) => {
    const connection = new RawConnection(request.port)
    await connection.open(request)
    await connection.attach(false, `${hub}/Partitions/${lane % 4}`)
    await new Promise<void>((resolve) => {
      let sent = 0
      let accepted = 0
      const fill = () => {
        while (sent < each && sent - accepted < inFlight) connection.send(sent++, BATCH_FORMAT, message)
      }
      connection.onAccepted = (count) => {
        accepted += count
        if (accepted === each) resolve()
        else fill()
      }
      fill()
    })
    connection.socket.destroy()
  })
  await Promise.all(lanes)
}

async function receive(request: LoadRequest & { kind: 'receive' }): Promise<void> {
  const each = Math.ceil(request.events / request.connections)
  const lanes = Array.from({ length: request.connections }, async (_, lane) => {
    const connection = new RawConnection(request.port)
    await connection.open(request)
    await connection.attach(true, `${request.hub}/ConsumerGroups/$Default/Partitions/${lane % 4}`)
    await new Promise<void>((resolve) => {
      let received = 0
      let refilledAt = 0
      connection.onTransfers = (count) => {
        received += count
        if (received >= each) resolve()
        if (received - refilledAt < CREDIT / 2) return
        refilledAt = received
        connection.credit(received)
      }
      connection.credit(0)
    })
    connection.socket.destroy()
  })
  await Promise.all(lanes)
}

/** Single events at an even pace, the first second to warm up. Times each answer from the moment its event was due. */
async function pace(request: LoadRequest & { kind: 'pace' }): Promise<number[]> {
  const connection = new RawConnection(request.port)
  await connection.open(request)
  await connection.attach(false, `${request.hub}/Partitions/0`)
  const message = encodeSection(0x75, encodeBinary(Buffer.alloc(request.eventBytes, 'x')))
  const total = request.perSecond * (1 + request.seconds)
  const due: number[] = []
  const latencies: number[] = []
  await new Promise<void>((resolve) => {
    const start = performance.now()
    connection.onAccepted = (count) => {
      const now = performance.now()
      for (let i = 0; i < count; i++) latencies.push(now - due[latencies.length]!)
      if (latencies.length === total) resolve()
    }
    const tick = () => {
      const elapsed = performance.now() - start
      while (due.length < total && (due.length * 1_000) / request.perSecond <= elapsed) {
        due.push(start + (due.length * 1_000) / request.perSecond)
        connection.send(due.length - 1, 0, message)
      }
      if (due.length < total) setImmediate(tick)
    }
    tick()
  })
  connection.socket.destroy()
  return latencies.slice(request.perSecond)
}

process.on('message', (request: LoadRequest) => {
  void (async () => {
    const [cpu, start] = [process.cpuUsage(), performance.now()]
    let latencies: number[] = []
    if (request.kind === 'send') await send(request)
    else if (request.kind === 'receive') await receive(request)
    else latencies = await pace(request)
    const { user, system } = process.cpuUsage(cpu)
    process.send!({ ms: performance.now() - start, cpuMs: (user + system) / 1_000, latencies } satisfies LoadResult)
  })()
})
process.send!('ready')
process.once('disconnect', () => process.exit())
