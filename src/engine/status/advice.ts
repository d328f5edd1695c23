import { command } from '../../inputs/refer.ts'
import { formatHours } from '../../lib/duration.ts'
import { LIMITS, type LiveTier } from '../../lib/limits.ts'
import { say } from '../../lib/phrase.ts'
import { CARRIED, roundUp } from '../../sizing/use.ts'
import { countOf } from './traffic.ts'
import type { Advice, GroupLag, HubStatus, NamespaceStatus, WayUse } from './status.ts'

/** From here on a busy minute has little left for a burst within it. */
export const BUSY_PERCENT = 80
/** What is advised leaves so much room. */
const TARGET_PERCENT = 60
/** Below this in every minute, fewer units would do. */
const IDLE_PERCENT = 25
/** So many minutes have to be measured before anything is called idle. */
const LEAST_IDLE_MINUTES = 30
/** Unread events are in danger when less than this part of their retention is left. */
export const LEAST_TIME_LEFT = 0.25
const HOUR_MS = 3_600_000

export interface ToAdvise {
  readonly atMs: number
  readonly namespace: NamespaceStatus
  readonly hubs: readonly HubStatus[]
  /** What the change of units adds to a month, as people read it: `+ $44 a month before events`. Undefined: unknown. */
  readonly priceOf: (tier: LiveTier, units: number, than: number) => string | undefined
}

/** The one thing to do, the most pressing first: events that get lost, requests that are refused, units that idle. */
export const adviceFor = (facts: ToAdvise): Advice | undefined =>
  lossAdvice(facts) ?? unitsAdvice(facts) ?? idleAdvice(facts)

function lossAdvice({ atMs, namespace: { tier }, hubs }: ToAdvise): Advice | undefined {
  const all = hubs.flatMap((hub) => hub.groups.map((group) => ({ hub, group })))
  const isInDanger = ({ hub: { retentionHours }, group: { lossMs } }: (typeof all)[number]): boolean =>
    lossMs !== undefined && retentionHours !== undefined && lossMs - atMs < retentionHours * HOUR_MS * LEAST_TIME_LEFT
  const endangered = all.filter(isInDanger).sort((a, b) => a.group.lossMs! - b.group.lossMs!)
  const [found] = [...all.filter(({ group: { lost, lag } }) => lost > 0 && lag !== 0), ...endangered]
  if (!found) return undefined
  const { hub, group } = found
  const what = `${group.group} reads ${hub.name} too slowly${slowestWords(group, hub)}`
  const longer = longerRetention(hub.retentionHours, tier)
  if (longer === undefined) return { text: `${what}: give it more workers` }
  const edits = { hub: { of: hub.name, name: hub.name, partitions: hub.partitionCount, retention: longer } }
  return {
    text: say`${what}: give it more workers, or keep events for ${formatHours(longer)}: ${command('create', edits)}`,
  }
}

/** One partition that most of the backlog is in: more workers do not help there. */
function slowestWords({ partitions, lag = 0 }: GroupLag, { partitionCount }: HubStatus): string {
  const worst = largest(partitions, (one) => one.lag)
  return worst && partitionCount > 1 && worst.lag > lag * 0.9 ? `, in partition ${worst.partition}` : ''
}

function longerRetention(hours: number | undefined, tier: LiveTier): number | undefined {
  const most = LIMITS[tier].maxRetentionHours
  return hours === undefined || hours >= most ? undefined : Math.min(hours * 2, most)
}

/** The way that uses most of the units. */
const busiest = ({ uses = [] }: NamespaceStatus): (WayUse & { readonly percent: number }) | undefined =>
  largest(
    uses.flatMap((use) => (use.percent === undefined ? [] : [{ ...use, percent: use.percent }])),
    ({ percent }) => percent,
  )

function largest<T>(all: readonly T[], sizeOf: (one: T) => number): T | undefined {
  return all.reduce<T | undefined>((most, one) => (most && sizeOf(most) >= sizeOf(one) ? most : one), undefined)
}

function unitsAdvice(facts: ToAdvise): Advice | undefined {
  const { namespace, hubs } = facts
  const { tier, units, maxUnits } = namespace
  const throttled = countOf(namespace.errors ?? [], 'throttled')
  const use = busiest(namespace)
  if (!use) return undefined
  const used = (use.percent * units) / maxUnits
  if (used < BUSY_PERCENT && throttled === 0) return undefined
  const hot = hubs.find(({ skew }) => skew)
  if (used < BUSY_PERCENT / 2 && hot) {
    return {
      text: `partition ${hot.skew!.partition} of ${hot.name} gets ${percentWords(hot.skew!.share * 100)} of the events: more units do not help. Send with a key of more values, or without one`,
    }
  }
  const reason =
    used < BUSY_PERCENT
      ? 'requests are throttled in bursts that a minute does not show'
      : `${use.way} at ${percentWords(used)} of ${unitWords(maxUnits, tier)}`
  const { capacities = [] } = LIMITS[tier]
  const needed = Math.max(unitsFor(use, tier), maxUnits + 1)
  const enough = capacities.find((one) => one >= needed)
  if (enough === undefined) {
    const most = capacities.at(-1)
    return most === undefined || maxUnits < most
      ? undefined
      : { text: say`${reason}, the most that ${tier} has: ${command('size')} tells what carries more` }
  }
  const edits = { ...existingHub(hubs), ...(namespace.isInflating ? { autoInflateMax: enough } : { capacity: enough }) }
  return {
    text: say`${reason}: ${unitWords(enough, tier)}${price(facts, enough, maxUnits)}: ${command('create', edits)}`,
  }
}

function idleAdvice(facts: ToAdvise): Advice | undefined {
  const { namespace, hubs } = facts
  const { tier, units, isInflating, uses = [] } = namespace
  const use = busiest(namespace)
  if (
    !use ||
    units === 1 ||
    use.minutes.length < LEAST_IDLE_MINUTES ||
    countOf(namespace.errors ?? [], 'throttled') > 0
  )
    return undefined
  if (uses.some((one) => one.percent === undefined || one.percent >= IDLE_PERCENT)) return undefined
  const enough = LIMITS[tier].capacities?.find((one) => one >= unitsFor(use, tier)) ?? units
  if (enough >= units) return undefined
  const edits = { ...existingHub(hubs), capacity: enough, resetCapacity: isInflating || undefined }
  return {
    text: say`at most ${percentWords(use.percent)} of ${unitWords(units, tier)} was used: ${unitWords(enough, tier)} would do${price(facts, enough, units)}: ${command('create', edits)}`,
  }
}

/** How many units carry the busiest minute with room to spare. */
const unitsFor = ({ way, peak }: WayUse, tier: LiveTier): number =>
  Math.max(1, roundUp(((peak / (CARRIED[tier][way]?.perUnit ?? Infinity)) * 100) / TARGET_PERCENT))

/** Without a hub, `create` would make its usual one. */
const existingHub = ([hub]: readonly HubStatus[]) => (hub ? { hub: { of: hub.name, name: hub.name } } : {})

/** `62 %`, `<1 %`. */
export const percentWords = (n: number): string =>
  n > 0 && n < 1 ? '<1 %' : `${Math.round(n).toLocaleString('en-US')} %`

const unitWords = (units: number, tier: LiveTier): string => `${units} ${LIMITS[tier].unit}${units === 1 ? '' : 's'}`

function price({ namespace: { tier }, priceOf }: ToAdvise, units: number, than: number): string {
  const words = priceOf(tier, units, than)
  return words === undefined ? '' : `, ${words}`
}
