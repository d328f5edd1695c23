import { EventHubProducerClient } from '@azure/event-hubs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Interruption } from '../../src/lib/errors.ts'
import { realClock } from '../../src/lib/clock.ts'
import { armClient, startService, type LocalService } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import type { LocalDocument } from '../../src/ui/document-schema.ts'
import { runCli, testDeps, type TestOptions } from '../support/test-deps.ts'
import { documentOf, unwrapped, SERVICE_HOST as host } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let folder: string
let service: LocalService
const HUB = { partitions: 2, retentionHours: 24, consumerGroups: ['trainer'] }

beforeEach(async () => {
  folder = temporaryFolder()
  const hubs = ['clicks', 'views'].map((name) => ({ ...HUB, name }))
  const namespaces = [
    { group: 'rg', name: 'ns-one-7k2p', hubs },
    { group: 'rg', name: 'ns-two-7k2p', hubs: [{ ...HUB, name: 'views' }] },
  ]
  service = await startService({
    ...{ host, clock: realClock, version: '1.2.3', dataFolder: folder, memory: true, arm: { namespaces } },
    ...{ dataPlane: { ports: { amqp: 0, kafka: 0 } }, log: () => undefined },
  })
})
afterEach(async () => {
  await service.close()
})

const run = (argv: readonly string[], options: TestOptions = {}) =>
  runCli([...argv, '--data', folder], { clock: realClock, host, cwd: folder, ...options })

interface Line {
  readonly partition: string
  readonly sequenceNumber: number
  readonly key: string | null
  readonly body: unknown
  readonly bodyEncoding?: string
  readonly properties: object
  readonly enqueuedTime: string
}
async function tail(...args: readonly string[]): Promise<readonly Line[]> {
  const { exitCode, stdout, stderr } = await run(['local', 'tail', 'clicks', ...args])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout === ''
    ? []
    : stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
}

/** Of `clicks`. */
async function receivers(): Promise<number | null> {
  const status = await run(['local', 'status', '--json'])
  return (JSON.parse(status.stdout) as LocalDocument).hubs.find(({ name }) => name === 'clicks')!.receivers
}

const EVENTS = Array.from({ length: 2_500 }, (_, i) => JSON.stringify({ i, deviceId: `d${i % 7}` }))

/** A folder whose embedded Azure says who it is, and then answers nothing else. */
async function silentFolder(ends: boolean) {
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/subscriptions') !== true)
      return response.end(JSON.stringify({ id: service.record.id }))
    asked++
    return ends ? request.socket.destroy() : undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const data = temporaryFolder()
  const armEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeFile(join(data, 'local.json'), JSON.stringify({ ...service.record, armEndpoint }))
  return { data, asked: () => asked }
}

describe('an embedded Azure that ends meanwhile', () => {
  test('is told, with the next command', async () => {
    const { data } = await silentFolder(true)
    const { exitCode, stderr } = await runCli(['local', 'tail', '--data', data], { clock: realClock, host, cwd: data })
    expect(exitCode).toBe(1)
    expect(unwrapped(stderr)).toMatch(
      /did not answer It was asked to GET .*: socket hang up\. See what answers there with: npx ml-ingest local status/,
    )
  })

  test.each(['tail', 'send'])('is not waited for by %s after Ctrl-C', async (name) => {
    const { data, asked } = await silentFolder(false)
    const stop = new AbortController()
    const deps = testDeps({ clock: realClock, host, cwd: data, stop: stop.signal, stdin: '1\n' })
    const running = main(['local', name, '--data', data], deps)
    await expect.poll(asked, { timeout: 15_000 }).toBe(1)
    stop.abort(new Interruption('SIGINT'))
    expect(await running).toBe(130)
  })
})

