import {
  ArmError,
  authorizationFailed,
  disallowedByPolicy,
  mfaRequired,
  resourceNotFound,
  scopeLocked,
  unauthenticated,
} from './errors.ts'
import type { Fault, FaultKind } from './faults.ts'
import { keyOf } from './model.ts'
import type { ArmReply } from './routes.ts'

export interface FaultRequest {
  readonly method: string
  readonly path: string
  readonly correlationId: string
}

/** What a fault does to a request: let it pass, answer it, or cut its connection. */
export type Verdict =
  | { readonly act: 'pass' }
  | { readonly act: 'answer'; readonly reply: ArmReply }
  | { readonly act: 'refuse'; readonly error: ArmError }
  | { readonly act: 'reset' }
  | { readonly act: 'hang-up-after' }

/** What a fault answers; undefined where it does not concern the request. */
export type FaultAnswer = (
  request: FaultRequest,
  headers: Readonly<Record<string, string>>,
) => ArmError | ArmReply | undefined

/** The faults that a provider answers in its own words. */
export type ProviderFaults = Readonly<Record<'409' | '500' | 'in-transition' | 'name-taken', FaultAnswer>>

interface Armed {
  readonly fault: Fault
  seen: number
}

/** The faults in force. The first one that matches a request and has hits left decides. */
export class Injector {
  #armed: Armed[] = []
  /** Paths that were just written, under a 404-after-create. */
  readonly #fresh = new Set<string>()

  readonly #answers: Readonly<Partial<Record<FaultKind, FaultAnswer>>>

  constructor(faults: readonly Fault[], ofProvider: ProviderFaults) {
    this.#answers = { ...ANSWERS, ...ofProvider }
    this.add(...faults)
  }

  add(...faults: readonly Fault[]): void {
    this.#armed.push(...faults.map((fault) => ({ fault, seen: 0 })))
  }

  clear(): void {
    this.#armed = []
    this.#fresh.clear()
  }

  /** Decides about a request before it is handled, and counts it for the faults that match. */
  judge(request: FaultRequest): Verdict {
    for (const entry of this.#armed) {
      const verdict = this.#appliesTo(entry.fault, request) ? this.#verdict(entry.fault, request) : undefined
      if (verdict && isHit(entry)) return verdict
    }
    return { act: 'pass' }
  }

  /** Undefined for faults that others ask about, and for those that do not concern the request. */
  #verdict({ kind, retryAfterSeconds, reply }: Fault, request: FaultRequest): Verdict | undefined {
    if (reply) return { act: 'answer', reply }
    if (kind === 'reset') return { act: 'reset' }
    if (kind === 'hang-up-after-write') return { act: 'hang-up-after' }
    const headers = retryAfterSeconds === undefined ? undefined : { 'retry-after': String(retryAfterSeconds) }
    const answer = this.#answers[kind]?.(request, headers ?? {})
    return answer && (answer instanceof ArmError ? { act: 'refuse', error: answer } : { act: 'answer', reply: answer })
  }

  /** Whether a PUT or PATCH of a resource should end in state Failed. */
  failsProvisioning(path: string): boolean {
    return this.#armed.some(
      (entry) => entry.fault.kind === 'provisioning-failed' && fits(entry.fault, 'PUT', path) && isHit(entry),
    )
  }

  /** Whether the directory should not know a principal that is being given a role. */
  hidesPrincipal(principalId: string, path: string): boolean {
    return this.#armed.some(
      (entry) =>
        entry.fault.kind === 'principal-not-found' &&
        (entry.fault.principal ?? principalId) === principalId &&
        fits(entry.fault, 'PUT', path) &&
        isHit(entry),
    )
  }

  /** Whether metrics should have no values of the last minutes yet. */
  delaysMetrics(path: string): boolean {
    return this.#armed.some(
      (entry) => entry.fault.kind === 'late-metrics' && fits(entry.fault, 'GET', path) && isHit(entry),
    )
  }

  /** Which of these metrics should fail while the others are answered. */
  failsMetric(metrics: readonly string[], path: string): string | undefined {
    for (const entry of this.#armed) {
      const { fault } = entry
      const named = metrics.find((metric) => keyOf(metric) === keyOf(fault.metric ?? metric))
      if (fault.kind === 'metric-failed' && named !== undefined && fits(fault, 'GET', path) && isHit(entry))
        return named
    }
    return undefined
  }

  /** Learns the result of a request. A resource that was just written is fresh. */
  note({ method, path }: FaultRequest, status: number): void {
    if (method === 'PUT' && status < 300) this.#fresh.add(path.toLowerCase())
  }

  #appliesTo(fault: Fault, request: FaultRequest): boolean {
    if (fault.kind === '404-after-create') {
      return request.method === 'GET' && this.#fresh.has(request.path.toLowerCase()) && fits(fault, 'GET', request.path)
    }
    return fits(fault, request.method, request.path)
  }
}

