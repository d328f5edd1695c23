import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestBroker, type TestBroker } from '../amqp/support/local.ts'
import { plainToken, RawClient } from './support/client.ts'

/**
 * What clients say first, byte by byte as https://kafka.apache.org/protocol.html lays it out, and what they have to hear.
 */

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')
/** Lengths of both kinds. */
const short = (text: string): Buffer =>
  Buffer.concat([hex(text.length.toString(16).padStart(4, '0')), Buffer.from(text)])
const compact = (bytes: Buffer | string): Buffer => {
  const size = bytes.length + 1
  const length = size < 128 ? [size] : [(size % 128) + 128, Math.floor(size / 128)]
  return Buffer.concat([Buffer.from(length), Buffer.from(bytes)])
}
const all = (...parts: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? hex(part) : part)))

let broker: TestBroker
beforeAll(async () => {
  broker = await startTestBroker({ mode: 'memory' })
  broker.directory.changeHub('clicks', { partitionCount: 1 })
})
afterAll(() => broker.stop())

const connect = () => RawClient.open(broker.broker.kafkaPort)
const portBytes = (): string => broker.broker.kafkaPort.toString(16).padStart(8, '0')
const ask = async (client: RawClient, ...request: readonly (Buffer | string)[]): Promise<string> => {
  client.send(all(...request))
  return (await client.receive())?.toString('hex') ?? 'the end'
}
const answer = (...parts: readonly (Buffer | string)[]): string => all(...parts).toString('hex')

/** Keys and versions, from an answer in version 0. */
const apisIn = (answered: string): string => answered.slice(20)

describe('the opening', () => {
  test('of Java 3.9: version 4 of ApiVersions, and when it hears which there are, one of those', async () => {
    const client = await connect()
    const id = short('adminclient-1')
    const software = [compact('apache-kafka-java'), compact('3.9.0'), '00']
    const refused = await ask(client, '0012 0004 00000000', id, '00', ...software)
    // Error 35, in version 0: a count of 32 bits and six bytes for each API.
    expect(refused.slice(0, 12)).toBe('000000000023')
    const count = Number.parseInt(refused.slice(12, 20), 16)
    expect(apisIn(refused).length).toBe(count * 12)
    expect(apisIn(refused)).toContain('001200000003')
    const apis = apisIn(refused).match(/.{12}/g)!
    const asOffered = apis.map((one) => `${one}00`).join('')
    expect(await ask(client, '0012 0003 00000001', id, '00', ...software)).toBe(
      answer('00000001 0000', Buffer.from([count + 1]), asOffered, '00000000 00'),
    )
    expect(await ask(client, '0011 0001 00000002', id, short('PLAIN'))).toBe(
      answer('00000002 0000 00000001', short('PLAIN')),
    )
    const token = plainToken(broker.connectionString())
    expect(await ask(client, '0024 0002 00000003', id, '00', compact(token), '00')).toBe(
      answer('00000003 00 0000 00 01 0000000000000000 00'),
    )
    // Metadata 9 about all topics, by a null.
    expect(await ask(client, '0003 0009 00000004', id, '00', '00 01 00 00 00')).toBe(
      answer(
        '00000004 00 00000000',
        ...['02 00000000', compact('127.0.0.1'), portBytes(), '00 00'],
        ...[compact('test-ns'), '00000000'],
        ...['02 0000', compact('clicks'), '00'],
        ...['02 0000 00000000 00000000 00000000', '02 00000000', '02 00000000', '01 00'],
        ...['80000000 00', '80000000 00'],
      ),
    )
    client.close()
  })

  test('of librdkafka 2.15', async () => {
    const client = await connect()
    const id = short('rdkafka')
    const apis = await ask(client, '0012 0003 00000001', id, '00', compact('librdkafka'), compact('2.15.0'), '00')
    expect(apis.slice(0, 12)).toBe('000000010000')
    expect(await ask(client, '0011 0001 00000002', id, short('PLAIN'))).toBe(
      answer('00000002 0000 00000001', short('PLAIN')),
    )
    const token = plainToken(broker.connectionString())
    const length = token.length.toString(16).padStart(8, '0')
    expect(await ask(client, '0024 0001 00000003', id, length, token)).toBe(
      answer('00000003 0000 ffff 00000000 0000000000000000'),
    )
    client.close()
  })

  test('of kafka-python 2.0: tokens by themselves, and the oldest versions', async () => {
    const client = await connect()
    const id = short('kafka-python-2.0.2')
    expect((await ask(client, '0012 0000 00000001', id)).slice(0, 12)).toBe('000000010000')
    expect(await ask(client, '0011 0000 00000002', id, short('PLAIN'))).toBe(
      answer('00000002 0000 00000001', short('PLAIN')),
    )
    expect(await ask(client, plainToken(broker.connectionString()))).toBe('')
    // Metadata 0 about all topics, by an empty list.
    expect(await ask(client, '0003 0000 00000003', id, '00000000')).toBe(
      answer(
        '00000003',
        ...['00000001 00000000', short('127.0.0.1'), portBytes()],
        ...['00000001 0000', short('clicks'), '00000001 0000 00000000 00000000'],
        ...['00000001 00000000', '00000001 00000000'],
      ),
    )
    client.close()
  })
})
