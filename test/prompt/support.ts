import type { Catalog, Cloud, LocationChoice, SubscriptionChoice } from '../../src/engine/cloud.ts'
import type { ConsumerGroupActual } from '../../src/resources/consumer-group.ts'
import type { GroupActual } from '../../src/resources/resource-group.ts'
import type { HubActual } from '../../src/resources/hub/hub.ts'
import { type NameCheck, defaultNamespaceName } from '../../src/resources/namespace/name.ts'
import type { NamespaceActual } from '../../src/resources/namespace/namespace.ts'
import { Failure, Interruption, type Problem } from '../../src/lib/errors.ts'
import { findByName } from '../../src/lib/names.ts'
import type { ChoiceQuestion, ConfirmQuestion, Prompter, TextQuestion } from '../../src/prompt/prompter.ts'
import type { AskOptions } from '../../src/prompt/talk.ts'
import { type Flags, type Given, readGiven } from '../../src/inputs/given.ts'
import { INPUT_KEYS } from '../../src/inputs/table.ts'
import { Gate } from '../../src/engine/gate.ts'
import { judge, wantedOf, type Judged, type Known } from '../../src/resources/front-door.ts'
import { DEFAULTS } from '../../src/inputs/defaults.ts'
import { UNRESTRICTED } from '../support/worlds.ts'
import { ManualClock } from '../support/manual-clock.ts'

export const DEV: SubscriptionChoice = {
  id: '11111111-1111-1111-1111-111111111111',
  name: 'ML Platform Dev',
  tenantId: 'contoso.com',
  isDefault: false,
}
export const PROD: SubscriptionChoice = {
  id: '22222222-2222-2222-2222-222222222222',
  name: 'ML Platform Prod',
  tenantId: 'contoso.com',
  isDefault: true,
}

export const group = (name: string, location = 'northeurope'): GroupActual => ({
  name,
  location,
  provisioningState: 'Succeeded',
  tags: {},
})

export const namespace = (name: string, more: Partial<NamespaceActual> = {}): NamespaceActual => ({
  id: `/namespaces/${name}`,
  name,
  location: 'northeurope',
  provisioningState: 'Succeeded',
  tier: 'Standard',
  capacity: 2,
  autoInflateMax: 0,
  kafkaEnabled: true,
  localAuthDisabled: false,
  ...UNRESTRICTED,
  host: `${name}.servicebus.windows.net`,
  tags: {},
  ...more,
})

export const hub = (name: string, more: Partial<HubActual> = {}): HubActual => ({
  name,
  partitions: 8,
  retentionHours: 48,
  cleanupPolicy: 'Delete',
  ...{ tombstoneHours: undefined, timestampType: 'LogAppend', unmanaged: [] },
  status: 'Active',
  capture: undefined,
  ...more,
})

const LOCATIONS: readonly LocationChoice[] = [
  { name: 'australiaeast', displayName: 'Australia East' },
  { name: 'northeurope', displayName: 'North Europe' },
  { name: 'westeurope', displayName: 'West Europe' },
  { name: 'westcentralus', displayName: 'West Central US' },
]

export interface World {
  readonly subscriptions?: readonly SubscriptionChoice[]
  readonly groups?: readonly GroupActual[]
  readonly locations?: readonly LocationChoice[]
  readonly namespaces?: readonly NamespaceActual[]
  readonly hubs?: readonly HubActual[]
  readonly consumerGroups?: readonly ConsumerGroupActual[]
  /** Names that somebody else has. */
  readonly taken?: readonly string[]
  /** In place of the answer of these calls. */
  readonly instead?: Partial<Record<keyof Catalog | keyof Cloud, () => Promise<never>>>
}

export const forbidden = (): Promise<never> =>
  Promise.reject(
    new Failure({
      message: 'Failed',
      azure: { status: 403, code: 'AuthorizationFailed' },
      why: [],
      code: 'access',
    }),
  )

/** An Azure that has just this. Calls are written down; nothing can be written to it. */
function azureWith(world: World): Pick<AskOptions, 'catalog' | 'cloudFor'> & { readonly calls: string[] } {
  const calls: string[] = []
  const answer = <T>(call: keyof Catalog | keyof Cloud, value: T): Promise<T> => {
    calls.push(call)
    return world.instead?.[call]?.() ?? Promise.resolve(value)
  }
  const catalog: Catalog = {
    identity: () => answer('identity', { name: 'dana@contoso.com', tenantId: 'contoso.com', via: 'Azure CLI' }),
    listSubscriptions: () => answer('listSubscriptions', world.subscriptions ?? [DEV]),
    listLocations: () => answer('listLocations', world.locations ?? LOCATIONS),
    listGroups: () => answer('listGroups', world.groups ?? []),
    listNamespaces: () => answer('listNamespaces', world.namespaces ?? []),
  }
  const check = (name: string): NameCheck =>
    world.taken?.includes(name)
      ? { available: false, reason: 'NameInUse', message: 'The specified name is in use.' }
      : { available: true }
  const cloud: Partial<Cloud> = {
    readProvider: () =>
      answer('readProvider', { state: 'Registered', locations: ['australiaeast', 'northeurope', 'westeurope'] }),
    readGroup: (name) => answer('readGroup', findByName(world.groups ?? [], name)),
    readNamespace: (at) => answer('readNamespace', findByName(world.namespaces ?? [], at.namespace)),
    listHubs: () => answer('listHubs', world.hubs),
    listConsumerGroups: () => answer('listConsumerGroups', world.consumerGroups),
    checkNamespaceName: (name) => answer('checkNamespaceName', check(name)),
  }
  return { catalog, cloudFor: () => cloud as Cloud, calls }
}

