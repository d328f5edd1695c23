import type { Action, Text } from '../lib/phrase.ts'
import type { Edits } from '../inputs/refer.ts'

/** One resource. Network rules are named like their namespace. A role assignment is named as in `--grant`, `PRINCIPAL_ID:sender`, because Azure's name is a GUID. */
export type Target =
  | { readonly kind: 'provider' | 'group' | 'namespace' | 'network-rules' | 'hub'; readonly name: string }
  | { readonly kind: 'consumer-group'; readonly hub: string; readonly name: string }
  /** Of the namespace, if it has no hub. */
  | { readonly kind: 'rule' | 'role-assignment'; readonly hub?: string; readonly name: string }

/** A value with its unit: `4`, `24h`, `2 throughput units`. `null` means not set. */
export type Shown = string | number | boolean | null

export interface Change {
  readonly field: string
  readonly from: Shown
  readonly to: Shown
}

/** A way to avoid a refusal. */
export interface WayOut {
  readonly text: Text
  /** Changed inputs for the same command. */
  readonly edit?: Edits
  /** A command of another program. */
  readonly action?: Action
}

export interface Refusal {
  /** `Can't change the partition count of hub clicks`. */
  readonly what: string
  /** Why Azure cannot do it, in full sentences. */
  readonly because: Text
  readonly waysOut: readonly WayOut[]
  /** Azure's page about the rule. */
  readonly link?: string
}

export const QUOTAS_LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas'
export const MOVE_TO_STANDARD: WayOut = { text: 'move the namespace to Standard', edit: { tier: 'Standard' } }

/** The refusals among the results of several checks. */
export const refusalsIn = (checks: readonly (Refusal | undefined)[]): readonly Refusal[] =>
  checks.filter((refusal) => refusal !== undefined)

/** The request of a step. */
export interface Op {
  readonly op: string
}
export interface CreateStep<W extends Op = Op> {
  readonly action: 'create'
  readonly target: Target
  /** Short phrases: `4 partitions`, `retention 24h`. */
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
  /** What is deleted with it, one line each. */
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

/** Information about a resource that changes nothing: `inflated to 6, floor 2`. */
export interface Note {
  readonly target: Target
  readonly text: Text
}

const NOUNS: Readonly<Record<Target['kind'], string>> = {
  provider: 'provider',
  group: 'resource group',
  namespace: 'namespace',
  'network-rules': 'network rule set',
  hub: 'hub',
  'consumer-group': 'consumer group',
  rule: 'access rule',
  'role-assignment': 'role assignment',
}

export const nounOf = (target: Target): string => NOUNS[target.kind]
/** The hub that a resource is in, if it is in one. */
export const hubOf = (target: Target): string | undefined => ('hub' in target ? target.hub : undefined)

/** `clicks/trainer` for a resource in a hub, `producer of namespace` for a rule of the namespace, otherwise the name. */
export function pathOf(target: Target): string {
  const hub = hubOf(target)
  if (hub !== undefined) return `${hub}/${target.name}`
  if (target.kind === 'rule') return `${target.name} of namespace`
  return target.kind === 'role-assignment' ? `${target.name}@namespace` : target.name
}
/** `consumer group clicks/trainer`. */
export const describe = (target: Target): string => `${nounOf(target)} ${pathOf(target)}`

/** A part of a plan, for one kind of resource. */
export interface Part<W extends Op = Op> {
  readonly steps: readonly Step<W>[]
  readonly notes: readonly Note[]
}

/** A part of one step without notes. */
export const partOf = <W extends Op>(step: Step<W>): Part<W> => ({ steps: [step], notes: [] })
