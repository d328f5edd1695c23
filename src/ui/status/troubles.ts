import { BUSY_PERCENT, LEAST_TIME_LEFT, percentWords } from '../../engine/status/advice.ts'
import { countOf } from '../../engine/status/traffic.ts'
import type { GroupLag, HubStatus, Status } from '../../engine/status/status.ts'
import { formatCount, plain, type Tone } from '../text.ts'
import { lossWords, lostWords, skewWords } from './words.ts'

/** What somebody has to look at. */
export interface Trouble {
  readonly tone: Extract<Tone, 'bad' | 'warn'>
  readonly text: string
}

const MS_PER_HOUR = 3_600_000

/** Everything that is wrong, the worst first. */
export const troublesOf = (status: Status, nowMs: number): readonly Trouble[] =>
  worstFirst([
    ...namespaceTroubles(status),
    ...status.hubs.flatMap((hub) =>
      hubTroubles(hub, nowMs).map(({ tone, text }) => ({ tone, text: `hub ${plain(hub.name)}: ${text}` })),
    ),
  ])

const worstFirst = (troubles: readonly Trouble[]): readonly Trouble[] => [
  ...troubles.filter(({ tone }) => tone === 'bad'),
  ...troubles.filter(({ tone }) => tone === 'warn'),
]

function namespaceTroubles({ namespace, hubs, checks }: Status): readonly Trouble[] {
  const { uses = [], errors = [] } = namespace
  const [throttled, server, quota] = (['throttled', 'server', 'quota'] as const).map((kind) =>
    countOf(errors, kind),
  ) as [number, number, number]
  const [worst] = [...hubs].sort((a, b) => (b.throttled ?? 0) - (a.throttled ?? 0))
  const most = hubs.length > 1 && worst?.throttled ? `, most of them in hub ${plain(worst.name)}` : ''
  const full = uses.filter(({ percent = 0 }) => percent >= BUSY_PERCENT)
  return [
    ...checks.flatMap(({ of, most, value, crossed }): readonly Trouble[] => {
      if (!crossed) return []
      const words = value === undefined ? `${CHECKED[of]} could not be read` : `${formatCount(value)} ${CHECKED[of]}`
      return [bad(`${words}, at most ${formatCount(most)} are allowed`)]
    }),
    ...(throttled === 0 ? [] : [bad(`${requests(throttled)} throttled${most}`)]),
    ...(quota === 0 ? [] : [bad(`${requests(quota)} refused, because a quota was exceeded`)]),
    ...full.map(({ way, percent = 0 }): Trouble => ({
      tone: percent > 100 ? 'bad' : 'warn',
      text: `${way} took ${percentWords(percent)} of what the units carry, in the busiest minute`,
    })),
    ...(server === 0 ? [] : [warn(`${formatCount(server)} server ${server === 1 ? 'error' : 'errors'}`)]),
  ]
}

/** What a threshold is of. */
export const CHECKED = { lag: 'unread events', throttled: 'throttled requests' } as const

const bad = (text: string): Trouble => ({ tone: 'bad', text })
const warn = (text: string): Trouble => ({ tone: 'warn', text })
const requests = (n: number): string => `${formatCount(n)} ${n === 1 ? 'request was' : 'requests were'}`

/** What is wrong with a hub and its readers, without its name. */
export const hubTroubles = (hub: HubStatus, nowMs: number): readonly Trouble[] =>
  worstFirst([
    ...(hub.status === 'Active' ? [] : [warn(`it is not active, but ${plain(hub.status)}`)]),
    ...hub.groups.flatMap((group) => {
      const name = `group ${plain(group.group)}: `
      const tone = lossTone(group, hub, nowMs)
      return [
        ...(group.lost > 0 ? [bad(`${name}${lostWords(group.lost)}`)] : []),
        ...(tone && group.lossMs !== undefined ? [{ tone, text: `${name}${lossWords(group.lossMs, nowMs)}` }] : []),
      ]
    }),
    ...(hub.skew ? [warn(skewWords(hub.skew))] : []),
  ])

/** Undefined while most of the time is left in which a group can catch up. */
export function lossTone(
  { lossMs }: Pick<GroupLag, 'lossMs'>,
  { retentionHours }: Pick<HubStatus, 'retentionHours'>,
  nowMs: number,
): Trouble['tone'] | undefined {
  if (lossMs === undefined || retentionHours === undefined) return undefined
  const left = (lossMs - nowMs) / (retentionHours * MS_PER_HOUR)
  return left < 0.1 ? 'bad' : left < LEAST_TIME_LEFT ? 'warn' : undefined
}
