import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { realClock } from '../../../src/lib/clock.ts'
import { serveAmqp } from '../../../src/local/amqp/server.ts'
import { appendEvents } from '../../../src/local/hubs/events.ts'
import { statsOf } from '../../../src/local/hubs/hub-stats.ts'
import { Hubs } from '../../../src/local/hubs/hubs.ts'
import { eventually } from './support/clients.ts'
import { HUB, NAMESPACE, sasToken, testDirectory } from './support/local.ts'
import { encodeBoolean, frame, P, RawClient, uint } from './support/raw-client.ts'

const MIB = 1024 * 1024
const EVENT_BYTES = 1_000_000
const EVENTS = 100

const directory = testDirectory()
const sockets: Socket[] = []
let hubs: Hubs
let port: number
let stop: () => Promise<void>

beforeEach(async () => {
  hubs = new Hubs({
    ...{ directory, clock: realClock, storage: 'memory', log: () => undefined },
    maxPartitionBytes: 4 * EVENTS * EVENT_BYTES,
  })
  const server = serveAmqp(hubs)
  const tcp = createServer((socket) => {
    sockets.push(socket)
    server.accept(socket)
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  port = (tcp.address() as { port: number }).port
  stop = async () => {
    tcp.close()
    await server.close()
    hubs.close()
  }
})
afterEach(() => stop())

it('lets little more than 4 MiB wait for a reader that does not read, however large the events', async () => {
  const body = Buffer.alloc(EVENT_BYTES, 1)
  for (let i = 0; i < EVENTS; i++) {
    await appendEvents(hubs, { namespace: NAMESPACE, hub: HUB, partition: '0', events: [{ body }] })
  }
  const client = new RawClient(port)
  await client.openSession()
  const rule = directory.rules()[0]!
  await client.putToken('sb://h/', sasToken('sb://h/', rule.name, rule.primaryKey, Date.now() + 60_000))
  client.socket.pause()
  client.send(
    client.attachFrame('receiver', {
      ...{ name: 'r', handle: 0, source: `${HUB}/ConsumerGroups/$Default/Partitions/0`, target: 't' },
    }),
    client.flowFrame(0, 1_000),
  )
  await eventually(() => statsOf(hubs)[0]!.receivers === 1, 'attached')
  let most = 0
  for (let turn = 0; turn < 300; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    most = Math.max(most, sockets[0]!.writableLength)
  }
  // Nothing is done for it any more: nobody asks how much waits.
  let asked = 0
  Object.defineProperty(sockets[0]!, 'writableLength', {
    configurable: true,
    get: () => ++asked && most,
  })
  for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toBeLessThan(10)
  Reflect.deleteProperty(sockets[0]!, 'writableLength')
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(4 * MIB + 2 * EVENT_BYTES)
  client.socket.resume()
  const whole = () => client.frames.filter(({ code, fields }) => code === P.transfer && fields[5] !== true).length - 1
  await client.until(() => whole() === EVENTS)
  client.end()
})

it('hears a client no more that asks on and reads nothing', async () => {
  const client = new RawClient(port)
  await client.openSession()
  client.socket.pause()
  const name = 'n'.repeat(60_000)
  const link = [
    client.attachFrame('sender', { name, handle: 0, source: 'x', target: 'missing' }),
    frame(0, P.detach, [uint(0), encodeBoolean(true)]),
  ]
  for (let i = 0; i < 1_000; i++) client.send(...link)
  let most = 0
  for (let turn = 0; turn < 2_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    most = Math.max(most, sockets.at(-1)!.writableLength)
  }
  expect(most).toBeLessThan(10 * MIB)
  client.socket.resume()
  await client.until(() => client.count(P.attach) === 1_000)
  client.end()
})
