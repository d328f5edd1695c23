import { Failure } from '../../../lib/errors.ts'
import { say } from '../../../lib/phrase.ts'
import { DATA_FOLDER, RESET } from '../../constants.ts'
import { isObject, type Json, type JsonObject } from './body.ts'
import {
  type ConsumerGroup,
  type Hub,
  keyOf,
  type Lock,
  type Namespace,
  type Operation,
  type Registration,
  type ResourceGroup,
  type RoleAssignment,
  type Rule,
  type Sku,
  type State,
  type Transition,
} from './model.ts'

const FORMAT = 'ml-ingest-local-azure'
const VERSION = 1

/** The state as the text of its file. */
export function encodeState(state: State): string {
  return JSON.stringify({
    format: FORMAT,
    version: VERSION,
    registrations: [...state.registrations],
    groups: [...state.groups.values()],
    namespaces: [...state.namespaces.values()].map(encodeNamespace),
    operations: [...state.operations.values()],
    locks: [...state.locks.values()],
    roleAssignments: [...state.roleAssignments.values()],
  })
}

const encodeNamespace = (namespace: Namespace) => ({
  ...namespace,
  rules: [...namespace.rules.values()],
  hubs: [...namespace.hubs.values()].map((hub) => ({
    ...hub,
    rules: [...hub.rules.values()],
    consumerGroups: [...hub.consumerGroups.values()],
  })),
})

/** Reads what `encodeState` wrote. Throws Failure `local-state` on a damaged or newer file, which is left as it is. */
export function decodeState(text: string, file: string): State {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw unreadable(file, 'it is not JSON', error)
  }
  if (!isObject(document) || document['format'] !== FORMAT) throw unreadable(file, 'it is not a state of ml-ingest')
  if (document['version'] !== VERSION) throw otherVersion(file, document['version'])
  try {
    return fillState(document)
  } catch (error) {
    throw unreadable(file, (error as Error).message, error)
  }
}

function fillState(document: JsonObject): State {
  const { registrations, groups, namespaces, operations, locks, roleAssignments } = readDocument(document, '')
  return {
    registrations: new Map(registrations),
    groups: new Map(groups.map((group) => [keyOf(group.subscription, group.name), group])),
    namespaces,
    operations: new Map(operations.map((operation) => [operation.id, operation])),
    locks: new Map(locks?.map((lock) => [keyOf(lock.scope, lock.name), lock])),
    roleAssignments: new Map(roleAssignments?.map((one) => [keyOf(one.scope, one.name), one])),
  }
}

/** Reads the value at a place of the file, or throws an error that says what is wrong there. */
type Read<T> = (value: unknown, at: string) => T
interface OptionalRead<T> extends Read<T> {
  readonly isOptional: true
}

const reading =
  <T>(kind: string, fits: (value: unknown) => boolean): Read<T> =>
  (value, at) => {
    if (value === undefined) throw new Error(`${at} is missing`)
    if (!fits(value)) throw new Error(`${at} is not ${kind}`)
    return value as T
  }
const text = reading<string>('a text', (value) => typeof value === 'string')
const count = reading<number>('a number', (value) => typeof value === 'number')
const flag = reading<boolean>('true or false', (value) => typeof value === 'boolean')
const object = reading<JsonObject>('an object', isObject)
const array = reading<readonly unknown[]>('a list', Array.isArray)
const json = reading<Json>('JSON', () => true)
const oneOf = <T extends string>(...words: readonly T[]): Read<T> =>
  reading<T>(`one of ${words.join(', ')}`, (value) => words.some((word) => word === value))

const optional = <T>(read: Read<T>): OptionalRead<T> =>
  Object.assign((value: unknown, at: string) => read(value, at), { isOptional: true } as const)

const list =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, at) =>
    array(value, at).map((entry, i) => read(entry, `${at}[${i}]`))

