import type { CaptureStatus, Flow, GroupLag, HubStatus, Window } from '../../engine/status/status.ts'
import { formatHours } from '../../lib/duration.ts'
import { formatByteCount, formatNumber } from '../../lib/quantity.ts'
import { formatRate } from '../../sizing/reasons.ts'
import { type Canvas, count, formatCount, paragraph, plain } from '../text.ts'
import { cut, isNarrow, rows } from './rows.ts'
import { hubTroubles, lossTone } from './troubles.ts'
import { formatAgo, lagWords, lossWords, lostWords, paintWords, skewWords, sparkline, windowWords } from './words.ts'

interface Moment {
  readonly nowMs: number
  readonly window: Window
}
type Row = readonly [label: string, text: string]

/** Quiet hubs are shown among so few. */
const FEW = 3
const MOST_HUBS = 10
const MOST_GROUPS = 6

/** A hub in which nothing happens and that nobody has to look at. */
const isQuiet = (hub: HubStatus, nowMs: number): boolean =>
  hub.traffic?.eventsIn.total === 0 &&
  hub.traffic.eventsOut.total === 0 &&
  hub.groups.every(({ lag = 0 }) => lag === 0) &&
  hubTroubles(hub, nowMs).length === 0

/** The hubs with trouble, then the busiest. What is left is one line. */
export function hubBlocks(hubs: readonly HubStatus[], moment: Moment, canvas: Canvas): readonly string[] {
  const ranked = rankedHubs(hubs, moment.nowMs)
  const loud = ranked.filter((hub) => !isQuiet(hub, moment.nowMs))
  const shown = ranked.slice(0, Math.min(MOST_HUBS, Math.max(FEW, loud.length)))
  const rest = ranked.slice(shown.length)
  return [
    ...shown.flatMap((hub) => ['', ...hubBlock(hub, moment, canvas)]),
    ...(rest.length === 0 ? [] : ['', ...paragraph(restWords(rest, moment.nowMs), canvas.width, 0)]),
  ]
}

function rankedHubs(hubs: readonly HubStatus[], nowMs: number): readonly HubStatus[] {
  const rankOf = (hub: HubStatus): number => {
    const [worst] = hubTroubles(hub, nowMs)
    return worst ? (worst.tone === 'bad' ? 2 : 1) : 0
  }
  const busyOf = ({ traffic }: HubStatus): number => (traffic ? traffic.bytesIn.total + traffic.bytesOut.total : 0)
  return hubs
    .map((hub) => ({ hub, rank: rankOf(hub), busy: busyOf(hub) }))
    .sort((a, b) => b.rank - a.rank || b.busy - a.busy)
    .map(({ hub }) => hub)
}

/** `190 more hubs: 2 with trouble, 8 busy (12.3 events/s in together), 180 quiet. All of them are in the JSON document.` */
function restWords(rest: readonly HubStatus[], nowMs: number): string {
  const quiet = rest.filter((hub) => isQuiet(hub, nowMs))
  const troubled = rest.filter((hub) => hubTroubles(hub, nowMs).length > 0)
  const busy = rest.filter((hub) => !quiet.includes(hub) && !troubled.includes(hub))
  const rate = busy.reduce((sum, { traffic }) => sum + (traffic?.eventsIn.meanPerSecond ?? 0), 0)
  const parts = [
    ...(troubled.length === 0 ? [] : [`${troubled.length} with trouble`]),
    ...(busy.length === 0 ? [] : [`${busy.length} not quiet, with ${formatRate('events in', rate)} in together`]),
    ...(quiet.length === 0 ? [] : [`${quiet.length} quiet`]),
  ]
  return `${count(rest.length, 'more hub')}: ${parts.join(', ')}. They are all in the answer of --json.`
}

function hubBlock(hub: HubStatus, moment: Moment, canvas: Canvas): readonly string[] {
  const { style, width } = canvas
  const { name, status, partitionCount, lastEventMs, throttled = 0, skew, capture } = hub
  const facts = [
    ...(status === 'Active' ? [] : [paintWords(style, 'warn', plain(status))]),
    count(partitionCount, 'partition'),
    ...(lastEventMs === undefined ? [] : [`last event ${formatAgo(lastEventMs, moment.nowMs)}`]),
    ...(throttled === 0 ? [] : [paintWords(style, 'bad', `${formatCount(throttled)} throttled`)]),
  ]
  const head = paragraph(`${style.paint('strong', `Hub ${plain(name)}`)}: ${facts.join(', ')}`, width, 0)
  return [
    ...cut(head, canvas),
    ...rows(
      [
        ...trafficRows(hub, moment, canvas),
        ...keptRow(hub),
        ...(skew ? [['skew', paintWords(style, 'warn', skewWords(skew))] as const] : []),
        ...(capture ? [['Capture', captureWords(capture)] as const] : []),
        ...groupRows(hub, moment.nowMs, canvas),
      ],
      canvas,
    ),
  ]
}

