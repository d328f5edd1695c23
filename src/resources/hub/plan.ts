import { formatHours } from '../../lib/duration.ts'
import { findByName } from '../../lib/names.ts'
import { captureNotes, captureWords, newCapture, planCapture, refuseCapture } from '../capture/plan.ts'
import { partOf, refusalsIn, type Change, type Note, type Part, type Refusal, type Step, type Target } from '../step.ts'
import type { HubActual, HubChanges, HubSpec, NewHub } from './hub.ts'
import {
  formatPartitions,
  refuseCleanupPolicy,
  refuseCompaction,
  refuseDisabled,
  refusePartitionChange,
  refusePartitions,
  refuseRetention,
  refuseTimestampType,
  type HubContext,
} from './refusals.ts'
import { compacts, hasRetention, settledStatus } from './settings.ts'

export type HubWrite =
  { readonly op: 'create-hub'; readonly body: NewHub } | { readonly op: 'update-hub'; readonly changes: HubChanges }

/** Plans a hub, without the resources in it. */
export function planHub(hub: HubSpec, live: HubActual | undefined, context: HubContext): Part<HubWrite> {
  return live ? planExisting(hub, live, context) : planNew(hub, context)
}

/** Notes about Capture. Hubs can share a storage account, so each note appears once. */
export const hubNotes = (hubs: readonly HubSpec[], live: readonly HubActual[], context: HubContext) => [
  ...new Set(hubs.flatMap((hub) => captureNotes(hub, findByName(live, hub.name)?.capture, context))),
]

function planNew(hub: HubSpec, context: HubContext): Part<HubWrite> {
  const target: Target = { kind: 'hub', name: hub.name }
  const { value: cleanupPolicy } = hub.cleanupPolicy
  const capture = newCapture(hub)
  const refusals = [
    ...refusalsIn([
      refusePartitions(hub, context),
      compacts(cleanupPolicy) ? refuseCompaction(hub, context) : undefined,
      hasRetention(cleanupPolicy) ? refuseRetention(hub, undefined, context) : undefined,
      refuseDisabled(hub, undefined),
    ]),
    ...refuseCapture(hub, undefined, context),
  ]
  if (refusals.length > 0) return partOf({ action: 'refuse', target, changes: [], refusals })
  const { status, timestampType, tombstoneHours } = hub
  const body: NewHub = {
    partitions: hub.partitions.value,
    ...(compacts(cleanupPolicy) ? { cleanupPolicy } : {}),
    retentionHours: hasRetention(cleanupPolicy) ? hub.retentionHours.value : undefined,
    ...(tombstoneHours === undefined ? {} : { tombstoneHours }),
    ...(status.given ? { status: status.value } : {}),
    ...(timestampType.given ? { timestampType: timestampType.value } : {}),
    ...(capture ? { capture } : {}),
  }
  const details = hubWords({
    ...{ cleanupPolicy, status: 'Active', timestampType: 'LogAppend', tombstoneHours: undefined, capture: undefined },
    ...body,
  })
  const step = { action: 'create', target, details, write: { op: 'create-hub', body } } as const
  return { steps: [step], notes: statusNotes(hub.name, status.value) }
}

/** The settings of a hub, those that are seldom changed only if they are not Azure's own. */
function hubWords(hub: Omit<HubActual, 'name' | 'unmanaged'>): readonly string[] {
  const { tombstoneHours, status, timestampType } = hub
  const retention = retentionOf(hub)
  return [
    formatPartitions(hub.partitions),
    ...(retention === null ? [] : [retention === COMPACTED ? COMPACTED : `retention ${retention}`]),
    ...(hub.cleanupPolicy === 'DeleteOrCompact' ? [COMPACTED] : []),
    ...(tombstoneHours === undefined ? [] : [`tombstones ${formatHours(tombstoneHours)}`]),
    ...(status === 'Active' ? [] : [status]),
    ...(timestampType === 'Create' ? ['timestamp type Create'] : []),
    ...captureWords(hub.capture),
  ]
}

const COMPACTED = 'compacted'
/** The retention; null if Azure gives no number. */
const retentionOf = ({ retentionHours, cleanupPolicy }: Pick<HubActual, 'retentionHours' | 'cleanupPolicy'>) =>
  retentionHours !== undefined ? formatHours(retentionHours) : cleanupPolicy === 'Compact' ? COMPACTED : null

/** What has to change for one property of a hub. */
interface HubDelta {
  readonly changes: readonly Change[]
  readonly refusals: readonly Refusal[]
  readonly send: HubChanges
}

