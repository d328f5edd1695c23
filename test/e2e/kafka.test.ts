import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sandbox } from './sandbox.ts'

test('verify --kafka goes by Kafka to the embedded Azure that create has started', async () => {
  const user = sandbox()
  const hub = ['--local', '--hub', 'clicks']
  expect((await user.run(['create', ...hub, '--yes', '--no-connection'])).exitCode).toBe(0)
  const run = await user.run(['verify', ...hub, '--kafka'])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  expect(run.stdout).toContain('event 0 of partition 0, without a group')
  const byAmqp = await user.run(['local', 'tail', 'clicks'])
  expect(JSON.parse(byAmqp.stdout)).toMatchObject({ body: { probe: 'ml-ingest verify' } })
})

/** Where a script finds a client, in a folder that holds nothing. */
const CLIENT = { NODE_PATH: join(import.meta.dirname, '..', '..', 'node_modules') }

const SEND_AND_RECEIVE = `
const { Kafka, logLevel } = require('kafkajs')
const { KAFKA_BOOTSTRAP_SERVERS: servers, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = process.env
const { KAFKA_SASL_MECHANISM, KAFKA_SECURITY_PROTOCOL, EVENTHUB_NAME: topic } = process.env
const kafka = new Kafka({
  brokers: servers.split(','),
  ssl: KAFKA_SECURITY_PROTOCOL === 'SASL_SSL',
  sasl: { mechanism: KAFKA_SASL_MECHANISM.toLowerCase(), username, password },
  logLevel: logLevel.NOTHING,
})
const main = async () => {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value: 'hello' }] })
  const consumer = kafka.consumer({ groupId: 'trainers' })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => {
    console.log(String(message.value), topic)
    process.exit(5)
  } })
}
main()
`

test('local exec gives a Kafka client what it needs to send and receive', async () => {
  const words = ['local', 'exec', '--hub', 'clicks:2', '--', 'node', '-e', SEND_AND_RECEIVE]
  expect(await sandbox().run(words, { env: CLIENT })).toEqual({ exitCode: 5, stdout: 'hello clicks\n', stderr: '' })
})
