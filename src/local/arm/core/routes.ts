import type { JsonObject } from './body.ts'
import { keyOf } from './model.ts'
import type { Store } from './store.ts'
import type { BucketSize } from './throttle.ts'
import type { Subscription } from '../../constants.ts'

/** What the handlers of all providers work with. */
export interface ArmContext {
  readonly store: Store
  readonly subscriptions: readonly Subscription[]
  /** How long Creating, Updating, Deleting and Registering last. */
  readonly provisioningMs: number
  readonly pageSize: number
  /** State of a provider in a subscription that nobody registered or unregistered yet. */
  readonly providerState: 'Registered' | 'NotRegistered'
  /** Whether an injected fault wants the creation or update of this resource to end in state Failed. */
  readonly failsProvisioning: (path: string) => boolean
  /** Whether an injected fault keeps the directory from knowing this principal. */
  readonly hidesPrincipal: (principalId: string, path: string) => boolean
  /** Whether an injected fault keeps the values of the last minutes back. */
  readonly delaysMetrics: (path: string) => boolean
  /** Whether an injected fault keeps one of these metrics from being read, and which. */
  readonly failsMetric: (metrics: readonly string[], path: string) => string | undefined
}

export type Method = 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'

/** One request, as a handler sees it. */
export interface Call {
  readonly context: ArmContext
  readonly method: Method
  /** Path segments under the names of the template, as the client wrote them. */
  readonly params: Readonly<Record<string, string>>
  /** The path as the client wrote it, without the query, decoded and with one slash between two names. */
  readonly path: string
  /** Keys are lower case. */
  readonly query: ReadonlyMap<string, string>
  readonly apiVersion: string
  readonly body: JsonObject | undefined
  /** `http://127.0.0.1:PORT`, as the client called it: where it will find operations and next pages. */
  readonly origin: string
  readonly correlationId: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface ArmReply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** A provider leaves the charset out of its error answers. */
  readonly contentType?: 'application/json'
}

export interface Route {
  readonly method: Method
  /** `/subscriptions/{subscription}/...`; literals match whatever their case. */
  readonly template: string
  /** The limit of these requests, where they do not count as writes of Resource Manager. */
  readonly ownLimit?: BucketSize
  /** Runs without a break: nothing happens between reading the state and changing it. Throws ArmError. */
  readonly handle: (call: Call) => ArmReply
}

/** A resource provider: its name, the api-versions that it knows, and its routes. */
export interface Provider {
  readonly namespace: string
  readonly apiVersions: readonly string[]
  /** Writes need the subscription to be registered. */
  readonly needsRegistration: boolean
  readonly routes: readonly Route[]
  /** Checks every request to any provider before it is handled. Throws ArmError. */
  readonly guard?: (provider: Provider, call: Call) => void
}

export interface Match {
  readonly provider: Provider
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

interface CompiledRoute {
  readonly provider: Provider
  readonly route: Route
  readonly segments: readonly string[]
}

export interface Router {
  /** The route of a path, or the methods that the path has when the method is not among them. */
  match(method: string, segments: readonly string[]): Match | { readonly allowed: readonly Method[] }
}

/** Finds the route of a path among those of all providers. */
export function createRouter(providers: readonly Provider[]): Router {
  const compiled = providers.flatMap((provider) =>
    provider.routes.map((route): CompiledRoute => ({ provider, route, segments: route.template.split('/').slice(1) })),
  )
  return {
    match(method, segments) {
      const fitting = compiled.flatMap((entry) => {
        const params = fit(entry.segments, segments)
        return params ? [{ ...entry, params }] : []
      })
      const found = fitting.find(({ route }) => route.method === method)
      return found ?? { allowed: [...new Set(fitting.map(({ route }) => route.method))] }
    },
  }
}

function fit(template: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (template.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, part] of template.entries()) {
    const segment = segments[i]!
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment
    else if (keyOf(part) !== keyOf(segment)) return undefined
  }
  return params
}

/** A parameter of the template. Asking for one that is not there is our mistake. */
export function param(call: Call, name: string): string {
  const value = call.params[name]
  if (value === undefined) throw new Error(`The route has no parameter ${name}`)
  return value
}

/** Whether `version` is `first` or later, previews counted by their date. */
export const since = (version: string, first: string): boolean => version.slice(0, 10) >= first.slice(0, 10)