/** Fields that nobody reads are kept as they are. */
const record =
  <T extends object>(fields: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> =>
  (value, at) => {
    const whole = object(value, at)
    const known = Object.entries<Read<unknown>>(fields).flatMap(([key, read]) => {
      if (whole[key] === undefined && 'isOptional' in read) return []
      return [[key, read(whole[key], at === '' ? key : `${at}.${key}`)]]
    })
    return { ...whole, ...Object.fromEntries(known) } as T
  }

const byName =
  <T extends { readonly name: string }>(read: Read<T>): Read<Map<string, T>> =>
  (value, at) =>
    new Map(list(read)(value, at).map((one) => [keyOf(one.name), one]))

const TIMES = { createdAt: count, updatedAt: count }
const tierName = oneOf('Basic', 'Standard', 'Premium')

const readRules = byName(
  record<Rule>({ name: text, rights: list(oneOf('Listen', 'Send', 'Manage')), primaryKey: text, secondaryKey: text }),
)
const readHubs = byName(
  record<Hub>({
    name: text,
    ...TIMES,
    properties: record<JsonObject>({
      partitionCount: count,
      status: oneOf('Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled'),
      retentionDescription: record<JsonObject>({ retentionTimeInHours: count }),
    }),
    consumerGroups: byName(record<ConsumerGroup>({ name: text, properties: object, ...TIMES })),
    rules: readRules,
  }),
)
const readNamespaces = byName(
  record<Namespace>({
    ...{ subscription: text, group: text, name: text, location: text, tags: object, properties: object },
    ...TIMES,
    sku: record<Sku>({ name: tierName, tier: tierName, capacity: count }),
    identity: optional(object),
    networkRules: optional(object),
    transition: optional(
      record<Transition>({
        state: oneOf('Creating', 'Updating', 'Deleting'),
        until: count,
        outcome: optional(oneOf('Failed')),
      }),
    ),
    failed: optional(flag),
    rules: readRules,
    hubs: readHubs,
  }),
)
const readRegistration: Read<readonly [string, Registration]> = (value, at) => {
  const [key, registration] = array(value, at)
  const state = oneOf('Registered', 'Registering', 'Unregistering', 'NotRegistered')
  return [text(key, `${at}[0]`), record<Registration>({ state, until: count })(registration, `${at}[1]`)]
}

interface StateDocument {
  readonly registrations: readonly (readonly [string, Registration])[]
  readonly groups: readonly ResourceGroup[]
  readonly namespaces: Map<string, Namespace>
  readonly operations: readonly Operation[]
  readonly locks?: readonly Lock[]
  readonly roleAssignments?: readonly RoleAssignment[]
}
const readDocument = record<StateDocument>({
  registrations: list(readRegistration),
  groups: list(
    record<ResourceGroup>({
      ...{ subscription: text, name: text, location: text },
      ...{ tags: optional(object), managedBy: optional(text), deletingUntil: optional(count) },
    }),
  ),
  namespaces: readNamespaces,
  operations: list(record<Operation>({ id: text, until: count, resource: text })),
  // A file from before there were such things has none.
  locks: optional(
    list(
      record<Lock>({
        ...{ scope: text, name: text, level: oneOf('CanNotDelete', 'ReadOnly') },
        ...{ notes: optional(text), owners: optional(json) },
      }),
    ),
  ),
  roleAssignments: optional(
    list(
      record<RoleAssignment>({
        ...{ scope: text, name: text, roleId: text, principalId: text, principalType: text, others: object },
        ...TIMES,
      }),
    ),
  ),
})

const unreadable = (file: string, why: string, cause?: unknown): Failure =>
  new Failure({
    code: 'local-state',
    message: `Can't read the state of the embedded Azure`,
    why: [`${file}: ${why}`, 'It was left as it is.'],
    hint: say`Choose another folder with ${DATA_FOLDER}, or begin with nothing: ${RESET}`,
    cause,
  })

const otherVersion = (file: string, version: unknown): Failure =>
  new Failure({
    code: 'local-state',
    message: `Can't use the state of the embedded Azure`,
    why: [`${file} has format version ${JSON.stringify(version)}; this version reads ${VERSION}.`],
    hint: say`Use the version that wrote it, or choose another folder with ${DATA_FOLDER}.`,
  })
