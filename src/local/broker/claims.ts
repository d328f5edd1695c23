import type { Clock } from '../../lib/clock.ts'
import type { Directory, LocalHub, LocalRule } from '../directory.ts'
import { pathSegments } from './address.ts'
import { decodedResource, expiryMs, isSignedBy, parseSasToken } from './sas.ts'
import type { ServiceErrors } from './service-errors.ts'

export type Right = LocalRule['rights'][number]

/** What one token allows: `rights` on everything at or below `path` in `namespace`, until it expires. */
export interface Claim {
  readonly namespace: string
  /** Segments in lower case. */
  readonly path: readonly string[]
  readonly rights: ReadonlySet<Right>
  readonly expiresAtMs: number
}

/** A hub that a link may use, and the claim that says so. */
export interface Access {
  readonly hub: LocalHub
  readonly claim: Claim
}

export interface Authority {
  readonly directory: Directory
  readonly clock: Clock
  readonly errors: ServiceErrors
}

const lowerSegments = (address: string): string[] => pathSegments(address).map((segment) => segment.toLowerCase())

const covers = (outer: readonly string[], inner: readonly string[]): boolean =>
  outer.every((segment, i) => segment === inner[i])

/**
 * Checks a token for an audience and returns what it allows. Throws ServiceError. All clients give `localhost` for host,
 * so the namespace is the one whose key signed the token.
 */
export function verifyToken(text: string, audience: string, { directory, clock, errors }: Authority): Claim {
  const path = lowerSegments(audience)
  const shown = path.join('/')
  const token = parseSasToken(text)
  if (!token) throw looksLikeJwt(text) ? errors.entraToken(shown) : errors.malformedToken(shown)
  const rule = directory
    .rules()
    .find((r) => r.name.toLowerCase() === token.keyName.toLowerCase() && isSignedBy(token, r))
  if (!rule) throw errors.badSignature(shown)
  if (directory.localAuthDisabled(rule.namespace)) throw errors.localAuthDisabled(shown)
  if (expiryMs(token) <= clock.now()) throw errors.expired(expiryMs(token))
  const isInScope = covers(lowerSegments(decodedResource(token)), path) && covers(scopeOf(rule), path)
  if (!isInScope) throw errors.wrongAudience(shown)
  const hub = path[0]
  if (hub !== undefined && !directory.hub(rule.namespace, hub)) throw errors.notFound(pathSegments(audience).join('/'))
  return { namespace: rule.namespace, path, rights: rightsOf(rule), expiresAtMs: expiryMs(token) }
}

/** The claim of SASL PLAIN with a rule's name and key; undefined when no rule has them. */
export function verifyPassword(user: string, password: string, { directory }: Authority): Claim | undefined {
  const rule = directory.rules().find((candidate) => {
    const isKey = password === candidate.primaryKey || password === candidate.secondaryKey
    return candidate.name.toLowerCase() === user.toLowerCase() && isKey
  })
  if (!rule || directory.localAuthDisabled(rule.namespace)) return undefined
  return { namespace: rule.namespace, path: scopeOf(rule), rights: rightsOf(rule), expiresAtMs: Infinity }
}

const scopeOf = (rule: LocalRule): string[] => (rule.hub === undefined ? [] : [rule.hub.toLowerCase()])

const rightsOf = (rule: LocalRule): ReadonlySet<Right> =>
  new Set(rule.rights.includes('Manage') ? ['Manage', 'Send', 'Listen'] : rule.rights)

const looksLikeJwt = (text: string): boolean => /^(Bearer\s+)?[\w-]+\.[\w-]+\.[\w-]*$/.test(text)

/** The claims that one connection has put; a new token for the same audience takes the place of the old one. */
export class Claims {
  readonly #authority: Authority
  readonly #claims = new Map<string, Claim>()

  constructor(authority: Authority) {
    this.#authority = authority
  }

  add(claim: Claim): void {
    this.#claims.set(claim.path.join('/'), claim)
  }

  /** The hub at `path`, if a claim covers it with `right`, or with any right when that is undefined. Throws ServiceError. */
  authorize(path: string, right: Right | undefined): Access {
    const { directory, errors } = this.#authority
    const claim = this.find(path, right)
    if (!claim) throw errors.missingRight(right ?? 'Listen', path)
    const hub = directory.hub(claim.namespace, pathSegments(path)[0] ?? '')
    if (!hub) throw errors.notFound(path)
    return { hub, claim }
  }

  /** A claim that holds at this moment. A claim for a part of a hub tells about the hub itself only when asked for no right. */
  find(path: string, right: Right | undefined): Claim | undefined {
    const segments = lowerSegments(path)
    const now = this.#authority.clock.now()
    return [...this.#claims.values()].find((claim) => {
      const isAllowed =
        right === undefined ? claim.path[0] === segments[0] || claim.path.length === 0 : claim.rights.has(right)
      return isAllowed && claim.expiresAtMs > now && (right === undefined || covers(claim.path, segments))
    })
  }
}
