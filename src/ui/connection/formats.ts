import type { Connection, SasAccess } from '../../engine/connection.ts'
import type { ConnectionEntry, OutputDocument } from '../document-schema.ts'
import { runDocument } from '../document.ts'
import { EXIT } from '../exit.ts'
import { Failure } from '../../lib/errors.ts'

/** The document of `show-connection`. */
export function connectionDocument(connections: readonly Connection[], options: Revealing): OutputDocument {
  const [first] = connections
  return runDocument({
    ...{ command: 'show-connection', result: 'ok', exitCode: EXIT.ok },
    target: first
      ? { subscriptionId: first.subscriptionId, resourceGroup: first.resourceGroup, namespace: first.namespace }
      : null,
    connections: connectionEntries(connections, options),
  })
}

/** The document contains connection strings only with `reveal`. */
interface Revealing {
  readonly reveal: boolean
}

export const connectionEntries = (
  connections: readonly Connection[],
  { reveal }: Revealing,
): readonly ConnectionEntry[] =>
  connections.map((connection) => {
    const { subscriptionId, resourceGroup, namespace, namespaceId, host, hub, consumerGroups, sign } = connection
    const sas = sign.kind === 'sas' ? sign : undefined
    return {
      ...{ subscriptionId, resourceGroup, namespace, namespaceId, fullyQualifiedNamespace: host, hub, consumerGroups },
      kafkaBootstrapServers: connection.kafka && !isEmbedded(connection) ? bootstrapOf(connection) : null,
      auth: sign.kind,
      rule: sas?.rule ?? null,
      ruleScope: sas?.scope ?? null,
      rights: sas?.rights ?? [],
      missingRights: sas?.difference?.missing ?? [],
      extraRights: sas?.difference?.extra ?? [],
      key: sas ? (sas.secondary ? 'secondary' : 'primary') : null,
      roles: sign.kind === 'entra' ? sign.roles : [],
      connectionString: sas && reveal ? sas.connectionString.reveal() : null,
    }
  })

type KafkaFormat = 'kafka' | 'librdkafka'

/** The address that Kafka clients connect to. https://learn.microsoft.com/azure/event-hubs/azure-event-hubs-apache-kafka-overview */
const bootstrapOf = (connection: Connection): string => `${connection.host}:9093`

/** Whether this is the embedded Azure, which serves only AMQP. */
export const isEmbedded = ({ host }: Connection): boolean => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)

/** This literal user name tells Event Hubs that the password is a connection string. */
const USER = '$ConnectionString'

/** Settings of a Kafka client. The topic is the hub. Kafka creates its consumer groups on first use. */
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

/** In the values of a Java properties file a backslash starts an escape. */
const javaProperty = (value: string): string => value.replaceAll('\\', '\\\\')

/** A variable and its value. Names are already checked. Values can contain any character except a line break. */
export interface Assignment {
  readonly name: string
  readonly value: string
}

export type ShellFormat = 'env' | 'powershell' | 'fish' | 'cmd' | 'dotenv' | 'compose'

const WRITERS: Readonly<Record<ShellFormat, (one: Assignment) => string>> = {
  env: ({ name, value }) => `export ${name}=${quotePosix(value)}`,
  powershell: ({ name, value }) => `$Env:${name} = ${quotePowerShell(value)}`,
  fish: ({ name, value }) => `set -gx ${name} ${quoteFish(value)}`,
  cmd: ({ name, value }) => setCmd(name, value),
  dotenv: ({ name, value }) => `${name}=${quoteDotenv(value)}`,
  compose: ({ name, value }) => `  ${name}: ${quoteCompose(value)}`,
}

export function formatShell(format: ShellFormat, assignments: readonly Assignment[]): string {
  const lines = assignments.map(WRITERS[format])
  return (format === 'compose' ? ['environment:', ...lines] : lines).join('\n')
}

/** Nothing is special between single quotes. A single quote closes the string, is escaped, and opens it again. */
const quotePosix = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`

/** PowerShell also accepts typographic quotes as quotes, so that each is doubled. https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules */
const quotePowerShell = (value: string): string => `'${value.replace(/['‘’‚‛]/g, '$&$&')}'`

/** https://fishshell.com/docs/current/language.html#quotes */
const quoteFish = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`

/**
 * A line of a batch file. `%` is doubled. Special characters are inside quotes or escaped with a caret. For cmd, a
 * quote in the value ends the quoting, but the value still goes up to the last quote.
 */
function setCmd(name: string, value: string): string {
  let quoted = true
  let written = ''
  for (const character of value.replaceAll('%', '%%')) {
    written += !quoted && '&|<>^()'.includes(character) ? `^${character}` : character
    if (character === '"') quoted = !quoted
  }
  return `set "${name}=${written}"`
}

/**
 * dotenv has no escapes: the value goes in quotes that it does not contain. In single quotes, tried first, nothing
 * expands.
 */
function quoteDotenv(value: string): string {
  const quote = ["'", '`', '"'].find((one) => !value.includes(one))
  if (quote !== undefined && !(quote === '"' && value.includes('\\'))) return quote + value + quote
  throw new Failure({
    code: 'refused',
    message: "Can't write a value with every kind of quote into a dotenv file",
    hint: 'Use another format: --format json',
  })
}

/** A YAML string in single quotes. Compose expands a dollar sign, so that it is doubled. https://docs.docker.com/reference/compose-file/interpolation/ */
const quoteCompose = (value: string): string => `'${value.replaceAll("'", "''").replaceAll('$', '$$$$')}'`
