import { formatHours } from '../../lib/duration.ts'
import { LIMITS, type LiveTier } from '../../lib/limits.ts'
import { enoughFor } from '../../sizing/enough.ts'
import { reasonsFor, type Reason } from '../../sizing/reasons.ts'
import { RULES, type Rule } from '../../sizing/rules.ts'
import type { Size, ToSize } from '../../sizing/size.ts'
import type { HubSpec } from '../hub/hub.ts'
import { hasRetention } from '../hub/settings.ts'

/** A value of the choice: where it comes from, and the rule behind it. */
export interface ChosenValue {
  readonly of: Reason['of'] | 'retention' | 'consumerGroups'
  /** Undefined for those of the namespace. */
  readonly hub: string | undefined
  /** Somebody said it. */
  readonly given: boolean
  readonly reason: string
  readonly rule: Rule
}

/** The values of the namespace, then those of each hub. */
export function chosenValues(asked: ToSize, choice: Size, hubs: readonly HubSpec[]): readonly ChosenValue[] {
  const reasons = reasonsFor(asked, choice)
  const enough = enoughFor(asked, choice.tier)
  const needed = enough?.tier === choice.tier ? enough : undefined
  const withReason = (value: ChosenValue): ChosenValue => {
    const found = reasons.find(({ of, hub }) => of === value.of && hub === value.hub)
    return found && !value.given ? { ...value, reason: found.text, rule: found.rule } : value
  }
  return [
    ...namespaceValues(asked, choice, needed),
    ...hubs.flatMap((hub, i) => hubValues(hub, choice, i, needed?.partitions[i])),
  ].map(withReason)
}

function namespaceValues(asked: ToSize, choice: Size, needed: Size | undefined): readonly ChosenValue[] {
  const value = (of: 'tier' | 'capacity' | 'autoInflateMax', usual: string, rule: Rule): ChosenValue => {
    const given = asked[of] !== undefined
    const short = of !== 'tier' && needed && choice[of] > 0 && needed[of] > choice[of] ? needed[of] : undefined
    return { of, hub: undefined, given, reason: given ? asGiven(short) : usual, rule }
  }
  const { tier } = choice
  return [
    value('tier', `${tier} carries the load`, RULES.quotas),
    value('capacity', 'the least there is', tier === 'Premium' ? RULES.processingUnitIn : RULES.unitIn),
    value('autoInflateMax', whyNoInflation(asked, tier), RULES.autoInflate),
  ]
}

/** What somebody said, and what the load needs if that is more. */
const asGiven = (needed?: number): string => (needed === undefined ? 'as given' : `as given; the load needs ${needed}`)

function whyNoInflation({ hubs }: ToSize, tier: LiveTier): string {
  if (!LIMITS[tier].autoInflate) return `${tier} does not have it`
  return hubs.every(({ load }) => !load || load.peak === 1)
    ? 'the load is steady'
    : 'the capacity carries the busiest time, too'
}

function hubValues(hub: HubSpec, { tier, partitions }: Size, i: number, needed = 0): readonly ChosenValue[] {
  const { name, retentionHours, cleanupPolicy } = hub
  const short = needed > partitions[i]! ? needed : undefined
  const retention: ChosenValue = {
    ...{ of: 'retention', hub: name, given: retentionHours.given, rule: RULES.retention },
    reason: retentionHours.given
      ? asGiven()
      : `the usual one; ${tier} keeps events up to ${formatHours(LIMITS[tier].maxRetentionHours)}`,
  }
  return [
    {
      ...{ of: 'partitions', hub: name, given: hub.partitions.given, rule: RULES.partitionIn },
      reason: hub.partitions.given ? asGiven(short) : 'the usual number',
    },
    ...(hasRetention(cleanupPolicy.value) ? [retention] : []),
    groupValue(hub, tier),
  ]
}

function groupValue({ name, consumerGroups, load }: HubSpec, tier: LiveTier): ChosenValue {
  const hasOthers = LIMITS[tier].maxConsumerGroups > 1
  const given = hasOthers && consumerGroups.every((group) => group.given)
  const origin = given ? asGiven() : hasOthers ? 'the usual one' : `${tier} has no others`
  const isShort = load !== undefined && hasOthers && load.readers > Math.max(1, consumerGroups.length)
  return {
    ...{ of: 'consumerGroups', hub: name, given, rule: RULES.consumerGroup },
    reason: isShort ? `${origin}; ${load.readers} readers need one each` : origin,
  }
}
