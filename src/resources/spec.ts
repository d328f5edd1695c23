import type { CaptureSpec } from '../inputs/capture-parsers.ts'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import type { LiveTier } from '../lib/limits.ts'

/**
 * A value and whether somebody gave it. What was given is compared with what exists and sent; what was not given only
 * fills in what has to be created, and is no opinion about what exists.
 */
export interface Setting<T> {
  readonly value: T
  readonly given: boolean
}

export const ACCESS = ['send-listen', 'send', 'listen', 'manage'] as const
export type Access = (typeof ACCESS)[number]

export const RIGHTS_OF_ACCESS = {
  'send-listen': ['Send', 'Listen'],
  send: ['Send'],
  listen: ['Listen'],
  manage: ['Manage', 'Send', 'Listen'],
} as const satisfies Record<Access, readonly Right[]>
export type Right = 'Send' | 'Listen' | 'Manage'

/** Which authorization rule the connection comes from. */
export type RuleChoice =
  /** Our own rule `ml-ingest-<access>` on each hub, with just those rights; `manage` is the namespace's root rule. */
  | { readonly kind: 'access'; readonly access: Access; readonly given: boolean }
  /** An existing rule, of the hub or else of the namespace, as it is. */
  | { readonly kind: 'policy'; readonly name: string }

export interface ConsumerGroupSpec {
  readonly name: string
  readonly userMetadata: Setting<string>
  /** False for the group that is made when nobody said which. */
  readonly given: boolean
}

export const CLEANUP_POLICIES = ['Delete', 'Compact'] as const
/** https://learn.microsoft.com/azure/event-hubs/log-compaction */
export type CleanupPolicy = (typeof CLEANUP_POLICIES)[number]

/** A rule of a hub besides our own. */
export interface AccessRuleSpec {
  readonly name: string
  readonly rights: readonly Right[]
}

export interface HubSpec {
  readonly name: string
  readonly partitions: Setting<number>
  readonly retentionHours: Setting<number>
  readonly cleanupPolicy: Setting<CleanupPolicy>
  readonly consumerGroups: readonly ConsumerGroupSpec[]
  readonly accessRules: readonly AccessRuleSpec[]
  /** Those for all hubs and its own. */
  readonly grants: readonly GrantSpec[]
  /** Undefined when nobody said anything about it. */
  readonly capture: CaptureSpec | undefined
}

export interface NamespaceSpec {
  readonly name: string
  /** `Dedicated` is an assertion about an existing namespace: it cannot be created. */
  readonly tier: Setting<LiveTier>
  readonly capacity: Setting<number>
  /** Highest capacity that auto-inflate may reach; 0 = auto-inflate off. */
  readonly autoInflateMax: Setting<number>
  /** Lower the capacity of an inflated namespace back to `capacity`. */
  readonly resetCapacity: boolean
  /** Keys are refused: who connects signs in with Microsoft Entra. */
  readonly localAuthDisabled: Setting<boolean>
  /** The Kafka endpoint is expected to be there. */
  readonly kafka: boolean
  readonly tags: Readonly<Record<string, string>>
}

/** What is wanted, checked: nothing in it breaks a rule that can be known without asking Azure. */
export interface Spec {
  readonly subscriptionId: string
  readonly resourceGroup: string
  /** Normalised (`westeurope`); undefined when nobody said and what exists must tell. */
  readonly location: string | undefined
  /** Where new things go when neither the location nor the resource group says: only the embedded Azure has one. */
  readonly fallbackLocation?: string
  readonly namespace: NamespaceSpec
  readonly hubs: readonly [HubSpec, ...HubSpec[]]
  readonly rule: RuleChoice
}

/** Name of our own rule for an access. */
export const ruleNameOf = (access: Exclude<Access, 'manage'>): string => `ml-ingest-${access}`
