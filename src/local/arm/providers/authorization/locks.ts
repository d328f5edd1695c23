import { AUTHORIZATION, type ScopeOf, atScope, listedAt, routesAtScopes } from './scopes.ts'
import { ArmError, invalidContent, scopeLocked } from '../../core/errors.ts'
import { type ArmReply, type Call, type Method, type Provider, param } from '../../core/routes.ts'
import { page } from '../../core/reply.ts'
import { type Json, isObject, objectAt } from '../../core/body.ts'
import { readFilter } from '../../core/filter.ts'
import { cannotConvert, checkShape } from '../../core/shape.ts'
import { type Lock, type State, isWithin, keyOf } from '../../core/model.ts'

const LEVELS = ['CanNotDelete', 'ReadOnly'] as const
const NOTES_LENGTH = 512
const NAME = /^[^<>%&:\\?/\u0000-\u001f]{1,260}$/

const idOf = ({ scope, name }: Lock): string => `${scope}/providers/Microsoft.Authorization/locks/${name}`

const view = (lock: Lock) => ({
  properties: {
    level: lock.level,
    ...(lock.notes !== undefined && { notes: lock.notes }),
    ...(lock.owners !== undefined && { owners: lock.owners }),
  },
  id: idOf(lock),
  type: 'Microsoft.Authorization/locks',
  name: lock.name,
})

const put =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const scope = scopeOf(call)
    const name = param(call, 'lock')
    if (!NAME.test(name)) throw invalidContent(`The lock name '${name}' is invalid.`)
    const known = call.context.store.state.locks.get(keyOf(scope, name))
    const lock: Lock = { scope, name: known?.name ?? name, ...readProperties(call) }
    call.context.store.change(({ locks }) => locks.set(keyOf(scope, name), lock))
    return { status: known ? 200 : 201, body: view(lock) }
  }

function readProperties(call: Call): Omit<Lock, 'scope' | 'name'> {
  checkShape(call.body, { properties: 'object' })
  const { level, notes, owners } = objectAt(call.body ?? {}, 'properties')
  const known = LEVELS.find((one) => typeof level === 'string' && keyOf(one) === keyOf(level))
  if (!known) throw invalidContent(`The lock level '${textOf(level)}' is not one of '${LEVELS.join(', ')}'.`)
  const isList = owners === undefined || owners === null || (Array.isArray(owners) && owners.every(isOwner))
  if (!isList) throw cannotConvert(owners, 'properties.owners')
  const withOwners = owners !== undefined && owners !== null && { owners }
  if (notes === undefined || notes === null) return { level: known, ...withOwners }
  if (typeof notes !== 'string' || notes.length > NOTES_LENGTH)
    throw invalidContent(`The notes of a lock have up to ${NOTES_LENGTH} characters.`)
  return { level: known, notes, ...withOwners }
}

/** An application that owns a lock. */
const isOwner = (value: Json): boolean => isObject(value) && typeof value['applicationId'] === 'string'

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))

const get =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const lock = call.context.store.state.locks.get(keyOf(scopeOf(call), param(call, 'lock')))
    if (lock) return { status: 200, body: view(lock) }
    throw new ArmError({
      status: 404,
      code: 'LockNotFound',
      message: `The lock '${param(call, 'lock')}' could not be found.`,
    })
  }

const remove =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const key = keyOf(scopeOf(call), param(call, 'lock'))
    if (!call.context.store.state.locks.has(key)) return { status: 204 }
    call.context.store.change(({ locks }) => locks.delete(key))
    return { status: 200 }
  }

/** Locks at, above and below the scope; with `$filter=atScope()` only those at and above it. */
const list =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const scope = scopeOf(call)
    const { test } = readFilter(call, atScope(scope))
    return page(call, listedAt(scope, locksOf(call.context.store.state)).filter(test), view)
  }

const locksOf = (state: State): readonly Lock[] =>
  [...state.locks.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lock]) => lock)

/**
 * Under a lock, Resource Manager refuses to delete what is locked, what is in it, or what contains it, whoever asks.
 * ReadOnly also refuses writes and every POST. Locks themselves can always be set and removed. Throws ArmError 409.
 */
function checkLocks(provider: Provider, call: Call): void {
  if (provider === locks || READS.includes(call.method)) return
  const hindering = locksOf(call.context.store.state).filter((lock) =>
    call.method === 'DELETE'
      ? isWithin(call.path, lock.scope) || isWithin(lock.scope, call.path)
      : lock.level === 'ReadOnly' && isWithin(call.path, lock.scope),
  )
  if (hindering.length === 0) return
  const scopes = [...new Set(hindering.map(({ scope }) => scope))]
  throw scopeLocked(call.path, call.method === 'DELETE' ? 'delete' : 'write', scopes)
}

const READS: readonly Method[] = ['GET', 'HEAD']

/** Management locks. https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
export const locks: Provider = {
  namespace: AUTHORIZATION,
  // https://learn.microsoft.com/azure/templates/microsoft.authorization/locks
  apiVersions: ['2020-05-01', '2017-04-01', '2016-09-01', '2015-01-01'],
  needsRegistration: false,
  routes: routesAtScopes('locks/{lock}', { list, put, get, remove }),
  guard: checkLocks,
}
