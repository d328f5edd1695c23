import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EventData, EventHubProducerClient } from '@azure/event-hubs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type DataPlane, startDataPlane } from '../../../src/local/process/data-plane.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { ONCE } from '../amqp/support/clients.ts'
import { NAMESPACE, TestDirectory } from '../amqp/support/local.ts'
import { type Need, present, PYTHON, pythonModule, runReferee } from '../amqp/support/referee.ts'
import { eventsOf, soon } from './support/capture.ts'
import { CAPTURE } from './support/settings.ts'
import { folderOfSuite } from '../../support/temporary-folder.ts'

const AVRO = pythonModule('avro.datafile', 'python3-avro')
const PANDAS = pythonModule('pandas', 'python3-pandas')
const AVROCAT: Need = { what: 'avrocat', probe: ['sh', '-c', 'command -v avrocat'], from: "Debian's avro-bin" }
const KCAT: Need = { what: 'kcat', probe: ['kcat', '-V'], from: "Debian's kcat" }
const scriptOf = (name: string): string => fileURLToPath(new URL(`support/${name}`, import.meta.url))

/** By the codec of their files. */
const HUBS = { null: 'plain', deflate: 'packed' } as const
const CODECS = ['null', 'deflate'] as const
const PARTITIONS = 3

const WHOLE: EventData = {
  body: { page: '/', ms: 12 },
  ...{ contentType: 'application/json', messageId: 'message-1', correlationId: 'correlation-1' },
  properties: {
    ...{ text: 'é', whole: -7, large: 2 ** 40, part: 0.5, yes: true, nothing: null },
    ...{ at: new Date('2026-01-02T15:04:05Z'), raw: Buffer.from([0, 255]) },
  },
}
const KEYED: readonly EventData[] = [{ body: { page: '/a', ms: 3 } }, { body: { page: '/', ms: 30 } }]
/** Of partition 2. */
const KEY = 'device-7'
/** By file: each partition has one with what was sent to it, and one of the next window. */
const BODIES = [
  ['{"page":"/","ms":12}'],
  [],
  ['{"page":"/a","ms":4}', ''],
  [],
  ['{"page":"/a","ms":3}', '{"page":"/","ms":30}'],
  [],
]
/** As the script prints bytes. */
const hex = (text: string) => ({ hex: Buffer.from(text).toString('hex') })

