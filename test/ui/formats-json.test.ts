import { expect, test } from 'vitest'
import { connectionEntries } from '../../src/ui/connection/formats.ts'
import { sasConnection } from './samples.ts'

test.each([
  ['Azure', {}, 'ns-demo.servicebus.windows.net:9093', 'SASL_SSL'],
  ['Basic, which has no endpoint', { kafka: undefined }, null, null],
  [
    'the embedded Azure',
    { host: 'localhost', kafka: { servers: 'localhost:9092', protocol: 'SASL_PLAINTEXT' } as const },
    ...(['localhost:9092', 'SASL_PLAINTEXT'] as const),
  ],
])('where and how Kafka clients connect: %s', (_, changes, kafkaBootstrapServers, kafkaSecurityProtocol) => {
  const [entry] = connectionEntries([sasConnection(changes)], { reveal: false })
  expect(entry).toMatchObject({ kafkaBootstrapServers, kafkaSecurityProtocol })
})
