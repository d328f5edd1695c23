import { BUSY_PERCENT, percentWords } from '../../engine/status/advice.ts'
import type { NamespaceStatus, Status, WayUse } from '../../engine/status/status.ts'
import { formatCapacity } from '../../lib/limits.ts'
import { listOf } from '../../lib/phrase.ts'
import { formatAmount } from '../../sizing/reasons.ts'
import { viewOfFailure } from '../error-view.ts'
import { hintLines } from '../render-error.ts'
import { plainSpeller, type Speller } from '../spell.ts'
import { type Canvas, count, formatCount, pad, paragraph, plain, type Style, type Tone } from '../text.ts'
import { spelled } from '../told.ts'
import { hubBlocks } from './hubs.ts'
import { cut, isNarrow, rows } from './rows.ts'
import { CHECKED, troublesOf } from './troubles.ts'
import { formatTimeOfDay, paintWords, sparkline, windowWords } from './words.ts'

export interface StatusOptions {
  readonly nowMs: number
  readonly speller?: Speller
}

/**
 * Whether all is right, then what there is, for people. Ends without a line break. Only links and command lines are wider
 * than the canvas.
 */
export function renderStatus(status: Status, canvas: Canvas, { nowMs, speller = plainSpeller }: StatusOptions): string {
  const { namespace, hubs, window, advice } = status
  const { style, width } = canvas
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', style.paint('strong', title), ...lines]
  return [
    ...headLines(status, canvas),
    ...verdictLines(status, nowMs, canvas),
    ...(advice ? hintLines(`Advice: ${spelled(advice.text, speller)}`, width) : []),
    ...(namespace.uses ? ['', ...useTable(namespace.uses, canvas)] : []),
    ...section('Clients', rows(clientRows(namespace, style), canvas)),
    ...hubBlocks(hubs, { nowMs, window }, canvas),
    ...section('Thresholds', rows(checkRows(status), canvas)),
    ...section('Not read', unreadLines(status, speller, canvas)),
    ...(namespace.portal === undefined ? [] : ['', namespace.portal]),
  ].join('\n')
}

function headLines({ namespace, atMs, window }: Status, canvas: Canvas): readonly string[] {
  const { name, tier, units, maxUnits, location } = namespace
  const inflates = maxUnits > units ? `, up to ${maxUnits} by auto-inflate` : ''
  const facts = `${formatCapacity(tier, units)} of ${tier}${inflates}, ${plain(location)}`
  const until = `, with the metrics of ${windowWords(window)}, up to ${formatTimeOfDay(window.toMs).slice(0, 5)}`
  return cut(
    [
      ...paragraph(`${canvas.style.paint('strong', plain(name))}: ${facts}`, canvas.width, 0),
      ...paragraph(`${formatTimeOfDay(atMs)} UTC${namespace.uses ? until : ''}`, canvas.width, 0),
    ],
    canvas,
  )
}

const MOST_TROUBLES = 6

function verdictLines(status: Status, nowMs: number, canvas: Canvas): readonly string[] {
  const { style, width } = canvas
  const troubles = troublesOf(status, nowMs)
  const said = (tone: Tone, text: string): readonly string[] =>
    paragraph(text, width, 0).map((line) => style.paint(tone, line))
  if (troubles.length === 0) {
    if (status.unread.length > 0)
      return said('warn', 'Nothing is wrong in what could be read, but not everything could.')
    if (status.hubs.length === 0) return said('good', 'All right, but there is no hub.')
    const isQuiet = status.hubs.every(
      ({ traffic }) => !traffic || traffic.eventsIn.total + traffic.eventsOut.total === 0,
    )
    return said('good', isQuiet ? `All right, but quiet: no events in ${windowWords(status.window)}.` : 'All right.')
  }
  const worst = troubles[0]!.tone
  const title = `${worst === 'bad' ? 'Not all right' : 'Worth a look'}: ${things(troubles.length)}.`
  const hidden = troubles.length - MOST_TROUBLES
  return cut(
    [
      ...said(worst, title),
      ...troubles.slice(0, MOST_TROUBLES).flatMap(({ tone, text }) => {
        const [first = '', ...rest] = paragraph(text, width, 4).map((line) => line.trimStart())
        return [`  - ${style.paint(tone, first)}`, ...rest.map((line) => `    ${style.paint(tone, line)}`)]
      }),
      ...(hidden > 0 ? [`  - and ${hidden} more`] : []),
    ],
    canvas,
  )
}

const things = (n: number): string => (n === 1 ? 'one thing' : `${n} things`)

const LABEL = 12
const NUMBER = 12
const PERCENT = 8
const BARS_FROM = 2 + LABEL + 3 * NUMBER + PERCENT + 2

