import { ArmError } from './errors.ts'

/** A bucket of `size` tokens that `perSecond` refill. */
export interface BucketSize {
  readonly size: number
  readonly perSecond: number
}

type Kind = 'reads' | 'writes' | 'deletes'

/**
 * The limits of Resource Manager for one principal in one subscription. A whole subscription has 15 times as much.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
const LIMITS: Readonly<Record<Kind, BucketSize>> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
}

const SUBSCRIPTION_FACTOR = 15

interface Bucket {
  tokens: number
  filledAt: number
}

export interface Throttle {
  /**
   * Counts a request and returns the headers that tell what is left.
   * Throws ArmError 429 with Retry-After when limits are on and nothing is left.
   */
  admit(request: {
    method: string
    path: string
    subscription: string | undefined
    /** The limit of the route, where it has one. */
    ownLimit: BucketSize | undefined
    now: number
  }): Record<string, string>
}

/** Token buckets for each subscription. When throttling is off they are always full. */
export function createThrottle(isOn: boolean): Throttle {
  const buckets = new Map<string, Bucket>()
  const fill = (key: string, { size, perSecond }: BucketSize, now: number): Bucket => {
    const bucket = (isOn && buckets.get(key)) || { tokens: size, filledAt: now }
    const tokens = Math.min(size, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond)
    const filled = { tokens, filledAt: now }
    buckets.set(key, filled)
    return filled
  }
  return {
    admit({ method, path, subscription = 'tenant', ownLimit, now }) {
      const kind = ownLimit ? 'resource-requests' : kindOf(method)
      const limit = ownLimit ?? LIMITS[kindOf(method)]
      const global = { size: limit.size * SUBSCRIPTION_FACTOR, perSecond: limit.perSecond * SUBSCRIPTION_FACTOR }
      const own = fill(`${subscription}/${kind}`, limit, now)
      const shared = fill(`${subscription}/global-${kind}`, global, now)
      if (own.tokens < 1 || shared.tokens < 1) {
        throw throttled(method, path, subscription, Math.ceil((1 - own.tokens) / limit.perSecond))
      }
      own.tokens = Math.max(0, own.tokens - 1)
      shared.tokens = Math.max(0, shared.tokens - 1)
      return remaining(kind, Math.floor(own.tokens), Math.floor(shared.tokens), subscription)
    },
  }
}

/** POST counts as a write, listKeys included. */
function kindOf(method: string): Kind {
  if (method === 'GET' || method === 'HEAD') return 'reads'
  return method === 'DELETE' ? 'deletes' : 'writes'
}

function remaining(
  kind: Kind | 'resource-requests',
  own: number,
  shared: number,
  subscription: string,
): Record<string, string> {
  const scope = subscription === 'tenant' ? 'tenant' : 'subscription'
  const header = `x-ms-ratelimit-remaining-${scope}-${kind}`
  if (kind === 'resource-requests') return { [header]: String(own) }
  return { [header]: String(own), [`x-ms-ratelimit-remaining-${scope}-global-${kind}`]: String(shared) }
}

/** `PUT/SUBSCRIPTIONS/RESOURCEGROUPS/`: the path without its names. */
const operationOf = (method: string, path: string): string =>
  `${method}${path
    .split('/')
    .filter((_, i) => i % 2 === 1)
    .map((part) => `/${part.toUpperCase()}`)
    .join('')}/`

function throttled(method: string, path: string, subscription: string, seconds: number): ArmError {
  return new ArmError({
    status: 429,
    code: 'SubscriptionRequestsThrottled',
    message:
      `Number of requests for subscription '${subscription}' and operation '${operationOf(method, path)}' exceeded ` +
      `the backend storage limit. Please try again after '${seconds}' seconds.`,
    headers: { 'retry-after': String(seconds) },
  })
}
