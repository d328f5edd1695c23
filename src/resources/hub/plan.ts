import { formatHours } from '../../lib/duration.ts'
import { findByName } from '../../lib/names.ts'
import { captureNotes, captureWords, identityNotes, newCapture, planCapture, refuseCapture } from '../capture/plan.ts'
import type { Change, Note, Part, Refusal, Step, Target } from '../step.ts'
import type { HubActual, HubChanges, HubSpec, NewHub } from './hub.ts'
import {
  refuseCleanupPolicy,
  refuseCompaction,
  refusePartitionChange,
  refusePartitions,
  refuseRetention,
  type HubContext,
} from './refusals.ts'

/** What is sent for it. */
export type HubWrite =
  { readonly op: 'create-hub'; readonly body: NewHub } | { readonly op: 'update-hub'; readonly changes: HubChanges }

/** A hub by itself; what is in it is planned where it belongs. */
export function planHub(hub: HubSpec, live: HubActual | undefined, context: HubContext): Part<HubWrite> {
  return live ? planExisting(hub, live, context) : planNew(hub, context)
}

/** What is worth knowing of where the hubs are captured. They share storage accounts: each is told of once. */
export function hubNotes(hubs: readonly HubSpec[], live: readonly HubActual[], context: HubContext, isNew: boolean) {
  return [
    ...new Set([
      ...hubs.flatMap((hub) => captureNotes(hub, findByName(live, hub.name)?.capture, context)),
      ...(isNew ? identityNotes(hubs) : []),
    ]),
  ]
}

function planNew(hub: HubSpec, context: HubContext): Part<HubWrite> {
  const target: Target = { kind: 'hub', name: hub.name }
  const compacted = hub.cleanupPolicy.value === 'Compact'
  const retentionHours = compacted ? undefined : hub.retentionHours.value
  const capture = newCapture(hub)
  const refusals = [
    ...refusePartitions(hub, context),
    ...(compacted ? refuseCompaction(hub, context) : refuseRetention(hub, undefined, context)),
    ...(capture ? refuseCapture(hub, context) : []),
  ]
  if (refusals.length > 0) return { steps: [{ action: 'refuse', target, changes: [], refusals }], notes: [] }
  const body = { partitions: hub.partitions.value, retentionHours, ...(capture ? { capture } : {}) }
  const kept = retentionHours === undefined ? 'compacted' : `retention ${formatHours(retentionHours)}`
  const details = [partitionsIn(body.partitions), kept, ...captureWords(capture)]
  return { steps: [{ action: 'create', target, details, write: { op: 'create-hub', body } }], notes: [] }
}

const partitionsIn = (partitions: number): string => `${partitions} partition${partitions === 1 ? '' : 's'}`

/** How long events stay, as far as Azure says it in a number. */
const retentionOf = ({ retentionHours, cleanupPolicy }: HubActual): string | null =>
  retentionHours !== undefined ? formatHours(retentionHours) : cleanupPolicy === 'Compact' ? 'compacted' : null

/** What one property of a hub needs, or nothing where it is as wanted. */
interface HubDelta {
  readonly changes: readonly Change[]
  readonly refusals: readonly Refusal[]
  readonly send: HubChanges
}

function deltasOf(hub: HubSpec, live: HubActual, context: HubContext): readonly HubDelta[] {
  const { partitions, retentionHours, cleanupPolicy } = hub
  const isOther = <T>(setting: { readonly given: boolean; readonly value: T }, now: unknown): boolean =>
    setting.given && setting.value !== now
  return [
    ...(isOther(cleanupPolicy, live.cleanupPolicy)
      ? [
          {
            changes: [{ field: 'cleanup policy', from: live.cleanupPolicy, to: cleanupPolicy.value }],
            refusals: refuseCleanupPolicy(hub, live),
            send: {},
          },
        ]
      : []),
    ...(isOther(partitions, live.partitions)
      ? [
          {
            changes: [{ field: 'partitions', from: live.partitions, to: partitions.value }],
            refusals: refusePartitionChange(hub, live, context),
            send: { partitions: partitions.value },
          },
        ]
      : []),
    ...(isOther(retentionHours, live.retentionHours)
      ? [
          {
            changes: [{ field: 'retention', from: retentionOf(live), to: formatHours(retentionHours.value) }],
            refusals: refuseRetention(hub, live, context),
            send: { retentionHours: retentionHours.value },
          },
        ]
      : []),
    planCapture(hub, live.capture, context),
  ]
}

function planExisting(hub: HubSpec, live: HubActual, context: HubContext): Part<HubWrite> {
  const deltas = deltasOf(hub, live, context)
  const step = stepOf(
    live,
    deltas.flatMap((delta) => delta.changes),
    deltas.flatMap((delta) => delta.refusals),
    deltas.reduce<HubChanges>((all, { send }) => ({ ...all, ...send }), {}),
  )
  return { steps: [step], notes: statusNotes(live) }
}

function stepOf(
  live: HubActual,
  changes: readonly Change[],
  refusals: readonly Refusal[],
  send: HubChanges,
): Step<HubWrite> {
  const target: Target = { kind: 'hub', name: live.name }
  if (refusals.length > 0) return { action: 'refuse', target, changes, refusals }
  if (changes.length > 0) return { action: 'update', target, changes, write: { op: 'update-hub', changes: send } }
  const retention = retentionOf(live)
  const words = retention === 'compacted' ? [retention] : retention === null ? [] : [`retention ${retention}`]
  return { action: 'keep', target, details: [partitionsIn(live.partitions), ...words, ...captureWords(live.capture)] }
}

const statusNotes = ({ name, status }: HubActual): readonly Note[] =>
  status === 'Active'
    ? []
    : [{ target: { kind: 'hub', name }, text: `status is ${status}: not every client can use it` }]

/** What happens to readers when partitions are added: of a plan that is going to be applied, as others add none. */
export const growthNotes = (steps: readonly Step[]): readonly Note[] =>
  steps.flatMap((step) =>
    step.action === 'update' && step.target.kind === 'hub' && step.changes.some(({ field }) => field === 'partitions')
      ? [{ target: step.target, text: 'with more partitions, keys go to other partitions: order per key breaks once' }]
      : [],
  )
