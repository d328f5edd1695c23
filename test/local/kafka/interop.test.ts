import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as sdk from '@azure/event-hubs'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeString, encodeUint } from '../../../src/local/encoding/writer.ts'
import { read, withProducer } from '../amqp/support/clients.ts'
import { HUB, NAMESPACE, startTestBroker, type TestBroker } from '../amqp/support/local.ts'
import { type Need, present, runReferee } from '../amqp/support/referee.ts'

const PYTHON = '/usr/bin/python3'
const KAFKA_PYTHON: Need = {
  what: `The module kafka of ${PYTHON}`,
  probe: [PYTHON, '-c', 'import kafka'],
  from: "Debian's python3-kafka",
}
const KCAT: Need = { what: 'kcat', probe: ['kcat', '-V'], from: "Debian's kcat" }
const SCRIPT = fileURLToPath(new URL('support/kafka_interop.py', import.meta.url))

/** All bytes are in hex. */
interface HexRecord {
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [key: string, value: string | null])[]
}
type ReadRecord = HexRecord & { readonly offset: number }

const hex = (bytes: string | Buffer): string => Buffer.from(bytes).toString('hex')
const record = (fields: Partial<HexRecord>): HexRecord => ({ key: null, value: hex('value'), headers: [], ...fields })

let local: TestBroker
beforeEach(async () => {
  local = await startTestBroker({ mode: 'memory' })
  return () => local.stop()
})

const server = () => `127.0.0.1:${local.broker.kafkaPort}`

/** Sends by kafka-python and reads the first `count` events of partition 0 with it. */
const throughPython = async (records: readonly HexRecord[], count: number) =>
  (await runReferee([
    ...[PYTHON, SCRIPT, server(), local.connectionString(), HUB, JSON.stringify(records), String(count)],
  ] as [string, ...string[]])) as { readonly offsets: readonly number[]; readonly read: readonly ReadRecord[] }

/** Runs kcat on partition 0 to its end. */
async function kcat(args: readonly string[], input = ''): Promise<string> {
  const access = ['-X', 'security.protocol=SASL_PLAINTEXT', '-X', 'sasl.mechanism=PLAIN']
  const user = ['-X', 'sasl.username=$ConnectionString', '-X', `sasl.password=${local.connectionString()}`]
  const child = spawn('kcat', ['-b', server(), ...access, ...user, '-t', HUB, '-p', '0', ...args])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.end(input)
  expect({ code: await new Promise((resolve) => child.once('close', resolve)), stderr }).toMatchObject({ code: 0 })
  return stdout
}

/** The first events of partition 0 as the official client has them, whose own copies of bytes are no bytes. */
async function readByAmqp(count: number) {
  const reading = read(sdk, local.connectionString(), { partition: '0', skipParsingBodyAsJson: true })
  const events = await reading.until(count)
  await reading.close()
  return events.map((event) => {
    const { messageAnnotations, applicationProperties, properties } = event.getRawAmqpMessage()
    return {
      ...{ sequenceNumber: event.sequenceNumber, body: event.body as unknown, partitionKey: event.partitionKey },
      systemProperties: event.systemProperties,
      ...{ kafkaKey: messageAnnotations?.['x-opt-kafka-key'] as unknown, applicationProperties, properties },
    }
  })
}

type Sendable = Parameters<sdk.EventDataBatch['tryAdd']>[0]

const sendByAmqp = (event: Sendable) =>
  withProducer(sdk, local.connectionString(), (producer) => producer.sendBatch([event], { partitionId: '0' }))

const CREATED = '2026-01-02T03:04:05.678Z'

