import type { Connection } from '../../engine/connection.ts'
import { DEFAULTS } from '../../inputs/defaults.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Format } from '../../inputs/run.ts'
import { stringifyDocument } from '../document.ts'
import { assertFormat, NOBODY, sasOf } from './facts.ts'
import { connectionDocument } from './formats.ts'
import { formatKafka } from './kafka.ts'
import { credentialLine, formatSnippet } from './snippet.ts'
import type { Speller } from '../spell.ts'
import { type Canvas, type Style, row } from '../text.ts'
import { formatVariables, type Assignment } from './variables.ts'

interface ConnectionView {
  readonly format: Format
  readonly canvas: Canvas
  readonly speller: Speller
  /** The variable of the connection string, for a program to read. A format that sets variables then sets no other. */
  readonly name?: string | undefined
  /** The variable of the hub's name. */
  readonly hubName?: string | undefined
}

/**
 * The connections in one format, without a line break at the end. Throws a Failure if the format does not support them:
 * exit code 2 for more than one hub; exit code 4 without a key, without Kafka, or on the embedded Azure.
 */
export function renderConnections(connections: readonly Connection[], view: ConnectionView): string {
  assertFormat(connections, view.format)
  return connections.length === 0 ? '' : render(connections, view)
}

/** The values to mask before these connections are printed: the connection strings and the keys in them. */
export const secretsOf = (connections: readonly Connection[]): Secret[] =>
  connections.flatMap(({ sign }) => (sign.kind === 'sas' ? [sign.connectionString, sign.key] : []))

function render(connections: readonly Connection[], view: ConnectionView): string {
  const [connection] = connections as readonly [Connection]
  const { format } = view
  switch (format) {
    case 'text':
      return connections.map((one) => textBlock(one, view)).join('\n\n')
    case 'raw':
      return connections.map((one) => sasOf(one).connectionString.reveal()).join('\n')
    case 'json':
      return stringifyDocument(connectionDocument(connections, { reveal: true }))
    case 'kafka':
    case 'librdkafka':
      return formatKafka(format, connection)
    case 'env':
    case 'powershell':
    case 'fish':
    case 'cmd':
    case 'dotenv':
    case 'env-file':
    case 'compose':
      return formatVariables(format, assignmentsOf(connection, view))
    default:
      return formatSnippet(format, connection, {
        string: view.name ?? DEFAULTS.connectionVariable,
        hub: view.hubName,
      })
  }
}

function assignmentsOf(connection: Connection, { name, hubName }: ConnectionView): readonly Assignment[] {
  const value = sasOf(connection).connectionString.reveal()
  const hub = hubName ?? (name === undefined ? DEFAULTS.hubVariable : undefined)
  return [
    { name: name ?? DEFAULTS.connectionVariable, value },
    ...(hub === undefined ? [] : [{ name: hub, value: connection.hub }]),
  ]
}

function textBlock(connection: Connection, { canvas: { width, style }, speller }: ConnectionView): string {
  const { sign } = connection
  const groups =
    connection.consumerGroups.length === 0 ? [] : row('Consumer groups', connection.consumerGroups.join(', '), width)
  const kafka = connection.kafka ? row('Kafka', connection.kafka.servers, width) : []
  const place = [
    ...row('Resource group', connection.resourceGroup, width),
    ...row('Namespace', connection.namespace, width),
    ...(sign.kind === 'entra' && sign.embedded ? [] : [...row('Host', connection.host, width), ...kafka]),
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
    ...(sign.granted ? [] : givingRoles(connection, sign.roles, { style, speller })),
  ].join('\n')
}

/** The commands that assign the roles. The user replaces the word in capitals. */
function givingRoles(
  { namespaceId, hub }: Connection,
  roles: readonly string[],
  { style, speller }: { readonly style: Style; readonly speller: Speller },
): readonly string[] {
  const scope = `${namespaceId}/eventhubs/${hub}`
  return [
    style.paint('strong', `  To give ${roles.length === 1 ? 'the role' : 'the roles'}:`),
    ...roles.map((role) => `  ${speller.action({ do: 'assign-role', role, assignee: 'PRINCIPAL_ID', scope })}`),
  ]
}
