import type { Connection, SasAccess } from '../../engine/connection.ts'

type KafkaFormat = 'kafka' | 'librdkafka'

/** Where Kafka clients connect. https://learn.microsoft.com/azure/event-hubs/azure-event-hubs-apache-kafka-overview */
export const bootstrapOf = (connection: Connection): string => `${connection.host}:9093`

/** The embedded Azure, which serves AMQP alone. */
export const isEmbedded = ({ host }: Connection): boolean => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)

/** Literally this: it tells Event Hubs that the password is a connection string. */
const USER = '$ConnectionString'

/** Settings of a Kafka client. The topic is the hub; Kafka's consumer groups need not exist beforehand. */
export function formatKafka(format: KafkaFormat, connection: Connection, access: SasAccess): string {
  const password = access.connectionString.reveal()
  const lines =
    format === 'kafka'
      ? [
          `bootstrap.servers=${bootstrapOf(connection)}`,
          'security.protocol=SASL_SSL',
          'sasl.mechanism=PLAIN',
          `sasl.jaas.config=${javaProperty(plainLogin(password))}`,
        ]
      : [
          `bootstrap.servers=${bootstrapOf(connection)}`,
          'security.protocol=SASL_SSL',
          'sasl.mechanisms=PLAIN',
          `sasl.username=${USER}`,
          `sasl.password=${password}`,
        ]
  return [`# topic: ${connection.hub}`, ...lines].join('\n')
}

const plainLogin = (password: string): string =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="${USER}" password="${quoteJaas(password)}";`

const quoteJaas = (value: string): string => value.replace(/[\\"]/g, '\\$&')

/** Values of a Java properties file take a backslash for an escape. */
const javaProperty = (value: string): string => value.replaceAll('\\', '\\\\')
