import { findByName } from '../lib/names.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { INPUTS } from '../inputs/table.ts'
import { defaultNamespaceName } from '../resources/namespace/name.ts'
import { isGuid } from '../inputs/parsers.ts'
import { Answers, firstErrorOf } from './answers.ts'
import { capitalized } from '../lib/phrase.ts'
import { askField, questionOf } from './ask-field.ts'
import { loadHubs } from './hubs.ts'
import { listNamespaces } from './namespace.ts'
import {
  loadGroups,
  loadLocations,
  settleLocation,
  type GroupFound,
  loadSubscriptions,
  settleSubscription,
} from './place.ts'
import { pick, type Choice } from './prompter.ts'
import type { AskOptions, Talk } from './talk.ts'
import { settleRest, type Answered } from './wizard.ts'

/** A command for existing resources; `plan` can also be about new ones. */
export type TargetCommand =
  'plan' | 'show-connection' | 'verify' | 'delete' | 'rotate-key' | 'capture' | 'status' | 'open' | 'send' | 'tail'

/** Commands about a whole namespace, unless somebody names hubs. */
const WITHOUT_HUB: readonly TargetCommand[] = ['delete', 'status', 'open']

interface Target {
  readonly key: 'resourceGroup' | 'namespace' | 'hub'
  /** Undefined if the list cannot be read. */
  readonly found: readonly { readonly name: string }[] | undefined
  readonly suggested: string
}

/**
 * Asks for the subscription, resource group, namespace and hub. It lists only what is not given, shows the only choice
 * instead of asking, and uses the defaults if there is nothing to choose from.
 */
export async function askForTarget(command: TargetCommand, options: AskOptions): Promise<Answered> {
  const answers = new Answers(options.given, options.problems)
  answers.isNew = false
  const named = answers.given('subscription')?.value
  const subscriptionId =
    named !== undefined && isGuid(named)
      ? named
      : await settleSubscription(options, answers, loadSubscriptions(options))
  const group = await settleTargetGroup(command, options, answers, subscriptionId)
  const namespace = await settleTargetNamespace(command, options, answers, { subscriptionId, group })
  if (!WITHOUT_HUB.includes(command) && !answers.given('hub')) {
    const at = { group: group.name, namespace }
    const found = await loadHubs(options, { cloud: options.cloudFor(subscriptionId), at })()
    await settle(command, options, answers, { key: 'hub', found, suggested: DEFAULTS.hub })
  }
  return settleRest(options, answers, subscriptionId)
}

async function settleTargetGroup(
  command: TargetCommand,
  talk: Talk,
  answers: Answers,
  subscriptionId: string,
): Promise<GroupFound> {
  const given = answers.given('resourceGroup')?.value
  if (given !== undefined) return { name: given, existing: undefined, mayExist: true }
  const groups = loadGroups(talk, subscriptionId)
  const found = await groups()
  const name = await settle(command, talk, answers, { key: 'resourceGroup', found, suggested: DEFAULTS.resourceGroup })
  const existing = found && findByName(found, name)
  const group = { name, existing, mayExist: !found || existing !== undefined }
  if (command === 'plan' && !group.mayExist && !talk.local) {
    await settleLocation(talk, answers, group, { groups, locations: loadLocations(talk, subscriptionId) })
  }
  return group
}

async function settleTargetNamespace(
  command: TargetCommand,
  talk: Talk,
  answers: Answers,
  { subscriptionId, group }: { readonly subscriptionId: string; readonly group: GroupFound },
): Promise<string> {
  const given = answers.given('namespace')?.value
  if (given !== undefined) return given
  const found = await listNamespaces(talk, subscriptionId, group)
  const suggested = defaultNamespaceName(subscriptionId, group.name)
  const name = await settle(command, talk, answers, { key: 'namespace', found, suggested })
  answers.liveTier = found && findByName(found, name)?.tier
  return name
}

/** Asks for one of the existing resources, or takes the only one. */
async function settle(
  command: TargetCommand,
  talk: Talk,
  answers: Answers,
  { key, found, suggested }: Target,
): Promise<string> {
  const problem = answers.problemOf(key)
  if (!found) return askField(talk, answers, key, { default: suggested })
  const isNew = command === 'plan' && !findByName(found, suggested)
  const rows: readonly Choice<string>[] = [
    ...found.map(({ name }) => ({ value: name, label: name })),
    ...(isNew ? [{ value: suggested, label: suggested, detail: 'not there yet' }] : []),
  ]
  const [first, ...rest] = rows
  if (!first) return problem ? askField(talk, answers, key, { default: suggested }) : suggested
  const ours = findByName(found, suggested)?.name ?? (isNew ? suggested : undefined)
  const question = { message: questionOf(key), firstError: firstErrorOf(problem), default: ours }
  const name =
    rest.length === 0 && !problem ? first.value : await pick(talk.prompter, { ...question, choices: [first, ...rest] })
  if (rest.length === 0 && found.length === 1) talk.row(capitalized(INPUTS[key].label), name)
  answers.answer(key, name)
  return name
}
