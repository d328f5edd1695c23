import type { Action, Text } from '../lib/phrase.ts'
import type { Edits } from '../inputs/refer.ts'

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

/** What is sent for a step, by what it does. */
export interface Op {
  readonly op: string
}
export interface CreateStep<W extends Op = Op> {
  readonly action: 'create'
  readonly target: Target
  /** What it will be, one short phrase each: `4 partitions`, `retention 24h`. */
  readonly details: readonly string[]
  readonly write: W
}
export interface UpdateStep<W extends Op = Op> {
  readonly action: 'update'
  readonly target: Target
  readonly changes: readonly Change[]
  readonly write: W
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
export type WriteStep<W extends Op = Op> = CreateStep<W> | UpdateStep<W> | DeleteStep
export type Step<W extends Op = Op> = WriteStep<W> | KeepStep | RefuseStep

export const isWrite = <W extends Op>(step: Step<W>): step is WriteStep<W> =>
  step.action !== 'keep' && step.action !== 'refuse'

/** Something worth knowing that changes nothing: `inflated to 6, floor 2`. */
export interface Note {
  readonly target: Target
  readonly text: Text
}

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
export interface Part<W extends Op = Op> {
  readonly steps: readonly Step<W>[]
  readonly notes: readonly Note[]
}
