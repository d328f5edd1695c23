import type { GroupLag, Window } from '../../engine/status/status.ts'
import { formatNumber } from '../../lib/quantity.ts'
import { count, formatCount, type Glyphs, plain, type Style, type Tone } from '../text.ts'

/** `12 s`, `5 min`, `3 h 12 min`, `2 d 4 h`; rounded down. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (minutes === 0) return `${seconds} s`
  if (hours === 0) return `${minutes} min`
  return hours < 48 ? two(hours, 'h', minutes % 60, 'min') : two(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const two = (most: number, unit: string, rest: number, unitOfRest: string): string =>
  `${formatCount(most)} ${unit}${rest === 0 ? '' : ` ${rest} ${unitOfRest}`}`

/** `12 s ago`. The clocks of two machines may differ. */
export const formatAgo = (atMs: number, nowMs: number): string =>
  nowMs - atMs < 1_000 ? 'just now' : `${formatSpan(nowMs - atMs)} ago`

/** `11:04:10`, in UTC. */
export const formatTimeOfDay = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19)

/** `the last hour`, `the last 30 min`. */
export function windowWords({ fromMs, toMs }: Window): string {
  const span = formatSpan(toMs - fromMs)
  return `the last ${span.replace(/^1 h$/, 'hour').replace(/^1 min$/, 'minute')}`
}

/** Colours each word by itself, so that the text can be wrapped. */
export const paintWords = ({ paint }: Style, tone: Tone, text: string): string =>
  text
    .split(' ')
    .map((word) => (word === '' ? word : paint(tone, word)))
    .join(' ')

/**
 * Minutes as bars, each the highest of its part of the time. Only what is 0 has the lowest bar. `full` has the highest one.
 * Empty where the console cannot draw bars.
 */
export function sparkline(
  minutes: readonly number[],
  columns: number,
  { bars }: Glyphs,
  full = Math.max(0, ...minutes),
): string {
  const top = bars.length - 1
  const width = Math.max(0, Math.min(columns, minutes.length))
  if (top < 1) return ''
  const startOf = (i: number): number => Math.floor((i * minutes.length) / width)
  return Array.from({ length: width }, (_, i) => {
    const high = Math.max(0, ...minutes.slice(startOf(i), startOf(i + 1)))
    return bars[high === 0 ? 0 : Math.max(1, Math.min(top, Math.ceil((high / full) * top)))]
  }).join('')
}

/** `partition 3 holds 62 % of its events, 2.5 times its share`. */
export const skewWords = ({ partition, share, times }: { partition: string; share: number; times: number }): string =>
  `partition ${plain(partition)} holds ${Math.floor(share * 100)} % of the events, ${formatNumber(times)} times its share`

/** `unread events are dropped in 3 h 12 min`. */
export const lossWords = (lossMs: number, nowMs: number): string =>
  lossMs <= nowMs ? 'unread events are being dropped' : `unread events are dropped in ${formatSpan(lossMs - nowMs)}`

/** `1,204 events were dropped unread`. */
export const lostWords = (lost: number): string =>
  `${count(lost, 'event')} ${lost === 1 ? 'was' : 'were'} dropped unread`

const NEVER = { checkpoints: 'never checkpointed', kafka: 'never committed', readers: 'never read' } as const

/** What a group has not read, in parts: the lag, where it is worst, and what nobody knows of it. */
export function lagWords({ source, lag, partitions, untouched, beyond }: GroupLag): readonly string[] {
  if (source === undefined) return ['nothing says how far it has read']
  if (partitions.length === 0 && beyond.length === 0) return [NEVER[source]]
  const [worst] = [...partitions].sort((a, b) => b.lag - a.lag)
  return [
    lag === undefined ? 'lag unknown' : lag === 0 ? 'nothing unread' : `lag ${formatCount(lag)}`,
    ...(worst && worst.lag > 0 && partitions.length > 1
      ? [`most in partition ${plain(worst.partition)}: ${formatCount(worst.lag)}`]
      : []),
    ...(untouched.length === 0 ? [] : [`${partitionsWords(untouched)} ${NEVER[source]}`]),
    ...(beyond.length === 0 ? [] : [`its position in ${partitionsWords(beyond)} is of an earlier hub of this name`]),
  ]
}

const MOST_PARTITIONS = 6

function partitionsWords(partitions: readonly string[]): string {
  const [only, ...more] = partitions.map(plain)
  if (more.length === 0) return `partition ${only}`
  return partitions.length > MOST_PARTITIONS
    ? count(partitions.length, 'partition')
    : `partitions ${partitions.map(plain).join(', ')}`
}
