import type { GroupPositions, PartitionPosition, PartitionState, UnreadEvent } from './positions.ts'
import type { GroupLag, PartitionLag, PartitionLoad, Skew } from './status.ts'

const HOUR_MS = 3_600_000

/** Events that a partition keeps. */
export const eventsKept = ({ isEmpty, beginningSequenceNumber, lastSequenceNumber }: PartitionState): number =>
  isEmpty ? 0 : lastSequenceNumber - beginningSequenceNumber + 1

export const partitionLoad = (state: PartitionState): PartitionLoad => ({
  partition: state.partition,
  events: eventsKept(state),
  lastSequenceNumber: state.lastSequenceNumber,
  lastEventMs: state.lastEnqueuedMs,
})

/** A partition that holds so many times its share is hot. */
const HOT_TIMES = 2
/** Fewer events say nothing of how keys are spread: so many for each partition. */
const LEAST_EVENTS = 250

/** The partition that holds most; undefined where they hold about the same, or too little to tell. */
export function skewOf(partitions: readonly PartitionLoad[]): Skew | undefined {
  const all = partitions.reduce((sum, { events }) => sum + events, 0)
  const [first, ...others] = partitions
  if (!first || others.length === 0 || all < LEAST_EVENTS * partitions.length) return undefined
  const busiest = others.reduce((most, one) => (one.events > most.events ? one : most), first)
  const share = busiest.events / all
  const times = share * partitions.length
  // Of two partitions none can hold more than twice its share.
  return times >= Math.min(HOT_TIMES, partitions.length * 0.9)
    ? { partition: busiest.partition, share, times }
    : undefined
}

/** Events that a position has yet to read, and where the oldest of them is. */
interface Behind {
  readonly lag: number
  readonly lost: number
  /** Where reading goes on: the position, or the oldest event that is kept. */
  readonly nextSequenceNumber: number
}

/** Undefined where the position is behind the last event: it is of another hub. */
export function behindOf(state: PartitionState, position: number): Behind | undefined {
  const end = state.lastSequenceNumber + 1
  if (position > end) return undefined
  const begin = state.isEmpty ? end : state.beginningSequenceNumber
  const nextSequenceNumber = Math.max(position, begin)
  return { lag: end - nextSequenceNumber, lost: nextSequenceNumber - position, nextSequenceNumber }
}

/** The events whose age decides when unread events are dropped: the oldest unread one of each group and partition, once. */
export function unreadToFind(
  states: readonly PartitionState[],
  groups: readonly GroupPositions[],
): readonly PartitionPosition[] {
  const found = new Map<string, PartitionPosition>()
  for (const { partition, nextSequenceNumber } of groups.flatMap(({ partitions }) => partitions)) {
    const state = states.find((one) => one.partition === partition)
    const behind = state && behindOf(state, nextSequenceNumber)
    if (!behind || behind.lag === 0) continue
    found.set(`${partition} ${behind.nextSequenceNumber}`, { partition, nextSequenceNumber: behind.nextSequenceNumber })
  }
  return [...found.values()]
}

export interface LagFacts {
  readonly states: readonly PartitionState[]
  readonly unread: readonly UnreadEvent[]
  /** Undefined for a compacted hub, which drops nothing for its age. */
  readonly retentionHours: number | undefined
}

/** How far a group is behind. */
export function lagOf({ group, source, partitions }: GroupPositions, facts: LagFacts): GroupLag {
  const { states, unread, retentionHours } = facts
  const read: PartitionLag[] = []
  const [untouched, beyond]: [string[], string[]] = [[], []]
  let untouchedEvents = 0
  for (const state of states) {
    const { partition } = state
    const position = partitions.find((one) => one.partition === partition)
    const behind = position && behindOf(state, position.nextSequenceNumber)
    if (!position) {
      if (eventsKept(state) > 0) untouched.push(partition)
      untouchedEvents += eventsKept(state)
    } else if (!behind) beyond.push(partition)
    else {
      const oldest = unread.find(
        (one) => one.partition === partition && one.nextSequenceNumber === behind.nextSequenceNumber,
      )
      const lossMs = behind.lag > 0 && oldest && retentionHours && oldest.enqueuedMs + retentionHours * HOUR_MS
      const { lag, lost } = behind
      read.push({ partition, nextSequenceNumber: position.nextSequenceNumber, lag, lost, lossMs: lossMs || undefined })
    }
  }
  const losses = read.flatMap(({ lossMs }) => lossMs ?? [])
  return {
    ...{ group, source, untouched, untouchedEvents, beyond, partitions: read },
    lag: read.length === 0 ? undefined : read.reduce((sum, { lag }) => sum + lag, 0),
    lost: read.reduce((sum, { lost }) => sum + lost, 0),
    lossMs: losses.length === 0 ? undefined : Math.min(...losses),
  }
}

/** A group of which nothing says how far it has read. */
export const unknownLag = (group: string): GroupLag => ({
  ...{ group, source: undefined, lag: undefined, lost: 0, lossMs: undefined },
  ...{ partitions: [], untouched: [], untouchedEvents: 0, beyond: [] },
})
