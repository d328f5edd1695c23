import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { kafkaTargetOf } from '../../../src/data/connection-target.ts'
import { KafkaBrokers } from '../../../src/data/kafka/kafka-brokers.ts'
import { verifyConnection } from '../../../src/data/verify-connection.ts'
import { startLocalAzure, type LocalAzure, type LocalAzureOptions } from '../../../src/index.ts'
import type { Connection, KafkaEndpoint, StepOutcome } from '../../../src/engine/connection.ts'
import { realClock } from '../../../src/lib/clock.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { askHeld } from '../../../src/local/index.ts'
import { sasConnection } from '../../ui/samples.ts'

const RIGHTS = ['Send', 'Listen'] as const
type Right = (typeof RIGHTS)[number]

async function started(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  const azure = await startLocalAzure({ hubs: ['clicks', 'views'], ...options })
  onTestFinished(() => azure.stop())
  return azure
}

interface Asked {
  readonly hub?: string
  readonly string?: string
  readonly rights?: readonly Right[]
  readonly signal?: AbortSignal
}

function connectionTo(azure: LocalAzure, { hub = 'clicks', string, rights = RIGHTS }: Asked): Connection {
  const text = string ?? azure.hubs[hub]!
  const sign = { kind: 'sas', rule: 'rule', scope: 'hub', rights, secondary: false } as const
  const key = /SharedAccessKey=([^;]+)/.exec(text)![1]!
  const kafka: KafkaEndpoint = { servers: azure.kafkaBootstrapServers, protocol: 'SASL_PLAINTEXT' }
  return sasConnection({
    ...{ hub, host: `localhost:${azure.port}`, kafka },
    sign: { ...sign, key: new Secret(key), connectionString: new Secret(text) },
  })
}

async function tried(connection: Connection, signal = new AbortController().signal): Promise<readonly StepOutcome[]> {
  const target = kafkaTargetOf(connection.kafka!)
  const options = { target, consumerGroup: 'trainer', userAgent: 'test', clock: realClock, signal }
  const outcomes: StepOutcome[] = []
  for await (const outcome of verifyConnection(connection, options)) outcomes.push(outcome)
  return outcomes
}

const tryHub = (azure: LocalAzure, asked: Asked = {}) => tried(connectionTo(azure, asked), asked.signal)
const statesOf = (outcomes: readonly StepOutcome[]) =>
  outcomes.map(({ step, state }) => (state === 'passed' ? step : `${step} ${state}`))
const WHOLE = ['dns', 'tcp', 'tls skipped', 'sign-in', 'hub', 'send', 'read']

describe('a hub that can be used', () => {
  test.each(['full', 'azure'] as const)('is tried step by step, with the versions of range %s', async (kafkaRange) => {
    const outcomes = await tryHub(await started({ kafkaRange }))
    expect(statesOf(outcomes)).toEqual(WHOLE)
    expect(outcomes.slice(-4).map(({ detail }) => detail)).toEqual([
      'rule rule, primary key',
      'clicks, 4 partitions',
      '1 event to partition 0',
      'event 0 of partition 0, without a group',
    ])
  })

  test('leaves neither a group nor a connection behind', async () => {
    const azure = await started()
    await tryHub(azure)
    const held = await vi.waitFor(async () => {
      const now = await askHeld({ armEndpoint: azure.armEndpoint })
      expect(now).toMatchObject({ kafka: { connections: 0, groups: [] } })
      return now
    })
    expect(held!.hubs.find(({ name }) => name === 'clicks')).toMatchObject({ events: 1 })
  })

  test('gives each of those who try at once its own event', async () => {
    const azure = await started()
    const all = await Promise.all(Array.from({ length: 5 }, () => tryHub(azure)))
    const details = all.map((outcomes) => outcomes.at(-1)!.detail).sort()
    expect(details).toEqual([0, 1, 2, 3, 4].map((offset) => `event ${offset} of partition 0, without a group`))
  })

  test('is tried as far as the rights go', async () => {
    const azure = await started()
    const empty = await tryHub(azure, { rights: ['Listen'] })
    expect(statesOf(empty)).toEqual([...WHOLE.slice(0, -2), 'send skipped', 'read'])
    expect(empty.at(-1)!.detail).toBe('partition 0 is open; nothing is in it')
    expect(statesOf(await tryHub(azure, { rights: ['Send'] }))).toEqual([...WHOLE.slice(0, -1), 'read skipped'])
    const filled = await tryHub(azure, { rights: ['Listen'] })
    expect(filled.at(-1)!.detail).toBe('event 0 of partition 0, without a group')
  })
})