/** How much of what the units carry was used. The bars are as high as the ceiling. */
function useTable(uses: readonly WayUse[], canvas: Canvas): readonly string[] {
  const { style, width } = canvas
  const usedOf = ({ percent }: WayUse, columns = 0): string => {
    const text = (percent === undefined ? '-' : percentWords(percent)).padStart(columns)
    return percent === undefined || percent < BUSY_PERCENT ? text : style.paint(percent > 100 ? 'bad' : 'warn', text)
  }
  const barsOf = ({ minutes, carries, peak }: WayUse, columns: number): string =>
    sparkline(minutes, columns, style.glyphs, carries ?? peak)
  const ceilingOf = ({ way, carries }: WayUse): string => (carries === undefined ? '-' : formatAmount(way, carries))
  if (isNarrow(width))
    return cut(
      [
        style.paint('strong', 'Busiest minute, of what units carry'),
        ...uses.flatMap((use) => {
          const { way, peak, mean } = use
          const amounts = `${formatAmount(way, peak)} of ${ceilingOf(use)}`
          return [
            `  ${pad(way, LABEL)}${usedOf(use, PERCENT)}`,
            ...paragraph(`${amounts}, mean ${formatAmount(way, mean)}`, width, 4),
            ...paragraph(barsOf(use, width - 4), width, 4),
          ]
        }),
      ],
      canvas,
    )
  const head = ['busiest', 'of', 'mean'].map((word) => pad(word, NUMBER)).join('')
  return cut(
    [
      style.paint('strong', `${pad('Units', LABEL + 2)}${head}${'used'.padStart(PERCENT)}`),
      ...uses.map((use) => {
        const numbers = [formatAmount(use.way, use.peak), ceilingOf(use), formatAmount(use.way, use.mean)]
        const cells = numbers.map((cell) => pad(cell, NUMBER)).join('')
        return `  ${pad(use.way, LABEL)}${cells}${usedOf(use, PERCENT)}  ${barsOf(use, width - BARS_FROM)}`.trimEnd()
      }),
    ],
    canvas,
  )
}

const KINDS = [
  ['throttled', 'throttled', 'bad'],
  ['quota', 'quota error', 'bad'],
  ['server', 'server error', 'warn'],
  ['user', 'user error', undefined],
] as const

function clientRows(
  { errors, connections, cpuPercent }: NamespaceStatus,
  style: Style,
): readonly (readonly [string, string])[] {
  const failed = KINDS.flatMap(([kind, words, tone]) => {
    const all = (errors ?? []).filter((one) => one.kind === kind && one.count > 0)
    if (all.length === 0) return []
    const sum = all.reduce((total, { count }) => total + count, 0)
    const results = all.flatMap(({ result, count }) =>
      result === undefined ? [] : [all.length === 1 ? plain(result) : `${formatCount(count)} ${plain(result)}`],
    )
    const text = `${formatCount(sum)} ${words}${kind === 'throttled' || sum === 1 ? '' : 's'}`
    const more = results.length === 0 ? '' : ` (${results.join(', ')})`
    return [(tone ? paintWords(style, tone, text) : text) + more]
  })
  return [
    ...(errors ? [['errors', failed.length === 0 ? 'none' : failed.join(', ')] as const] : []),
    ...(connections
      ? [['connected', `${formatCount(connections.last)} now, at most ${formatCount(connections.most)}`] as const]
      : []),
    ...(cpuPercent === undefined ? [] : [['CPU', `${percentWords(cpuPercent)} in the busiest minute`] as const]),
  ]
}

const checkRows = ({ checks }: Status): readonly (readonly [string, string])[] =>
  checks.map(({ of, most, where, value, crossed }) => {
    const found = value === undefined ? 'not known' : formatCount(value)
    const whose = where === undefined ? '' : ` in ${plain(where)}`
    return [CHECKED[of], `${found}${whose}, at most ${formatCount(most)}: ${crossed ? 'crossed' : 'not crossed'}`]
  })

/** What could not be read, each with what to do about it. */
const unreadLines = ({ unread }: Status, speller: Speller, { width }: Canvas): readonly string[] =>
  unread.flatMap(({ what, hubs, failure }) => {
    const { message, why, hint } = viewOfFailure(failure, speller)
    const of = hubs.length === 0 ? what : `${what} of ${hubsWords(hubs)}`
    return [
      ...paragraph([`${of}: ${message.replace(/\.?$/, '.')}`, ...why].join(' '), width),
      ...hintLines(hint, width - 2).map((line) => `  ${line}`),
    ]
  })

const MOST_HUBS = 3

const hubsWords = (hubs: readonly string[]): string =>
  hubs.length > MOST_HUBS
    ? count(hubs.length, 'hub')
    : `${hubs.length === 1 ? 'hub' : 'hubs'} ${listOf(hubs.map(plain))}`
