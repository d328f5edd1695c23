import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { startService, type LocalService } from '../../src/local/index.ts'
import type { ConnectionEntry, LocalDocument, VerifyDocument } from '../../src/ui/document-schema.ts'
import { runCli, type TestRun } from '../support/test-deps.ts'
import { startTestAzure } from '../support/azure.ts'
import { SERVICE_HOST as host, SMALL_CREATE, TARGET, unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SCHEMA = new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url)
const isDocument = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(await readFile(SCHEMA, 'utf8')) as object,
)

let folder: string
let service: LocalService

beforeEach(async () => {
  folder = temporaryFolder()
  service = await startService({
    ...{ host, clock: realClock, version: '1.2.3', dataFolder: folder },
    dataPlane: { ports: { amqp: 0, kafka: 0 } },
    log: () => undefined,
  })
  expect(await run('create', '--local', '--hub', 'clicks', '--yes', '--no-connection')).toMatchObject({ exitCode: 0 })
})
afterEach(async () => {
  await service.close()
})

const run = (...argv: readonly string[]) => runCli([...argv, '--data', folder], { clock: realClock, host, cwd: folder })
const portOf = () => service.record.listeners.find(({ protocol }) => protocol === 'kafka')!.port

function documentIn<Document>({ stdout }: TestRun): Document {
  const document: unknown = JSON.parse(stdout)
  expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
  return document as Document
}

const status = async (): Promise<LocalDocument> => documentIn(await run('local', 'status', '--json'))

describe('verify --kafka', () => {
  test('sends one event and reads it back, and says so as verify does', async () => {
    const ran = await run('verify', '--local', '--hub', 'clicks', '--kafka')
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' })
    expect(ran.stdout).toContain('without a group')
    expect(ran.stdout).toContain('Verified: hub clicks accepts an event and returns it.')
    const document = documentIn<VerifyDocument>(await run('verify', '--local', '--hub', 'clicks', '--kafka', '--json'))
    expect(document).toMatchObject({
      ...{ result: 'ok', exitCode: 0 },
      verifications: [{ hub: 'clicks', protocol: 'kafka', consumerGroup: null, transport: 'tcp' }],
    })
    expect(document.verifications[0]!.steps.at(-1)!.detail).toBe('event 1 of partition 0, without a group')
  })

  test('is refused where the tier has no Kafka endpoint', async () => {
    const basic = ['--local', '--namespace', 'ns-basic-7k2p', '--hub', 'plain']
    expect(await run('create', ...basic, '--tier', 'Basic', '--yes', '--no-connection')).toMatchObject({ exitCode: 0 })
    const ran = await run('verify', ...basic, '--kafka', '--json')
    expect(ran.exitCode).toBe(4)
    const { verifications, error } = documentIn<VerifyDocument>(ran)
    expect(verifications[0]!.steps).toMatchObject([{ step: 'resource-manager', state: 'failed', reason: 'no-kafka' }])
    expect(error!.message).toBe("Can't connect to namespace ns-basic-7k2p by Kafka: it has no Kafka endpoint")
    expect(error!.hint).toContain('Leave out --kafka')
    expect(await run('verify', ...basic)).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['Disabled', 'send'],
    ['SendDisabled', 'send'],
    ['ReceiveDisabled', 'read'],
  ])('says of a hub that is %s that it is, not that the rule lacks a right', async (hubStatus, step) => {
    const file = join(folder, 'ml-ingest.yaml')
    await writeFile(file, `version: 1\nhubs:\n  - { name: closed, status: ${hubStatus} }\n`)
    expect(await run('create', '--local', '-f', file, '--yes', '--no-connection')).toMatchObject({ exitCode: 0 })
    const ran = await run('verify', '--local', '-f', file, '--kafka', '--json')
    const { verifications, error } = documentIn<VerifyDocument>(ran)
    expect(verifications[0]!.steps.at(-1)).toMatchObject({ step, state: 'failed', reason: 'disabled' })
    expect(error!.message).toMatch(/ hub closed: it is disabled$/)
    expect(error!.why).toEqual([`Its status is ${hubStatus}.`])
    expect(ran.exitCode).toBe((await run('verify', '--local', '-f', file)).exitCode)
  })

  test.each([
    ['--web-sockets', 'contradicts --kafka'],
    ['--consumer-group=trainer', 'has no effect with --kafka'],
  ])('has no use for %s', async (flag, says) => {
    const ran = await run('verify', '--hub', 'clicks', '--kafka', flag)
    expect(ran.exitCode).toBe(2)
    expect(unwrapped(ran.stderr)).toContain(says)
  })
})

test('the connection has the address, in every form that Kafka clients read', async () => {
  const show = (format: string) => run('show-connection', '--local', '--hub', 'clicks', '--format', format)
  const document = documentIn<{ readonly connections: readonly ConnectionEntry[] }>(await show('json'))
  expect(document.connections).toMatchObject([
    { kafkaBootstrapServers: `localhost:${portOf()}`, kafkaSecurityProtocol: 'SASL_PLAINTEXT' },
  ])
  expect((await show('text')).stdout).toMatch(new RegExp(`Kafka +localhost:${portOf()}\n`))
  for (const format of ['kafka', 'librdkafka'])
    expect((await show(format)).stdout).toContain(
      `bootstrap.servers=localhost:${portOf()}\nsecurity.protocol=SASL_PLAINTEXT\n`,
    )
})