function deltasOf(hub: HubSpec, live: HubActual, context: HubContext): readonly HubDelta[] {
  const { partitions, retentionHours, cleanupPolicy } = hub
  const deltas: HubDelta[] = []
  if (cleanupPolicy.given && cleanupPolicy.value !== live.cleanupPolicy)
    deltas.push({
      changes: [{ field: 'cleanup policy', from: live.cleanupPolicy, to: cleanupPolicy.value }],
      refusals: [refuseCleanupPolicy(hub, live)],
      send: {},
    })
  if (partitions.given && partitions.value !== live.partitions)
    deltas.push({
      changes: [{ field: 'partitions', from: live.partitions, to: partitions.value }],
      refusals: refusalsIn([refusePartitionChange(hub, live, context)]),
      send: { partitions: partitions.value },
    })
  if (retentionHours.given && retentionHours.value !== live.retentionHours)
    deltas.push({
      changes: [{ field: 'retention', from: retentionOf(live), to: formatHours(retentionHours.value) }],
      refusals: refusalsIn([refuseRetention(hub, live, context)]),
      send: { retentionHours: retentionHours.value },
    })
  return [...deltas, ...settingDeltas(hub, live), planCapture(hub, live.capture, context)]
}

/** Settings that Azure changes at any time. */
function settingDeltas(hub: HubSpec, live: HubActual): readonly HubDelta[] {
  const { tombstoneHours, status, timestampType } = hub
  const deltas: HubDelta[] = []
  if (tombstoneHours !== undefined && compacts(live.cleanupPolicy) && tombstoneHours !== live.tombstoneHours)
    deltas.push({
      changes: [
        {
          field: 'tombstone retention',
          from: live.tombstoneHours === undefined ? null : formatHours(live.tombstoneHours),
          to: formatHours(tombstoneHours),
        },
      ],
      refusals: [],
      send: { tombstoneHours },
    })
  if (status.given && status.value !== settledStatus(live.status))
    deltas.push({
      changes: [{ field: 'status', from: live.status, to: status.value }],
      refusals: [],
      send: { status: status.value },
    })
  if (timestampType.given && timestampType.value !== live.timestampType)
    deltas.push({
      changes: [{ field: 'timestamp type', from: live.timestampType ?? null, to: timestampType.value }],
      refusals: live.timestampType === undefined ? [refuseTimestampType(hub)] : [],
      send: { timestampType: timestampType.value },
    })
  return deltas
}

function planExisting(hub: HubSpec, live: HubActual, context: HubContext): Part<HubWrite> {
  const target: Target = { kind: 'hub', name: live.name }
  const deltas = deltasOf(hub, live, context)
  const changes = deltas.flatMap((delta) => delta.changes)
  const refusals = [
    ...deltas.flatMap((delta) => delta.refusals),
    ...(changes.length > 0 ? refusalsIn([refuseDisabled(hub, live)]) : []),
  ]
  const send = deltas.reduce<HubChanges>((all, delta) => ({ ...all, ...delta.send }), {})
  if (refusals.length > 0)
    return { steps: [{ action: 'refuse', target, changes, refusals }], notes: statusNotes(live.name, live.status) }
  const notes = statusNotes(live.name, send.status ?? live.status)
  if (changes.length === 0) return { steps: [{ action: 'keep', target, details: hubWords(live) }], notes }
  return { steps: [{ action: 'update', target, changes, write: { op: 'update-hub', changes: send } }], notes }
}

/** What the clients of a hub notice of its status. */
const CLOSED_FOR: Readonly<Record<string, string>> = {
  Disabled: 'no client can send or receive',
  SendDisabled: 'clients can receive, but not send',
  ReceiveDisabled: 'clients can send, but not receive',
}

/** What a status other than Active means for clients. */
export const statusWords = ({ status }: Pick<HubActual, 'status'>): readonly string[] =>
  status === 'Active' ? [] : [`status is ${status}: ${CLOSED_FOR[status] ?? 'not every client can use it'}`]

const statusNotes = (name: string, status: string): readonly Note[] =>
  statusWords({ status }).map((text) => ({ target: { kind: 'hub', name }, text }))

/** The effect of added partitions on readers, for a plan that is going to be applied. */
export const growthNotes = (steps: readonly Step[]): readonly Note[] =>
  steps.flatMap((step) =>
    step.action === 'update' && step.target.kind === 'hub' && step.changes.some(({ field }) => field === 'partitions')
      ? [{ target: step.target, text: 'with more partitions, keys go to other partitions: order per key breaks once' }]
      : [],
  )
