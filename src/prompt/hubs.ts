import { findByName, sameName } from '../lib/names.ts'
import type { Call, Cloud, NamespaceRef } from '../engine/cloud.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import { formatHours } from '../lib/duration.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { LIMITS } from '../lib/limits.ts'
import { isDefaultConsumerGroup, type HubInput } from '../inputs/parsers.ts'
import { count } from '../ui/text.ts'
import { NONE, type Answers } from './answers.ts'
import { askField, askName } from './ask-field.ts'
import { groupsContext, partitionsQuestion, retentionQuestion, tierOf } from './size.ts'
import { type Talk, load, type Loading } from './talk.ts'

/** The namespace of the hubs. */
export interface HubPlace {
  readonly cloud: Cloud
  readonly at: NamespaceRef
  readonly exists: boolean
}

/** A hub of the run, and the existing one of its name. */
export type HubAsked = HubInput & { readonly live: HubActual | undefined }

/** Asks which hubs. */
export async function settleHubs(talk: Talk, answers: Answers, place: HubPlace): Promise<readonly HubAsked[]> {
  const existing = (place.exists && (await loadHubs(talk, place)())) || []
  if (!answers.given('hub')) await askHub(talk, answers, existing)
  return hubsOf(answers).map((hub) => ({ ...hub, live: findByName(existing, hub.name) }))
}

/** Asks for the partitions and the retention of hubs, then for consumer groups. */
export async function settleInHubs(
  talk: Talk,
  answers: Answers,
  place: HubPlace,
  hubs: readonly HubAsked[],
): Promise<void> {
  await settlePartitions(talk, answers, hubs)
  await settleRetention(talk, answers, hubs)
  await settleConsumerGroups(talk, answers, place, hubs)
}

const hubsOf = (answers: Answers): readonly HubInput[] => answers.all.hub?.value ?? [{ name: DEFAULTS.hub }]

export const loadHubs = (talk: Talk, { cloud, at }: Omit<HubPlace, 'exists'>): Loading<readonly HubActual[]> =>
  load(talk, `the hubs of ${at.namespace}`, async (call) => (await cloud.listHubs(at, call)) ?? [])

const SEVERAL = 'several with commas'

async function askHub(talk: Talk, answers: Answers, existing: readonly HubActual[]): Promise<void> {
  const given = answers.all.hub?.value.map((hub) => hub.name)
  if (given) {
    await askField(talk, answers, 'hub', { context: SEVERAL, default: given.join(', ') })
    return
  }
  await askName(talk, answers, 'hub', {
    noun: 'hub',
    existing,
    suggested: DEFAULTS.hub,
    preferOnly: true,
    context: SEVERAL,
    detailOf: ({ partitions, retentionHours }) =>
      `${count(partitions, 'partition')}, ${retentionHours === undefined ? 'compacted' : `retention ${formatHours(retentionHours)}`}`,
  })
}

async function settlePartitions(talk: Talk, answers: Answers, hubs: readonly HubAsked[]): Promise<void> {
  if (answers.given('partitions')) return
  const open = hubs.filter((hub) => hub.partitions === undefined)
  showFacts(talk, 'Partitions', open, (live) => String(live.partitions))
  if (!answers.problemOf('partitions') && open.every((hub) => hub.live)) return
  await askField(talk, answers, 'partitions', partitionsQuestion(answers))
}

async function settleRetention(talk: Talk, answers: Answers, hubs: readonly HubAsked[]): Promise<void> {
  if (answers.given('retention')) return
  const open = hubs.filter((hub) => hub.retention === undefined)
  showFacts(talk, 'Retention', open, (live) =>
    live.retentionHours === undefined ? 'compacted' : formatHours(live.retentionHours),
  )
  if (!answers.problemOf('retention') && open.every((hub) => hub.live)) return
  await askField(talk, answers, 'retention', retentionQuestion(answers))
}

/** Shows values of existing hubs instead of asking. */
function showFacts(talk: Talk, label: string, hubs: readonly HubAsked[], valueOf: (live: HubActual) => string): void {
  for (const { live } of hubs) {
    if (live) talk.row(label, hubs.length > 1 ? `${valueOf(live)}  ${live.name}` : valueOf(live))
  }
}

async function settleConsumerGroups(
  talk: Talk,
  answers: Answers,
  place: HubPlace,
  hubs: readonly HubAsked[],
): Promise<void> {
  if (answers.given('consumerGroup')) return
  const hasNone = LIMITS[tierOf(answers)].maxConsumerGroups <= 1
  if (hasNone && !answers.problemOf('consumerGroup')) return
  const existing = await existingGroups(talk, place, hubs)
  if (existing.length > 0) talk.row('Consumer groups', existing.join(', '))
  const ours = existing.find((name) => sameName(name, DEFAULTS.consumerGroup))
  const usual = ours ?? existing[0] ?? DEFAULTS.consumerGroup
  await askField(talk, answers, 'consumerGroup', { context: groupsContext(answers), default: hasNone ? NONE : usual })
}

async function existingGroups(
  talk: Talk,
  { cloud, at }: HubPlace,
  hubs: readonly HubAsked[],
): Promise<readonly string[]> {
  const [hub, ...others] = hubs
  if (!hub?.live || others.length > 0) return []
  const { name: live } = hub.live
  const request = (call: Call) => cloud.listConsumerGroups({ ...at, hub: live }, call)
  const groups = (await load(talk, `the consumer groups of ${live}`, request)()) ?? []
  return groups.map((group) => group.name).filter((name) => !isDefaultConsumerGroup(name))
}