/** All that a first run with Enter made, in the default group. */
export const OURS = defaultNamespaceName(DEV.id, DEFAULTS.resourceGroup)
export const AFTER_FIRST_RUN: World = {
  groups: [group(DEFAULTS.resourceGroup)],
  namespaces: [namespace(OURS, { capacity: 1 })],
  hubs: [hub(DEFAULTS.hub, { partitions: 4, retentionHours: 24 })],
  consumerGroups: [
    { name: '$Default', userMetadata: undefined },
    { name: DEFAULTS.consumerGroup, userMetadata: 'x' },
  ],
}

/** What is answered to a question: a text typed, the label of a row, yes or no; nothing = Enter. Several = one after the other. */
export type Script = Readonly<Record<string, string | boolean | readonly string[]>>

/** Somebody who answers by a script and by Enter, and remembers what was asked and objected to. */
export class Person implements Prompter {
  readonly asked: string[] = []
  readonly contexts = new Map<string, string | undefined>()
  readonly rows = new Map<string, readonly string[]>()
  readonly objections: string[] = []
  readonly firstErrors: string[] = []
  readonly #script: Script
  readonly #uses = new Map<string, number>()

  constructor(script: Script = {}) {
    this.#script = script
  }

  async text(question: TextQuestion): Promise<string> {
    const scripted = this.#hear(question)
    const tries = Array.isArray(scripted)
      ? (scripted as readonly string[]).slice(this.#used(question.message))
      : [scripted]
    for (const tried of tries.length > 0 ? tries : ['']) {
      this.#use(question.message)
      const typed = typeof tried === 'string' ? tried : ''
      const text = typed === '' ? (question.default ?? '') : typed
      const objection = await question.validate(text)
      if (objection === undefined) return text
      this.objections.push(objection)
    }
    throw new Error(`${question.message} was never answered: ${this.objections.join('; ')}`)
  }

  select<T>(question: ChoiceQuestion<T>): Promise<T> {
    return this.#choose(question)
  }

  search<T>(question: ChoiceQuestion<T>): Promise<T> {
    return this.#choose(question)
  }

  async confirm(question: ConfirmQuestion): Promise<boolean> {
    const scripted = this.#hear(question)
    return typeof scripted === 'boolean' ? scripted : question.default
  }

  async #choose<T>(question: ChoiceQuestion<T>): Promise<T> {
    const scripted = this.#hear(question)
    const wanted: unknown = Array.isArray(scripted) ? scripted[this.#use(question.message)] : scripted
    this.rows.set(
      question.message,
      question.choices.map(({ label, detail }) => [label, detail].filter(Boolean).join('  ')),
    )
    const byDefault = question.choices.find((one) => one.value === question.default) ?? question.choices[0]
    const chosen = wanted === undefined ? byDefault : question.choices.find((one) => one.label === wanted)
    if (!chosen) throw new Error(`${question.message} has no row ${String(wanted)}`)
    return chosen.value
  }

  /** How many of several answers were given. */
  #used(message: string): number {
    return this.#uses.get(message) ?? 0
  }

  #use(message: string): number {
    const used = this.#used(message)
    this.#uses.set(message, used + 1)
    return used
  }

  #hear(question: { message: string; context?: string | undefined; firstError?: string | undefined }) {
    this.asked.push(question.message)
    this.contexts.set(question.message, question.context)
    if (question.firstError !== undefined) this.firstErrors.push(question.firstError)
    const scripted = this.#script[question.message]
    if (scripted === 'Ctrl-C') throw new Interruption('SIGINT')
    return scripted
  }
}

export interface Talked {
  readonly person: Person
  readonly options: AskOptions
  readonly facts: string[]
  readonly notes: string[]
  readonly calls: readonly string[]
}

/** The options of a wizard that talks to this person about this Azure, after these flags. */
export function talk(
  world: World,
  asked: {
    readonly script?: Script
    readonly flags?: Flags
    readonly more?: Partial<AskOptions>
  } = {},
): Talked {
  const { given, problems } = readGiven(INPUT_KEYS, asked.flags ?? {}, {})
  const judged = judgeGiven(given, { isLocal: given.local?.value ?? false }, problems)
  const clock = new ManualClock()
  const { signal } = new AbortController()
  const person = new Person(asked.script)
  const { calls, ...azure } = azureWith(world)
  const facts: string[] = []
  const notes: string[] = []
  const options: AskOptions = {
    given,
    problems: [...problems, ...(judged.ok ? [] : judged.problems)],
    prompter: person,
    gate: new Gate({ clock, random: () => 0.5, stop: signal }),
    ...azure,
    row: (label, value) => facts.push(`${label}: ${value}`),
    waiting: (_, work) => work(),
    note: (text) => notes.push(text),
    local: false,
    clock,
    signal,
    ...asked.more,
  }
  return { person, options, facts, notes, calls }
}

/** What flags and answers alone make, checked. */
export const judgeGiven = (given: Given, known: Known = {}, unread: readonly Problem[] = []): Judged =>
  judge(wantedOf(given, undefined, unread), known)
