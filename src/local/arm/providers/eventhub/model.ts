import type { JsonObject } from '../../core/body.ts'
import { type Resource, resourceId, type ResourceType, type Transition } from '../../core/model.ts'
import { byName, count, flag, list, object, oneOf, optional, record, text, TIMES } from '../../core/state-codec.ts'

export type Right = 'Listen' | 'Send' | 'Manage'
export type TierName = 'Basic' | 'Standard' | 'Premium'
export type HubStatus = 'Active' | 'Disabled' | 'SendDisabled' | 'ReceiveDisabled'

export interface Rule {
  readonly name: string
  readonly rights: readonly Right[]
  readonly primaryKey: string
  readonly secondaryKey: string
}

export interface ConsumerGroup {
  readonly name: string
  /** `userMetadata` and whatever else was sent. */
  readonly properties: JsonObject
  readonly createdAt: number
  readonly updatedAt: number
}

export interface Hub {
  readonly name: string
  /** As sent, with the defaults filled in; unknown properties included, computed ones not. */
  readonly properties: JsonObject
  readonly createdAt: number
  readonly updatedAt: number
  readonly consumerGroups: Map<string, ConsumerGroup>
  readonly rules: Map<string, Rule>
}

/** The connection of a private endpoint, which lies in a virtual network, to a namespace. */
export interface PrivateConnection {
  readonly name: string
  /** `privateEndpoint` and `privateLinkServiceConnectionState`, as sent. */
  readonly properties: JsonObject
  /** It changes, or goes away, until then. */
  readonly transition?: { readonly state: 'Updating' | 'Deleting'; readonly until: number }
}

export interface Sku {
  readonly name: TierName
  readonly tier: TierName
  readonly capacity: number
}

export interface Namespace extends Resource {
  readonly sku: Sku
  /** As sent, with the defaults filled in; unknown properties included, computed ones not. */
  readonly properties: JsonObject
  /** Properties of the default network rule set; undefined until somebody puts one. */
  readonly networkRules?: JsonObject
  readonly privateConnections?: ReadonlyMap<string, PrivateConnection>
  readonly createdAt: number
  readonly rules: Map<string, Rule>
  readonly hubs: Map<string, Hub>
}

declare module '../../core/model.ts' {
  interface State {
    /** By name alone: it is unique in all of Azure. */
    readonly namespaces: Map<string, Namespace>
  }
}

export const NAMESPACE_TYPE = 'Microsoft.EventHub/namespaces'

/** The ids of resources, in Azure's casing. */
export const namespaceId = (namespace: Namespace): string => resourceId(NAMESPACE_TYPE, namespace)

export const hubId = (namespace: Namespace, hub: Pick<Hub, 'name'>): string =>
  `${namespaceId(namespace)}/eventhubs/${hub.name}`

/** A consumer group, and where it is. */
export interface GroupOfHub {
  readonly namespace: Namespace
  readonly hub: Hub
  readonly group: ConsumerGroup
}

export const consumerGroupId = ({ namespace, hub, group }: GroupOfHub): string =>
  `${hubId(namespace, hub)}/consumergroups/${group.name}`

/** A rule of a namespace, or of one of its hubs. */
export interface RuleOfScope {
  readonly namespace: Namespace
  readonly hub?: Hub
  readonly rule: Rule
}

export const ruleId = ({ namespace, hub, rule }: RuleOfScope): string =>
  `${hub ? hubId(namespace, hub) : namespaceId(namespace)}/authorizationrules/${rule.name}`

/** Of the only set of network rules that a namespace has. */
export const ruleSetId = (namespace: Namespace): string => `${namespaceId(namespace)}/networkrulesets/default`

/** Of the connection of a private endpoint. */
export const privateConnectionId = (namespace: Namespace, { name }: Pick<PrivateConnection, 'name'>): string =>
  `${namespaceId(namespace)}/privateEndpointConnections/${name}`

const tierName = oneOf('Basic', 'Standard', 'Premium')

const readRules = byName(
  record<Rule>({ name: text, rights: list(oneOf('Listen', 'Send', 'Manage')), primaryKey: text, secondaryKey: text }),
)
const readHubs = byName(
  record<Hub>({
    name: text,
    ...TIMES,
    properties: record<JsonObject>({
      partitionCount: count,
      status: oneOf('Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled'),
      retentionDescription: record<JsonObject>({ retentionTimeInHours: count }),
    }),
    consumerGroups: byName(record<ConsumerGroup>({ name: text, properties: object, ...TIMES })),
    rules: readRules,
  }),
)
const readNamespaces = byName(
  record<Namespace>({
    ...{ subscription: text, group: text, name: text, location: text, tags: object, properties: object },
    ...TIMES,
    sku: record<Sku>({ name: tierName, tier: tierName, capacity: count }),
    identity: optional(object),
    networkRules: optional(object),
    privateConnections: optional(
      byName(
        record<PrivateConnection>({
          name: text,
          properties: object,
          transition: optional(record({ state: oneOf('Updating', 'Deleting'), until: count })),
        }),
      ),
    ),
    transition: optional(
      record<Transition>({
        state: oneOf('Creating', 'Updating', 'ActivatingIdentity', 'Deleting'),
        until: count,
        outcome: optional(oneOf('Failed')),
      }),
    ),
    failed: optional(flag),
    rules: readRules,
    hubs: readHubs,
  }),
)

/** How the state keeps namespaces, with all that is in them. */
export const NAMESPACES: ResourceType = { type: NAMESPACE_TYPE, key: 'namespaces', read: readNamespaces }
