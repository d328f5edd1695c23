import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Directory, LocalHub, LocalRule, Right } from './directory.ts'
import { HubError } from './errors.ts'

/** What one token or password allows: `rights` on everything at or below `path` in `namespace`, until it expires. */
export interface Claim {
  readonly namespace: string
  /** Segments in lower case. */
  readonly path: readonly string[]
  readonly rights: ReadonlySet<Right>
  readonly expiresAtMs: number
}

/** Where claims are checked. */
export interface Authority {
  readonly directory: Directory
  readonly clock: Clock
}

/**
 * Segments of an address: a bare path, one with a slash in front (.NET), or a whole URI, whose host does not matter
 * here. A scheme and a host alone give no segments.
 */
export function pathSegments(address: string): string[] {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return path
    .split('/')
    .filter(Boolean)
    .map((segment) => decode(segment) ?? segment)
}

const lowerSegments = (address: string): string[] => pathSegments(address).map((segment) => segment.toLowerCase())

const covers = (outer: readonly string[], inner: readonly string[]): boolean =>
  outer.every((segment, i) => segment === inner[i])

/**
 * Checks a token for an audience and returns what it allows. Throws HubError. All clients give `localhost` as the host,
 * so the namespace is the one whose key signed the token.
 */
export function verifyToken(text: string, audience: string, { directory, clock }: Authority): Claim {
  const path = lowerSegments(audience)
  const shown = path.join('/')
  const refuse = (
    because: 'malformed-token' | 'entra-token' | 'wrong-signature' | 'keys-disabled' | 'wrong-audience',
  ) => new HubError({ because, path: shown })
  const token = parseSasToken(text)
  if (!token) throw refuse(looksLikeJwt(text) ? 'entra-token' : 'malformed-token')
  const rule = directory
    .rules()
    .find((r) => r.name.toLowerCase() === token.keyName.toLowerCase() && isSignedBy(token, r))
  if (!rule) throw refuse('wrong-signature')
  if (directory.localAuthDisabled(rule.namespace)) throw refuse('keys-disabled')
  if (token.expiresAtMs <= clock.now()) throw new HubError({ because: 'token-expired', expiredAtMs: token.expiresAtMs })
  const isInScope = covers(lowerSegments(decode(token.resource)!), path) && covers(scopeOf(rule), path)
  if (!isInScope) throw refuse('wrong-audience')
  const hub = path[0]
  if (hub !== undefined && !directory.hub(rule.namespace, hub)) {
    throw new HubError({ because: 'not-found', path: pathSegments(audience).join('/') })
  }
  return { namespace: rule.namespace, path, rights: rightsOf(rule), expiresAtMs: token.expiresAtMs }
}

/** The claim of a rule's name and key; undefined when no rule has them, or its namespace takes no key. */
export function verifyPassword(user: string, password: string, { directory }: Authority): Claim | undefined {
  const rule = findRule(user, password, directory)
  return rule && !directory.localAuthDisabled(rule.namespace) ? claimOf(rule) : undefined
}

/** The rule that has this name and this key. */
export function findRule(name: string, key: string, directory: Directory): LocalRule | undefined {
  return directory.rules().find((candidate) => {
    const isKey = key === candidate.primaryKey || key === candidate.secondaryKey
    return candidate.name.toLowerCase() === name.toLowerCase() && isKey
  })
}

/** What a rule allows whoever knows its key. */
export const claimOf = (rule: LocalRule): Claim => ({
  namespace: rule.namespace,
  path: scopeOf(rule),
  rights: rightsOf(rule),
  expiresAtMs: Infinity,
})

const scopeOf = (rule: LocalRule): string[] => (rule.hub === undefined ? [] : [rule.hub.toLowerCase()])

const rightsOf = (rule: LocalRule): ReadonlySet<Right> =>
  new Set(rule.rights.includes('Manage') ? ['Manage', 'Send', 'Listen'] : rule.rights)

const looksLikeJwt = (text: string): boolean => /^(Bearer\s+)?[\w-]+\.[\w-]+\.[\w-]*$/.test(text)

/** The claims of one connection. A new token for the same audience replaces the old one. */
export class Claims {
  readonly #authority: Authority
  readonly #claims = new Map<string, Claim>()

  constructor(authority: Authority) {
    this.#authority = authority
  }

  add(claim: Claim): void {
    this.#claims.set(claim.path.join('/'), claim)
  }

  /** Whose keys the client has shown; undefined before it has shown one. */
  get namespace(): string | undefined {
    for (const { namespace } of this.#claims.values()) return namespace
    return undefined
  }

  /** The hub at `path`, if a claim covers it with `right`. Throws HubError. */
  authorize(path: string, right: Right): LocalHub {
    const claim = this.find(path, right)
    if (!claim) throw new HubError({ because: 'missing-right', right, path })
    const hub = this.#authority.directory.hub(claim.namespace, pathSegments(path)[0] ?? '')
    if (!hub) throw new HubError({ because: 'not-found', path })
    return hub
  }

  /** Whether any claim has the right, for a whole namespace or for one hub. */
  hasSomewhere(right: Right): boolean {
    const now = this.#authority.clock.now()
    return [...this.#claims.values()].some((claim) => claim.rights.has(right) && claim.expiresAtMs > now)
  }

  /**
   * A claim that holds at this moment. Without a right it is about the hub as a whole: then any right will do, also one
   * for a part of it.
   */
  find(path: string, right: Right | undefined): Claim | undefined {
    const segments = lowerSegments(path)
    const now = this.#authority.clock.now()
    return [...this.#claims.values()].find((claim) => {
      const isAllowed =
        right === undefined
          ? claim.path[0] === segments[0] || claim.path.length === 0
          : claim.rights.has(right) && covers(claim.path, segments)
      return isAllowed && claim.expiresAtMs > now
    })
  }
}

/** The parts of `SharedAccessSignature sr=…&sig=…&se=…&skn=…`. */
interface SasToken {
  /** Exactly as received: the signature covers these characters as the client encoded them. */
  readonly resource: string
  readonly signature: string
  readonly expiry: string
  readonly expiresAtMs: number
  readonly keyName: string
}

const SCHEME = /^SharedAccessSignature\s+/i

/**
 * Undefined when the text is not a shared access signature.
 * https://learn.microsoft.com/azure/event-hubs/authenticate-shared-access-signature
 */
function parseSasToken(text: string): SasToken | undefined {
  if (!SCHEME.test(text)) return undefined
  const fields = new Map(
    text
      .replace(SCHEME, '')
      .split('&')
      .map((field) => {
        const equals = field.indexOf('=')
        return [field.slice(0, equals).trim(), field.slice(equals + 1)] as const
      }),
  )
  const [resource, signature, expiry, keyName] = ['sr', 'sig', 'se', 'skn'].map((name) => fields.get(name))
  if (resource === undefined || signature === undefined || keyName === undefined) return undefined
  if (expiry === undefined || !/^\d{1,12}$/.test(expiry)) return undefined
  const decoded = [resource, signature, keyName].map(decode)
  if (decoded.includes(undefined)) return undefined
  return { resource, signature: decoded[1]!, expiry, expiresAtMs: Number(expiry) * 1_000, keyName: decoded[2]! }
}

const isSignedBy = (token: SasToken, rule: LocalRule): boolean =>
  [rule.primaryKey, rule.secondaryKey].some((key) => {
    const expected = createHmac('sha256', key).update(`${token.resource}\n${token.expiry}`).digest()
    const given = Buffer.from(token.signature, 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
