import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Answerer, Connection } from '../../../src/local/kafka/connection.ts'
import { MemoryPool } from '../../../src/local/kafka/memory.ts'
import { type Frame, FRAME_MEMORY_BYTES } from '../../../src/local/kafka/wire/frames.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { RawClient } from './support/client.ts'

const bodyOf = ({ bytes, start, end }: Frame): Buffer => Buffer.from(bytes.subarray(start, end))
const framed = (body: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeInt32BE(body.length)
  return Buffer.concat([head, body])
}

/** One client, and the connection that serves it. */
async function connected(answer: Answerer, clock = new ManualClock()) {
  const errors: unknown[] = []
  const memory = new MemoryPool(FRAME_MEMORY_BYTES)
  const server = createServer()
  const accepted = once(server, 'connection') as Promise<[Socket]>
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = await RawClient.open((server.address() as AddressInfo).port)
  const [socket] = await accepted
  const connection = new Connection(socket, { clock, memory, onError: (error) => errors.push(error) })
  connection.serve(answer)
  onTestFinished(() => {
    client.close()
    server.close()
  })
  return { client, connection, errors, clock }
}

const echo: Answerer = async (frame) => [framed(bodyOf(frame))]

describe('requests', () => {
  test('are answered however they are cut', async () => {
    const { client } = await connected(echo)
    const bodies = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 7), Buffer.from('four')]
    const all = Buffer.concat(bodies.map(framed))
    client.socket.write(all)
    for (const body of bodies) expect(await client.receive()).toEqual(body)
    for (const byte of all) {
      await new Promise<void>((resolve) => client.socket.write(Buffer.from([byte]), () => resolve()))
    }
    for (const body of bodies) expect(await client.receive()).toEqual(body)
  })

  test('are taken one at a time, in their order, and the bytes of one are good until it is answered', async () => {
    const taken: Frame[] = []
    const waiting: (() => void)[] = []
    const { client, connection } = await connected(async (frame) => {
      taken.push(frame)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return [framed(bodyOf(frame))]
    })
    connection.allowLarge()
    const bodies = [Buffer.alloc(100_000, 1), Buffer.alloc(100_000, 2), Buffer.from('three')]
    for (const body of bodies) client.send(body)
    for (const [i, body] of bodies.entries()) {
      await expect.poll(() => waiting.length).toBe(1)
      expect(taken.length).toBe(i + 1)
      waiting.pop()!()
      expect((await client.receive())!.equals(body)).toBe(true)
    }
  })

  test('may have no answer', async () => {
    const { client } = await connected(async (frame) =>
      bodyOf(frame).length === 1 ? undefined : [framed(bodyOf(frame))],
    )
    client.send(Buffer.from('1'))
    client.send(Buffer.from('22'))
    expect(await client.receive()).toEqual(Buffer.from('22'))
  })

  test('are as large as the service takes them, and a larger one ends the connection', async () => {
    const { client, connection, errors } = await connected(echo)
    connection.allowLarge()
    const most = Buffer.alloc(1_046_528, 3)
    client.send(most)
    expect((await client.receive())!.equals(most)).toBe(true)
    client.send(Buffer.alloc(1_100_000))
    expect(await client.receive()).toBeUndefined()
    expect(errors).toEqual([expect.objectContaining({ message: 'A request of 1100000 bytes', foreign: undefined })])
  })

  test('are small before somebody has signed in', async () => {
    const { client, errors } = await connected(echo)
    client.send(Buffer.alloc(70_000))
    expect(await client.receive()).toBeUndefined()
    expect(errors.length).toBe(1)
  })

  test('end the connection where answering fails', async () => {
    const { client, errors } = await connected(async () => {
      throw new Error('a mistake of ours')
    })
    client.send(Buffer.from('x'))
    expect(await client.receive()).toBeUndefined()
    expect(errors).toEqual([new Error('a mistake of ours')])
  })
})

