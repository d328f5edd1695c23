import { Failure } from '../lib/errors.ts'
import { DATA_ROLES } from '../inputs/grant-parsers.ts'
import { DEFAULT_CONSUMER_GROUP, ROOT_RULE } from '../lib/limits.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import { ruleNameOf, type Access, type Spec } from '../resources/spec.ts'
import { findByName, ruleKey, type Actual } from '../resources/actual.ts'
import type { NamespaceActual } from '../resources/shapes.ts'
import type { Connection, EntraAccess, SasAccess } from './connection.ts'
import { say } from '../lib/phrase.ts'
import { command, input } from '../inputs/refer.ts'

/** Data roles. https://learn.microsoft.com/azure/event-hubs/authorize-access-azure-active-directory */
const ROLES_OF_ACCESS: Readonly<Record<Access, readonly string[]>> = {
  'send-listen': [DATA_ROLES.sender.name, DATA_ROLES.receiver.name],
  send: [DATA_ROLES.sender.name],
  listen: [DATA_ROLES.receiver.name],
  manage: [DATA_ROLES.owner.name],
}

/** What a connection is wanted for. */
export interface ConnectionWish {
  readonly secondary: boolean
  /** Completes "Can't": `show a connection`. */
  readonly doing: string
  /** Whether it is one of the embedded Azure. */
  readonly embedded: boolean
}

/**
 * The connection of each hub of the spec, from what was read (keys included).
 * Throws a `Failure` when something it needs is not there, or the `Failure` that kept the keys away.
 */
export function connectionsOf(spec: Spec, actual: Actual, wish: ConnectionWish): readonly Connection[] {
  const { namespace } = actual
  if (!namespace) throw absent(wish, `namespace ${spec.namespace.name}`, `resource group ${spec.resourceGroup}`)
  return spec.hubs.map((wanted) => {
    const hub = findByName(actual.hubs, wanted.name)
    if (!hub) throw absent(wish, `hub ${wanted.name}`, `namespace ${namespace.name}`)
    const groups = actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []
    const { host, ...sign } = signOf(spec, actual, namespace, hub.name, wish)
    return {
      subscriptionId: spec.subscriptionId,
      resourceGroup: actual.group?.name ?? spec.resourceGroup,
      namespace: namespace.name,
      namespaceId: namespace.id,
      host,
      hub: hub.name,
      consumerGroups: groups.map((group) => group.name).filter((name) => !sameName(name, DEFAULT_CONSUMER_GROUP)),
      kafka: namespace.kafkaEnabled,
      sign,
    }
  })
}

const absent = ({ doing }: ConnectionWish, what: string, where: string): Failure =>
  new Failure({
    code: 'refused',
    message: `Can't ${doing}: there is no ${what} in ${where}`,
    hint: say`Name another with ${input('resourceGroup')}, ${input('namespace')} and ${input('hub')}, or make it with: ${command('create')}`,
  })

function signOf(
  spec: Spec,
  actual: Actual,
  namespace: NamespaceActual,
  hub: string,
  wish: ConnectionWish,
): (SasAccess | EntraAccess) & { readonly host: string } {
  if (namespace.localAuthDisabled) {
    return {
      kind: 'entra',
      host: namespace.host,
      roles: ROLES_OF_ACCESS[spec.rule.kind === 'access' ? spec.rule.access : 'send-listen'],
      granted: spec.hubs.some(({ name, grants }) => sameName(name, hub) && grants.length > 0),
      embedded: wish.embedded,
    }
  }
  const name = ruleName(spec)
  const scope = actual.rules.has(ruleKey(hub, name)) ? 'hub' : 'namespace'
  const key = ruleKey(scope === 'hub' ? hub : undefined, name)
  const rule = actual.rules.get(key)
  const keys = actual.keys.get(key)
  if (keys instanceof Failure) throw keys
  if (!rule || !keys) throw noRule(wish, spec, name, hub)
  const { secondary } = wish
  return {
    kind: 'sas',
    host: keys.host,
    rule: rule.name,
    scope,
    rights: rule.rights,
    key: secondary ? keys.secondaryKey : keys.primaryKey,
    connectionString: secondary ? keys.secondaryConnectionString : keys.primaryConnectionString,
    secondary,
  }
}

function ruleName(spec: Spec): string {
  const { rule } = spec
  if (rule.kind === 'policy') return rule.name
  return rule.access === 'manage' ? ROOT_RULE : ruleNameOf(rule.access)
}

function noRule({ doing }: ConnectionWish, { rule }: Spec, name: string, hub: string): Failure {
  return new Failure({
    code: 'refused',
    message: `Can't ${doing}: there is no access rule ${name} for hub ${hub}`,
    why: ['Only create makes a rule.'],
    hint:
      rule.kind === 'access'
        ? say`Use an existing rule with ${input('policy')}, or make it with: ${command('create', { access: rule.access })}`
        : say`Name an existing rule with ${input('policy')}, or use ${input('access')}.`,
  })
}
