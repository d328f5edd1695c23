import { Failure } from '../../../lib/errors.ts'
import { say } from '../../../lib/phrase.ts'
import { DATA_FOLDER, RESET } from '../../ways-out.ts'
import { isObject } from './body.ts'
import { type Hub, type Namespace, type State, emptyState, keyOf } from './model.ts'

const FORMAT = 'ml-ingest-local-azure'
const VERSION = 1

type Named = { readonly name: string }

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

function fillState(document: Readonly<Record<string, unknown>>): State {
  const state = emptyState()
  for (const [key, value] of listOf(document, 'registrations') as [string, never][]) state.registrations.set(key, value)
  for (const group of listOf(document, 'groups') as never[]) {
    const { subscription, name } = group as { subscription: string; name: string }
    state.groups.set(keyOf(text(subscription), text(name)), group)
  }
  for (const namespace of listOf(document, 'namespaces') as (Named & Record<string, unknown>)[]) {
    state.namespaces.set(keyOf(text(namespace.name)), decodeNamespace(namespace))
  }
  for (const operation of listOf(document, 'operations') as { id: string }[]) {
    state.operations.set(text(operation.id), operation as never)
  }
  // A file from before there were such things has none.
  for (const key of ['locks', 'roleAssignments'] as const) {
    for (const one of key in document ? (listOf(document, key) as { scope: string; name: string }[]) : []) {
      state[key].set(keyOf(text(one.scope), text(one.name)), one as never)
    }
  }
  return state
}

function decodeNamespace(namespace: Named & Record<string, unknown>): Namespace {
  const hubs = (listOf(namespace, 'hubs') as (Named & Record<string, unknown>)[]).map((hub) => ({
    ...hub,
    rules: byName(listOf(hub, 'rules')),
    consumerGroups: byName(listOf(hub, 'consumerGroups')),
  })) as unknown as Hub[]
  return { ...namespace, rules: byName(listOf(namespace, 'rules')), hubs: byName(hubs) } as unknown as Namespace
}

function listOf(object: Readonly<Record<string, unknown>>, key: string): unknown[] {
  const value = object[key]
  if (!Array.isArray(value)) throw new Error(`'${key}' is not a list`)
  return value
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error('a name is missing')
  return value
}

const byName = <T>(values: readonly T[]): Map<string, T> =>
  new Map(values.map((value) => [keyOf(text((value as { name?: unknown }).name)), value]))

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
