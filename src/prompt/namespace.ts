import { findByName } from '../lib/names.ts'
import type { Cloud } from '../engine/cloud.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { isAzureFailure } from '../lib/errors.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { describeCapacities, formatCapacity, LIMITS, TIERS, type Tier } from '../lib/limits.ts'
import { defaultNamespaceName } from '../resources/namespace/name.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askChoice, askField } from './ask-field.ts'
import { freeName, pickNamed } from './pick-named.ts'
import type { GroupFound } from './place.ts'
import { askAzure, type Talk, load, within } from './talk.ts'

/** How long an answer waits for Azure to say whether a name is free. */
const NAME_CHECK_MS = 5_000

export interface NamespaceFound {
  readonly name: string
  readonly existing: NamespaceActual | undefined
}

/** The namespace: one of the group, or a new name that is free in all of Azure. */
export async function settleNamespace(
  talk: Talk,
  answers: Answers,
  subscriptionId: string,
  group: GroupFound,
): Promise<NamespaceFound> {
  const listed = await listNamespaces(talk, subscriptionId, group)
  const names = new NameCheck(talk, talk.cloudFor(subscriptionId), group.name, listed)
  const given = answers.given('namespace')?.value
  const refusal = given === undefined ? firstErrorOf(answers.problemOf('namespace')) : await names.objection(given)
  const suggested = defaultNamespaceName(subscriptionId, group.name)
  const name = given !== undefined && !refusal ? given : await ask(talk, answers, names, { suggested, refusal })
  names.tellUnchecked()
  const existing = names.existing(name)
  answers.liveTier = existing?.tier
  return { name, existing }
}

/** The namespaces of the group; undefined when they may not be read. */
export async function listNamespaces(
  talk: Talk,
  subscriptionId: string,
  group: GroupFound,
): Promise<readonly NamespaceActual[] | undefined> {
  if (!group.mayExist) return []
  const listing = askAzure(talk, (call) => talk.catalog.listNamespaces(subscriptionId, group.name, call))
  return load(talk, `the namespaces of ${group.name}`, listing)()
}

async function ask(
  talk: Talk,
  answers: Answers,
  names: NameCheck,
  { suggested, refusal }: { readonly suggested: string; readonly refusal: string | undefined },
): Promise<string> {
  const existing = names.listed ?? []
  const check = (text: string) => names.objection(text)
  if (existing.length === 0)
    return askField(talk, answers, 'namespace', { default: suggested, firstError: refusal, check })
  const picked = await pickNamed(talk.prompter, {
    message: 'Namespace?',
    firstError: refusal,
    existing,
    suggested,
    preferOnly: true,
    detailOf: (one) => `${one.tier}  ${one.location}`,
  })
  if (!picked) {
    const message = 'New namespace?'
    answers.drop('namespace')
    return askField(talk, answers, 'namespace', { message, default: freeName(suggested, existing), check })
  }
  answers.answer('namespace', picked.name)
  return picked.name
}

/** Says of names whether they are ours, free, or taken. */
class NameCheck {
  readonly #talk: Talk
  readonly #cloud: Cloud
  readonly #group: string
  readonly listed: readonly NamespaceActual[] | undefined
  #found: NamespaceActual | undefined
  #unchecked: string | undefined

  constructor(talk: Talk, cloud: Cloud, group: string, listed: readonly NamespaceActual[] | undefined) {
    this.#talk = talk
    this.#cloud = cloud
    this.#group = group
    this.listed = listed
  }

  existing(name: string): NamespaceActual | undefined {
    return findByName(this.#found ? [this.#found] : (this.listed ?? []), name)
  }

  /** What exists is ours and never taken. A check that fails or takes too long lets the name pass: create finds out. */
  async objection(name: string): Promise<string | undefined> {
    this.#unchecked = undefined
    try {
      const found = await within(NAME_CHECK_MS, this.#talk, (signal) => this.#lookUp(name, signal))
      if (found === undefined) this.#unchecked = name
      return found?.objection
    } catch (error) {
      if (!isAzureFailure(error)) throw error
      this.#unchecked = name
      return undefined
    }
  }

  async #lookUp(name: string, signal: AbortSignal): Promise<{ readonly objection?: string }> {
    if (this.existing(name)) return {}
    const { gate } = this.#talk
    const at = { group: this.#group, namespace: name }
    if (!this.listed)
      this.#found = await gate.run((call) => this.#cloud.readNamespace(at, call), { once: true, signal })
    if (this.#found) return {}
    const check = await gate.run((call) => this.#cloud.checkNamespaceName(name, call), {
      kind: 'writes',
      once: true,
      signal,
    })
    if (check.available) return {}
    if (check.reason === 'NameInUse') return { objection: `${name} is taken: names are unique in all of Azure` }
    return { objection: `${name} cannot be had: ${check.message}` }
  }

  tellUnchecked(): void {
    if (this.#unchecked !== undefined) this.#talk.note(`Whether ${this.#unchecked} is free could not be found out yet.`)
  }
}

/** Tier and capacity: facts of a namespace that exists, decisions about a new one. */
export async function settleSize(talk: Talk, answers: Answers, live: NamespaceActual | undefined): Promise<void> {
  if (live && !answers.all.tier && !answers.problemOf('tier')) talk.row('Tier', live.tier)
  else if (!answers.given('tier')) await askTier(talk, answers)
  if (live && !answers.all.capacity && !answers.problemOf('capacity')) {
    talk.row('Capacity', formatCapacity(live.tier, live.capacity))
  } else if (!answers.given('capacity')) await askCapacity(talk, answers)
}

const askTier = (talk: Talk, answers: Answers): Promise<void> => {
  const rowOf = (tier: Tier) => ({ value: tier, label: tier, detail: LIMITS[tier].summary })
  const [first, ...rest] = TIERS
  return askChoice(talk, answers, 'tier', { choices: [rowOf(first), ...rest.map(rowOf)], default: DEFAULTS.tier })
}

/** Dedicated has none to set: its capacity belongs to the cluster. */
async function askCapacity(talk: Talk, answers: Answers): Promise<void> {
  const tier = answers.all.tier?.value ?? answers.liveTier ?? DEFAULTS.tier
  if (tier === 'Dedicated') return
  const context = `${describeCapacities(tier)} ${LIMITS[tier].unit}s`
  await askField(talk, answers, 'capacity', { context, default: String(DEFAULTS.capacity) })
}
