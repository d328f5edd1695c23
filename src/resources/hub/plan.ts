import { formatHours } from '../../lib/duration.ts'
import { findByName } from '../../lib/names.ts'
import { captureNotes, captureWords, identityNotes, newCapture, planCapture, refuseCapture } from '../capture/plan.ts'
import { partOf, refusalsIn, type Change, type Note, type Part, type Refusal, type Step, type Target } from '../step.ts'
import type { HubActual, HubChanges, HubSpec, NewHub } from './hub.ts'
import {
  formatPartitions,
  refuseCleanupPolicy,
  refuseCompaction,
  refusePartitionChange,
  refusePartitions,
  refuseRetention,
  type HubContext,
} from './refusals.ts'

export type HubWrite =
  { readonly op: 'create-hub'; readonly body: NewHub } | { readonly op: 'update-hub'; readonly changes: HubChanges }

/** Plans a hub, without the resources in it. */
export function planHub(hub: HubSpec, live: HubActual | undefined, context: HubContext): Part<HubWrite> {
  return live ? planExisting(hub, live, context) : planNew(hub, context)
}

/** Notes about Capture. Hubs can share a storage account, so each note appears once. */
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
  const refusals = refusalsIn([
    refusePartitions(hub, context),
    compacted ? refuseCompaction(hub, context) : refuseRetention(hub, undefined, context),
    capture && refuseCapture(hub, context),
  ])
  if (refusals.length > 0) return partOf({ action: 'refuse', target, changes: [], refusals })
  const body = { partitions: hub.partitions.value, retentionHours, ...(capture ? { capture } : {}) }
  const kept = retentionHours === undefined ? 'compacted' : `retention ${formatHours(retentionHours)}`
  const details = [formatPartitions(body.partitions), kept, ...captureWords(capture)]
  return partOf({ action: 'create', target, details, write: { op: 'create-hub', body } })
}

/** The retention; null if Azure gives no number. */
const retentionOf = ({ retentionHours, cleanupPolicy }: HubActual): string | null =>
  retentionHours !== undefined ? formatHours(retentionHours) : cleanupPolicy === 'Compact' ? 'compacted' : null

/** What has to change for one property of a hub. */
interface HubDelta {
  readonly changes: readonly Change[]
  readonly refusal: Refusal | undefined
  readonly send: HubChanges
}

function deltasOf(hub: HubSpec, live: HubActual, context: HubContext): readonly HubDelta[] {
  const { partitions, retentionHours, cleanupPolicy } = hub
  const deltas: HubDelta[] = []
  if (cleanupPolicy.given && cleanupPolicy.value !== live.cleanupPolicy)
    deltas.push({
      changes: [{ field: 'cleanup policy', from: live.cleanupPolicy, to: cleanupPolicy.value }],
      refusal: refuseCleanupPolicy(hub, live),
      send: {},
    })
  if (partitions.given && partitions.value !== live.partitions)
    deltas.push({
      changes: [{ field: 'partitions', from: live.partitions, to: partitions.value }],
      refusal: refusePartitionChange(hub, live, context),
      send: { partitions: partitions.value },
    })
  if (retentionHours.given && retentionHours.value !== live.retentionHours)
    deltas.push({
      changes: [{ field: 'retention', from: retentionOf(live), to: formatHours(retentionHours.value) }],
      refusal: refuseRetention(hub, live, context),
      send: { retentionHours: retentionHours.value },
    })
  return [...deltas, planCapture(hub, live.capture, context)]
}

function planExisting(hub: HubSpec, live: HubActual, context: HubContext): Part<HubWrite> {
  const target: Target = { kind: 'hub', name: live.name }
  const deltas = deltasOf(hub, live, context)
  const changes = deltas.flatMap((delta) => delta.changes)
  const refusals = refusalsIn(deltas.map((delta) => delta.refusal))
  const notes = statusNotes(live)
  if (refusals.length > 0) return { steps: [{ action: 'refuse', target, changes, refusals }], notes }
  if (changes.length === 0) {
    const retention = retentionOf(live)
    const words = retention === 'compacted' ? [retention] : retention === null ? [] : [`retention ${retention}`]
    const details = [formatPartitions(live.partitions), ...words, ...captureWords(live.capture)]
    return { steps: [{ action: 'keep', target, details }], notes }
  }
  const send = deltas.reduce<HubChanges>((all, delta) => ({ ...all, ...delta.send }), {})
  return { steps: [{ action: 'update', target, changes, write: { op: 'update-hub', changes: send } }], notes }
}

const statusNotes = (live: HubActual): readonly Note[] =>
  statusWords(live).map((text) => ({ target: { kind: 'hub', name: live.name }, text }))

/** What a status other than Active means for clients. */
export const statusWords = ({ status }: Pick<HubActual, 'status'>): readonly string[] =>
  status === 'Active' ? [] : [`status is ${status}: ${STATUS_EFFECTS[status] ?? 'not every client can use it'}`]

const STATUS_EFFECTS: Readonly<Record<string, string>> = {
  Disabled: 'nobody can send to it or read from it',
  SendDisabled: 'nobody can send to it',
  ReceiveDisabled: 'nobody can read from it',
}

/** The effect of added partitions on readers, for a plan that is going to be applied. */
export const growthNotes = (steps: readonly Step[]): readonly Note[] =>
  steps.flatMap((step) =>
    step.action === 'update' && step.target.kind === 'hub' && step.changes.some(({ field }) => field === 'partitions')
      ? [{ target: step.target, text: 'with more partitions, keys go to other partitions: order per key breaks once' }]
      : [],
  )
