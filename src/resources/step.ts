import type { Action, Text } from '../lib/phrase.ts'
import type { Edits } from '../inputs/refer.ts'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import type { Right } from '../resources/spec.ts'
import type { ConsumerGroupBody, HubChanges, NamespaceChanges, NewHub, NewNamespace, Tags } from './shapes.ts'

/** One resource of the front door. */
export type Target =
  | { readonly kind: 'provider'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'hub'; readonly name: string }
  | { readonly kind: 'consumer-group'; readonly hub: string; readonly name: string }
  | { readonly kind: 'rule'; readonly hub: string; readonly name: string }
  /** Named as `--grant` says it, `PRINCIPAL_ID:sender`: Azure's own name is a GUID that tells nobody anything. */
  | { readonly kind: 'role-assignment'; readonly hub: string; readonly name: string }

/** A value as people read it, with its unit: `4`, `24h`, `2 throughput units`. `null` = not set. */
export type Shown = string | number | boolean | null

export interface Change {
  readonly field: string
  readonly from: Shown
  readonly to: Shown
}

export interface WayOut {
  readonly text: Text
  /** What to say differently in the command that takes this way. */
  readonly edit?: Edits
  /** The command of another program that takes this way. */
  readonly action?: Action
}

export interface Refusal {
  /** `Can't change the partition count of hub clicks`. */
  readonly what: string
  /** Why Azure cannot do it, full sentences. */
  readonly because: Text
  readonly waysOut: readonly WayOut[]
  /** Azure's page about the rule. */
  readonly link?: string
}

/** What apply sends for a step. */
export type Write =
  | { readonly op: 'register-provider' }
  | { readonly op: 'create-group'; readonly location: string; readonly tags: Tags }
  | { readonly op: 'create-namespace'; readonly body: NewNamespace }
  | { readonly op: 'update-namespace'; readonly changes: NamespaceChanges }
  | { readonly op: 'create-hub'; readonly body: NewHub }
  | { readonly op: 'update-hub'; readonly changes: HubChanges }
  | { readonly op: 'create-consumer-group'; readonly body: ConsumerGroupBody }
  | { readonly op: 'update-consumer-group'; readonly body: ConsumerGroupBody }
  | { readonly op: 'put-rule'; readonly rights: readonly Right[] }
  | { readonly op: 'assign-role'; readonly grant: GrantSpec }
  /** Whatever the target is. */
  | { readonly op: 'delete' }

export interface CreateStep {
  readonly action: 'create'
  readonly target: Target
  /** What it will be, one short phrase each: `4 partitions`, `retention 24h`. */
  readonly details: readonly string[]
  readonly write: Write
}
export interface UpdateStep {
  readonly action: 'update'
  readonly target: Target
  readonly changes: readonly Change[]
  readonly write: Write
}
export interface DeleteStep {
  readonly action: 'delete'
  readonly target: Target
  /** What goes with it, one line each. */
  readonly details: readonly string[]
  readonly write: { readonly op: 'delete' }
}
export interface KeepStep {
  readonly action: 'keep'
  readonly target: Target
  readonly details: readonly string[]
}
export interface RefuseStep {
  readonly action: 'refuse'
  readonly target: Target
  readonly changes: readonly Change[]
  readonly refusals: readonly Refusal[]
}
export type WriteStep = CreateStep | UpdateStep | DeleteStep
export type Step = WriteStep | KeepStep | RefuseStep

/** Something worth knowing that changes nothing: `inflated to 6, floor 2`. */
export interface Note {
  readonly target: Target
  readonly text: Text
}

export const isWrite = (step: Step): step is WriteStep => step.action !== 'keep' && step.action !== 'refuse'

const NOUNS: Readonly<Record<Target['kind'], string>> = {
  provider: 'provider',
  group: 'resource group',
  namespace: 'namespace',
  hub: 'hub',
  'consumer-group': 'consumer group',
  rule: 'access rule',
  'role-assignment': 'role assignment',
}

/** `consumer group`. */
export const nounOf = (target: Target): string => NOUNS[target.kind]
/** `clicks/trainer` for what lives in a hub, the plain name otherwise. */
export const pathOf = (target: Target): string => ('hub' in target ? `${target.hub}/${target.name}` : target.name)
/** `consumer group clicks/trainer`. */
export const describe = (target: Target): string => `${nounOf(target)} ${pathOf(target)}`

/** What one kind of resource contributes to a plan. */
export interface Part {
  readonly steps: readonly Step[]
  readonly notes: readonly Note[]
}
