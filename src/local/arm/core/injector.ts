import { ArmError, authorizationFailed, inTransition, scopeLocked, unauthenticated, unexpected } from './errors.ts'
import type { Fault, FaultKind } from './faults.ts'
import { type ArmReply } from './routes.ts'
import { nameUnavailable } from './reply.ts'

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

interface Armed {
  readonly fault: Fault
  seen: number
}

/** The faults in force. The first one that matches a request and has hits left decides. */
export class Injector {
  #armed: Armed[] = []
  /** Paths that were just written, under a 404-after-create. */
  readonly #fresh = new Set<string>()

  constructor(faults: readonly Fault[]) {
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
    const armed = this.#armed.find((entry) => this.#appliesTo(entry.fault, request) && isHit(entry))
    return armed ? verdict(armed.fault, request) : { act: 'pass' }
  }

  /** Whether a PUT or PATCH of a namespace should end in state Failed. */
  failsProvisioning(path: string): boolean {
    const armed = this.#armed.find(
      (entry) => entry.fault.kind === 'provisioning-failed' && fits(entry.fault, 'PUT', path) && isHit(entry),
    )
    return armed !== undefined
  }

  /** Whether the directory should not know a principal that is being given a role. */
  hidesPrincipal(principalId: string, path: string): boolean {
    const armed = this.#armed.find(
      (entry) =>
        entry.fault.kind === 'principal-not-found' &&
        (entry.fault.principal ?? principalId) === principalId &&
        fits(entry.fault, 'PUT', path) &&
        isHit(entry),
    )
    return armed !== undefined
  }

  /** Learns the result of a request. A resource that was just written is fresh. */
  note({ method, path }: FaultRequest, status: number): void {
    if (method === 'PUT' && status < 300) this.#fresh.add(path.toLowerCase())
  }

  #appliesTo(fault: Fault, request: FaultRequest): boolean {
    if (fault.kind === 'provisioning-failed' || fault.kind === 'principal-not-found') return false
    if (fault.kind === '404-after-create') {
      return request.method === 'GET' && this.#fresh.has(request.path.toLowerCase()) && fits(fault, 'GET', request.path)
    }
    if (fault.kind === 'name-taken' && !isNameQuestion(request)) return false
    return fits(fault, request.method, request.path)
  }
}

const isNameQuestion = ({ method, path }: FaultRequest): boolean =>
  (method === 'PUT' && /\/namespaces\/[^/]+$/i.test(path)) || /\/checknameavailability$/i.test(path)

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

function verdict(fault: Fault, request: FaultRequest): Verdict {
  if (fault.kind === 'reset') return { act: 'reset' }
  if (fault.kind === 'hang-up-after-write') return { act: 'hang-up-after' }
  if (fault.kind === 'name-taken' && request.method === 'POST') {
    return { act: 'answer', reply: nameUnavailable('NameInUse', 'The specified name is not available.') }
  }
  if (fault.kind === '502') return { act: 'answer', reply: { status: 502 } }
  return { act: 'refuse', error: refusal(fault, request) }
}

type Refusal = (request: FaultRequest, headers: Readonly<Record<string, string>>) => ArmError

const REFUSALS: Readonly<Partial<Record<FaultKind, Refusal>>> = {
  '401': () =>
    unauthenticated(
      'ExpiredAuthenticationToken',
      `The access token expiry UTC time '1/1/2025 12:00:00 AM' is earlier than current UTC time '1/1/2025 12:05:00 AM'.`,
    ),
  '403': ({ method, path }) => authorizationFailed(actionOf(method, path), path),
  '409': (_, headers) =>
    new ArmError({
      status: 409,
      code: 'Conflict',
      message: 'Namespace update failed with conflict in backend.',
      from: 'provider',
      headers,
    }),
  '429': ({ method, path }, headers) =>
    new ArmError({
      status: 429,
      code: 'ResourceRequestsThrottled',
      message: `Number of requests for action '${actionOf(method, path)}' exceeded the limit. Please try again later.`,
      headers,
    }),
  '500': ({ correlationId }) => unexpected(correlationId),
  '503': (_, headers) =>
    new ArmError({
      status: 503,
      code: 'ServiceUnavailable',
      message: 'The service is temporarily unavailable. Please try again later.',
      headers,
    }),
  'in-transition': ({ path }) =>
    inTransition(nameAfter(path, 'namespaces'), nameAfter(path, 'subscriptions'), 'Updating'),
  locked: ({ method, path }) => scopeLocked(path, method === 'DELETE' ? 'delete' : 'write', [path]),
  '404-after-create': ({ path }) => {
    const message =
      `The Resource '${path.split('/').slice(6).join('/')}' under resource group '${nameAfter(path, 'resourcegroups')}' ` +
      `was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
    return new ArmError({ status: 404, code: 'ResourceNotFound', message })
  },
  'name-taken': ({ correlationId }) =>
    new ArmError({
      status: 400,
      code: 'BadRequest',
      from: 'provider',
      message:
        'The specified name is not available. For more information visit https://aka.ms/eventhubsarmexceptions. ' +
        `CorrelationId: ${correlationId}`,
    }),
}

function refusal(fault: Fault, request: FaultRequest): ArmError {
  const headers = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }
  const make = REFUSALS[fault.kind]
  if (!make) throw new Error(`The fault ${fault.kind} has no answer`)
  return make(request, headers)
}

function nameAfter(path: string, collection: string): string {
  const parts = path.split('/')
  return parts[parts.findIndex((part) => part.toLowerCase() === collection) + 1] ?? ''
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
}

/** The permission that a request needs: `Microsoft.EventHub/namespaces/eventhubs/write`. */
function actionOf(method: string, path: string): string {
  const parts = path.split('/').slice(1)
  const at = parts.findLastIndex((part) => part.toLowerCase() === 'providers')
  const verb = VERBS[method] ?? 'read'
  if (at === -1) return `Microsoft.Resources/subscriptions/${parts.length > 2 ? 'resourceGroups/' : ''}${verb}`
  const [provider, ...rest] = parts.slice(at + 1)
  return [provider, ...rest.filter((_, i) => i % 2 === 0), verb].join('/')
}