test('an embedded Azure that an older version started is named, with what renews it', async () => {
  // It has no data plane, so it serves no Kafka, as one of an older version.
  const azure = await startTestAzure()
  expect(await azure.run([...SMALL_CREATE, '--no-connection'])).toMatchObject({ exitCode: 0 })
  const older = 'The embedded Azure that runs was started by an older version.'
  const ways = [
    ['verify', ...TARGET, '--hub', 'clicks', '--kafka'],
    ['show-connection', ...TARGET, '--hub', 'clicks', '--format', 'kafka'],
  ]
  for (const argv of ways) {
    const { stderr } = await azure.run(argv)
    expect(unwrapped(stderr)).toContain(older)
    expect(stderr).toMatch(
      /Stop it, and start it again:\n +npx ml-ingest local stop\n +npx ml-ingest local start --detach\n/,
    )
    expect(stderr).not.toMatch(/Basic|--tier/)
  }
})

describe('local status', () => {
  test('has the port, and no client and no group at first', async () => {
    expect(await status()).toMatchObject({
      ...{ kafkaEndpoint: `localhost:${portOf()}`, kafkaRange: 'full', kafkaConnections: 0, kafkaGroups: [] },
    })
    expect((await run('local', 'status')).stdout).toMatch(new RegExp(`Kafka +localhost:${portOf()}\n`))
  })

  test('tells that only the versions recorded of Azure are offered', async () => {
    const data = join(folder, 'narrow')
    const narrow = await startService({
      ...{ host, clock: realClock, version: '1.2.3', dataFolder: data, log: () => undefined },
      dataPlane: { ports: { amqp: 0, kafka: 0 }, kafkaRange: 'azure' },
    })
    onTestFinished(() => narrow.close())
    const ask = (...more: readonly string[]) =>
      runCli(['local', 'status', '--data', data, ...more], { clock: realClock, host, cwd: folder })
    expect(documentIn<LocalDocument>(await ask('--json')).kafkaRange).toBe('azure')
    expect(unwrapped((await ask()).stdout)).toMatch(/Kafka +localhost:\d+, only .* \(--kafka-range azure\)/)
  })

  test('tells the clients of Kafka, their groups and how far behind they are', async () => {
    const shown = await run('show-connection', '--local', '--hub', 'clicks', '--format', 'raw')
    const kafka = new Kafka({
      ...{ brokers: [`localhost:${portOf()}`], logLevel: logLevel.NOTHING },
      sasl: { mechanism: 'plain', username: '$ConnectionString', password: shown.stdout.trim() },
    })
    const producer = kafka.producer()
    const consumer = kafka.consumer({ groupId: 'trainers' })
    onTestFinished(() => Promise.all([producer.disconnect(), consumer.disconnect()]).then(() => undefined))
    await producer.connect()
    const messages = Array.from({ length: 5 }, (_, i) => ({ value: String(i), partition: 0 }))
    await producer.send({ topic: 'clicks', messages })
    await consumer.connect()
    await consumer.subscribe({ topic: 'clicks', fromBeginning: true })
    await new Promise<void>((resolve) => {
      void consumer.run({
        autoCommit: false,
        eachMessage: async ({ message }) => void (message.offset === '4' && resolve()),
      })
    })
    expect(unwrapped((await run('local', 'status')).stdout)).toMatch(/trainers: stable, 1 member, nothing committed/)
    await consumer.commitOffsets([{ topic: 'clicks', partition: 0, offset: '2' }])

    const { connections, kafkaConnections, kafkaGroups } = await status()
    expect(kafkaConnections).toBeGreaterThanOrEqual(2)
    expect(connections).toBe(kafkaConnections)
    expect(kafkaGroups).toMatchObject([
      { group: 'trainers', state: 'Stable', members: 1, hubs: [{ hub: 'clicks', lag: 3, committedPartitions: 1 }] },
    ])
    const { stdout } = await run('local', 'status')
    expect(stdout).toMatch(/Clients +\d+ connected, \d+ by Kafka\n/)
    expect(unwrapped(stdout)).toMatch(
      /Kafka group \S+\/trainers: stable, 1 member, 3 behind in clicks \(1 of 4 partitions\)/,
    )

    const rest = [1, 2, 3].map((partition) => ({ topic: 'clicks', partition, offset: '0' }))
    await consumer.commitOffsets(rest)
    expect(unwrapped((await run('local', 'status')).stdout)).toMatch(/3 behind in clicks(?! \()/)

    await consumer.disconnect()
    expect((await status()).kafkaGroups).toMatchObject([{ group: 'trainers', state: 'Empty', members: 0 }])
  })
})
