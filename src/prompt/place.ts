import { findByName } from '../lib/names.ts'
import type { LocationChoice } from '../engine/cloud.ts'
import type { GroupActual } from '../resources/resource-group.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askField } from './ask-field.ts'
import { freeName, pickNamed } from './pick-named.ts'
import { pick } from './prompter.ts'
import { askAzure, type Talk, load, type Loading } from './talk.ts'

/** A resource group by name, and what it is when it exists. */
export interface GroupFound {
  readonly name: string
  readonly existing: GroupActual | undefined
  /** It exists, or whether it does cannot be read. */
  readonly mayExist: boolean
}

export type Groups = Loading<readonly GroupActual[]>
export type Locations = Loading<readonly LocationChoice[]>

export const loadGroups = (talk: Talk, subscriptionId: string): Groups =>
  load(
    talk,
    'the resource groups',
    askAzure(talk, (call) => talk.catalog.listGroups(subscriptionId, call)),
  )

/** The regions that offer Event Hubs. */
export function loadLocations(talk: Talk, subscriptionId: string): Locations {
  const all = askAzure(talk, (call) => talk.catalog.listLocations(subscriptionId, call))
  const provider = askAzure(talk, (call) => talk.cloudFor(subscriptionId).readProvider(call))
  const offered = Promise.all([all, provider]).then(([regions, { locations }]) =>
    locations.length === 0 ? regions : regions.filter((one) => locations.includes(one.name)),
  )
  return load(talk, 'the regions', offered)
}

/** The resource group: one that exists, or a new name. */
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
  const read = askAzure(talk, (call) => talk.cloudFor(subscriptionId).readGroup(name, call))
  return { name, existing: await load(talk, `resource group ${name}`, read)(), mayExist: true }
}

async function askGroup(talk: Talk, answers: Answers, groups: readonly GroupActual[]): Promise<string> {
  const suggested = DEFAULTS.resourceGroup
  if (groups.length === 0) return askField(talk, answers, 'resourceGroup', { default: suggested })
  const picked = await pickNamed(talk.prompter, {
    message: 'Resource group?',
    firstError: firstErrorOf(answers.problemOf('resourceGroup')),
    existing: groups,
    suggested,
    preferOnly: false,
    detailOf: (group) => group.location,
  })
  if (picked) {
    answers.answer('resourceGroup', picked.name)
    return picked.name
  }
  const message = 'New resource group?'
  answers.drop('resourceGroup')
  return askField(talk, answers, 'resourceGroup', { message, default: freeName(suggested, groups) })
}

/** Where new things go: the group's location when it exists, else a question. */
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

/** Where most groups of the subscription are: who has things in Sydney rarely wants the next one in Dublin. */
function usualLocation(groups: readonly GroupActual[], offered: readonly LocationChoice[]): string {
  const isHere = (location: string) => groups.filter((group) => group.location === location).length
  const [most] = offered
    .map((one) => ({ name: one.name, groups: isHere(one.name) }))
    .sort((a, b) => b.groups - a.groups)
  return most && most.groups > 0 ? most.name : COMMON_LOCATION
}
