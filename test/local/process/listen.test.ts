import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { assemble } from '../../../src/local/process/assembly.ts'
import { isTaken, listen, listenIfFree } from '../../../src/local/process/listen.ts'
import { realClock } from '../../../src/lib/clock.ts'

/** Somebody else's, who counts who connects. */
async function foreign(host: string): Promise<{ readonly port: number; readonly seen: () => number }> {
  let seen = 0
  const server: Server = createServer((socket) => {
    seen++
    socket.on('error', () => undefined).end()
  }).listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, seen: () => seen }
}

test.each(['127.0.0.1', '::1'])(
  'a port that somebody has on %s is taken, for every host that means loopback',
  async (at) => {
    const { port } = await foreign(at)
    for (const host of ['127.0.0.1', 'localhost', '::1', '0.0.0.0', '::'])
      expect(await isTaken(host, port), host).toBe(true)
  },
)

test('a free port is not taken, and any port never is', async () => {
  const { port } = await listen('127.0.0.1', [], () => undefined).then(async (one) => {
    await one.close()
    return one
  })
  expect(await isTaken('127.0.0.1', port)).toBe(false)
  expect(await isTaken('127.0.0.1', 0)).toBe(false)
})

// Linux refuses the second one in any case, Windows and macOS do not: what can be seen here is that it asks.
test('it connects before it listens, for clients of every kind', async () => {
  const { port, seen } = await foreign('127.0.0.1')
  expect(await listenIfFree('127.0.0.1', [port], () => undefined)).toBeUndefined()
  expect(seen()).toBe(1)
  const other = await listen('127.0.0.1', [port], () => undefined)
  onTestFinished(() => other.close())
  expect(other.port).not.toBe(port)
  expect(seen()).toBe(2)
  const start = assemble({ clock: realClock, arm: { port }, log: () => undefined })
  await expect(start).rejects.toMatchObject({ code: 'local-port', why: ['Another process listens there.'] })
  expect(seen()).toBe(3)
})
