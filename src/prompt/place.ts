import { findByName, sameName } from '../lib/names.ts'
import type { LocationChoice, SubscriptionChoice } from '../engine/cloud.ts'
import type { GroupActual } from '../resources/resource-group.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askField, askName } from './ask-field.ts'
import { pick } from './prompter.ts'
import { askAzure, type Talk, load, loadResult, type Loading, untilAborted } from './talk.ts'
import { Failure } from '../lib/errors.ts'
import { isGuid } from '../inputs/parsers.ts'

export interface GroupFound {
  readonly name: string
  readonly existing: GroupActual | undefined
  /** It exists, or the groups cannot be read. */
  readonly mayExist: boolean
}

export type Groups = Loading<readonly GroupActual[]>
type Locations = Loading<readonly LocationChoice[]>

export const loadGroups = (talk: Talk, subscriptionId: string): Groups =>
  load(talk, 'the resource groups', (call) => talk.catalog.listGroups(subscriptionId, call))

/** The regions that offer Event Hubs. */
export function loadLocations(talk: Talk, subscriptionId: string): Locations {
  const all = askAzure(talk, (call) => talk.catalog.listLocations(subscriptionId, call))
  const provider = askAzure(talk, (call) => talk.cloudFor(subscriptionId).readProvider(call))
  const offered = Promise.all([all, provider]).then(([regions, { locations }]) =>
    locations.length === 0 ? regions : regions.filter((one) => locations.includes(one.name)),
  )
  return loadResult(talk, 'the regions', offered)
}

/** Asks for an existing resource group or the name of a new one. */
export async function settleGroup(
  talk: Talk,
  answers: Answers,
  subscriptionId: string,
  groups: Groups,
): Promise<GroupFound> {
  const listed = await groups()
  const given = answers.given('resourceGroup')?.value
  const name = given ?? (await askGroup(talk, answers, listed ?? []))
  if (listed) {
    const existing = findByName(listed, name)
    return { name, existing, mayExist: existing !== undefined }
  }
  const existing = load(talk, `resource group ${name}`, (call) => talk.cloudFor(subscriptionId).readGroup(name, call))
  return { name, existing: await existing(), mayExist: true }
}

const askGroup = (talk: Talk, answers: Answers, existing: readonly GroupActual[]): Promise<string> =>
  askName(talk, answers, 'resourceGroup', {
    noun: 'resource group',
    existing,
    suggested: DEFAULTS.resourceGroup,
    preferOnly: false,
    detailOf: (group) => group.location,
  })

/** Takes the region of an existing group, or asks for one. */
export async function settleLocation(
  talk: Talk,
  answers: Answers,
  group: GroupFound,
  { groups, locations }: { readonly groups: Groups; readonly locations: Locations },
): Promise<void> {
  if (answers.given('location')) return
  if (group.existing && !answers.problemOf('location')) {
    talk.row('Location', group.existing.location)
    return
  }
  const offered = (await locations()) ?? []
  const [first, ...rest] = offered.map((one) => ({ value: one.name, label: one.displayName, detail: one.name }))
  if (!first) {
    await askField(talk, answers, 'location', { context: `such as ${COMMON_LOCATION}` })
    return
  }
  const location = await pick(talk.prompter, {
    message: 'Location?',
    firstError: firstErrorOf(answers.problemOf('location')),
    choices: [first, ...rest],
    default: usualLocation((await groups()) ?? [], offered),
  })
  answers.answer('location', location)
}

const COMMON_LOCATION = 'westeurope'

/** The region with most groups of the subscription. */
function usualLocation(groups: readonly GroupActual[], offered: readonly LocationChoice[]): string {
  const [most] = offered
    .map(({ name }) => ({ name, groups: groups.filter(({ location }) => location === name).length }))
    .sort((a, b) => b.groups - a.groups)
  return most && most.groups > 0 ? most.name : COMMON_LOCATION
}

type Subscriptions = Loading<readonly SubscriptionChoice[]>

/** Shows who is signed in, before any question. Throws if the sign-in fails. */
export async function showIdentity(talk: Talk): Promise<void> {
  if (talk.local) return
  const signedIn = () =>
    untilAborted(
      askAzure(talk, (call) => talk.catalog.identity(call)),
      talk.signal,
    )
  const { name, via, tenantId } = await talk.waiting('Signing in', signedIn)
  if (via === null) talk.row('Sign-in', 'not needed at this endpoint')
  else talk.row('Signed in', [name, `via ${via}`].filter(Boolean).join('  '))
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
        : `${given} is not a subscription that this account can see`
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
