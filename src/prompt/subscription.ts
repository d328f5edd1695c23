import type { SubscriptionChoice } from '../engine/cloud.ts'
import { Failure } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { isGuid } from '../inputs/parsers.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askField } from './ask-field.ts'
import { pick } from './prompter.ts'
import { askAzure, type Talk, load, untilAborted, type Loading } from './talk.ts'

type Subscriptions = Loading<readonly SubscriptionChoice[]>

/** Who is signed in, as rows. It is the first thing that fails, before any question. */
export async function showIdentity(talk: Talk): Promise<void> {
  if (talk.local) return
  const { name, via, tenantId } = await untilAborted(
    askAzure(talk, (call) => talk.catalog.identity(call)),
    talk.signal,
  )
  talk.row('Signed in', name === undefined ? `via ${via}` : `${name}  via ${via}`)
  if (tenantId !== undefined) talk.row('Tenant', tenantId)
}

export const loadSubscriptions = (talk: Talk): Subscriptions =>
  load(
    talk,
    'the subscriptions',
    askAzure(talk, (call) => talk.catalog.listSubscriptions(call)),
  )

/** Which subscription: a row when it was given or there is one alone, else a question. Answers its id. */
export async function settleSubscription(talk: Talk, answers: Answers, listed: Subscriptions): Promise<string> {
  const all = await listed()
  const given = answers.given('subscription')?.value
  if (all === undefined) return given !== undefined && isGuid(given) ? given : typedId(talk, answers)
  const matching = given === undefined ? all : all.filter((one) => isNamed(one, given))
  const [found] = matching
  if (found && matching.length === 1) return take(talk, answers, found, given === undefined)
  if (given !== undefined && isGuid(given)) {
    talk.row('Subscription', given)
    return given
  }
  const unfit = given === undefined ? firstErrorOf(answers.problemOf('subscription')) : misfit(given, matching.length)
  const [first, ...rest] = defaultFirst(matching.length > 1 ? matching : all)
  if (!first) throw noSubscription()
  const chosen = await pick(talk.prompter, {
    message: 'Subscription?',
    firstError: unfit,
    choices: [rowOf(first), ...rest.map(rowOf)],
  })
  answers.answer('subscription', chosen.id)
  return chosen.id
}

const isNamed = (one: SubscriptionChoice, name: string): boolean => sameName(one.id, name) || sameName(one.name, name)

/** From here on it goes by its id, which is what the line to repeat names too. */
function take(talk: Talk, answers: Answers, found: SubscriptionChoice, unasked: boolean): string {
  if (!talk.local) talk.row('Subscription', `${found.name}  ${found.id}`)
  if (!talk.local || !unasked) answers.answer('subscription', found.id)
  return found.id
}

const misfit = (given: string, matches: number): string =>
  matches > 1
    ? `${given} is the name of ${matches} subscriptions`
    : `${given} is no subscription that this account can see`

const defaultFirst = (all: readonly SubscriptionChoice[]): readonly SubscriptionChoice[] => [
  ...all.filter((one) => one.isDefault),
  ...all.filter((one) => !one.isDefault),
]

const rowOf = (one: SubscriptionChoice) => ({
  value: one,
  label: one.name,
  detail: one.isDefault ? `${one.id}  default` : one.id,
})

const typedId = (talk: Talk, answers: Answers): Promise<string> =>
  askField(talk, answers, 'subscription', {
    check: async (text) => (isGuid(text) ? undefined : `${text} is not an id: the subscriptions cannot be listed here`),
  })

const noSubscription = (): Failure =>
  new Failure({
    code: 'access',
    message: "Can't find a subscription",
    why: ['This account sees none.'],
    hint: 'Sign in to another tenant with --tenant, or ask for a role in a subscription.',
  })