function trafficRows({ traffic }: HubStatus, { window }: Moment, { style, width }: Canvas): readonly Row[] {
  if (!traffic) return []
  const { eventsIn, eventsOut, bytesIn, bytesOut } = traffic
  if (eventsIn.total === 0 && eventsOut.total === 0) return [['in, out', `nothing in ${windowWords(window)}`]]
  const columns = isNarrow(width) ? 0 : width < 100 ? 12 : 24
  const rowOf = (label: string, events: Flow, bytes: Flow): Row => {
    if (events.total === 0) return [label, `nothing in ${windowWords(window)}`]
    const bars = sparkline(events.minutes, columns, style.glyphs)
    const [mean, peak] = [events.meanPerSecond, events.peakPerSecond].map(formatNumber)
    const words = `${mean} events/s, ${formatByteCount(bytes.meanPerSecond)}/s; at most ${peak} events/s`
    return [label, bars === '' ? words : `${bars} ${words}`]
  }
  return [rowOf('in', eventsIn, bytesIn), rowOf('out', eventsOut, bytesOut)]
}

function keptRow({ sizeBytes, partitions, retentionHours }: HubStatus): readonly Row[] {
  const events = partitions?.reduce((sum, one) => sum + one.events, 0)
  const what = [
    ...(events === undefined ? [] : [events === 0 ? 'no events' : count(events, 'event')]),
    ...(sizeBytes === undefined ? [] : [formatByteCount(sizeBytes)]),
  ]
  const howLong = retentionHours === undefined ? 'the newest event of each key' : `for ${formatHours(retentionHours)}`
  return [['kept', [...what, howLong].join(', ')]]
}

function captureWords({ pendingEvents, backlog, capturedEvents }: CaptureStatus): string {
  const waiting = pendingEvents ?? backlog
  const parts = [
    ...(waiting === undefined ? [] : [waiting === 0 ? 'nothing waits' : `${formatCount(waiting)} wait to be written`]),
    ...(capturedEvents === undefined ? [] : [`${formatCount(capturedEvents)} written`]),
  ]
  return parts.length === 0 ? 'on; nothing says how much waits' : parts.join(', ')
}

/** The groups with most trouble first. Those of which nothing is known are one row. */
function groupRows(hub: HubStatus, nowMs: number, { style }: Canvas): readonly Row[] {
  const known = hub.groups.filter(({ source }) => source !== undefined)
  const unknown = hub.groups.filter(({ source }) => source === undefined)
  const ranked = [...known].sort((a, b) => b.lost - a.lost || (b.lag ?? 0) - (a.lag ?? 0))
  const rest = ranked.slice(MOST_GROUPS)
  const unread = rest.reduce((sum, { lag = 0 }) => sum + lag, 0)
  const labelOf = ({ group, source }: GroupLag): string => `${source === 'kafka' ? 'Kafka ' : ''}group ${plain(group)}`
  const textOf = (group: GroupLag): string => {
    const { lost, lossMs } = group
    const tone = lossTone(group, hub, nowMs)
    const loss = lossMs === undefined ? [] : [lossWords(lossMs, nowMs)]
    return [
      ...lagWords(group),
      ...(lost === 0 ? [] : [paintWords(style, 'bad', lostWords(lost))]),
      ...(tone ? loss.map((words) => paintWords(style, tone, words)) : loss),
    ].join(', ')
  }
  const names = unknown.length === 1 ? plain(unknown[0]!.group) : count(unknown.length, 'group')
  return [
    ...ranked.slice(0, MOST_GROUPS).map((group): Row => [labelOf(group), textOf(group)]),
    ...(rest.length === 0
      ? []
      : [['more', `${count(rest.length, 'group')}, ${count(unread, 'event')} unread`] as const]),
    ...(unknown.length === 0
      ? []
      : [[unknown.length === 1 ? `group ${names}` : names, lagWords(unknown[0]!).join(', ')] as const]),
  ]
}
