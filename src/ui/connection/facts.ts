import { isEmbeddedHost, type Connection, type KafkaEndpoint, type SasAccess } from '../../engine/connection.ts'
import type { Format } from '../../inputs/run.ts'
import { Failure } from '../../lib/errors.ts'
import { command } from '../../inputs/refer.ts'
import { say, type Text } from '../../lib/phrase.ts'

/** What a format contains, and which connections it supports. */
interface FormatFacts {
  /** It contains the key, if the namespace takes keys. */
  readonly secret: boolean
  /** It works without a key. */
  readonly entra: boolean
  /** It can contain several hubs. */
  readonly many: boolean
  /** It is for Kafka clients. */
  readonly kafka: boolean
  /** Its clients can connect to the embedded Azure. */
  readonly embedded: boolean
  /** One line of help. */
  readonly summary: string
}

const VARIABLES = { secret: true, entra: false, many: false, kafka: false, embedded: true } as const
const KAFKA = { secret: true, entra: true, many: false, kafka: true, embedded: true } as const
const PROGRAM = { secret: false, entra: true, many: false, kafka: false, embedded: true } as const

export const FORMAT_FACTS: Readonly<Record<Format, FormatFacts>> = {
  text: { ...VARIABLES, entra: true, many: true, summary: 'rows for people' },
  raw: { ...VARIABLES, many: true, summary: 'the bare string, one line for each hub' },
  env: { ...VARIABLES, summary: 'export lines of sh, bash and zsh' },
  powershell: { ...VARIABLES, summary: '$Env: lines' },
  fish: { ...VARIABLES, summary: 'set -gx lines' },
  cmd: { ...VARIABLES, summary: 'set lines of a batch file' },
  dotenv: { ...VARIABLES, summary: 'a .env file' },
  'env-file': { ...VARIABLES, summary: "a file for Docker's --env-file, without quotes" },
  compose: { ...VARIABLES, summary: 'environment of a Docker Compose service' },
  json: { ...VARIABLES, entra: true, many: true, summary: 'one JSON document' },
  kafka: { ...KAFKA, summary: 'properties of a Java Kafka client' },
  librdkafka: { ...KAFKA, summary: 'settings of librdkafka clients' },
  python: { ...PROGRAM, summary: 'code for azure-eventhub' },
  ipynb: { ...PROGRAM, summary: 'a notebook for azure-eventhub and pandas' },
  node: { ...PROGRAM, summary: 'code for @azure/event-hubs' },
  java: { ...PROGRAM, summary: 'code for azure-messaging-eventhubs' },
  spark: { ...PROGRAM, entra: false, embedded: false, summary: 'code for azure-eventhubs-spark' },
  databricks: { ...PROGRAM, kafka: true, embedded: false, summary: 'a notebook for Databricks, by Kafka' },
  fabric: { ...PROGRAM, kafka: true, embedded: false, summary: 'a notebook for Microsoft Fabric, by Kafka' },
}

/** What a format needs to know of a namespace and its hubs. */
export interface FormatTarget {
  readonly namespace: string
  readonly hubs: readonly string[]
  readonly isEmbedded: boolean
  readonly hasKafka: boolean
  /** Whether its tier has Kafka. An embedded Azure of an older version serves none on any tier. */
  readonly tierHasKafka: boolean
  /** Clients sign in, because the namespace takes no keys. */
  readonly isKeyless: boolean
}

/**
 * Throws a `Failure` `usage` if the format does not support the connections: several hubs, no key, no Kafka endpoint, or the
 * embedded Azure.
 */
export function assertFormat(connections: readonly Connection[], format: Format): void {
  const [first] = connections
  if (!first) return
  assertFormatFits(format, {
    namespace: first.namespace,
    hubs: connections.map(({ hub }) => hub),
    isEmbedded: isEmbeddedHost(first.host) || (first.sign.kind === 'entra' && first.sign.embedded),
    hasKafka: first.kafka !== undefined,
    tierHasKafka: first.tierHasKafka,
    isKeyless: first.sign.kind === 'entra',
  })
}

/** The same for a namespace that does not exist yet. */
export function assertFormatFits(format: Format, target: FormatTarget): void {
  const facts = FORMAT_FACTS[format]
  if (!facts.embedded && target.isEmbedded) throw notEmbedded(format)
  if (facts.kafka && !target.hasKafka) throw noKafka(target)
  if (target.isKeyless && !facts.entra) throw noKey(target.namespace)
  if (target.isKeyless && target.isEmbedded && !facts.many) throw noSignIn(target.namespace)
  if (target.hubs.length > 1 && !facts.many) throw severalHubs(target.hubs, format)
}

/** The key of the connection. Throws a `Failure` if the namespace takes no keys. */
export function sasOf({ sign, namespace }: Connection): SasAccess {
  if (sign.kind !== 'sas') throw noKey(namespace)
  return sign
}

/** Where Kafka clients connect to. Throws a `Failure` if the namespace serves none. */
export function kafkaOf(connection: Connection): KafkaEndpoint {
  if (!connection.kafka) throw noKafka(connection)
  return connection.kafka
}

const refused = (message: string, why: string, hint: Text): Failure =>
  new Failure({ code: 'usage', message, why: [why], hint })

const notEmbedded = (format: Format): Failure =>
  refused(
    `Can't give ${format} settings for the embedded Azure`,
    FORMAT_FACTS[format].kafka
      ? 'This notebook runs in a cloud, from which it cannot reach your machine.'
      : 'The client for this format can connect only to real Event Hubs.',
    'Use a client on this machine: --format python, node, java or kafka',
  )

const noKafka = ({ namespace, tierHasKafka }: Pick<FormatTarget, 'namespace' | 'tierHasKafka'>): Failure =>
  refused(
    `Can't give Kafka settings: namespace ${namespace} has no Kafka endpoint`,
    // A process in the background goes on when the program is renewed.
    tierHasKafka
      ? 'The embedded Azure that runs was started by an older version.'
      : 'Tier Basic has none; Standard and above always have one.',
    tierHasKafka
      ? say`Stop it, and start it again:\n${command('local stop')}\n${command('local start', { detach: true })}`
      : 'Use a client that speaks AMQP (--format python, node, java or raw), or create a namespace with --tier Standard.',
  )

const noSignIn = (namespace: string): Failure =>
  refused(
    `Can't give code that signs in to namespace ${namespace}`,
    NOBODY,
    'Create a namespace that takes keys: leave out --disable-local-auth, and choose another name with --namespace.',
  )

const noKey = (namespace: string): Failure =>
  refused(
    `Can't give a connection string: namespace ${namespace} takes no keys`,
    'Its local authentication is off, so clients sign in with Microsoft Entra ID.',
    'See the host and the role needed with --format text, or code that signs in with --format python, node or java.',
  )

const severalHubs = (hubs: readonly string[], format: Format): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't write ${hubs.length} hubs as ${format}: it is for one hub`,
    why: [`Hubs: ${hubs.join(', ')}`],
    hint: 'Name one of them with --hub, or use --format raw, text or json for all.',
  })

/** Why nobody can connect to a namespace of the embedded Azure without keys. */
export const NOBODY =
  'Not possible: this namespace takes no keys, and the embedded Azure has no Microsoft Entra ID to sign in with.'
