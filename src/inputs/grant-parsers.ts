import { suggest } from '../lib/suggest.ts'
import { sameName } from '../lib/names.ts'
import { bad, EMPTY, ok, oneOf, type Parser } from '../lib/parser.ts'
import { isGuid } from './parsers.ts'

/**
 * The data roles of Event Hubs, by the words of `--grant`. Ids are the same in every tenant and cloud.
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/analytics
 */
export const DATA_ROLES = {
  sender: { name: 'Azure Event Hubs Data Sender', id: '2b629674-e913-4c01-ae53-ef4638d8f975' },
  receiver: { name: 'Azure Event Hubs Data Receiver', id: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde' },
  owner: { name: 'Azure Event Hubs Data Owner', id: 'f526a384-b230-433a-b45c-95f59c4a2dec' },
} as const
export type GrantRole = keyof typeof DATA_ROLES
export const GRANT_ROLES = Object.keys(DATA_ROLES) as readonly GrantRole[]

/** Other words for the roles. By spelling alone, `reader` would suggest `sender`. */
const OTHER_WORDS: Readonly<Record<string, GrantRole>> = {
  ...{ reader: 'receiver', read: 'receiver', listen: 'receiver', listener: 'receiver', consumer: 'receiver' },
  ...{ writer: 'sender', write: 'sender', send: 'sender', producer: 'sender' },
  ...{ admin: 'owner', manage: 'owner' },
}
const suggestRole = (text: string): GrantRole | undefined => {
  const word = text.trim().toLowerCase()
  return Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word] : (suggest(word, GRANT_ROLES) as GrantRole | undefined)
}

export const parseRole = oneOf('a role', GRANT_ROLES, { otherWords: OTHER_WORDS })

/**
 * Sent with an assignment, so that Azure does not look up a principal that its directory may not show yet.
 * https://learn.microsoft.com/azure/role-based-access-control/role-assignments-template#new-service-principal
 */
export const PRINCIPAL_TYPES = ['ServicePrincipal', 'User', 'Group'] as const
export type PrincipalType = (typeof PRINCIPAL_TYPES)[number]
export const DEFAULT_PRINCIPAL_TYPE: PrincipalType = 'ServicePrincipal'

/** Where a role is given: on a hub, or on the namespace, where it applies to every hub. */
export const GRANT_SCOPES = ['hub', 'namespace'] as const
export type GrantScope = (typeof GRANT_SCOPES)[number]
export const DEFAULT_GRANT_SCOPE: GrantScope = 'hub'

/** A data role for a principal. */
export interface GrantSpec {
  /** Object id, lower case. */
  readonly principalId: string
  readonly role: GrantRole
  readonly principalType: PrincipalType
  readonly scope: GrantScope
}

/** Whether both give the same role to the same principal, on whatever scope. */
export const isSameRole = (
  a: Pick<GrantSpec, 'principalId' | 'role'>,
  b: Pick<GrantSpec, 'principalId' | 'role'>,
): boolean => sameName(a.principalId, b.principalId) && a.role === b.role

/** Whether both give the same role on the same kind of scope. The type of the principal does not matter. */
export const isSameGrant = (a: GrantSpec, b: GrantSpec): boolean => isSameRole(a, b) && a.scope === b.scope

export const parsePrincipalId: Parser<string> = (text) =>
  isGuid(text.trim())
    ? ok(text.trim().toLowerCase())
    : bad('is not an object id, such as 8c1d2e3f-0000-0000-0000-000000000000')

/** `PRINCIPAL_ID:sender|receiver|owner[:ServicePrincipal|User|Group][@hub|@namespace]` */
export const parseGrant: Parser<GrantSpec> = (text) => {
  const [grant = '', scope = DEFAULT_GRANT_SCOPE, ...more] = text.split('@')
  const [id = '', role = '', type = DEFAULT_PRINCIPAL_TYPE, ...rest] = grant.split(':')
  if (text.trim() === '') return EMPTY
  const principal = parsePrincipalId(id)
  if (!principal.ok) return bad(`names a principal that ${principal.message}`)
  const found = wordOf(role, GRANT_ROLES)
  if (!found) return bad(`has ${unknown('role', role, GRANT_ROLES, suggestRole(role))}`)
  const principalType = wordOf(type, PRINCIPAL_TYPES)
  if (!principalType) return bad(`has ${unknown('type', type, PRINCIPAL_TYPES)}`)
  const foundScope = wordOf(scope, GRANT_SCOPES)
  if (!foundScope) return bad(`has ${unknown('scope', scope, GRANT_SCOPES)}`)
  if (rest.length + more.length > 0) return bad('has too many parts: PRINCIPAL_ID:ROLE[:TYPE][@namespace]')
  return ok({ principalId: principal.value, role: found, principalType, scope: foundScope })
}

/** In the form of `--grant`, without the default type and scope. */
export const formatGrant = ({ principalId, role, principalType, scope }: GrantSpec): string =>
  [principalId, role, ...(principalType === DEFAULT_PRINCIPAL_TYPE ? [] : [principalType])].join(':') +
  (scope === DEFAULT_GRANT_SCOPE ? '' : `@${scope}`)

const wordOf = <T extends string>(text: string, words: readonly T[]): T | undefined =>
  words.find((word) => sameName(word, text.trim()))

function unknown(what: string, text: string, words: readonly string[], meant = suggest(text, words)): string {
  const list = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  if (text === '') return `no ${what} after the ${what === 'scope' ? '@' : 'principal'}: ${list}`
  return `the unknown ${what} ${text}${meant ? `. Did you mean ${meant}?` : `: it can be ${list}`}`
}