describe('local send and local tail', () => {
  test('what is sent from a file comes back, of each key in order', async () => {
    await writeFile(join(folder, 'events.jsonl'), `\uFEFF${EVENTS.join('\r\n')}\n\n`)
    const sent = await run(['local', 'send', 'clicks', 'events.jsonl', '--key-field', 'deviceId'])
    expect(sent).toMatchObject({ exitCode: 0, stdout: '' })
    expect(sent.stderr).toMatch(/Sent 2,500 events \(\d+\.\d KB\)\s+to\s+ns-one-7k2p\/clicks\s+\(\d/)
    const events = await tail()
    expect(events).toHaveLength(2_500)
    for (let key = 0; key < 7; key++) {
      const ofKey = events.filter((event) => event.key === `d${key}`)
      expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1)
      const numbers = ofKey.map(({ body }) => (body as { i: number }).i)
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      expect(ofKey).toHaveLength(EVENTS.filter((text) => text.includes(`"d${key}"`)).length)
    }
  })

  test.each([['send'], ['tail']])(
    '%s holds no request back until the service has acknowledged the one before',
    async (name) => {
      const sockets = new Set<unknown>()
      const amqp = service.record.listeners.find(({ protocol }) => protocol === 'amqp')!.port
      const note = (message: unknown) => {
        const { socket } = message as { readonly socket: Socket }
        socket.once('connect', () => socket.remotePort === amqp && sockets.add(socket))
      }
      subscribe('net.client.socket', note)
      const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
      onTestFinished(() => {
        unsubscribe('net.client.socket', note)
        setNoDelay.mockRestore()
      })
      expect((await run(['local', name, 'clicks'], { stdin: '1\n' })).exitCode).toBe(0)
      const atOnce = new Set<unknown>(setNoDelay.mock.contexts)
      expect(sockets.size).toBeGreaterThan(0)
      expect([...sockets].every((socket) => atOnce.has(socket))).toBe(true)
    },
  )

  test('stdin, one key, one partition', async () => {
    expect(await run(['local', 'send', 'clicks', '-', '--key', 'k'], { stdin: '{"a":1}\n' })).toMatchObject({
      exitCode: 0,
    })
    expect(await run(['local', 'send', 'clicks', '--partition', '1'], { stdin: '2\n"drei"\n' })).toMatchObject({
      exitCode: 0,
    })
    expect((await tail('--partition', '1')).filter(({ key }) => key === null).map(({ body }) => body)).toEqual([
      2,
      'drei',
    ])
    expect((await tail()).find(({ key }) => key === 'k')).toMatchObject({
      body: { a: 1 },
      properties: {},
      enqueuedTime: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    })
  })

  test('bodies stay as they were sent: large numbers, text, bytes', async () => {
    await run(['local', 'send', 'clicks', '--partition', '0'], { stdin: '{"n":12345678901234567890, "z":1.0}\n' })
    const arm = await armClient(service.record.armEndpoint)
    const { primaryConnectionString } = await arm.listKeys(
      `${arm.paths.namespace('rg', 'ns-one-7k2p')}/authorizationRules/RootManageSharedAccessKey`,
    )
    const producer = new EventHubProducerClient(primaryConnectionString, 'clicks')
    const bodies = [Buffer.from('no JSON\u2028'), Buffer.from([0xff, 0]), Buffer.from('{\n"a": 1\n}'), { b: 1 }]
    await producer.sendBatch(
      bodies.map((body) => ({ body, properties: { source: 'test' } })),
      { partitionId: '0' },
    )
    await producer.close()
    const { stdout } = await run(['local', 'tail', 'clicks'])
    expect(stdout).toContain('"body":{"n":12345678901234567890, "z":1.0}}\n')
    const [, text, bytes, pretty, object] = await tail()
    expect(text).toMatchObject({ body: 'no JSON\u2028', properties: { source: 'test' } })
    expect(bytes).toMatchObject({ body: Buffer.from([0xff, 0]).toString('base64'), bodyEncoding: 'base64' })
    expect(pretty).toMatchObject({ body: { a: 1 } })
    expect(object).toMatchObject({ body: { b: 1 } })
  })

  test('what comes by Kafka is readable: its key, and headers, which are bytes', async () => {
    const arm = await armClient(service.record.armEndpoint)
    const { primaryConnectionString } = await arm.listKeys(
      `${arm.paths.namespace('rg', 'ns-one-7k2p')}/authorizationRules/RootManageSharedAccessKey`,
    )
    const producer = new EventHubProducerClient(primaryConnectionString, 'clicks')
    const event = {
      body: 'x',
      properties: { text: Buffer.from('grün'), bytes: Buffer.from([0xff]), number: 1 },
      ...{ messageId: 'm-1', contentType: 'text/plain' },
    }
    const messageAnnotations = { 'x-opt-kafka-key': Buffer.from('device-7') }
    const keyed = { bodyType: 'data', body: Buffer.from('y'), messageAnnotations } as const
    await producer.sendBatch([event, keyed], { partitionId: '0' })
    await producer.close()
    const [withHeaders, withKey] = await tail()
    expect(withHeaders).toMatchObject({
      properties: { text: 'grün', bytes: { base64: '/w==' }, number: 1 },
      systemProperties: { messageId: 'm-1', contentType: 'text/plain' },
    })
    expect(withHeaders).not.toHaveProperty('kafkaKey')
    expect(withKey).toMatchObject({ key: null, kafkaKey: 'device-7', properties: {} })
    expect(withKey).not.toHaveProperty('systemProperties')
  })

  test('reads from the end, from a time, from how long ago', async () => {
    const send = (text: string) => run(['local', 'send', 'clicks', '--partition', '0'], { stdin: `"${text}"\n` })
    await send('old')
    await realClock.sleep(30)
    const between = new Date().toISOString()
    await realClock.sleep(30)
    await send('new')
    expect(await tail('--from', 'end')).toEqual([])
    expect((await tail('--from', between)).map(({ body }) => body)).toEqual(['new'])
    expect((await tail('--from', '1h')).map(({ body }) => body)).toEqual(['old', 'new'])
    expect(await tail('--from', '2999-01-01')).toEqual([])
    expect((await tail('--consumer-group', 'trainer')).map(({ body }) => body)).toEqual(['old', 'new'])
  })

  test('follows what comes, until it is told to stop', async () => {
    await run(['local', 'send', 'clicks'], { stdin: '"before"\n' })
    const stop = new AbortController()
    const deps = testDeps({ clock: realClock, host, cwd: folder, stop: stop.signal })
    const following = main(['local', 'tail', 'clicks', '--follow', '--data', folder], deps)
    await expect.poll(receivers, { timeout: 15_000 }).toBeGreaterThanOrEqual(2)
    await run(['local', 'send', 'clicks'], { stdin: '"after"\n' })
    await expect.poll(() => deps.stdout.text, { timeout: 15_000 }).toContain('\n')
    stop.abort(new Interruption('SIGINT'))
    expect(await following).toBe(130)
    expect(
      deps.stdout.text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).body),
    ).toEqual(['after'])
    expect(deps.stderr.text).toBe('')
  })

  test('--output writes what it would print, as UTF-8, and replaces a file only when told', async () => {
    await run(['local', 'send', 'clicks'], { stdin: [...EVENTS, '"größer"'].join('\n') })
    const { stdout } = await run(['local', 'tail', 'clicks', '--partition', '0'])
    const into = (...args: readonly string[]) =>
      run(['local', 'tail', 'clicks', '--output', 'clicks.jsonl', '--partition', ...args])
    const written = () => readFile(join(folder, 'clicks.jsonl'), 'utf8')
    const first = await into('0')
    expect(first).toMatchObject({ exitCode: 0, stdout: '' })
    const events = stdout.trimEnd().split('\n').length
    expect(first.stderr).toContain(`Wrote ${events.toLocaleString('en')} events to clicks.jsonl.`)
    expect(await written()).toBe(stdout)
    const again = await into('1')
    expect(unwrapped(again.stderr)).toContain("Can't write to clicks.jsonl: it exists To replace it, add --force.")
    expect(again.exitCode).toBe(2)
    expect(await written()).toBe(stdout)
    expect((await into('1', '--force')).exitCode).toBe(0)
    expect(await written()).not.toBe(stdout)
    expect(stdout + (await written())).toContain('"größer"')
  })

  test('--output keeps what was read when reading ends early, and leaves nothing where nothing was read', async () => {
    // More than is collected before it is written.
    const body = 'before'.repeat(20_000)
    await run(['local', 'send', 'clicks'], { stdin: `"${body}"\n` })
    const stop = new AbortController()
    const deps = testDeps({ clock: realClock, host, cwd: folder, stop: stop.signal })
    const drafts = async () => (await readdir(folder)).filter((name) => name.startsWith('.ml-ingest'))
    const argv = ['local', 'tail', 'clicks', '--follow', '--from', 'start', '--output', 'clicks.jsonl']
    const following = main([...argv, '--data', folder], deps)
    const written = async () => Promise.all((await drafts()).map((name) => readFile(join(folder, name), 'utf8')))
    await expect.poll(written, { timeout: 15_000 }).toEqual([expect.stringContaining(body)])
    stop.abort(new Interruption('SIGINT'))
    expect(await following).toBe(130)
    expect(await readFile(join(folder, 'clicks.jsonl'), 'utf8')).toContain(`"body":"${body}"`)
    expect((await run(['local', 'tail', 'clicks', '--partition', '9', '--output', 'none.jsonl'])).exitCode).toBe(1)
    expect(await drafts()).toEqual([])
    expect(await readdir(folder)).not.toContain('none.jsonl')
  })

  test('a reader that has seen enough ends it, without an error', async () => {
    await run(['local', 'send', 'clicks'], { stdin: '"before"\n' })
    const deps = testDeps({ clock: realClock, host, cwd: folder })
    const following = main(['local', 'tail', 'clicks', '--follow', '--from', 'start', '--data', folder], deps)
    await expect.poll(() => deps.stdout.text, { timeout: 15_000 }).not.toBe('')
    deps.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    expect(await following).toBe(0)
  })

  test('keeps to a rate, and sends what is there before the input ends', async () => {
    const stdin = new PassThrough()
    const deps = { ...testDeps({ clock: realClock, host, cwd: folder }), stdin }
    const startedAt = performance.now()
    const sending = main(['local', 'send', 'clicks', '--rate', '20/s', '--data', folder], deps)
    stdin.write(EVENTS.slice(0, 10).join('\n') + '\n')
    await expect.poll(async () => (await tail()).length, { timeout: 15_000 }).toBeGreaterThanOrEqual(8)
    stdin.end(`${EVENTS[10]}\n`)
    expect(await sending).toBe(0)
    expect(performance.now() - startedAt).toBeGreaterThan(400)
    expect(await tail()).toHaveLength(11)
  })

  test('an interruption says what is sent', async () => {
    const stop = new AbortController()
    const deps = { ...testDeps({ clock: realClock, host, cwd: folder, stop: stop.signal }), stdin: new PassThrough() }
    const sending = main(['local', 'send', 'clicks', '--data', folder], deps)
    deps.stdin.write('1\n2\n')
    await expect.poll(async () => (await tail()).length, { timeout: 15_000 }).toBe(2)
    stop.abort(new Interruption('SIGINT'))
    expect(await sending).toBe(130)
    expect(deps.stderr.text).toContain('Sent 2 events')
  })

  test.each([
    ['no JSON', '{"a":1}\nnope\n', [], "Can't send line 2", 1],
    ['no key', '{"a":1}\n{"k":"x"}\n', ['--key-field', 'k'], "Can't send line 1", 0],
    ['too large', `1\n"${'x'.repeat(1_100_000)}"\n`, [], "Can't send line 2: it has 1100002 bytes", 1],
  ])('a line that cannot be sent is named: %s', async (_, stdin, flags, message, sent) => {
    const result = await run(['local', 'send', 'clicks', '-', ...flags], { stdin })
    expect(result.exitCode).toBe(2)
    expect(unwrapped(result.stderr)).toContain(message)
    expect(await tail()).toHaveLength(sent)
  })

  test.each<[argv: readonly string[], message: string, exitCode?: number]>([
    [['local', 'send', 'clicks', '--key', 'a', '--key-field', 'b'], '--key-field b contradicts --key'],
    [['local', 'send', 'clicks', '--partition', '0', '--key', 'a'], '--partition 0 contradicts a partition key'],
    [['local', 'send', 'clicks', '--rate', 'fast'], 'is not a rate'],
    [['local', 'send', 'clicks', 'nothing.jsonl'], 'FILE nothing.jsonl cannot be read: there is no such file'],
    [['local', 'send'], 'Name one of them after the command, such as ns-one-7k2p/clicks.'],
    [['tail', 'clicks', '--local', '--hub', 'views'], 'HUB clicks contradicts --hub views'],
    [['tail', 'ns-one-7k2p/clicks', '--local', '--hub', 'views'], 'contradicts --hub views'],
    [['tail', '--hub', 'clicks', '--hub', 'views', '--local'], "Can't tell which hub is meant"],
    [['local', 'tail', 'click'], 'Did you mean clicks?', 1],
    [['local', 'tail'], "Can't tell which hub is meant"],
    [['local', 'tail', 'views'], 'Several namespaces have a hub views'],
    [['local', 'tail', 'clicks', '--from', 'yesterday'], 'is neither start, end, a time'],
  ])('%j: %s', async (argv, message, exitCode = 2) => {
    const result = await run(argv, { stdin: '1\n' })
    expect(result.exitCode).toBe(exitCode)
    expect(unwrapped(result.stderr)).toContain(message)
  })

  test('a partition or a group that is not there', async () => {
    expect(await run(['local', 'tail', 'clicks', '--partition', '9'])).toMatchObject({ exitCode: 1 })
    await run(['local', 'send', 'clicks'], { stdin: '1\n' })
    const result = await run(['local', 'tail', 'clicks', '--consumer-group', 'nope'])
    expect(result.exitCode).toBe(1)
    expect(unwrapped(result.stderr)).toContain(
      'There is no consumer group nope in hub clicks It has: $Default, trainer.',
    )
  })

  test('a hyphen in the place of the hub is stdin', async () => {
    const result = await run(['local', 'send', '-'], { stdin: '1\n' })
    expect([result.exitCode, unwrapped(result.stderr)]).toEqual([2, expect.stringContaining("Can't tell which hub")])
  })

  test('a flag names the hub too', async () => {
    expect((await run(['local', 'send', '--hub', 'clicks', '-'], { stdin: '1\n' })).exitCode).toBe(0)
    const { exitCode, stdout } = await run(['local', 'tail', '--hub', 'clicks'])
    expect([exitCode, (JSON.parse(stdout) as Line).body]).toEqual([0, 1])
  })

  test('a hub is named with its namespace where several have it', async () => {
    expect(await run(['local', 'send', 'ns-two-7k2p/views'], { stdin: '1\n' })).toMatchObject({ exitCode: 0 })
    expect((await run(['local', 'tail', 'ns-two-7k2p/views'])).stdout).toContain('"body":1}')
    expect((await run(['local', 'tail', 'ns-one-7k2p/views'])).stdout).toBe('')
  })

  test('says how to start what does not run', async () => {
    const result = await runCli(['local', 'tail', 'clicks', '--data', join(folder, 'other')], {
      host,
      clock: realClock,
    })
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/npx ml-ingest local start --data \S+ --detach/)
  })
})

describe('local status', () => {
  test('tells hubs, events, sizes and clients, as rows and as a document', async () => {
    await run(['local', 'send', 'clicks'], { stdin: EVENTS.slice(0, 1_200).join('\n') })
    const text = await run(['local', 'status'], { columns: 120 })
    expect(text.stdout).toMatch(/Since +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/)
    expect(text.stdout).toContain('Clients           none connected')
    expect(text.stdout).toMatch(
      /Hub {15}ns-one-7k2p\/clicks: 2 partitions, 1,200 events, [\d.]+ KB, groups \$Default trainer\n {2}Hub {15}ns-one-7k2p\/views/,
    )
    const status = await run(['local', 'status', '--json'])
    const document = documentOf(status) as unknown as LocalDocument
    expect(document).toMatchObject({
      running: true,
      connections: 0,
      dataEndpoint: expect.stringMatching(/:\d+$/) as string,
    })
    expect(document.hubs.map(({ namespace, name, events }) => [namespace, name, events])).toEqual([
      ['ns-one-7k2p', 'clicks', 1_200],
      ['ns-one-7k2p', 'views', 0],
      ['ns-two-7k2p', 'views', 0],
    ])
    expect(document.hubs[0]!.bytes).toBeGreaterThan(20_000)
  })
})
