import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  API_VERSIONS,
  METADATA,
  SASL_AUTHENTICATE,
  SASL_HANDSHAKE,
} from '../../../src/local/kafka/wire/apis/session.ts'
import { NAMESPACE, startTestBroker, type TestBroker, type TestDirectory } from '../amqp/support/local.ts'
import { encodeRequest, plainToken, RawClient, TestClient } from './support/client.ts'

const ROOT = 'RootManageSharedAccessKey'
let broker: TestBroker
afterEach(() => broker.stop())

const start = async () => (broker = await startTestBroker({ mode: 'memory' }))
const port = () => broker.broker.kafkaPort

/** What a client hears that signs in like this. */
async function signIn(token: Buffer): Promise<{ readonly errorCode: number; readonly errorMessage: string | null }> {
  const client = await TestClient.open(port())
  await client.call(SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' })
  const answer = await client.call(SASL_AUTHENTICATE, 1, { authBytes: token })
  if (answer.errorCode !== 0) expect(await client.raw.receive()).toBeUndefined()
  client.close()
  return answer
}

describe('a connection string', () => {
  test('opens a connection, however its parts are written', async () => {
    await start()
    const { primaryKey, secondaryKey } = broker.directory.rules()[0]!
    for (const password of [
      broker.connectionString(),
      `Endpoint=sb://elsewhere.servicebus.windows.net/;SharedAccessKeyName=${ROOT};SharedAccessKey=${secondaryKey}`,
      ` sharedaccesskey = ${primaryKey} ; SHAREDACCESSKEYNAME = ${ROOT.toUpperCase()};;Unknown`,
    ]) {
      expect(await signIn(plainToken(password))).toMatchObject({ errorCode: 0, errorMessage: null })
    }
  })

  test.each([
    [
      'a wrong key',
      `SharedAccessKeyName=${ROOT};SharedAccessKey=secret`,
      /^No shared access rule has the name and the key/,
    ],
    ['no key', `Endpoint=sb://localhost;SharedAccessKeyName=${ROOT}`, /^The password has to be a connection string/],
    ['no connection string', 'secret', /^The password has to be a connection string/],
    ['a signature', 'Endpoint=sb://localhost;SharedAccessSignature=SharedAccessSignature secret', /sign in with a key/],
  ])('is refused with a sentence: %s', async (_, password, sentence) => {
    await start()
    const { errorCode, errorMessage } = await signIn(plainToken(password))
    expect({ errorCode, errorMessage }).toEqual({
      errorCode: 58,
      errorMessage: expect.stringMatching(sentence) as string,
    })
    expect(errorMessage).not.toContain('secret')
    expect(broker.lines).toEqual([`A Kafka client could not sign in: ${errorMessage}`])
  })

  test('goes with one user', async () => {
    await start()
    expect(await signIn(plainToken(broker.connectionString(), 'me'))).toMatchObject({
      errorCode: 58,
      errorMessage: 'The user has to be $ConnectionString, and the password a connection string',
    })
    expect(await signIn(Buffer.from('no token'))).toMatchObject({ errorCode: 58 })
  })

  test('opens nothing where the namespace takes no keys or serves no Kafka', async () => {
    await start()
    broker.directory.noKafka.add(NAMESPACE)
    expect(await signIn(plainToken(broker.connectionString()))).toMatchObject({
      errorCode: 58,
      errorMessage: `The namespace ${NAMESPACE} is of the tier Basic, which has no Kafka endpoint: Standard has one`,
    })
    broker.directory.noLocalAuth.add(NAMESPACE)
    expect(await signIn(plainToken(broker.connectionString()))).toMatchObject({
      errorCode: 58,
      errorMessage: `The namespace ${NAMESPACE} takes no keys`,
    })
  })
})

describe('signing in', () => {
  test('with another mechanism is refused, and the one that there is is named', async () => {
    await start()
    const client = await TestClient.open(port())
    expect(await client.call(SASL_HANDSHAKE, 1, { mechanism: 'OAUTHBEARER' })).toEqual({
      errorCode: 33,
      mechanisms: ['PLAIN'],
    })
    expect(await client.raw.receive()).toBeUndefined()
  })

  test('by tokens without a head ends the connection where one is wrong, and the log says why', async () => {
    await start()
    const client = await TestClient.open(port())
    await client.call(SASL_HANDSHAKE, 0, { mechanism: 'PLAIN' })
    client.raw.send(plainToken('SharedAccessKeyName=x;SharedAccessKey=y'))
    expect(await client.raw.receive()).toBeUndefined()
    expect(broker.lines).toEqual([expect.stringContaining('A Kafka client could not sign in: No shared access rule')])
  })

  test('needs the mechanism first, and happens once', async () => {
    await start()
    const early = await TestClient.open(port())
    const authBytes = plainToken(broker.connectionString())
    expect(await early.call(SASL_AUTHENTICATE, 0, { authBytes })).toMatchObject({ errorCode: 34 })
    const client = await TestClient.signedIn(port(), broker.connectionString())
    expect(await client.call(SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' })).toMatchObject({ errorCode: 34 })
    expect(await client.call(SASL_AUTHENTICATE, 2, { authBytes })).toMatchObject({ errorCode: 34 })
    expect(await client.call(METADATA, 9, { topics: null })).toMatchObject({ topics: [{ name: 'clicks' }] })
    early.close()
    client.close()
  })

  test('comes before everything but the question of versions', async () => {
    await start()
    for (let i = 0; i < 2; i++) {
      const client = await TestClient.open(port())
      expect(await client.call(API_VERSIONS, 3, {})).toMatchObject({ errorCode: 0 })
      client.send(METADATA, 9, { topics: null })
      expect(await client.raw.receive()).toBeUndefined()
    }
    expect(broker.lines).toEqual([expect.stringContaining('security.protocol=SASL_PLAINTEXT')])
  })
})

test('a renewed key ends no connection, the end of its rule does', async () => {
  await start()
  const client = await TestClient.signedIn(port(), broker.connectionString())
  broker.directory.changeRule(ROOT, { primaryKey: 'new', secondaryKey: 'newer' })
  expect(await client.call(METADATA, 9, { topics: null })).toMatchObject({ topics: [{ name: 'clicks' }] })
  broker.directory.removeRule(ROOT)
  expect(await client.raw.receive()).toBeUndefined()
  expect(broker.lines).toEqual([])
})

test.each<readonly [string, (directory: TestDirectory) => void]>([
  ['a right is taken from its rule', (directory) => directory.changeRule('both', { rights: ['Listen'] })],
  [
    'its namespace takes no keys any more',
    (directory) => {
      directory.noLocalAuth.add(NAMESPACE)
      directory.changeRule('both', {})
    },
  ],
  [
    'its namespace serves no Kafka any more',
    (directory) => {
      directory.noKafka.add(NAMESPACE)
      directory.changeRule('both', {})
    },
  ],
])('a connection ends when %s, and not before', async (_, change) => {
  await start()
  const rule = broker.directory.addRule('both', ['Send', 'Listen'])
  const client = await TestClient.signedIn(port(), broker.connectionString({ rule }))
  broker.directory.changeRule('both', { rights: ['Listen', 'Send'], primaryKey: 'new' })
  broker.directory.changeRule('both', { rights: ['Listen', 'Send', 'Manage'] })
  broker.directory.changeRule('both', { rights: ['Manage'] }) // It stands for all of them.
  broker.directory.changeRule(ROOT, { rights: ['Listen'] })
  expect(await client.call(METADATA, 9, { topics: null })).toMatchObject({ topics: [{ name: 'clicks' }] })
  change(broker.directory)
  expect(await client.raw.receive()).toBeUndefined()
  expect(broker.lines).toEqual([])
})

test('what is not offered ends the connection, and the log names it', async () => {
  await start()
  const client = await TestClient.signedIn(port(), broker.connectionString())
  client.raw.socket.write(encodeRequest({ ...METADATA, key: 71, flexible: 0 }, 0, 1, { topics: null }))
  expect(await client.raw.receive()).toBeUndefined()
  expect(broker.lines).toEqual(['A Kafka client asked for API 71 in version 0, which is not offered'])
})

test.each([
  ['TLS', Buffer.from('16030100c8010000c4', 'hex'), /opened TLS .*=SASL_PLAINTEXT/],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /spoke HTTP/],
  ['AMQP', Buffer.from('AMQP\0\x01\0\0'), /spoke AMQP/],
  ['something else', Buffer.from('hello world'), /something unknown/],
])('who speaks %s to the port is turned away, and the log says it once', async (_, bytes, line) => {
  await start()
  for (let i = 0; i < 2; i++) {
    const client = await RawClient.open(port())
    client.socket.write(bytes)
    expect(await client.receive()).toBeUndefined()
  }
  expect(broker.lines).toEqual([expect.stringMatching(line)])
})

test('connections end with the server, and are counted until then', async () => {
  const { broker: plane } = await start()
  const client = await TestClient.signedIn(port(), broker.connectionString())
  expect(plane.stats().connections).toBe(1)
  const ended = client.raw.receive()
  await broker.stop()
  expect(await ended).toBeUndefined()
  await expect(
    new Promise((resolve, reject) => connect(port(), '127.0.0.1').on('connect', resolve).on('error', reject)),
  ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
