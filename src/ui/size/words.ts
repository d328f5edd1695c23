import { INPUTS, longFlagOf, type InputKey } from '../../inputs/table.ts'
import { formatHours } from '../../lib/duration.ts'
import { formatCapacity } from '../../lib/limits.ts'
import { listOf } from '../../lib/phrase.ts'
import { formatByteCount, formatNumber } from '../../lib/quantity.ts'
import type { LoadAnswer } from '../../resources/load/answer.ts'
import type { ChosenValue } from '../../resources/load/chosen.ts'
import { mostUnits } from '../../sizing/enough.ts'
import { bytesIn, type Load } from '../../sizing/load.ts'
import { formatAmount } from '../../sizing/reasons.ts'
import { RULES } from '../../sizing/rules.ts'
import { LARGEST_TIER, unitsNeeded, type Size } from '../../sizing/size.ts'
import type { Variant } from '../../sizing/variants.ts'
import { count } from '../text.ts'

/** `8 throughput units`, `5 throughput units (up to 10 by auto-inflate)`. */
function unitWords(size: Size): string {
  const most = mostUnits(size)
  const floor = formatCapacity(size.tier, size.capacity)
  return most > size.capacity ? `${floor} (up to ${most} by auto-inflate)` : floor
}

/** `5,000 events/s of 1 KB, read by 3`; of several hubs together. */
export function loadWords({ hubs }: Pick<LoadAnswer, 'hubs'>): string {
  const loads = hubs.flatMap(({ load }) => load ?? [])
  const sum = (of: (load: Load) => number): number => loads.reduce((all, load) => all + of(load), 0)
  const rate = `${formatNumber(sum(({ eventsPerSecond }) => eventsPerSecond))} events/s`
  const [only] = loads
  if (only && hubs.length === 1)
    return `${rate} of ${formatByteCount(only.bytesPerEvent)}, ${readerWords(only.readers)}`
  return `${count(hubs.length, 'hub')}, together ${rate}, ${formatByteCount(sum((load) => bytesIn(load, 'mean')))}/s`
}

const readerWords = (readers: number): string => (readers === 0 ? 'read by nobody' : count(readers, 'reader'))

/** Whether the choice carries the load, and what does if it does not. */
export function verdictOf(answer: LoadAnswer): string {
  const { choice, carried, raised, shortage, remedy, uses, partitionUses } = answer
  const what = `${choice.tier} with ${unitWords(choice)}`
  if (raised) return `${what} carries it once auto-inflate has raised the units. ${floorWords(answer)}`
  if (carried) return `${what} carries it.`
  if (remedy === 'without-order')
    return `No namespace carries it in one order: that is one partition, which takes in about 1 MB/s. Without ${longFlagOf(INPUTS.ordered)} it has more partitions, with the events of each key in order.`
  if (remedy === 'largest' && choice.tier === LARGEST_TIER)
    return `${what} may carry too little: ${shortage}. Only a dedicated cluster surely carries it.`
  const why = shortage ?? worstOf(uses, partitionUses)
  return `${what} carries too little: ${why}. ${remedyWords(answer)}`
}

function remedyWords({ remedy, choice, hubs }: LoadAnswer): string {
  if (remedy === 'largest') return `${LARGEST_TIER} may carry it, and only a dedicated cluster surely does.`
  if (typeof remedy !== 'object') return 'Only a dedicated cluster carries it.'
  const partitions = partitionWords(remedy, choice, hubs)
  return `${remedy.tier} with ${unitWords(remedy)}${partitions ? `${hubs.length === 1 ? ' and' : ','} ${partitions}` : ''} carries it.`
}

/** `It starts with 1, and the load needs 10 on average.` */
function floorWords({ asked, choice }: LoadAnswer): string {
  return `It starts with ${choice.capacity}, and the load needs ${unitsNeeded(asked, choice.tier, 'mean')} on average.`
}

/** The use that is furthest above what there is: `bytes in 10 MB/s of 1 MB/s`. */
function worstOf(uses: LoadAnswer['uses'], partitionUses: LoadAnswer['partitionUses']): string {
  const all = [
    ...uses.flatMap((one) => one.uses),
    ...partitionUses.map((one) => ({ ...one, way: 'bytes in' as const, what: `partitions of hub ${one.hub}` })),
  ]
  const worst = all.reduce((most, one) => (one.percent > most.percent ? one : most))
  const amount = (value: number): string => formatAmount(worst.way, value)
  return `${'what' in worst ? worst.what : worst.way} ${amount(worst.needs)} of ${amount(worst.carries)}`
}

/** `10 partitions`, `10 partitions in a and 4 in b`; undefined if there are no more of them. */
function partitionWords(size: Size, choice: Size, hubs: LoadAnswer['hubs']): string | undefined {
  const more = size.partitions.flatMap((partitions, i) =>
    partitions > choice.partitions[i]! ? [{ partitions, name: hubs[i]!.name }] : [],
  )
  const [first, ...others] = more
  if (!first) return undefined
  const words = count(first.partitions, 'partition')
  if (hubs.length === 1) return words
  const all = [`${words} in ${first.name}`, ...others.map(({ partitions, name }) => `${partitions} in ${name}`)]
  return [...(all.length > 1 ? [all.slice(0, -1).join(', ')] : []), all.at(-1)!].join(' and ')
}

const ORDINALS = [
  'a first',
  'a second',
  'a third',
  'a fourth',
  'a fifth',
  'a sixth',
  'a seventh',
  'an eighth',
  'a ninth',
]

