import type { InputKey } from '../inputs/table.ts'
import type { Given } from '../inputs/given.ts'
import type { LiveTier } from '../lib/limits.ts'
import { Answers } from './answers.ts'
import { askAgain } from './ask-field.ts'
import { settleHubs, settleInHubs } from './hubs.ts'
import { saidLoad, settleCarriedLoad } from './load.ts'
import { settleNamespace } from './namespace.ts'
import { settleSize } from './size.ts'
import {
  loadGroups,
  loadLocations,
  settleGroup,
  settleLocation,
  loadSubscriptions,
  settleSubscription,
  showIdentity,
} from './place.ts'
import type { AskOptions } from './talk.ts'

export interface Answered {
  /** Everything that was given and answered. */
  readonly given: Given
  readonly subscriptionId: string
  /** Tier of the namespace, if it exists. */
  readonly liveTier?: LiveTier
}

/** Asks for everything that `create` needs and that was not given. Offers existing resources and shows their values. */
export async function askForCreate(options: AskOptions): Promise<Answered> {
  const answers = new Answers(options.given, options.problems)
  const subscriptions = loadSubscriptions(options)
  await showIdentity(options)
  const subscriptionId = await settleSubscription(options, answers, subscriptions)
  const groups = loadGroups(options, subscriptionId)
  const locations = loadLocations(options, subscriptionId)
  const group = await settleGroup(options, answers, subscriptionId, groups)
  await settleLocation(options, answers, group, { groups, locations })
  const namespace = await settleNamespace(options, answers, subscriptionId, group)
  const at = { group: group.name, namespace: namespace.name }
  const exists = namespace.existing !== undefined
  const place = { cloud: options.cloudFor(subscriptionId), at, exists }
  if (!exists) await settleCarriedLoad(options, answers)
  // Each hub takes in the load, so the size depends on their number.
  const hubsFirst = !exists && saidLoad(answers) !== undefined
  const size = { live: namespace.existing, region: answers.all.location?.value ?? group.existing?.location }
  if (!hubsFirst) await settleSize(options, answers, size)
  const hubs = await settleHubs(options, answers, place)
  if (hubsFirst) await settleSize(options, answers, size)
  if (exists && hubs.every(({ live }) => !live)) await settleCarriedLoad(options, answers)
  await settleInHubs(options, answers, place, hubs)
  return settleRest(options, answers, subscriptionId)
}

/** Asks about the remaining problems until there are none. */
export async function settleRest(options: AskOptions, answers: Answers, subscriptionId: string): Promise<Answered> {
  for (let [problem] = answers.problems(); problem; [problem] = answers.problems()) {
    await askAgain(options, answers, problem.input as InputKey)
  }
  const { all: given, liveTier } = answers
  return { given, subscriptionId, ...(liveTier === undefined ? {} : { liveTier }) }
}
