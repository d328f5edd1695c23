import { findByName } from '../lib/names.ts'
import type { LocationChoice } from '../engine/cloud.ts'
import type { GroupActual } from '../resources/resource-group.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askField, askName } from './ask-field.ts'
import { pick } from './prompter.ts'
import { askAzure, type Talk, load, loadResult, type Loading } from './talk.ts'

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