/** All texts and bytes that can be reached from a value. */
function textsIn(value: unknown, seen = new Set<unknown>()): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  if (Buffer.isBuffer(value)) return [value.toString('latin1')]
  return Object.getOwnPropertyNames(value).flatMap((name) => textsIn((value as Record<string, unknown>)[name], seen))
}

describe('what fails', () => {
  test('a wrong key, which no error shows', async () => {
    const azure = await started()
    const wrong = azure.hubs['clicks']!.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${'A'.repeat(43)}=`)
    const outcomes = await tryHub(azure, { string: wrong })
    expect(outcomes.at(-1)).toMatchObject({ step: 'sign-in', reason: 'key', error: { code: 'access' } })
    expect(outcomes.at(-1)!.error!.why[0]).toMatch(/^Event Hubs says: .*No shared access rule/)
    expect(textsIn(outcomes).length).toBeGreaterThan(10)
    expect(textsIn(outcomes).filter((text) => text.includes('AAAAAAAA'))).toEqual([])
  })

  test('the hub of another string', async () => {
    const azure = await started()
    const outcomes = await tryHub(azure, { hub: 'views', string: azure.hubs['clicks']! })
    expect(outcomes.at(-1)).toMatchObject({ step: 'hub', reason: 'right', error: { code: 'access' } })
  })

  test('a hub that is not there', async () => {
    const azure = await started()
    const outcomes = await tryHub(azure, { hub: 'nowhere', string: azure.connectionString })
    expect(outcomes.at(-1)).toMatchObject({ step: 'hub', reason: 'no-hub', error: { code: 'absent' } })
    expect((await askHeld({ armEndpoint: azure.armEndpoint }))!.hubs).toHaveLength(2)
  })

  test('a server that hangs up', async () => {
    const server = createServer((socket) => void socket.on('data', () => socket.destroy()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const kafka: KafkaEndpoint = { servers: `localhost:${port}`, protocol: 'SASL_PLAINTEXT' }
    const outcomes = await tried(sasConnection({ host: 'localhost', kafka }))
    expect(outcomes.at(-1)).toMatchObject({ step: 'sign-in', reason: 'reset' })
  })

  test('a port where nothing listens, and a server without TLS where there should be some', async () => {
    const azure = await started()
    const connection = connectionTo(azure, {})
    const secured = { ...connection, kafka: { ...connection.kafka!, protocol: 'SASL_SSL' } as const }
    expect((await tried(secured)).at(-1)).toMatchObject({ step: 'tls', reason: 'tls' })
    await azure.stop()
    expect((await tried(connection)).at(-1)).toMatchObject({ step: 'tcp', reason: 'refused' })
  })

  test('an interruption, at once', async () => {
    const azure = await started()
    const stop = new AbortController()
    const connection = connectionTo(azure, {})
    const target = kafkaTargetOf(connection.kafka!)
    const options = { target, consumerGroup: '', userAgent: 'test', clock: realClock, signal: stop.signal }
    const outcomes = verifyConnection(connection, options)
    for (let i = 0; i < 4; i++) await outcomes.next()
    const next = outcomes.next()
    stop.abort(new Error('stopped by the test'))
    await expect(next).rejects.toThrow('stopped by the test')
  })
})

test('a broker that could not be reached is tried again', async () => {
  const azure = await started()
  const connection = connectionTo(azure, {})
  const { signal } = new AbortController()
  const brokers = new KafkaBrokers(connection, { target: kafkaTargetOf(connection.kafka!), userAgent: 'test', signal })
  onTestFinished(() => brokers.close())
  const nowhere = { host: '127.0.0.1', port: 1 }
  for (let i = 0; i < 2; i++) await expect(brokers.open(nowhere)).rejects.toThrow('ECONNREFUSED')
})
