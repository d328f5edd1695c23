import { ROOT_RULE } from '../../lib/limits.ts'
import { LOCAL_LOCATION } from '../constants.ts'
import { newHub } from './providers/eventhub/hubs.ts'
import type { JsonObject } from './core/body.ts'
import { newRule, rootRule } from './providers/eventhub/rules.ts'
import { HUB_DEFAULTS } from './providers/eventhub/limits.ts'
import { keyOf, type Transition } from './core/model.ts'
import type { Hub, Namespace, Right, TierName } from './providers/eventhub/model.ts'
import type { ArmContext } from './core/routes.ts'

interface SeedHub {
  readonly name: string
  readonly properties?: JsonObject
  readonly consumerGroups?: readonly { readonly name: string; readonly properties?: JsonObject }[]
  readonly rules?: readonly SeedRule[]
}

interface SeedRule {
  readonly name: string
  readonly rights: readonly Right[]
}

export interface SeedNamespace {
  readonly group: string
  readonly name: string
  readonly location?: string
  readonly tags?: JsonObject
  readonly sku?: { readonly name: TierName; readonly capacity: number }
  readonly properties?: JsonObject
  readonly identity?: JsonObject
  readonly networkRules?: JsonObject
  /** For how long the namespace is still in this state. */
  readonly transition?: { readonly state: Transition['state']; readonly ms: number }
  readonly rules?: readonly SeedRule[]
  readonly hubs?: readonly SeedHub[]
}

/** A state to start from. Nothing is checked, so it may be one that no request could make. */
export interface Seed {
  readonly groups?: readonly { readonly name: string; readonly location?: string; readonly tags?: JsonObject }[]
  /** A group that is not among `groups` is made. */
  readonly namespaces?: readonly SeedNamespace[]
}

/** Adds a seed to the state of the first subscription. */
export function plant(context: ArmContext, seed: Seed, now: number): void {
  const { subscriptionId: subscription } = context.subscriptions[0]!
  context.store.change(({ groups, namespaces }) => {
    const implied = (seed.namespaces ?? []).map(({ group, location }) => ({ name: group, location }))
    for (const { location, ...group } of [...(seed.groups ?? []), ...implied]) {
      const key = keyOf(subscription, group.name)
      if (!groups.has(key)) groups.set(key, { subscription, location: location ?? LOCAL_LOCATION, ...group })
    }
    for (const entry of seed.namespaces ?? []) {
      namespaces.set(keyOf(entry.name), namespaceOf(subscription, entry, now))
    }
  })
}

function namespaceOf(subscription: string, seed: SeedNamespace, now: number): Namespace {
  const { hubs = [], rules = [], sku = { name: 'Standard', capacity: 1 }, location = LOCAL_LOCATION, transition } = seed
  return {
    subscription,
    group: seed.group,
    name: seed.name,
    location,
    tags: seed.tags ?? {},
    sku: { tier: sku.name, ...sku },
    properties: { ...defaults(location, sku.name), ...seed.properties },
    ...(seed.identity && { identity: seed.identity }),
    ...(seed.networkRules && { networkRules: seed.networkRules }),
    ...(transition && { transition: { state: transition.state, until: now + transition.ms } }),
    createdAt: now,
    updatedAt: now,
    rules: new Map([[keyOf(ROOT_RULE), rootRule()], ...rulesOf(rules)]),
    hubs: new Map(hubs.map((hub) => [keyOf(hub.name), hubOf(hub, now)])),
  }
}

const defaults = (location: string, tier: TierName): JsonObject => ({
  minimumTlsVersion: '1.2',
  publicNetworkAccess: 'Enabled',
  disableLocalAuth: false,
  zoneRedundant: tier === 'Premium',
  isAutoInflateEnabled: false,
  maximumThroughputUnits: 0,
  geoDataReplication: {
    maxReplicationLagDurationInSeconds: 0,
    locations: [{ locationName: location, roleType: 'Primary' }],
  },
})

const rulesOf = (rules: readonly SeedRule[]) =>
  rules.map(({ name, rights }) => [keyOf(name), newRule(name, rights)] as const)

function hubOf(seed: SeedHub, now: number): Hub {
  const hub = newHub(
    seed.name,
    {
      partitionCount: HUB_DEFAULTS.partitionCount,
      retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: HUB_DEFAULTS.retentionHours },
      messageTimestampDescription: { timestampType: 'LogAppend' },
      status: 'Active',
      ...seed.properties,
    },
    now,
  )
  for (const { name, properties = {} } of seed.consumerGroups ?? []) {
    hub.consumerGroups.set(keyOf(name), { name, properties, createdAt: now, updatedAt: now })
  }
  for (const [key, rule] of rulesOf(seed.rules ?? [])) hub.rules.set(key, rule)
  return hub
}
