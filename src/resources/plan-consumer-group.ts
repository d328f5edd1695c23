import { DEFAULTS } from '../inputs/defaults.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS, type LiveTier } from '../lib/limits.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import type { ConsumerGroupSpec, HubSpec } from './spec.ts'
import { findByName, type Actual } from './actual.ts'
import type { ConsumerGroupActual, ConsumerGroupBody } from './shapes.ts'
import type { Part } from './step.ts'
import type { Step, Target } from './step.ts'

/** The consumer groups of one hub. What nobody asked for is not looked at. */
export function planConsumerGroups(hub: HubSpec, actual: Actual, tier: LiveTier): Part {
  const live = actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []
  const wanted = hub.consumerGroups.filter((group) => group.given || isOpenForDefault(group, live))
  const most = LIMITS[tier].maxConsumerGroups
  const hubName = findByName(actual.hubs, hub.name)?.name ?? hub.name
  if (most <= 1 && wanted.length > 0) {
    const given = wanted.filter((group) => group.given)
    if (given.length > 0) return { steps: given.map((group) => refuseOnTier(hubName, group, tier)), notes: [] }
    const text = `${tier} has ${DEFAULT_CONSUMER_GROUP} alone: no consumer group is made`
    return { steps: [], notes: [{ target: { kind: 'hub', name: hubName }, text }] }
  }
  const steps = wanted.map((group) => planOne(hubName, group, findByName(live, group.name)))
  const added = steps.filter((step) => step.action === 'create').length
  const total = (live.length || 1) + added
  return {
    steps: added > 0 && total > most ? steps.map((step) => refuseIfNew(step, total, most, tier)) : steps,
    notes: [],
  }
}

/** The group that nobody named is made only where readers have none of their own. */
const isOpenForDefault = (group: ConsumerGroupSpec, live: readonly ConsumerGroupActual[]): boolean =>
  live.every((one) => sameName(one.name, DEFAULT_CONSUMER_GROUP) || sameName(one.name, group.name)) ||
  findByName(live, group.name) !== undefined

function planOne(hub: string, group: ConsumerGroupSpec, live: ConsumerGroupActual | undefined): Step {
  const target: Target = { kind: 'consumer-group', hub, name: live?.name ?? group.name }
  const body = { userMetadata: group.userMetadata.value }
  if (!live)
    return { action: 'create', target, details: metadataWords(body), write: { op: 'create-consumer-group', body } }
  if (!group.userMetadata.given || group.userMetadata.value === live.userMetadata) {
    return { action: 'keep', target, details: [] }
  }
  const changes = [{ field: 'user metadata', from: live.userMetadata ?? null, to: group.userMetadata.value }]
  return { action: 'update', target, changes, write: { op: 'update-consumer-group', body } }
}

/** What everybody gets is not worth a line. */
const metadataWords = ({ userMetadata }: ConsumerGroupBody): readonly string[] =>
  userMetadata === '' || userMetadata === DEFAULTS.userMetadata ? [] : [`user metadata ${userMetadata}`]

function refuseOnTier(hub: string, group: ConsumerGroupSpec, tier: LiveTier): Step {
  return {
    action: 'refuse',
    target: { kind: 'consumer-group', hub, name: group.name },
    changes: [],
    refusals: [
      {
        what: `Can't make consumer group ${group.name} in hub ${hub}`,
        because: `The namespace is on ${tier}, where a hub has ${DEFAULT_CONSUMER_GROUP} alone.`,
        waysOut: [
          { text: 'move the namespace to Standard', edit: { tier: 'Standard' } },
          {
            text: `read through ${DEFAULT_CONSUMER_GROUP}`,
            edit: { consumerGroup: [] },
          },
        ],
        link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas',
      },
    ],
  }
}

function refuseIfNew(step: Step, total: number, most: number, tier: LiveTier): Step {
  if (step.action !== 'create' || step.target.kind !== 'consumer-group') return step
  return {
    action: 'refuse',
    target: step.target,
    changes: [],
    refusals: [
      {
        what: `Can't make consumer group ${step.target.name} in hub ${step.target.hub}`,
        because: `The hub would have ${total} with ${DEFAULT_CONSUMER_GROUP}, and ${tier} allows ${most}.`,
        waysOut: [
          { text: 'use Kafka consumer groups, which are not counted here' },
          { text: 'remove a consumer group that nobody reads through, then run this again' },
        ],
        link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas',
      },
    ],
  }
}
