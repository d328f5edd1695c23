import { DEFAULTS } from '../../inputs/defaults.ts'
import { edit } from '../../inputs/refer.ts'
import type { InputKey } from '../../inputs/table.ts'
import { formatHours } from '../../lib/duration.ts'
import { formatCapacity, maxHubsOf, type TierLimits } from '../../lib/limits.ts'
import { repetitionsIn } from '../../lib/names.ts'
import { say } from '../../lib/phrase.ts'
import type { Problem } from '../../lib/errors.ts'
import { problemAt, isUnread, nameOf, type Leaf } from '../../wanted/node.ts'
import { tierThatAllows, type RuleInput, type Rule } from '../judge.ts'
import type { WantedHubs } from './hub.ts'
import { compacts, hasRetention } from './settings.ts'

/** A number that a tier limits, for all hubs or for one. */
interface Limited {
  readonly key: 'partitions' | 'retention'
  readonly most: (limits: TierLimits) => number
  readonly show: (value: number) => string
  readonly what: string
  readonly asks: (shown: string) => string
}

const LIMITED: readonly Limited[] = [
  {
    key: 'partitions',
    most: ({ maxPartitionsPerHub }) => maxPartitionsPerHub,
    show: String,
    what: 'the limit of a hub',
    asks: (shown) => `asks for ${shown} partitions`,
  },
  {
    key: 'retention',
    most: ({ maxRetentionHours }) => maxRetentionHours,
    show: formatHours,
    what: 'the longest retention',
    asks: (shown) => `asks for a retention of ${shown}`,
  },
]

const limitRule: Rule<WantedHubs> = (given) => LIMITED.flatMap((limited) => aboveLimit(given, limited))

function aboveLimit(
  { wanted, limits, tierWords }: RuleInput<WantedHubs>,
  { key, most, show, what, asks }: Limited,
): readonly Problem[] {
  const limit = most(limits)
  const isAbove = (leaf: Leaf<number> | undefined): leaf is Leaf<number> => leaf !== undefined && leaf.value > limit
  const problem = (input: InputKey, leaf: Leaf<number>, start: string) => {
    const other = tierThatAllows(
      (tier) => most(tier) >= leaf.value,
      (tier) => `up to ${show(most(tier))}`,
    )
    return problemAt(input, leaf, say`${start} above ${show(limit)}, ${what} on ${tierWords}${other}`)
  }
  return [
    ...(isAbove(wanted[key]) ? [problem(key, wanted[key], 'is')] : []),
    ...(wanted.hubs?.items ?? []).flatMap(({ [key]: own }) =>
      isAbove(own) ? [problem('hub', own, `${asks(show(own.value))},`)] : [],
    ),
  ]
}

const partitionTotalRule: Rule<WantedHubs> = ({ wanted, limits, tier, capacity, size }) => {
  const { maxPartitionsPerUnit } = limits
  const isKnown = !['hubs', 'partitions', 'capacity'].some((key) => isUnread(wanted, key))
  if (maxPartitionsPerUnit === undefined || capacity === undefined || !isKnown) return []
  const total = size.partitions.reduce((sum, one) => sum + one, 0)
  const most = maxPartitionsPerUnit * capacity
  if (total <= most) return []
  const units = formatCapacity(tier, capacity)
  return [
    problemAt('hub', wanted.hubs, `adds up to ${total} partitions, above ${most}, the limit of ${units} on ${tier}`),
  ]
}

const hubListRule: Rule<WantedHubs> = ({ wanted, limits, tier, tierWords, capacity }) => {
  const hubs = wanted.hubs?.items ?? []
  const repeated = repetitionsIn(hubs.map(nameOf)).map((i) => {
    const { origin, name } = hubs[i]!
    return problemAt('hub', name, origin.kind === 'file' ? `${nameOf(hubs[i]!)} is given twice` : 'is given twice')
  })
  if (limits.hubsGrowWithCapacity && capacity === undefined) return repeated
  const most = maxHubsOf(tier, capacity ?? DEFAULTS.capacity)
  if (hubs.length <= most) return repeated
  const message = `is given ${hubs.length} times, above ${most}, the limit of a namespace on ${tierWords}`
  return [...repeated, problemAt('hub', wanted.hubs, message)]
}

/** https://learn.microsoft.com/azure/event-hubs/log-compaction */
const compactionRule: Rule<WantedHubs> = ({ wanted, limits, tierWords }) =>
  (wanted.hubs?.items ?? []).flatMap((hub) => {
    const { cleanupPolicy, retention, tombstoneRetention } = hub
    const policy = cleanupPolicy?.value ?? 'Delete'
    if (!compacts(policy))
      return tombstoneRetention && !isUnread(hub, 'cleanupPolicy')
        ? [problemAt('hub', tombstoneRetention, 'needs cleanupPolicy: Compact or DeleteOrCompact')]
        : []
    const missing = say`is ${policy}, which ${tierWords} does not have. ${edit({ tier: 'Standard' })} has it`
    return [
      ...(limits.compaction ? [] : [problemAt('hub', cleanupPolicy, missing)]),
      ...(retention && !hasRetention(policy)
        ? [
            problemAt(
              'hub',
              retention,
              'does not go with a compacted hub, which keeps its events: leave out one of the two',
            ),
          ]
        : []),
    ]
  })

/** The rules about hubs. Resources in a hub have their own rules. */
export const HUB_RULES: readonly Rule<WantedHubs>[] = [limitRule, partitionTotalRule, hubListRule, compactionRule]
