import type { Connection } from '../../engine/connection.ts'
import type { ConnectionEntry, OutputDocument } from '../document-schema.ts'
import { runDocument } from '../document.ts'
import { EXIT } from '../exit.ts'

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
      kafkaBootstrapServers: connection.kafka?.servers ?? null,
      kafkaSecurityProtocol: connection.kafka?.protocol ?? null,
      auth: sign.kind,
      rule: sas?.rule ?? null,
      ruleScope: sas?.scope ?? null,
      rights: sas?.rights ?? [],
      missingRights: sas?.difference?.missing ?? [],
      extraRights: sas?.difference?.extra ?? [],
      key: sas ? (sas.secondary ? 'secondary' : 'primary') : null,
      // Nobody can sign in to the embedded Azure.
      roles: sign.kind === 'entra' && !sign.embedded ? sign.roles : [],
      conditions: connection.conditions.map(({ text }) => text),
      beingDeleted: connection.isEnding ?? false,
      connectionString: sas && reveal ? sas.connectionString.reveal() : null,
    }
  })