describe.skipIf(!present(KAFKA_PYTHON))('kafka-python and @azure/event-hubs', { timeout: 60_000 }, () => {
  it('what Kafka sends has its bytes, its key and its headers for AMQP', async () => {
    const binary = Buffer.from([0, 0xff, 0xc3, 0x28])
    const texts = { 'message-id': 'id-1', to: 'there', 'reply-to': 'here', 'content-type': 'text/plain' }
    const system = { ...texts, 'content-encoding': 'utf-8', 'user-id': 'me', 'creation-time': CREATED }
    await throughPython(
      [
        record({
          key: hex(binary),
          value: hex(binary),
          headers: [['bytes', hex(binary)]],
        }),
        record({
          key: hex('k'),
          value: null,
          headers: [
            ['twice', hex('one')],
            ['twice', hex('two')],
            ['empty', ''],
          ],
        }),
        record({ value: '', headers: Object.entries(system).map(([key, value]) => [key, hex(value)]) }),
      ],
      3,
    )
    const [first, second, third] = await readByAmqp(3)
    expect(first).toMatchObject({ sequenceNumber: 0, body: binary, kafkaKey: binary, partitionKey: undefined })
    expect(first!.applicationProperties).toEqual({ bytes: binary })
    expect(second).toMatchObject({ sequenceNumber: 1, body: Buffer.alloc(0), kafkaKey: Buffer.from('k') })
    expect(second!.applicationProperties).toEqual({ twice: Buffer.from('two'), empty: Buffer.alloc(0) })
    expect(third).toMatchObject({ sequenceNumber: 2, body: Buffer.alloc(0), kafkaKey: undefined })
    expect(third!.applicationProperties ?? {}).toEqual({})
    expect(third!.properties).toMatchObject({
      ...{ messageId: 'id-1', to: 'there', replyTo: 'here', contentType: 'text/plain', contentEncoding: 'utf-8' },
      creationTime: Date.parse(CREATED),
    })
    expect(third!.systemProperties).toMatchObject({ userId: { ...Buffer.from('me') } })
  })

  it('what AMQP sends has its bytes, its key and its properties for Kafka', async () => {
    const body = Buffer.from([0x7b, 0xff, 0])
    await sendByAmqp({
      ...{ bodyType: 'data', body },
      messageAnnotations: { 'x-opt-kafka-key': Buffer.from([1, 0xfe]) },
      properties: {
        ...{ messageId: 'id-1', to: 'there', subject: 'not told', replyTo: 'here', correlationId: 'not told' },
        ...{ contentType: 'text/plain', contentEncoding: 'utf-8', creationTime: Date.parse(CREATED) },
        groupId: 'not told',
      },
      applicationProperties: {
        ...{ text: 'hello', number: 1_234, flag: true, bytes: Buffer.from([0, 0xff]), none: null },
        'content-type': 'as a user property',
      },
    })
    await sendByAmqp({ body: 'text' })
    await withProducer(sdk, local.connectionString(), (producer) =>
      producer.sendBatch([{ body: Buffer.alloc(0) }], { partitionKey: 'device-7' }),
    )
    const { read: records } = await throughPython([], 2)
    expect(records).toEqual([
      {
        ...{ offset: 0, key: '01fe', value: hex(body) },
        headers: [
          ...[
            ['message-id', hex('id-1')],
            ['to', hex('there')],
            ['reply-to', hex('here')],
          ],
          ...[
            ['content-type', hex('text/plain')],
            ['content-encoding', hex('utf-8')],
            ['creation-time', hex(CREATED)],
          ],
          ...[
            ['text', hex(encodeString('hello'))],
            ['number', hex(encodeUint(1_234))],
            ['flag', '41'],
          ],
          ...[
            ['bytes', '00ff'],
            ['none', null],
            ['content-type', hex('as a user property')],
          ],
        ],
      },
      // The client makes JSON of what is no Buffer.
      { offset: 1, key: null, value: hex('"text"'), headers: [] },
    ])
  })

  it('what Kafka sends comes back to Kafka as it was, and offsets are sequence numbers', async () => {
    const twice = record({
      ...{ key: hex('k'), value: null },
      headers: [
        ['a', hex('1')],
        ['a', hex('2')],
        ['content-type', hex('x')],
        ['a', hex('3')],
      ],
    })
    expect((await throughPython([twice], 1)).offsets).toEqual([0])
    await sendByAmqp({ body: Buffer.from('by AMQP') })
    expect((await throughPython([record({})], 1)).offsets).toEqual([2])
    const { read: records } = await throughPython([record({ value: '' })], 4)
    expect(records).toEqual([
      { ...twice, offset: 0 },
      { ...record({ value: hex('by AMQP') }), offset: 1 },
      { ...record({}), offset: 2 },
      { ...record({ value: '' }), offset: 3 },
    ])
    expect((await readByAmqp(4)).map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2, 3])
  })
})

describe.skipIf(!present(KCAT))('kcat and @azure/event-hubs', { timeout: 60_000 }, () => {
  it('what is sent in gzip is read by AMQP, and what AMQP sends is read by kcat', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `key-${i}:value ${i}`)
    await kcat(['-P', '-K', ':', '-z', 'gzip', '-H', 'source=kcat', '-H', 'none'], `${lines.join('\n')}\n`)
    const events = await readByAmqp(100)
    expect(events.map(({ kafkaKey, body }) => `${String(kafkaKey)}:${String(body)}`)).toEqual(lines)
    expect(events[99]).toMatchObject({
      ...{ sequenceNumber: 99, applicationProperties: { source: Buffer.from('kcat'), none: null } },
    })
    await sendByAmqp({ body: Buffer.from('grün'), contentType: 'text/plain', properties: { n: 7 } })
    const [before, last] = (await kcat(['-C', '-o', '99', '-c', '2', '-J', '-X', 'check.crcs=true'])).trim().split('\n')
    expect(JSON.parse(before!)).toMatchObject({
      ...{ offset: 99, key: 'key-99', payload: 'value 99', headers: ['source', 'kcat', 'none', null] },
    })
    expect(JSON.parse(last!)).toMatchObject({
      ...{ offset: 100, tstype: 'logappend', key: null, payload: 'grün' },
      headers: ['content-type', 'text/plain', 'n', encodeUint(7).toString()],
    })
  })

  it('the reader of a program that embeds the Azure gets the events of Kafka', async () => {
    await kcat(['-P', '-k', 'k', '-H', 'content-type=text/plain', '-H', 'a=b'], 'value')
    const request = { namespace: NAMESPACE, hub: HUB, partition: '0', start: { kind: 'earliest' } as const }
    const events = []
    for await (const event of local.broker.readEvents(request)) events.push(event)
    expect(events).toMatchObject([{ ...{ sequenceNumber: 0, contentType: 'text/plain', body: Buffer.from('value') } }])
    expect([...events[0]!.properties]).toEqual([['a', Buffer.from('b')]])
  })
})
