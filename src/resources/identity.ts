import { nameOfIdentity, NO_IDENTITY, SYSTEM_ASSIGNED, parseIdentity } from '../inputs/identity.ts'
import { repetitionsIn, sameName } from '../lib/names.ts'
import { say } from '../lib/phrase.ts'
import { nameOfInput, problemAt, type Branch, type Leaf, type List } from '../wanted/node.ts'
import { list, text } from '../wanted/shape.ts'
import type { Rule } from './judge.ts'
import type { Saved } from './setting.ts'

export const IDENTITY = list(
  'managed identities of the namespace; others stay, and None alone removes all',
  text('SystemAssigned, None, or the resource id of a user-assigned identity', parseIdentity, [SYSTEM_ASSIGNED]),
)

export interface WantedIdentity {
  readonly identity?: List<Leaf<string>> | undefined
  readonly removeIdentity?: List<Leaf<string>> | undefined
}

/** The managed identities of a namespace that were asked for. */
export interface IdentitySpec {
  /** `SystemAssigned` and resource ids to have, besides those that are there. */
  readonly added: readonly string[]
  /** Identities to take away; `all` for every one. */
  readonly removed: readonly string[] | 'all'
}

export const identitySpec = ({ identity, removeIdentity }: WantedIdentity): IdentitySpec => {
  const given = (identity?.items ?? []).map(({ value }) => value)
  const removed = (removeIdentity?.items ?? []).map(({ value }) => value)
  if (given.includes(NO_IDENTITY)) return { added: [], removed: 'all' }
  return { added: given.filter((one) => !removed.some((other) => sameName(one, other))), removed }
}

/** The identities of the namespace after a run. */
export const identitiesAfter = ({ added, removed }: IdentitySpec, live: readonly string[]): readonly string[] => {
  const kept = removed === 'all' ? [] : live.filter((one) => !removed.some((other) => sameName(one, other)))
  return [...kept, ...added.filter((one) => !kept.some((other) => sameName(one, other)))]
}

/** The identities in a saved manifest. */
export function savedIdentities(spec: IdentitySpec, live: readonly string[]): Saved<readonly string[]> {
  const value = identitiesAfter(spec, live)
  return { value, isNeeded: value.length > 0 || spec.removed === 'all' }
}

/** What a PATCH does to the identities. */
export interface IdentityChange {
  /** All that the namespace will have. */
  readonly identities: readonly string[]
  /** Those that are taken away. */
  readonly gone: readonly string[]
}

/** Undefined if nothing changes. */
export function identityChange(spec: IdentitySpec, live: readonly string[]): IdentityChange | undefined {
  const identities = identitiesAfter(spec, live)
  const gone = live.filter((one) => !identities.includes(one))
  return gone.length === 0 && identities.length === live.length ? undefined : { identities, gone }
}

/** `SystemAssigned, ingest-writer`; null for none. */
export const identityWords = (identities: readonly string[]): string | null =>
  identities.length === 0 ? null : identities.map(nameOfIdentity).join(', ')

export const identityRule: Rule<Branch<WantedIdentity>> = ({ wanted: { identity, removeIdentity } }) => {
  const items = identity?.items ?? []
  const names = items.map(({ value }) => value)
  const none = items.find(({ value }) => value === NO_IDENTITY)
  return [
    ...repetitionsIn(names).map((i) => problemAt('identity', items[i], 'is given twice')),
    ...(none && names.some((name) => name !== NO_IDENTITY)
      ? [problemAt('identity', none, 'contradicts the other identities: it removes all. Give one of the two')]
      : []),
    ...(removeIdentity?.items ?? []).flatMap((gone) => {
      // A flag wins over a manifest.
      const kept = items.find(({ value, origin }) => sameName(value, gone.value) && origin.kind !== 'file')
      const message = kept && say`contradicts ${nameOfInput('identity', kept)}, which asks for it`
      return message ? [problemAt('removeIdentity', gone, message)] : []
    }),
  ]
}
