import type { SubscriptionChoice } from '../engine/cloud.ts'
import { Failure } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { isGuid } from '../inputs/parsers.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askField } from './ask-field.ts'
import { pick } from './prompter.ts'
import { askAzure, type Talk, load, untilAborted, type Loading } from './talk.ts'

type Subscriptions = Loading<readonly SubscriptionChoice[]>

/** Shows who is signed in, before any question. Throws if the sign-in fails. */
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
  load(talk, 'the subscriptions', (call) => talk.catalog.listSubscriptions(call))

/** Shows the given or only subscription, or asks for one. Answers its id. */
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
  const firstError =
    given === undefined
      ? firstErrorOf(answers.problemOf('subscription'))
      : matching.length > 1
        ? `${given} is the name of ${matching.length} subscriptions`
        : `${given} is no subscription that this account can see`
  const [first, ...rest] = defaultFirst(matching.length > 1 ? matching : all)
  if (!first) throw noSubscription()
  const chosen = await pick(talk.prompter, {
    message: 'Subscription?',
    firstError,
    choices: [rowOf(first), ...rest.map(rowOf)],
  })
  answers.answer('subscription', chosen.id)
  return chosen.id
}

const isNamed = (one: SubscriptionChoice, name: string): boolean => sameName(one.id, name) || sameName(one.name, name)

/** Stores the id, also for the command that repeats the run. */
function take(talk: Talk, answers: Answers, found: SubscriptionChoice, unasked: boolean): string {
  if (!talk.local) talk.row('Subscription', `${found.name}  ${found.id}`)
  if (!talk.local || !unasked) answers.answer('subscription', found.id)
  return found.id
}

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