describe('a connection', () => {
  test('that does not read its answers is not heard', async () => {
    let answered = 0
    const large = Buffer.alloc(1_000_000)
    const { client } = await connected(async () => {
      answered++
      return [framed(large)]
    })
    client.socket.pause()
    for (let i = 0; i < 1_000; i++) client.send(Buffer.from('x'))
    // The system's own buffers take some answers. When they are full, nothing more is asked.
    let before = -1
    await expect.poll(() => before === (before = answered), { interval: 200 }).toBe(true)
    expect(answered).toBeLessThan(30)
    client.socket.resume()
    for (let i = 0; i < 40; i++) expect((await client.receive())!.length).toBe(large.length)
  })

  test('takes the next request after the time for which it is muted', async () => {
    const clock = new ManualClock()
    const { client, connection } = await connected(echo, clock)
    client.send(Buffer.from('1'))
    await client.receive()
    connection.mute(5_000)
    client.send(Buffer.from('2'))
    expect(await client.receive()).toEqual(Buffer.from('2'))
    client.send(Buffer.from('3'))
    const third = client.receive()
    await expect.poll(() => clock.pending).toContain(5_000)
    expect(await Promise.race([third, Promise.resolve('nothing')])).toBe('nothing')
    clock.advance(5_000)
    expect(await third).toEqual(Buffer.from('3'))
  })

  test('ends when nothing was asked for 240 seconds, and no sooner', async () => {
    const clock = new ManualClock()
    const { client } = await connected(echo, clock)
    clock.advance(239_000)
    client.send(Buffer.from('1'))
    expect(await client.receive()).toEqual(Buffer.from('1'))
    clock.advance(239_000)
    client.send(Buffer.from('2'))
    expect(await client.receive()).toEqual(Buffer.from('2'))
    const next = client.receive()
    clock.advance(1_000)
    await expect.poll(() => clock.pending).toEqual([239_000])
    clock.advance(239_000)
    expect(await next).toBeUndefined()
  })

  test('is not idle while an answer is awaited', async () => {
    const clock = new ManualClock()
    const { client } = await connected(async (frame) => {
      await clock.sleep(500_000)
      return [framed(bodyOf(frame))]
    }, clock)
    client.send(Buffer.from('1'))
    await expect.poll(() => clock.pending).toContain(500_000)
    clock.advance(240_000)
    await expect.poll(() => clock.pending).toEqual(expect.arrayContaining([240_000, 260_000]))
    clock.advance(260_000)
    expect(await client.receive()).toEqual(Buffer.from('1'))
  })

  test('ends when it takes nothing of its answers for 240 seconds', async () => {
    const clock = new ManualClock()
    const { client, connection } = await connected(async () => [framed(Buffer.alloc(8_000_000))], clock)
    client.socket.pause()
    client.send(Buffer.from('1'))
    await expect.poll(() => connection.socket.writableLength).toBeGreaterThan(0)
    clock.advance(239_000)
    expect(connection.signal.aborted).toBe(false)
    clock.advance(1_000)
    await expect.poll(() => connection.signal.aborted).toBe(true)
  })

  test('is not idle while it is muted', async () => {
    const clock = new ManualClock()
    const { client, connection } = await connected(echo, clock)
    connection.mute(500_000)
    client.send(Buffer.from('1'))
    expect(await client.receive()).toEqual(Buffer.from('1'))
    await expect.poll(() => clock.pending).toContain(500_000)
    for (let i = 0; i < 3; i++) {
      clock.advance(150_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(connection.signal.aborted).toBe(false)
    clock.advance(50_000)
    client.send(Buffer.from('2'))
    expect(await client.receive()).toEqual(Buffer.from('2'))
  })

  test('gets the answers that it was given before its mistake', async () => {
    const { client, errors } = await connected(async (frame) => {
      if (bodyOf(frame).length > 1) throw new Error('a mistake')
      return [framed(bodyOf(frame))]
    })
    client.socket.write(Buffer.concat([framed(Buffer.from('1')), framed(Buffer.from('22'))]))
    expect(await client.receive()).toEqual(Buffer.from('1'))
    expect(await client.receive()).toBeUndefined()
    expect(errors).toHaveLength(1)
  })
})