/** `a fourth`, `a 21st`. */
function ordinal(n: number): string {
  const word = ORDINALS[n - 1]
  if (word !== undefined) return word
  const suffix = { one: 'st', two: 'nd', few: 'rd' }[new Intl.PluralRules('en', { type: 'ordinal' }).select(n) as 'one']
  return `${/^(8|11$|18)/.test(String(n)) ? 'an' : 'a'} ${n}${suffix ?? 'th'}`
}

/** `a fourth reader`, `twice the events`, `a peak of 2`, `a ninth worker`. */
export function changeWords({ of, to }: Variant): string {
  switch (of) {
    case 'reader':
      return to === undefined ? 'one reader more' : `${ordinal(to)} reader`
    case 'events':
      return 'twice the events'
    case 'peak':
      return to === undefined ? 'twice the peak' : `a peak of ${formatNumber(to)}`
    case 'worker':
      return to === undefined ? 'more workers than partitions' : `${ordinal(to)} worker`
  }
}

/** `11 throughput units`, `9 partitions`, `2 processing units on Premium`, `nothing`. */
export function outcomeWords({ leadsTo }: Variant, choice: Size, { hubs }: Pick<LoadAnswer, 'hubs'>): string {
  if (leadsTo === 'same') return 'nothing changes'
  if (leadsTo === 'none') return 'only a dedicated cluster surely carries it'
  const tierChanges = leadsTo.tier !== choice.tier
  const unitsChange = tierChanges || leadsTo.capacity > choice.capacity || mostUnits(leadsTo) > mostUnits(choice)
  const partitions = partitionWords(leadsTo, choice, hubs)
  return [
    ...(unitsChange ? [`${tierChanges ? `${leadsTo.tier}, ` : ''}${unitWords(leadsTo)}`] : []),
    ...(partitions ? [partitions] : []),
  ].join(', ')
}

type Assumed = Load['assumed'][number]

/** What stands for something that nobody said, and the input that says it. */
export const ASSUMPTIONS: Readonly<
  Record<Assumed, { readonly input: InputKey; readonly words: (load: Load) => string }>
> = {
  bytesPerEvent: { input: 'eventSize', words: ({ bytesPerEvent }) => `an event has ${formatByteCount(bytesPerEvent)}` },
  peak: { input: 'peak', words: () => 'it comes in steadily, without busy times' },
  readers: {
    input: 'readers',
    words: ({ readers }) =>
      `${count(readers, 'application')} read${readers === 1 ? 's' : ''} it all: one for each consumer group`,
  },
  workers: { input: 'workers', words: ({ workers }) => `an application reads with up to ${workers} workers at once` },
}

/** Each assumption once, with the hubs it is made for if it is not made for all of them. */
export function assumptionsOf({ hubs }: Pick<LoadAnswer, 'hubs'>): readonly { of: Assumed; words: string }[] {
  const loads = hubs.flatMap(({ load }) => load ?? [])
  const all = (['bytesPerEvent', 'peak', 'readers', 'workers'] as const).flatMap((of) =>
    loads.filter(({ assumed }) => assumed.includes(of)).map((load) => ({ of, words: ASSUMPTIONS[of].words(load) })),
  )
  const texts = all.map(({ words }) => words)
  return all.filter(({ words }, i) => texts.indexOf(words) === i)
}

const LABELS: Readonly<Record<ChosenValue['of'], string>> = {
  tier: 'Tier',
  capacity: 'Capacity',
  autoInflateMax: 'Auto-inflate',
  partitions: 'Partitions',
  retention: 'Retention',
  consumerGroups: 'Consumer groups',
}
export const labelOf = ({ of }: ChosenValue): string => LABELS[of]

/** The value as people read it. */
export function valueWords({ of, hub }: ChosenValue, { choice, hubs }: Pick<LoadAnswer, 'choice' | 'hubs'>): string {
  const own = hubs.find(({ name }) => name === hub)
  switch (of) {
    case 'tier':
      return choice.tier
    case 'capacity':
      return formatCapacity(choice.tier, choice.capacity)
    case 'autoInflateMax':
      return choice.autoInflateMax === 0 ? 'off' : `up to ${choice.autoInflateMax}`
    case 'partitions':
      return String(choice.partitions[hubs.findIndex(({ name }) => name === hub)] ?? '')
    case 'retention':
      return own ? formatHours(own.retentionHours.value) : ''
    case 'consumerGroups':
      return listOf(own?.consumerGroups.map(({ name }) => name) ?? []) || '$Default alone'
  }
}

/** A rule behind the answer, and the page that says it. */
export interface ToldRule {
  readonly text: string | undefined
  readonly link: string
  readonly asOf: string | undefined
}

/** The rules behind the numbers and the reasons, and the pages about what cannot be promised; each once. */
export function rulesOf({ uses, storage, values, notPromised }: LoadAnswer): readonly ToldRule[] {
  const rules: readonly ToldRule[] = [
    ...uses.flatMap((one) => one.uses.map(({ rule }) => rule)),
    ...(storage ? [storage.rule] : []),
    ...values.map(({ rule }) => rule),
  ]
  const pages = notPromised.filter(({ link }) => !rules.some((rule) => rule.link === link))
  return [...new Set(rules), ...pages.map(({ link }): ToldRule => ({ text: undefined, link, asOf: asOfPage(link) }))]
}

const asOfPage = (link: string): string | undefined => Object.values(RULES).find((rule) => rule.link === link)?.asOf