const folder = folderOfSuite()
let plane: DataPlane
const container = () => join(folder, 'capture', CAPTURE.account, CAPTURE.container)
/** Paths, in the order of their names. */
const filesOf = (codec: keyof typeof HUBS): readonly string[] =>
  readdirSync(join(container(), NAMESPACE, HUBS[codec]), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort()

async function sendByAmqp(connectionString: string): Promise<void> {
  const producer = new EventHubProducerClient(connectionString, ONCE)
  await producer.sendBatch([WHOLE], { partitionId: '0' })
  await producer.sendBatch([...KEYED], { partitionKey: KEY })
  await producer.close()
}

/** Two events, of which one has no value. */
async function sendByKcat(port: number, password: string, hub: string): Promise<void> {
  const access = [
    ...['-b', `127.0.0.1:${port}`, '-X', 'security.protocol=SASL_PLAINTEXT', '-X', 'sasl.mechanism=PLAIN'],
    ...['-X', 'sasl.username=$ConnectionString', '-X', `sasl.password=${password}`],
  ]
  const headers = ['-H', 'trace=abc', '-H', 'content-type=application/json']
  const child = spawn('kcat', [...access, '-P', '-t', hub, '-p', '1', '-K', '|', '-Z', ...headers])
  child.stdin.end('device-9|{"page":"/a","ms":4}\ndevice-9|\n')
  const [exitCode] = (await once(child, 'close')) as [number]
  expect(exitCode).toBe(0)
}

describe.skipIf(!present(KCAT))('what @azure/event-hubs and kcat sent, in files', () => {
  beforeAll(async () => {
    const clock = new ManualClock()
    const directory = new TestDirectory()
    const rule = directory.addRule('RootManageSharedAccessKey', ['Listen', 'Send', 'Manage'])
    for (const codec of CODECS)
      directory.addHub(HUBS[codec], { partitionCount: PARTITIONS, capture: { ...CAPTURE, codec } })
    plane = await startDataPlane({
      ...{ directory, clock, storage: 'memory', log: () => undefined },
      ports: { amqp: 0, kafka: 0 },
      capture: { folder: join(folder, 'capture') },
    })
    const portOf = (wanted: 'amqp' | 'kafka') => plane.listeners.find(({ protocol }) => protocol === wanted)!.port
    const access = `SharedAccessKeyName=${rule.name};SharedAccessKey=${rule.primaryKey}`
    for (const hub of Object.values(HUBS)) {
      await sendByAmqp(
        `Endpoint=sb://localhost:${portOf('amqp')};${access};UseDevelopmentEmulator=true;EntityPath=${hub}`,
      )
      await sendByKcat(portOf('kafka'), `Endpoint=sb://localhost;${access}`, hub)
    }
    expect((await plane.captures.flush({})).failures).toEqual([])
    // And a window in which nobody sends.
    // The hubs are measured each minute, too.
    await soon(() => expect(clock.pending.filter((ms) => ms === 60_000)).toHaveLength(2 * PARTITIONS + 1))
    clock.advance(60_000)
    const written = () => directory.hubs().map((hub) => plane.captures.stats(hub)?.files)
    await soon(() => expect(written()).toEqual([2 * PARTITIONS, 2 * PARTITIONS]))
    await plane.close()
  })

  it.skipIf(!present(AVRO)).each(CODECS)('python3-avro reads all of it, with codec %s', async (codec) => {
    const { files } = (await runReferee([PYTHON, scriptOf('read_avro.py'), ...filesOf(codec)])) as {
      readonly files: readonly { readonly codec: string; readonly events: readonly unknown[] }[]
    }
    expect(files.map((file) => file.codec)).toEqual(files.map(() => codec))
    const [whole, , byKcat, , keyed] = files.map(({ events }) => events)
    expect(whole).toEqual([
      {
        ...{
          SequenceNumber: 0,
          Offset: '0',
          EnqueuedTimeUtc: '3/1/2026 12:00:00 PM',
          Body: hex('{"page":"/","ms":12}'),
        },
        SystemProperties: {
          ...{ 'message-id': 'message-1', 'correlation-id': 'correlation-1', 'content-type': 'application/json' },
        },
        Properties: {
          ...{ text: 'é', whole: -7, large: 2 ** 40, part: 0.5, yes: 'True', nothing: null },
          ...{ at: '1/2/2026 3:04:05 PM', raw: { hex: '00ff' } },
        },
      },
    ])
    const ofKcat = {
      SystemProperties: { 'x-opt-kafka-key': hex('device-9'), 'content-type': 'application/json' },
      Properties: { trace: hex('abc') },
    }
    expect(byKcat).toMatchObject([
      { SequenceNumber: 0, ...ofKcat, Body: hex('{"page":"/a","ms":4}') },
      { SequenceNumber: 1, ...ofKcat, Body: hex('') },
    ])
    const ofKey = { SystemProperties: { 'x-opt-partition-key': KEY }, Properties: {} }
    expect(keyed).toMatchObject([
      { SequenceNumber: 0, ...ofKey, Body: hex('{"page":"/a","ms":3}') },
      { SequenceNumber: 1, ...ofKey, Body: hex('{"page":"/","ms":30}') },
    ])
    expect(files.flatMap(({ events }, i) => (events.length === 0 ? [i] : []))).toEqual([1, 3, 5])
  })

  it.each(CODECS)('avsc reads all of it, with codec %s', async (codec) => {
    const read = await Promise.all(filesOf(codec).map(eventsOf))
    expect(read.map((events) => events.map(({ Body }) => Body.toString()))).toEqual(BODIES)
  })

  it.skipIf(!present(AVROCAT)).each(CODECS)('avrocat reads all of it, with codec %s', (codec) => {
    const read = filesOf(codec).map((path) => {
      const { status, stdout } = spawnSync('avrocat', [path], { encoding: 'utf8' })
      expect(status).toBe(0)
      const events = stdout.split('\n').filter((line) => line !== '')
      return events.map((line) => (JSON.parse(line) as { readonly Body: { readonly bytes: string } }).Body.bytes)
    })
    expect(read).toEqual(BODIES)
  })

  it.skipIf(!present(AVRO))('the sample of the documents concatenates them by partition', async () => {
    const out = join(folder, 'tables')
    mkdirSync(out)
    const hub = join(container(), NAMESPACE, HUBS.null)
    expect(await runReferee([PYTHON, scriptOf('by_partition.py'), hub, out])).toEqual({ full: 3, empty: 3 })
    const tables = readdirSync(out)
      .sort()
      .map((name) => [name, readFileSync(join(out, name), 'utf8')])
    expect(tables).toEqual([
      ['0.csv', '/,12\r\n'],
      ['1.csv', '/a,4\r\n'],
      ['2.csv', '/a,3\r\n/,30\r\n'],
    ])
  })

  it.skipIf(!present(AVRO, PANDAS))('pandas makes a frame of them, with times', async () => {
    expect(await runReferee([PYTHON, scriptOf('frame.py'), container()])).toEqual({
      at: ['2026-03-01T12:00:00+00:00'],
      // Of both hubs.
      sums: { '/': 84, '/a': 14 },
    })
  })
})
