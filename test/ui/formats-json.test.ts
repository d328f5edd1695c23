import { expect, test } from 'vitest'
import { connectionEntries } from '../../src/ui/connection/formats.ts'
import { sasConnection } from './samples.ts'

test.each([
  ['a namespace with a Kafka endpoint', {}, 'ns-demo.servicebus.windows.net:9093'],
  ['Basic, which has none', { kafka: false }, null],
  ['the embedded Azure, which serves AMQP alone', { host: 'localhost' }, null],
  ['the embedded Azure on another port', { host: 'localhost:40001' }, null],
])('where Kafka clients connect: %s', (_, changes, servers) => {
  const [entry] = connectionEntries([sasConnection(changes)], { reveal: false })
  expect(entry!.kafkaBootstrapServers).toBe(servers)
})
