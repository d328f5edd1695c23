import { DEFAULTS } from '../inputs/defaults.ts'
import type { InputKey } from '../inputs/table.ts'
import { formatHours } from '../lib/duration.ts'
import { describeCapacities, formatCapacity, LIMITS, TIERS, type LiveTier, type Tier } from '../lib/limits.ts'
import { formatBinarySize, formatByteCount } from '../lib/quantity.ts'
import { defaultsFor, hasLoad } from '../resources/load/sized.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { bytesIn } from '../sizing/load.ts'
import { reasonsFor, shortageWords, unitWords, type Reason } from '../sizing/reasons.ts'
import { LARGEST_TIER, shortageOn, type Size, type ToSize } from '../sizing/size.ts'
import { NONE, type Answers } from './answers.ts'
import { askChoice, askField, type AskField } from './ask-field.ts'
import type { Choice } from './prompter.ts'
import type { Talk } from './talk.ts'
import { tierPrices } from './tier-price.ts'

interface SizePlace {
  readonly live: NamespaceActual | undefined
  /** Of a new namespace, as far as it is known. */
  readonly region: string | undefined
}

/** Asks for tier, capacity and auto-inflate, or shows those of an existing namespace. */
export async function settleSize(talk: Talk, answers: Answers, { live, region }: SizePlace): Promise<void> {
  if (live && !answers.all.tier && !answers.problemOf('tier')) talk.row('Tier', live.tier)
  else if (!answers.given('tier')) await askTier(talk, answers, region)
  if (live && !answers.all.capacity && !answers.problemOf('capacity')) {
    talk.row('Capacity', formatCapacity(live.tier, live.capacity))
  } else if (!answers.given('capacity')) await askCapacity(talk, answers)
  if (!live && !answers.given('autoInflateMax')) await askAutoInflate(talk, answers)
}

/** The tier of the run, as far as it is known. */
export const tierOf = (answers: Answers): LiveTier => answers.all.tier?.value ?? answers.liveTier ?? DEFAULTS.tier

/** The size that what was said leads to if one value is still open, and why. */
interface Suggestion {
  readonly asked: ToSize
  readonly size: Size
  /** Undefined for a value that no load leads to. */
  readonly reason: string | undefined
}

function suggestionFor(answers: Answers, key: InputKey & Reason['of']): Suggestion {
  const asked = answers.toSize(key)
  const size = defaultsFor(asked)
  const reasons = hasLoad(asked) ? reasonsFor(asked, size) : []
  return { asked, size, reason: reasons.find((one) => one.of === key)?.text }
}

/** A default that keeps its reason beside it. */
const suggested = (value: number | string, reason: string | undefined): Pick<AskField, 'default' | 'reason'> => ({
  default: String(value),
  ...(reason === undefined ? {} : { reason: { answer: String(value), text: reason } }),
})

/** Asks again if the tier does not carry the load, as its row says. */
async function askTier(talk: Talk, answers: Answers, region: string | undefined): Promise<void> {
  const { asked, size, reason } = suggestionFor(answers, 'tier')
  const prices = tierPrices(talk, answers, region)
  const rowOf = (tier: Tier): Choice<string> => ({
    value: tier,
    label: tier,
    detail: lackOf(asked, tier) ?? joined(prices?.of(asked, tier), LIMITS[tier].summary),
  })
  const [first, ...rest] = TIERS
  const choices = [rowOf(first), ...rest.map(rowOf)] as const
  const isKnown = size.tier !== 'Dedicated'
  const context = joined(isKnown && reason !== undefined ? `${size.tier}: ${reason}` : undefined, prices?.source)
  const question = {
    context,
    choices,
    default: isKnown ? size.tier : LARGEST_TIER,
    reason: suggested(size.tier, reason).reason,
  }
  do await askChoice(talk, answers, 'tier', question)
  while (answers.problemOf('tier'))
}

const joined = (...texts: readonly (string | undefined)[]): string | undefined =>
  texts.filter((text) => text !== undefined).join('; ') || undefined

/** Why a tier does not carry the load, if it does not. */
function lackOf(asked: ToSize, tier: Tier): string | undefined {
  const shortage = shortageOn({ ...asked, tier }, tier)
  if (shortage) return `${shortage.isSure ? '' : 'may be '}too small: ${shortageWords(shortage, tier)}`
  const { maxEventBytes } = LIMITS[tier]
  const isTooLarge = asked.hubs.some(({ load }) => load && load.bytesPerEvent > maxEventBytes)
  return isTooLarge ? `takes events of up to ${formatBinarySize(maxEventBytes)}` : undefined
}

/** The capacity of Dedicated belongs to the cluster. */
async function askCapacity(talk: Talk, answers: Answers): Promise<void> {
  const tier = tierOf(answers)
  if (tier === 'Dedicated') return
  const { size, reason } = suggestionFor(answers, 'capacity')
  const units = `${LIMITS[tier].unit}s`
  const context =
    reason === undefined ? `${describeCapacities(tier)} ${units} of ${unitWords(tier)}` : `${units}: ${reason}`
  await askField(talk, answers, 'capacity', { context, ...suggested(size.capacity, reason) })
}

/** Only if the load asks for it. */
async function askAutoInflate(talk: Talk, answers: Answers): Promise<void> {
  const { size, reason } = suggestionFor(answers, 'autoInflateMax')
  if (reason === undefined) return
  const context = `Azure adds units up to this, 0 for never: ${reason}`
  await askField(talk, answers, 'autoInflateMax', { context, ...suggested(size.autoInflateMax, reason) })
}

/** The question for the partitions of new hubs. */
export function partitionsQuestion(answers: Answers): AskField {
  const tier = tierOf(answers)
  const { maxPartitionsPerHub: most, canAddPartitions } = LIMITS[tier]
  const { asked, size, reason } = suggestionFor(answers, 'partitions')
  const open = size.partitions.filter((_, i) => asked.hubs[i]?.partitions === undefined)
  const [grow, fixed] = ['can only grow later', `cannot be changed later on ${tier}`]
  if (reason === undefined)
    return { context: `1 to ${most}, ${canAddPartitions ? grow : fixed}`, default: String(DEFAULTS.partitions) }
  const context = `${reason}; ${canAddPartitions ? grow : `final on ${tier}`}`
  return { context, ...suggested(Math.max(...open), reason) }
}

/** The question for the retention of new hubs. */
export function retentionQuestion(answers: Answers): AskField {
  const { hubs } = answers.toSize('retention')
  const bytesPerDay = hubs.reduce((sum, { load }) => sum + (load ? bytesIn(load, 'mean') * SECONDS_PER_DAY : 0), 0)
  const range = `1h to ${formatHours(LIMITS[tierOf(answers)].maxRetentionHours)}`
  return {
    context: bytesPerDay > 0 ? `${range}; a day is ${formatByteCount(bytesPerDay)}` : range,
    default: formatHours(DEFAULTS.retentionHours),
  }
}
const SECONDS_PER_DAY = 86_400

/** The question for consumer groups. */
export function groupsContext(answers: Answers): string {
  const readers = answers.all.readers?.value ?? 0
  return readers > 1 ? `one for each of ${readers} readers, ${NONE} for none` : `${NONE} for none`
}
