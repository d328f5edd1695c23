import type * as Any from '../resources/step.ts'
import { localAuthDisabledAfter, reachAfter } from '../resources/namespace/namespace.ts'
import { planRules, type RuleWrite } from '../resources/access-rule/plan.ts'
import { planConsumerGroups, type ConsumerGroupWrite } from '../resources/consumer-group.ts'
import type { Spec } from '../resources/front-door.ts'
import { planGrants, type GrantWrite } from '../resources/grant.ts'
import { hubsOn } from '../resources/hub/hub.ts'
import { growthNotes, hubNotes, planHub, type HubWrite } from '../resources/hub/plan.ts'
import type { HubContext } from '../resources/hub/refusals.ts'
import { tierAfter } from '../resources/namespace/capacity.ts'
import { planNamespace, type NamespaceWrite } from '../resources/namespace/plan.ts'
import { networkAfter, OPEN_NETWORK } from '../resources/network/network.ts'
import { planNetwork, type NetworkWrite } from '../resources/network/plan.ts'
import { reachWords } from '../resources/network/reach.ts'
import { fitNotes } from '../resources/load/fit-notes.ts'
import { planGroup, planProvider, type GroupWrite } from '../resources/resource-group.ts'
import type { KeepStep, Note, Refusal } from '../resources/step.ts'
import { findByName, nameKeyOf, sameName } from '../lib/names.ts'
import type { Actual } from './actual.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'

interface PlanOf<O extends string, S> {
  readonly outcome: O
  readonly steps: readonly S[]
  readonly notes: readonly Note[]
}
/** Nothing has to change. */
export type NoOpPlan = PlanOf<'no-op', KeepStep>
export type ApplicablePlan = PlanOf<'applicable', WriteStep | KeepStep>
/** At least one step is impossible, so no step is carried out. */
export type RefusedPlan = PlanOf<'refused', Step>
export type Plan = NoOpPlan | ApplicablePlan | RefusedPlan

/** Decides which steps lead to the spec. A pure function; planning again after applying gives a no-op. */
export function plan(asked: Spec, actual: Actual): Plan {
  const spec = { ...asked, hubs: hubsOn(asked.hubs, tierAfter(asked.namespace, actual.namespace)) }
  const location = locationOf(spec, actual)
  const group = { name: spec.resourceGroup, location, tags: spec.namespace.tags }
  const namespace = {
    live: actual.namespace,
    askedLocation: spec.location,
    location,
    offered: actual.provider.locations,
    hubs: actual.hubs,
    consumerGroups: actual.consumerGroups,
    network: actual.network,
  }
  const nothing: Part = { steps: [], notes: [] }
  return planOf([
    actual.namespace ? nothing : planProvider(actual.provider),
    planGroup(group, actual.group),
    planNamespace({ spec: spec.namespace, hubs: spec.hubs }, namespace),
    planNetworkOf(spec, actual),
    planHubs(spec, actual),
    planAccess(spec, actual),
    { steps: [], notes: fitNotes(spec, actual) },
  ])
}

/** Region of new resources. Empty if it is unknown, see `isLocationMissing`. */
const locationOf = (spec: Spec, actual: Actual): string =>
  spec.location ?? actual.group?.location ?? spec.fallbackLocation ?? ''

/** Region of the namespace, live or new; undefined if it is unknown. */
export const namespaceLocation = (spec: Spec, actual: Actual): string | undefined =>
  actual.namespace?.location || locationOf(spec, actual) || undefined

/** Whether a region has to be given before anything can be planned. */
export const isLocationMissing = (spec: Spec, actual: Actual): boolean =>
  locationOf(spec, actual) === '' && !actual.namespace

/** The network rules, and what clients have to do to reach the namespace after the run. */
function planNetworkOf({ network: spec, namespace: wanted }: Spec, { namespace: live, network }: Actual): Part {
  const name = live?.name ?? wanted.name
  const part = planNetwork(spec, network, { name, isNew: live === undefined, tier: tierAfter(wanted, live) })
  // Of rules that cannot be read nobody knows whom they let in.
  const after = live && !network ? undefined : networkAfter(spec, network ?? OPEN_NETWORK)
  const reach = reachWords(reachAfter(wanted, live), after)
  const notes = reach.map((text): Note => ({ target: { kind: 'namespace', name }, text }))
  return { steps: part.steps, notes: [...part.notes, ...notes] }
}

