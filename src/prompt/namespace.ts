import { findByName } from '../lib/names.ts'
import type { Call, Cloud } from '../engine/cloud.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { isAzureFailure } from '../lib/errors.ts'
import { defaultNamespaceName } from '../resources/namespace/name.ts'
import { firstErrorOf, type Answers } from './answers.ts'
import { askName } from './ask-field.ts'
import type { GroupFound } from './place.ts'
import { type Talk, load, within } from './talk.ts'

/** How long to wait for Azure's check whether a name is free. */
const NAME_CHECK_MS = 5_000

export interface NamespaceFound {
  readonly name: string
  readonly existing: NamespaceActual | undefined
}

/** Asks for an existing namespace of the group or a new name that is free in all of Azure. */
export async function settleNamespace(
  talk: Talk,
  answers: Answers,
  subscriptionId: string,
  group: GroupFound,
): Promise<NamespaceFound> {
  const listed = await listNamespaces(talk, subscriptionId, group)
  const names = new NameCheck(talk, talk.cloudFor(subscriptionId), group.name, listed)
  const given = answers.given('namespace')?.value
  const refusal =
    given === undefined
      ? firstErrorOf(answers.problemOf('namespace'))
      : await talk.waiting(`Checking the name ${given}`, () => names.objection(given))
  const suggested = defaultNamespaceName(subscriptionId, group.name)
  const name =
    given !== undefined && !refusal
      ? given
      : await askName(talk, answers, 'namespace', {
          noun: 'namespace',
          existing: listed ?? [],
          suggested,
          preferOnly: true,
          detailOf: (one) => `${one.tier}  ${one.location}`,
          firstError: refusal,
          check: (text) => names.objection(text),
        })
  names.tellUnchecked()
  const existing = names.existing(name)
  answers.liveTier = existing?.tier
  return { name, existing }
}

/** The namespaces of the group, or undefined if they cannot be read. */
export async function listNamespaces(
  talk: Talk,
  subscriptionId: string,
  group: GroupFound,
): Promise<readonly NamespaceActual[] | undefined> {
  if (!group.mayExist) return []
  const request = (call: Call) => talk.catalog.listNamespaces(subscriptionId, group.name, call)
  return load(talk, `the namespaces of ${group.name}`, request)()
}

/** Checks whether a namespace exists in the group, or whether its name is free. */
class NameCheck {
  readonly #talk: Talk
  readonly #cloud: Cloud
  readonly #group: string
  readonly #listed: readonly NamespaceActual[] | undefined
  #found: NamespaceActual | undefined
  #unchecked: string | undefined

  constructor(talk: Talk, cloud: Cloud, group: string, listed: readonly NamespaceActual[] | undefined) {
    this.#talk = talk
    this.#cloud = cloud
    this.#group = group
    this.#listed = listed
  }

  existing(name: string): NamespaceActual | undefined {
    return findByName(this.#found ? [this.#found] : (this.#listed ?? []), name)
  }

  /** Why a name cannot be used. If the check fails or takes too long, `create` checks the name later. */
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
    if (!this.#listed)
      this.#found = await gate.run((call) => this.#cloud.readNamespace(at, call), { once: true, signal })
    if (this.#found) return {}
    const check = await gate.run((call) => this.#cloud.checkNamespaceName(name, call), {
      kind: 'writes',
      once: true,
      signal,
    })
    if (check.available) return {}
    if (check.reason === 'NameInUse') return { objection: `${name} is taken: names are unique in all of Azure` }
    return { objection: `${name} is not available: ${check.message}` }
  }

  tellUnchecked(): void {
    if (this.#unchecked !== undefined) this.#talk.note(`Could not check yet whether ${this.#unchecked} is free.`)
  }
}
