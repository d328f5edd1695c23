import type { Connection, SasAccess } from '../../engine/connection.ts'
import { Failure } from '../../lib/errors.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Format } from '../../inputs/run.ts'
import { stringifyDocument } from '../document.ts'
import { connectionDocument, formatKafka, isEmbedded, formatShell } from './formats.ts'
import { credentialLine, formatSnippet } from './snippet.ts'
import { type Canvas, type Style, row } from '../text.ts'

/** What a format contains, and which connections it supports. */
interface FormatFacts {
  /** It contains a key. */
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
const KAFKA = { secret: true, entra: false, many: false, kafka: true, embedded: false } as const
const SNIPPET = { secret: false, entra: true, many: false, kafka: false, embedded: true } as const

export const FORMAT_FACTS: Readonly<Record<Format, FormatFacts>> = {
  text: { ...VARIABLES, entra: true, many: true, summary: 'rows for people' },
  raw: { ...VARIABLES, many: true, summary: 'the bare string, one line for each hub' },
  env: { ...VARIABLES, summary: 'export lines of sh, bash and zsh' },
  powershell: { ...VARIABLES, summary: '$Env: lines' },
  fish: { ...VARIABLES, summary: 'set -gx lines' },
  cmd: { ...VARIABLES, summary: 'set lines of a batch file' },
  dotenv: { ...VARIABLES, summary: 'a .env file' },
  compose: { ...VARIABLES, summary: 'environment of a Docker Compose service' },
  json: { ...VARIABLES, entra: true, many: true, summary: 'one JSON document' },
  kafka: { ...KAFKA, summary: 'properties of a Java Kafka client' },
  librdkafka: { ...KAFKA, summary: 'settings of librdkafka clients' },
  python: { ...SNIPPET, summary: 'code for azure-eventhub' },
  node: { ...SNIPPET, summary: 'code for @azure/event-hubs' },
  java: { ...SNIPPET, summary: 'code for azure-messaging-eventhubs' },
  spark: { ...SNIPPET, entra: false, embedded: false, summary: 'code for azure-eventhubs-spark' },
}

const STRING_VARIABLE = 'EVENTHUB_CONNECTION_STRING'
const HUB_VARIABLE = 'EVENTHUB_NAME'

interface ConnectionView {
  readonly format: Format
  readonly canvas: Canvas
  /** The name of the variable to write, or for a snippet to read, instead of the default ones. Already checked. */
  readonly name?: string | undefined
}

/**
 * The connections in one format, without a line break at the end. Throws a Failure if the format does not support them:
 * exit code 2 for more than one hub; exit code 4 without a key, without Kafka, or on the embedded Azure.
 */
export function renderConnections(connections: readonly Connection[], view: ConnectionView): string {
  connections.forEach((connection) => assertPossible(connection, view.format))
  if (connections.length > 1 && !FORMAT_FACTS[view.format].many) throw severalHubs(connections, view.format)
  return connections.length === 0 ? '' : render(connections, view)
}

/** The values to mask before these connections are printed: the connection strings and the keys in them. */
export const secretsOf = (connections: readonly Connection[]): Secret[] =>
  connections.flatMap(({ sign }) => (sign.kind === 'sas' ? [sign.connectionString, sign.key] : []))

function render(connections: readonly Connection[], { format, canvas, name }: ConnectionView): string {
  const [connection] = connections as readonly [Connection]
  switch (format) {
    case 'text':
      return connections.map((one) => textBlock(one, canvas)).join('\n\n')
    case 'raw':
      return connections.map((one) => sasOf(one).connectionString.reveal()).join('\n')
    case 'json':
      return stringifyDocument(connectionDocument(connections, { reveal: true }))
    case 'kafka':
    case 'librdkafka':
      return formatKafka(format, connection, sasOf(connection))
    case 'python':
    case 'node':
    case 'java':
    case 'spark':
      return formatSnippet(format, connection, name ?? STRING_VARIABLE)
    default: {
      const value = sasOf(connection).connectionString.reveal()
      const all = [
        { name: name ?? STRING_VARIABLE, value },
        ...(name ? [] : [{ name: HUB_VARIABLE, value: connection.hub }]),
      ]
      return formatShell(format, all)
    }
  }
}

function textBlock(connection: Connection, { width, style }: Canvas): string {
  const { sign } = connection
  const groups =
    connection.consumerGroups.length === 0 ? [] : row('Consumer groups', connection.consumerGroups.join(', '), width)
  const place = [
    ...row('Resource group', connection.resourceGroup, width),
    ...row('Namespace', connection.namespace, width),
    ...(sign.kind === 'entra' && sign.embedded ? [] : row('Host', connection.host, width)),
    ...row('Hub', connection.hub, width),
    ...groups,
  ]
  if (sign.kind === 'sas') {
    const rule = sign.scope === 'namespace' ? `${sign.rule} of the namespace: opens every hub` : sign.rule
    return [
      ...place,
      ...row('Right', sign.rights.join(', ').toLowerCase(), width),
      ...row('Rule', rule, width),
      ...(sign.secondary ? row('Key', 'secondary', width) : []),
      '  Connection',
      sign.connectionString.reveal(),
    ].join('\n')
  }
  if (sign.embedded) return [...place, ...row('Sign in', NOBODY, width)].join('\n')
  return [
    ...place,
    ...row('Sign in', 'Microsoft Entra ID: this namespace takes no keys', width),
    ...row(sign.roles.length === 1 ? 'Role' : 'Roles', sign.roles.join(', '), width),
    '  Python',
    credentialLine(connection),
    ...row('Code', '--format python, node or java', width),
    ...(sign.granted ? [] : givingRoles(connection, sign.roles, style)),
  ].join('\n')
}

/** The commands that assign the roles. The user replaces the word in capitals. */
function givingRoles({ namespaceId, hub }: Connection, roles: readonly string[], { paint }: Style): readonly string[] {
  const scope = `${namespaceId}/eventhubs/${hub}`
  return [
    paint('strong', `  To give ${roles.length === 1 ? 'the role' : 'the roles'}:`),
    ...roles.map((role) => `  az role assignment create --role "${role}" --assignee PRINCIPAL_ID --scope ${scope}`),
  ]
}

const NOBODY =
  'Not possible: this namespace takes no keys, and the embedded Azure has no Microsoft Entra ID to sign in with.'

function sasOf(connection: Connection): SasAccess {
  if (connection.sign.kind !== 'sas') throw noKey(connection.namespace)
  return connection.sign
}

function assertPossible(connection: Connection, format: Format): void {
  const { sign } = connection
  const facts = FORMAT_FACTS[format]
  if (!facts.embedded && isEmbedded(connection)) throw notEmbedded(format)
  if (facts.kafka && !connection.kafka) throw noKafka(connection)
  if (sign.kind === 'sas') return
  assertKeyless(connection.namespace, format)
  if (sign.embedded && !facts.many) throw noSignIn(connection)
}

/** Throws a `Failure` if the format needs a key. */
export function assertKeyless(namespace: string, format: Format): void {
  if (!FORMAT_FACTS[format].entra) throw noKey(namespace)
}

const refused = (message: string, why: string, hint: string): Failure =>
  new Failure({ code: 'refused', message, why: [why], hint })

const notEmbedded = (format: Format): Failure =>
  refused(
    `Can't give ${format} settings for the embedded Azure`,
    FORMAT_FACTS[format].kafka
      ? 'It serves AMQP, not Kafka.'
      : 'The client for this format can connect only to real Event Hubs.',
    'Use a client that speaks AMQP: --format python, node, java or raw',
  )

const noKafka = (connection: Connection): Failure =>
  refused(
    `Can't give Kafka settings: namespace ${connection.namespace} has no Kafka endpoint`,
    'Tier Basic has none; Standard and above always have one.',
    'Use a client that speaks AMQP (--format python, node, java or raw), or create a namespace with --tier Standard.',
  )

const noSignIn = (connection: Connection): Failure =>
  refused(
    `Can't give code that signs in to namespace ${connection.namespace}`,
    NOBODY,
    'Create a namespace that takes keys: leave out --disable-local-auth, and choose another name with --namespace.',
  )

const noKey = (namespace: string): Failure =>
  refused(
    `Can't give a connection string: namespace ${namespace} takes no keys`,
    'Its local authentication is off, so clients sign in with Microsoft Entra ID.',
    'See the host and the role needed with --format text, or code that signs in with --format python, node or java.',
  )

const severalHubs = (connections: readonly Connection[], format: Format): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't write ${connections.length} hubs as ${format}: one would overwrite the other`,
    why: [`Hubs: ${connections.map((connection) => connection.hub).join(', ')}`],
    hint: 'Name one of them with --hub, or use --format raw, text or json for all.',
  })
