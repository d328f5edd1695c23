import type { GrantSpec } from '../inputs/grant-parsers.ts'
import type { Right } from '../resources/spec.ts'
import type { ConsumerGroupBody, HubChanges, NamespaceChanges, NewHub, NewNamespace, Tags } from './cloud.ts'

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

export type FlagChanges = Readonly<Record<string, string | boolean | null>>

export interface WayOut {
  readonly text: string
  /**
   * What differs in the command that takes this way; left out where no command does it. A text is the flag's new value
   * (`--hub clicks` names the one of a repeated flag that it replaces), true sets a switch, null takes the flag away.
   */
  readonly flags?: FlagChanges
  /** The command of another tool that takes this way. */
  readonly command?: string
}

export interface Refusal {
  /** `Can't change the partition count of hub clicks`. */
  readonly what: string
  /** Why Azure cannot do it, full sentences. */
  readonly because: string
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
  readonly text: string
}

interface PlanBase {
  readonly notes: readonly Note[]
}
/** Everything is as wanted. */
export interface NoOpPlan extends PlanBase {
  readonly outcome: 'no-op'
  readonly steps: readonly KeepStep[]
}
export interface ApplicablePlan extends PlanBase {
  readonly outcome: 'applicable'
  readonly steps: readonly (WriteStep | KeepStep)[]
}
/** At least one step cannot be done; nothing of the plan is written. */
export interface RefusedPlan extends PlanBase {
  readonly outcome: 'refused'
  readonly steps: readonly Step[]
}
export type Plan = NoOpPlan | ApplicablePlan | RefusedPlan

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

/** What happens while a plan is applied; reporters turn it into text. */
export type ApplyEvent =
  /** Comes first, with all that will be written. */
  | { readonly type: 'planned'; readonly steps: readonly WriteStep[] }
  | { readonly type: 'started'; readonly step: WriteStep }
  /** Azure accepted the write and still works on it (`state`: `Creating`), or asks to come back later (`throttled`). */
  | { readonly type: 'waiting'; readonly step: WriteStep; readonly state: string; readonly elapsedMs: number }
  | { readonly type: 'finished'; readonly step: WriteStep; readonly elapsedMs: number }
  | { readonly type: 'failed'; readonly step: WriteStep; readonly elapsedMs: number }
  /** An interruption came: nothing new starts. `running` are the writes already sent. */
  | { readonly type: 'stopping'; readonly running: readonly WriteStep[] }

/** Draws or prints what happens. `close` leaves the terminal as it was. */
export interface Reporter {
  event(event: ApplyEvent): void
  /** Something that is waited for before there is a plan: `namespace ns is being created by another run`. */
  waiting(text: string, elapsedMs: number): void
  close(): void
}
