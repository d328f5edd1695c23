import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { API_VERSIONS, SASL_AUTHENTICATE, SASL_HANDSHAKE } from '../../../../src/local/kafka/wire/apis/session.ts'
import { KafkaReader, KafkaWriter } from '../../../../src/local/kafka/wire/bytes.ts'
import {
  type Api,
  compileFields,
  type Fields,
  type ReadOf,
  type WrittenOf,
} from '../../../../src/local/kafka/wire/codec.ts'

/** A socket that speaks frames: four bytes of length, and so many more. */
export class RawClient {
  readonly socket: Socket
  #chunks: Buffer[] = []
  #bytes = 0
  #isOver = false
  #wake: () => void = () => undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
      this.#wake()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#isOver = true
      this.#wake()
    })
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host })
    const client = new RawClient(socket)
    await once(socket, 'connect')
    return client
  }

  send(body: Buffer): void {
    const head = Buffer.alloc(4)
    head.writeInt32BE(body.length)
    this.socket.write(Buffer.concat([head, body]))
  }

  /** The next answer without its length; undefined when the server has hung up. */
  async receive(): Promise<Buffer | undefined> {
    for (;;) {
      const size = this.#sizeOfNext()
      if (this.#bytes >= size) {
        const [first = Buffer.alloc(0), ...more] = this.#chunks
        this.#chunks = [first.subarray(size), ...more].filter(({ length }) => length > 0)
        this.#bytes -= size
        return first.subarray(4, size)
      }
      if (this.#isOver) return undefined
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  close(): void {
    this.socket.destroy()
  }

  /** Joins what belongs together. */
  #sizeOfNext(): number {
    if (this.#bytes < 4) return Infinity
    if (this.#chunks[0]!.length < 4) this.#chunks = [Buffer.concat(this.#chunks)]
    const size = 4 + this.#chunks[0]!.readInt32BE(0)
    if (this.#bytes >= size && this.#chunks[0]!.length < size) this.#chunks = [Buffer.concat(this.#chunks)]
    return size
  }
}

/** A client by our own tables, which codec.test.ts holds against the published layouts. */
export class TestClient {
  readonly raw: RawClient
  #correlationId = 0

  private constructor(raw: RawClient) {
    this.raw = raw
  }

  static async open(port: number, host?: string): Promise<TestClient> {
    return new TestClient(await RawClient.open(port, host))
  }

  /** Opens a connection and signs in. */
  static async signedIn(port: number, password: string, host?: string): Promise<TestClient> {
    const client = await TestClient.open(port, host)
    await client.call(SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' })
    const { errorCode, errorMessage } = await client.call(SASL_AUTHENTICATE, 2, { authBytes: plainToken(password) })
    if (errorCode !== 0) throw new Error(`${errorCode} ${errorMessage}`)
    return client
  }

  /** Throws when the server hangs up. */
  async call<Q extends Fields, A extends Fields>(
    api: Api<Q, A>,
    version: number,
    request: WrittenOf<Q>,
  ): Promise<ReadOf<A>> {
    this.send(api, version, request)
    const answer = await this.receive(api, version)
    if (!answer) throw new Error('The server hung up')
    return answer
  }

  send<Q extends Fields, A extends Fields>(api: Api<Q, A>, version: number, request: WrittenOf<Q>): void {
    this.raw.socket.write(encodeRequest(api, version, ++this.#correlationId, request))
  }

  async receive<Q extends Fields, A extends Fields>(api: Api<Q, A>, version: number): Promise<ReadOf<A> | undefined> {
    const frame = await this.raw.receive()
    if (!frame) return undefined
    const isFlexible = version >= (api.flexible ?? Infinity)
    const reader = new KafkaReader()
    reader.open(frame, 4, frame.length)
    if (isFlexible && api.key !== API_VERSIONS.key) reader.skipTags()
    return compileFields(api.response, { version, isFlexible }).read(reader)
  }

  close(): void {
    this.raw.close()
  }
}

export function encodeRequest<Q extends Fields, A extends Fields>(
  api: Api<Q, A>,
  version: number,
  correlationId: number,
  request: WrittenOf<Q>,
): Buffer {
  const isFlexible = version >= (api.flexible ?? Infinity)
  const writer = new KafkaWriter()
  writer.int16(api.key)
  writer.int16(version)
  writer.int32(correlationId)
  writer.int16(4)
  writer.text('test', 4)
  if (isFlexible) writer.varint(0)
  compileFields(api.request, { version, isFlexible }).write(writer, request)
  return Buffer.concat(writer.finish())
}

export const plainToken = (password: string, user = '$ConnectionString'): Buffer =>
  Buffer.from(`\0${user}\0${password}`)