/** All hubs of the spec with their consumer groups. */
function planHubs(spec: Spec, actual: Actual): Part {
  const context: HubContext = {
    tier: tierAfter(spec.namespace, actual.namespace),
    taken: [...spec.hubs, ...actual.hubs].map((hub) => hub.name),
    ...{ subscriptionId: spec.subscriptionId, isLocal: spec.isLocal, storageAccounts: actual.storageAccounts },
    ...{ identity: spec.namespace.identity, identities: actual.namespace?.identities ?? [] },
  }
  const parts = spec.hubs.flatMap((hub): readonly Part[] => {
    const live = findByName(actual.hubs, hub.name)
    const groups = actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []
    return [
      planHub(hub, live, context),
      planConsumerGroups({ ...hub, name: live?.name ?? hub.name }, groups, context.tier),
    ]
  })
  const target = { kind: 'namespace', name: actual.namespace?.name ?? spec.namespace.name } as const
  const texts = hubNotes(spec.hubs, actual.hubs, context)
  return {
    steps: parts.flatMap((part) => part.steps),
    notes: [...parts.flatMap((part) => part.notes), ...texts.map((text) => ({ target, text }))],
  }
}

/** Access rules and role assignments. */
function planAccess(spec: Spec, actual: Actual): Part {
  const hubs = spec.hubs.map((hub) => ({ ...hub, name: findByName(actual.hubs, hub.name)?.name ?? hub.name }))
  const namespace = actual.namespace?.name ?? spec.namespace.name
  const keysAreOff = localAuthDisabledAfter(spec.namespace, actual.namespace)
  const rules = planRules({ namespace, accessRules: spec.accessRules, hubs, choice: spec.rule, keysAreOff }, actual)
  const grants = planGrants({ grants: spec.grants, hubs }, actual.roleAssignments, namespace)
  return { steps: [...rules.steps, ...grants.steps], notes: [...rules.notes, ...grants.notes] }
}

/** Joins parts into one plan, which is refused if any step is. */
export function planOf(parts: readonly Part[]): Plan {
  const steps = parts.flatMap((part) => part.steps)
  const notes = parts.flatMap((part) => part.notes)
  if (steps.some((step) => step.action === 'refuse')) return { outcome: 'refused', steps, notes }
  const kept = steps.filter((step) => step.action === 'keep')
  if (kept.length === steps.length) return { outcome: 'no-op', steps: kept, notes }
  const applicable = steps.filter((step) => step.action !== 'refuse')
  return { outcome: 'applicable', steps: applicable, notes: [...notes, ...growthNotes(applicable)] }
}

/** The plan with the creation of its namespace refused. */
export const withNamespaceRefused = ({ steps, notes }: ApplicablePlan, refusal: Refusal): RefusedPlan => ({
  outcome: 'refused',
  steps: steps.map((step): Step =>
    step.target.kind === 'namespace'
      ? { action: 'refuse', target: step.target, changes: [], refusals: [refusal] }
      : step,
  ),
  notes,
})

/** Hubs and consumer groups in a manifest, whether or not this run uses them. */
export interface ManifestNames {
  readonly hubs: readonly { readonly name: string }[]
  /** Without `hub` the group belongs to every hub. */
  readonly consumerGroups: readonly { readonly hub?: string | undefined; readonly name: string }[]
}

/** Notes on hubs and consumer groups that exist but are not in the manifest. They are never deleted. */
export function extrasOf(spec: Spec, actual: Actual, named: ManifestNames): readonly Note[] {
  const hubs = actual.hubs.filter(({ name }) => !findByName(spec.hubs, name) && !findByName(named.hubs, name))
  const groups = spec.hubs.flatMap((hub) => {
    const live = actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []
    const namedHere = named.consumerGroups.filter((group) => sameName(group.hub ?? hub.name, hub.name))
    const known = [{ name: DEFAULT_CONSUMER_GROUP }, ...hub.consumerGroups, ...namedHere]
    return live
      .filter(({ name }) => !findByName(known, name))
      .map(({ name }) => ({ kind: 'consumer-group', hub: hub.name, name }) as const)
  })
  const targets = [...hubs.map(({ name }) => ({ kind: 'hub', name }) as const), ...groups]
  return targets.map((target) => ({ target, text: 'is not in the manifest; it stays as it is' }))
}

/** Every kind of write that `apply` can send. */
export type Write =
  | GroupWrite
  | NamespaceWrite
  | NetworkWrite
  | HubWrite
  | ConsumerGroupWrite
  | RuleWrite
  | GrantWrite
  | { readonly op: 'delete' }

export type CreateStep = Any.CreateStep<Write>
export type UpdateStep = Any.UpdateStep<Write>
export type WriteStep = Any.WriteStep<Write>
export type Step = Any.Step<Write>
export type Part = Any.Part<Write>
