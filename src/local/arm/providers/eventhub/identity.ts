import { randomUUID } from 'node:crypto'
import { isObject, type Json, type JsonObject, objectAt, without } from '../../core/body.ts'
import { keyOf } from '../../core/model.ts'
import type { Call } from '../../core/routes.ts'
import { cannotConvert, checkShape } from '../../core/shape.ts'
import type { Namespace } from './model.ts'

const TYPES = ['SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned', 'None']

/** As one writes them, in any order and case, with or without the space. */
const wordsOf = (type: string): string =>
  keyOf(type)
    .split(',')
    .map((word) => word.trim())
    .sort()
    .join()

function readType(sent: Json): string {
  const type = TYPES.find((known) => typeof sent === 'string' && wordsOf(known) === wordsOf(sent))
  if (type === undefined) throw cannotConvert(sent, 'identity.type')
  return type
}

/**
 * The identity of a namespace after a PUT or PATCH; undefined for none. `None` takes it away, and what is not sent stays.
 * A PUT names all users. A PATCH adds those that it names and removes those under which it has null, as Resource Manager
 * wants it of every provider. The service makes the ids. Throws ArmError 400.
 */
export function readIdentity(call: Call, known: Namespace | undefined): JsonObject | undefined {
  const sent = call.body?.['identity']
  if (!isObject(sent) || !Object.hasOwn(sent, 'type')) return known?.identity
  const type = readType(sent['type']!)
  if (type === 'None') return undefined
  checkShape(sent, { userAssignedIdentities: 'object' }, 'identity')
  const standing = known?.identity ?? {}
  const users = readUsers(objectAt(sent, 'userAssignedIdentities'), {
    standing: objectAt(standing, 'userAssignedIdentities'),
    isAdded: call.method === 'PATCH',
  })
  const hasUsers = type.includes('UserAssigned')
  if (hasUsers && Object.keys(users).length === 0) throw cannotConvert(users, USERS)
  return {
    ...without(sent, ['principalId', 'tenantId', 'userAssignedIdentities']),
    type,
    ...(type.includes('SystemAssigned') && {
      principalId: standing['principalId'] ?? randomUUID(),
      tenantId: standing['tenantId'] ?? '00000000-0000-0000-0000-000000000000',
    }),
    ...(hasUsers && { userAssignedIdentities: users }),
  }
}

const USERS = 'identity.userAssignedIdentities'

const USER_IDENTITY =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i

interface Before {
  readonly standing: JsonObject
  readonly isAdded: boolean
}

/** The users of a namespace, under their ids as they were sent. One that was there keeps what the service made for it. */
function readUsers(sent: JsonObject, { standing, isAdded }: Before): JsonObject {
  const before = new Map(Object.entries(standing).map(([id, user]) => [keyOf(id), [id, user] as const]))
  const after = new Map(isAdded ? before : [])
  for (const [id, value] of Object.entries(sent)) {
    if (!USER_IDENTITY.test(id)) throw cannotConvert(id, USERS)
    checkShape(value, 'object', `${USERS}['${id}']`)
    const [, user] = before.get(keyOf(id)) ?? [id, { clientId: randomUUID(), principalId: randomUUID() }]
    if (value === null) after.delete(keyOf(id))
    else after.set(keyOf(id), [id, user])
  }
  return Object.fromEntries(after.values())
}
