import { sameName } from '../lib/names.ts'
import { bad, EMPTY, ok, type Parser } from '../lib/parser.ts'

/** The word for no identity at all. */
export const NO_IDENTITY = 'None'
/** The identity that Azure makes for the namespace and deletes with it. */
export const SYSTEM_ASSIGNED = 'SystemAssigned'

const IDENTITY_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[\w-]{3,128}$/i

/** `SystemAssigned`, `None`, or the resource id of a user-assigned identity. */
export const parseIdentity: Parser<string> = (text) => {
  const typed = text.trim().replace(/\/+$/, '')
  if (typed === '') return EMPTY
  const word = [SYSTEM_ASSIGNED, NO_IDENTITY].find((one) => sameName(one, typed.replaceAll(/[-_ ]/g, '')))
  if (word) return ok(word)
  return IDENTITY_ID.test(typed)
    ? ok(typed)
    : bad('is neither SystemAssigned, None nor the resource id of a user-assigned identity')
}

/** The name in the resource id of a user-assigned identity, or the word. */
export const nameOfIdentity = (identity: string): string => identity.slice(identity.lastIndexOf('/') + 1)
