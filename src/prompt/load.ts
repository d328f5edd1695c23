import { INPUTS, type InputKey } from '../inputs/table.ts'
import type { Problem } from '../lib/errors.ts'
import { parsePerSecond } from '../lib/quantity.ts'
import type { Load } from '../sizing/load.ts'
import { LARGEST_TIER, shortageOn } from '../sizing/size.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askField, questionOf, type AskField } from './ask-field.ts'
import type { Asker } from './talk.ts'

/** How much comes in, in events or in bytes. */
const RATES = ['eventsPerSecond', 'throughput'] as const
const UNKNOWN = "I don't know yet"
const ORDERED = 'ordered'

interface AskLoad {
  /** Somebody has to know. */
  readonly isRequired?: boolean
  readonly firstError?: string | undefined
}

/**
 * Asks how much comes into each hub and, if somebody knows, for the rest of the load. Whether Azure carries it is seen
 * when all of it is said.
 */
export async function settleLoad(talk: Asker, answers: Answers, ask: AskLoad = {}): Promise<void> {
  if (!saidLoad(answers)) await askRate(talk, answers, ask)
  const usual = saidLoad(answers)
  if (!usual) return
  await settlePart(talk, answers, 'eventSize', {
    context: 'on average, such as 800B or 2KB',
    default: INPUTS.eventSize.defaultText,
  })
  await settlePart(talk, answers, 'peak', {
    context: '2 is twice the average, 1 is steady',
    default: String(usual.peak),
  })
  await settlePart(talk, answers, 'readers', {
    context: 'each for itself: a trainer and a dashboard are 2',
    default: String(usual.readers),
  })
  if (!answers.given('ordered')?.value) await settleWorkers(talk, answers, usual)
}

/** Asks for a load if it would size anything, and again if no namespace carries it. */
export async function settleCarriedLoad(talk: Asker, answers: Answers): Promise<void> {
  const { tier, capacity, hubs } = answers.toSize()
  if (tier !== undefined && capacity !== undefined && hubs.every(({ partitions }) => partitions !== undefined)) return
  let firstError: string | undefined
  do {
    await settleLoad(talk, answers, { firstError })
    firstError = mayBeTried(answers) ? undefined : firstErrorOf(rateProblem(answers))
    if (firstError !== undefined) LOAD_KEYS.forEach((key) => answers.drop(key))
  } while (firstError !== undefined)
}

/** The largest namespace may carry it, as far as anything is published: the tier decides. */
const mayBeTried = (answers: Answers): boolean => shortageOn(answers.toSize(), LARGEST_TIER)?.isSure === false

const rateProblem = (answers: Answers): Problem | undefined => RATES.map((key) => answers.problemOf(key)).find(Boolean)

/** The load of a hub with none of its own; undefined if nobody said how much comes in. */
export const saidLoad = (answers: Answers): Load | undefined => answers.toSize().hubs[0]?.load
const LOAD_KEYS = [...RATES, 'eventSize', 'peak', 'readers', 'workers', 'ordered'] as const

async function askRate(talk: Asker, answers: Answers, { isRequired = false, firstError }: AskLoad): Promise<void> {
  const isUnknown = (text: string): boolean => !isRequired && text.toLowerCase() === UNKNOWN.toLowerCase()
  const text = await talk.prompter.text({
    message: 'How much will come in?',
    context: 'events into each hub: 5k/s, 20M/day; or bytes: 20MB/s',
    ...(isRequired ? {} : { default: UNKNOWN }),
    firstError: firstError ?? firstErrorOf(rateProblem(answers)),
    validate: (typed) => (isUnknown(typed) ? undefined : rateObjection(answers, typed)),
  })
  RATES.forEach((key) => answers.drop(key))
  if (!isUnknown(text)) answers.answer(rateIn(text), text)
}

/** Names bytes too where the text is no rate at all. */
function rateObjection(answers: Answers, typed: string): string | undefined {
  const key = rateIn(typed)
  const objection = answers.objection(key, typed, () => false)
  const isNoRate = key === 'eventsPerSecond' && typed !== '' && parsePerSecond(typed) === undefined
  return objection !== undefined && isNoRate ? `${objection}, or of bytes, such as 20MB/s` : objection
}

/** `20MB/s` is of bytes, `20M/day` of events. */
const rateIn = (text: string): (typeof RATES)[number] =>
  /\d\s*[kmgt]?i?b/i.test(text) ? 'throughput' : 'eventsPerSecond'

async function settlePart(talk: Asker, answers: Answers, key: InputKey, ask: AskField): Promise<void> {
  if (!answers.given(key)) await askField(talk, answers, key, { ...ask, counts: ({ input }) => input === key })
}

/** Workers need partitions, and one order needs a single one. */
async function settleWorkers(talk: Asker, answers: Answers, usual: Load): Promise<void> {
  if (answers.given('workers')) return
  const isOrdered = (text: string): boolean => text.toLowerCase() === ORDERED
  const text = await talk.prompter.text({
    message: questionOf('workers'),
    context: `of one application, a partition each; "${ORDERED}" keeps all events in one order`,
    default: String(usual.workers),
    firstError: firstErrorOf(answers.problemOf('workers')),
    validate: (typed) =>
      isOrdered(typed) ? undefined : answers.objection('workers', typed, ({ input }) => input === 'workers'),
  })
  if (!isOrdered(text)) return answers.answer('workers', text)
  answers.drop('workers')
  answers.switchTo('ordered', true)
}
