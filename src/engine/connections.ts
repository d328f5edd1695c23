import { Failure } from '../lib/errors.ts'
import { DATA_ROLES } from '../inputs/grant-parsers.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { nameKeyOf, sameName, findByName } from '../lib/names.ts'
import { nameOfChoice, rightsDifference, rightsOfChoice, ruleKey } from '../resources/access-rule/access-rule.ts'
import { type Access } from '../inputs/resources.ts'
import { type Spec } from '../resources/front-door.ts'
import { statusWords } from '../resources/hub/plan.ts'
import { reachWords } from '../resources/network/reach.ts'
import { absent, absentNamespace, needHub } from './absence.ts'
import { isBeingDeleted, whereOf, type Actual } from './actual.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { isEmbeddedHost, type Connection, type EntraAccess, type KafkaEndpoint, type SasAccess } from './connection.ts'
import { say } from '../lib/phrase.ts'
import { command, input } from '../inputs/refer.ts'

/** Data roles. https://learn.microsoft.com/azure/event-hubs/authorize-access-azure-active-directory */
const ROLES_OF_ACCESS: Readonly<Record<Access, readonly string[]>> = {
  'send-listen': [DATA_ROLES.sender.name, DATA_ROLES.receiver.name],
  send: [DATA_ROLES.sender.name],
  listen: [DATA_ROLES.receiver.name],
  manage: [DATA_ROLES.owner.name],
}

export interface ConnectionOptions {
  readonly secondary: boolean
  /** Completes "Can't": `show a connection`. */
  readonly doing: string
  /** Whether the namespace is on the embedded Azure. */
  readonly embedded: boolean
  /** Where the embedded Azure serves Kafka clients; undefined where it does not, and on Azure. */
  readonly kafkaPort?: number | undefined
}

/**
 * The connection of each hub of the spec. Throws a `Failure` when a resource is missing or its keys could not be read.
 */
export function connectionsOf(spec: Spec, actual: Actual, options: ConnectionOptions): readonly Connection[] {
  const { namespace } = actual
  const { doing } = options
  if (!actual.group && !namespace) throw absent(doing, `resource group ${spec.resourceGroup}`, 'the subscription')
  if (!namespace) throw absentNamespace(doing, whereOf(spec))
  return spec.hubs.map((wanted) => {
    const hub = needHub(doing, wanted.name, { namespace: namespace.name, hubs: actual.hubs })
    const groups = actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []
    const { host, ...sign } = accessOf(spec, actual, namespace, hub.name, options)
    return {
      subscriptionId: spec.subscriptionId,
      resourceGroup: actual.group?.name ?? spec.resourceGroup,
      namespace: namespace.name,
      namespaceId: namespace.id,
      host,
      ...{ hub: hub.name, hubStatus: hub.status },
      consumerGroups: groups.map((group) => group.name).filter((name) => !sameName(name, DEFAULT_CONSUMER_GROUP)),
      kafka: namespace.kafkaEnabled ? kafkaOf(host, options.kafkaPort) : undefined,
      tierHasKafka: namespace.kafkaEnabled,
      isEnding: isBeingDeleted(namespace) || (actual.group !== undefined && isBeingDeleted(actual.group)),
      conditions: [
        ...reachWords(namespace, actual.network).map((text) => ({ of: 'namespace', text }) as const),
        ...statusWords(hub).map((text) => ({ of: 'hub', text }) as const),
      ],
      sign,
    }
  })
}

/** https://learn.microsoft.com/azure/event-hubs/azure-event-hubs-apache-kafka-overview */
const KAFKA_PORT = 9093

export function kafkaOf(host: string, embeddedPort: number | undefined): KafkaEndpoint | undefined {
  if (!isEmbeddedHost(host)) return { servers: `${host}:${KAFKA_PORT}`, protocol: 'SASL_SSL' }
  if (embeddedPort === undefined) return undefined
  return { servers: `${host.replace(/:\d+$/, '')}:${embeddedPort}`, protocol: 'SASL_PLAINTEXT' }
}

/** The hubs that there are, and the one with the nearest name. */
function accessOf(
  spec: Spec,
  actual: Actual,
  namespace: NamespaceActual,
  hub: string,
  { secondary, doing, embedded }: ConnectionOptions,
): (SasAccess | EntraAccess) & { readonly host: string } {
  if (namespace.localAuthDisabled) {
    return {
      kind: 'entra',
      // The embedded Azure gives a host name of real Azure, where a namespace of somebody else may have it.
      host: embedded ? (hostInKeys(actual) ?? 'localhost') : namespace.host,
      roles: ROLES_OF_ACCESS[spec.rule.kind === 'access' ? spec.rule.access : 'send-listen'],
      granted: spec.grants.length > 0 || (findByName(spec.hubs, hub)?.grants.length ?? 0) > 0,
      embedded,
    }
  }
  const name = nameOfChoice(spec.rule)
  const scope = actual.rules.has(ruleKey(hub, name)) ? 'hub' : 'namespace'
  const key = ruleKey(scope === 'hub' ? hub : undefined, name)
  const rule = actual.rules.get(key)
  const keys = actual.keys.get(key)
  if (keys instanceof Failure) throw keys
  if (!rule || !keys) throw noRule(doing, spec, name, hub)
  const difference = rightsDifference(rule.rights, rightsOfChoice(spec.rule) ?? rule.rights)
  return {
    kind: 'sas',
    host: keys.host,
    rule: rule.name,
    scope,
    rights: rule.rights,
    ...(difference && { difference }),
    key: secondary ? keys.secondaryKey : keys.primaryKey,
    connectionString: secondary ? keys.secondaryConnectionString : keys.primaryConnectionString,
    secondary,
  }
}

/** Whether the connection strings are of an embedded Azure. */
export function isEmbedded(actual: Actual): boolean {
  const host = hostInKeys(actual)
  return host !== undefined && isEmbeddedHost(host)
}

/** The host in any connection string. Keys can be listed when they are switched off, too. */
const hostInKeys = ({ keys }: Actual): string | undefined =>
  [...keys.values()].flatMap((one) => (one instanceof Failure ? [] : [one.host]))[0]

const noRule = (doing: string, { rule }: Spec, name: string, hub: string): Failure =>
  new Failure({
    code: 'absent',
    message: `Can't ${doing}: there is no access rule ${name} for hub ${hub}`,
    why: ['Only create makes a rule.'],
    hint:
      rule.kind === 'access'
        ? say`Use an existing rule with ${input('policy')}, or make it with: ${command('create', { access: rule.access })}`
        : say`Name an existing rule with ${input('policy')}, or use ${input('access')}.`,
  })
