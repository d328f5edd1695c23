import type { Connection } from '../../engine/connection.ts'
import type { Right } from '../../resources/access-rule.ts'
import { bootstrapOf, isEmbedded } from './kafka.ts'

/** A connection in a JSON document. Every key is always there; what does not apply is null or empty. */
export interface ConnectionEntry {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly namespace: string
  readonly namespaceId: string
  readonly fullyQualifiedNamespace: string
  readonly hub: string
  readonly consumerGroups: readonly string[]
  /** Where Kafka clients connect; null without a Kafka endpoint. */
  readonly kafkaBootstrapServers: string | null
  readonly auth: 'sas' | 'entra'
  readonly rule: string | null
  /** `namespace`: the string carries no EntityPath and opens every hub. */
  readonly ruleScope: 'hub' | 'namespace' | null
  readonly rights: readonly Right[]
  readonly key: 'primary' | 'secondary' | null
  /** Data roles that sign instead of a key. */
  readonly roles: readonly string[]
  /** Null unless the document was asked for with its secrets. */
  readonly connectionString: string | null
}

export function connectionEntry(connection: Connection, options: { readonly reveal: boolean }): ConnectionEntry {
  const { sign } = connection
  const sas = sign.kind === 'sas' ? sign : undefined
  return {
    subscriptionId: connection.subscriptionId,
    resourceGroup: connection.resourceGroup,
    namespace: connection.namespace,
    namespaceId: connection.namespaceId,
    fullyQualifiedNamespace: connection.host,
    hub: connection.hub,
    consumerGroups: connection.consumerGroups,
    kafkaBootstrapServers: connection.kafka && !isEmbedded(connection) ? bootstrapOf(connection) : null,
    auth: sign.kind,
    rule: sas?.rule ?? null,
    ruleScope: sas?.scope ?? null,
    rights: sas?.rights ?? [],
    key: sas ? (sas.secondary ? 'secondary' : 'primary') : null,
    roles: sign.kind === 'entra' ? sign.roles : [],
    connectionString: sas && options.reveal ? sas.connectionString.reveal() : null,
  }
}