function fits({ method, path }: Fault, requestMethod: string, requestPath: string): boolean {
  if (method !== undefined && method.toUpperCase() !== requestMethod) return false
  if (path === undefined) return true
  if (typeof path === 'string') return requestPath.toLowerCase().includes(path.toLowerCase())
  return new RegExp(path.source, 'i').test(requestPath)
}

function isHit(armed: Armed): boolean {
  const { skip = 0, times = Infinity } = armed.fault
  armed.seen++
  return armed.seen > skip && armed.seen <= skip + times
}

const ANSWERS: Readonly<Partial<Record<FaultKind, FaultAnswer>>> = {
  '401': () =>
    unauthenticated(
      'ExpiredAuthenticationToken',
      `The access token expiry UTC time '1/1/2025 12:00:00 AM' is earlier than current UTC time '1/1/2025 12:05:00 AM'.`,
    ),
  '403': ({ method, path }) => authorizationFailed(actionOf(method, path), path),
  '429': ({ method, path }, headers) =>
    new ArmError({
      ...{ status: 429, code: 'ResourceRequestsThrottled', headers },
      message: `Number of requests for action '${actionOf(method, path)}' exceeded the limit. Please try again later.`,
    }),
  '502': () => ({ status: 502 }),
  '503': (_, headers) =>
    new ArmError({
      ...{ status: 503, code: 'ServiceUnavailable', headers },
      message: 'The service is temporarily unavailable. Please try again later.',
    }),
  locked: ({ method, path }) => scopeLocked(path, method === 'DELETE' ? 'delete' : 'write', [path]),
  policy: ({ path }) => disallowedByPolicy(path.split('/').at(-1) ?? ''),
  mfa: ({ path }) => mfaRequired(path.split('/').at(-1) ?? ''),
  '404-after-create': ({ path }) => {
    const parts = path.split('/').slice(6)
    return resourceNotFound(parts.slice(0, -1).join('/'), parts.at(-1) ?? '', nameAfter(path, 'resourcegroups'))
  },
}

/** The segment of a path after `collection`, which is in lower case. */
export function nameAfter(path: string, collection: string): string {
  const parts = path.split('/')
  return parts[parts.findIndex((part) => part.toLowerCase() === collection) + 1] ?? ''
}

/** What methods are called in the names of permissions. */
export const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
}

/** The permission that a request needs: `Microsoft.Storage/storageAccounts/write`. */
function actionOf(method: string, path: string): string {
  const parts = path.split('/').slice(1)
  const at = parts.findLastIndex((part) => part.toLowerCase() === 'providers')
  const verb = VERBS[method] ?? 'read'
  if (at === -1) return `Microsoft.Resources/subscriptions/${parts.length > 2 ? 'resourceGroups/' : ''}${verb}`
  const [provider, ...rest] = parts.slice(at + 1)
  return [provider, ...rest.filter((_, i) => i % 2 === 0), verb].join('/')
}
