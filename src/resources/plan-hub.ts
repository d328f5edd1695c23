import { formatHours } from '../lib/duration.ts'
import type { HubSpec, Spec } from './spec.ts'
import { findByName, type Actual } from './actual.ts'
import type { HubActual, HubChanges } from './shapes.ts'
import { captureNotes, captureWords, identityNotes, newCapture, planCapture } from './plan-capture.ts'
import { planConsumerGroups } from './plan-consumer-group.ts'
import type { Part } from './step.ts'
import type { Change, Note, Refusal, Step, Target } from './step.ts'
import { refuseCapture } from './refuse-capture.ts'
import {
  hubContextOf,
  refuseCleanupPolicy,
  refuseCompaction,
  refusePartitionChange,
  refusePartitions,
  refuseRetention,
  type HubContext,
} from './refuse-hub.ts'

/** All hubs of the spec with what is in them. */
export function planHubs(spec: Spec, actual: Actual): Part {
  const context = hubContextOf(spec, actual)
  const parts = spec.hubs.flatMap((hub) => [
    planHub(hub, findByName(actual.hubs, hub.name), context),
    planConsumerGroups(hub, actual, context.tier),
  ])
  // Hubs share storage accounts: each is told of once.
  const texts = [
    ...spec.hubs.flatMap((hub) => captureNotes(hub, findByName(actual.hubs, hub.name), context)),
    ...(actual.namespace ? [] : identityNotes(spec.hubs)),
  ]
  const target: Target = { kind: 'namespace', name: actual.namespace?.name ?? spec.namespace.name }
  const notes = [...parts.flatMap((part) => part.notes), ...[...new Set(texts)].map((text) => ({ target, text }))]
  return { steps: parts.flatMap((part) => part.steps), notes }
}

function planHub(hub: HubSpec, live: HubActual | undefined, context: HubContext): Part {
  if (live) return planExisting(hub, live, context)
  const target: Target = { kind: 'hub', name: hub.name }
  const compacted = hub.cleanupPolicy.value === 'Compact'
  const retentionHours = compacted ? undefined : hub.retentionHours.value
  const capture = newCapture(hub)
  const body = { partitions: hub.partitions.value, retentionHours, ...(capture ? { capture } : {}) }
  const refusals = [
    ...refusePartitions(hub, context),
    ...(compacted ? refuseCompaction(hub, context) : refuseRetention(hub, undefined, context)),
    ...(capture ? refuseCapture(hub, context) : []),
  ]
  if (refusals.length > 0) return { steps: [{ action: 'refuse', target, changes: [], refusals }], notes: [] }
  const write = { op: 'create-hub', body } as const
  const kept = retentionHours === undefined ? 'compacted' : `retention ${formatHours(retentionHours)}`
  const details = [partitionsIn(body.partitions), kept, ...captureWords(capture)]
  return { steps: [{ action: 'create', target, details, write }], notes: [] }
}

const partitionsIn = (partitions: number): string => `${partitions} partition${partitions === 1 ? '' : 's'}`

/** How long events stay, as far as Azure says it in a number. */
const retentionOf = ({ retentionHours, cleanupPolicy }: HubActual): string | null =>
  retentionHours !== undefined ? formatHours(retentionHours) : cleanupPolicy === 'Compact' ? 'compacted' : null

function planExisting(hub: HubSpec, live: HubActual, context: HubContext): Part {
  const target: Target = { kind: 'hub', name: live.name }
  const otherPartitions = hub.partitions.given && hub.partitions.value !== live.partitions
  const otherRetention = hub.retentionHours.given && hub.retentionHours.value !== live.retentionHours
  const otherPolicy = hub.cleanupPolicy.given && hub.cleanupPolicy.value !== live.cleanupPolicy
  const capture = planCapture(hub, live, context)
  const changes: readonly Change[] = [
    ...(otherRetention
      ? [{ field: 'retention', from: retentionOf(live), to: formatHours(hub.retentionHours.value) }]
      : []),
    ...(otherPartitions ? [{ field: 'partitions', from: live.partitions, to: hub.partitions.value }] : []),
    ...(otherPolicy ? [{ field: 'cleanup policy', from: live.cleanupPolicy, to: hub.cleanupPolicy.value }] : []),
    ...capture.changes,
  ]
  const refusals = [
    ...(otherPolicy ? [refuseCleanupPolicy(hub, live)] : []),
    ...(otherPartitions ? refusePartitionChange(hub, live, context) : []),
    ...(otherRetention ? refuseRetention(hub, live, context) : []),
    ...capture.refusals,
  ]
  const send: HubChanges = {
    ...(otherPartitions ? { partitions: hub.partitions.value } : {}),
    ...(otherRetention ? { retentionHours: hub.retentionHours.value } : {}),
    ...capture.send,
  }
  return { steps: [stepOf(target, live, changes, refusals, send)], notes: notesOf(target, live) }
}

function stepOf(
  target: Target,
  live: HubActual,
  changes: readonly Change[],
  refusals: readonly Refusal[],
  send: HubChanges,
): Step {
  if (refusals.length > 0) return { action: 'refuse', target, changes, refusals }
  if (changes.length > 0) return { action: 'update', target, changes, write: { op: 'update-hub', changes: send } }
  const retention = retentionOf(live)
  const words = retention === 'compacted' ? [retention] : retention === null ? [] : [`retention ${retention}`]
  return { action: 'keep', target, details: [partitionsIn(live.partitions), ...words, ...captureWords(live.capture)] }
}

function notesOf(target: Target, live: HubActual): readonly Note[] {
  return live.status === 'Active' ? [] : [{ target, text: `status is ${live.status}: not every client can use it` }]
}

/** What happens to readers when partitions are added: of a plan that is going to be applied, as others add none. */
export const growthNotes = (steps: readonly Step[]): readonly Note[] =>
  steps.flatMap((step) =>
    step.action === 'update' && step.write.op === 'update-hub' && step.write.changes.partitions !== undefined
      ? [{ target: step.target, text: 'with more partitions, keys go to other partitions: order per key breaks once' }]
      : [],
  )
