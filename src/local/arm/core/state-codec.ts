import { Failure } from '../../../lib/errors.ts'
import { say } from '../../../lib/phrase.ts'
import { DATA_FOLDER, RESET } from '../../constants.ts'
import { isObject, type Json, type JsonObject } from './body.ts'
import {
  keyOf,
  type Lock,
  type Operation,
  type Registration,
  type ResourceGroup,
  type ResourceType,
  type RoleAssignment,
  type State,
} from './model.ts'

const FORMAT = 'ml-ingest-local-azure'
const VERSION = 1

/** The state as the text of its file, where maps are lists. */
export const encodeState = (state: State): string =>
  JSON.stringify(
    { format: FORMAT, version: VERSION, ...state, registrations: [...state.registrations] },
    (_, value: unknown) => (value instanceof Map ? [...(value as Map<string, unknown>).values()] : value),
  )

/** Reads what `encodeState` wrote. Throws Failure `local-state` on a damaged or newer file, which is left as it is. */
export function decodeState(text: string, file: string, types: readonly ResourceType[]): State {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw unreadable(file, 'it is not JSON', error)
  }
  if (!isObject(document) || document['format'] !== FORMAT) throw unreadable(file, 'it is not a state of ml-ingest')
  if (document['version'] !== VERSION) throw otherVersion(file, document['version'])
  try {
    return fillState(document, types)
  } catch (error) {
    throw unreadable(file, (error as Error).message, error)
  }
}

function fillState(document: JsonObject, types: readonly ResourceType[]): State {
  const { registrations, groups, operations, locks, roleAssignments } = readDocument(document, '')
  return {
    registrations: new Map(registrations),
    groups: new Map(groups.map((group) => [keyOf(group.subscription, group.name), group])),
    operations: new Map(operations.map((operation) => [keyOf(operation.id), operation])),
    locks: new Map(locks?.map((lock) => [keyOf(lock.scope, lock.name), lock])),
    roleAssignments: new Map(roleAssignments?.map((one) => [keyOf(one.scope, one.name), one])),
    ...Object.fromEntries(types.map(({ key, read }) => [key, read(document[key], key)])),
  } as State
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
export const text = reading<string>('a text', (value) => typeof value === 'string')
export const count = reading<number>('a number', (value) => typeof value === 'number')
export const flag = reading<boolean>('true or false', (value) => typeof value === 'boolean')
export const object = reading<JsonObject>('an object', isObject)
const array = reading<readonly unknown[]>('a list', Array.isArray)
const json = reading<Json>('JSON', () => true)
export const oneOf = <T extends string>(...words: readonly T[]): Read<T> =>
  reading<T>(`one of ${words.join(', ')}`, (value) => words.some((word) => word === value))

export const optional = <T>(read: Read<T>): OptionalRead<T> =>
  Object.assign((value: unknown, at: string) => read(value, at), { isOptional: true } as const)

export const list =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, at) =>
    array(value, at).map((entry, i) => read(entry, `${at}[${i}]`))

/** Fields that nobody reads are kept as they are. */
export const record =
  <T extends object>(fields: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> =>
  (value, at) => {
    const whole = object(value, at)
    const known = Object.entries<Read<unknown>>(fields).flatMap(([key, read]) => {
      if (whole[key] === undefined && 'isOptional' in read) return []
      return [[key, read(whole[key], at === '' ? key : `${at}.${key}`)]]
    })
    return { ...whole, ...Object.fromEntries(known) } as T
  }

export const byName =
  <T extends { readonly name: string }>(read: Read<T>): Read<Map<string, T>> =>
  (value, at) =>
    new Map(list(read)(value, at).map((one) => [keyOf(one.name), one]))

export const TIMES = { createdAt: count, updatedAt: count }
const readRegistration: Read<readonly [string, Registration]> = (value, at) => {
  const [key, registration] = array(value, at)
  const state = oneOf('Registered', 'Registering', 'Unregistering', 'NotRegistered')
  return [text(key, `${at}[0]`), record<Registration>({ state, until: count })(registration, `${at}[1]`)]
}

interface StateDocument {
  readonly registrations: readonly (readonly [string, Registration])[]
  readonly groups: readonly ResourceGroup[]
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
