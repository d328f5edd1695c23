import type { ArmReply } from './http.ts'
import type { JsonObject } from './json.ts'
import type { World } from './world.ts'

export type Method = 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'

/** One request, as a handler sees it. */
export interface Call {
  readonly world: World
  readonly method: Method
  /** Path segments under the names of the template, as the client wrote them. */
  readonly params: Readonly<Record<string, string>>
  /** The path as the client wrote it, without the query. */
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

export interface Route {
  readonly method: Method
  /** `/subscriptions/{subscription}/...`; literals match whatever their case. */
  readonly template: string
  /** Runs to its end at once: nothing comes between reading the state and changing it. Throws ArmError. */
  readonly handle: (call: Call) => ArmReply
}

/** A resource provider: what it is called, which api-versions it takes, and its routes. */
export interface Provider {
  readonly namespace: string
  readonly apiVersions: readonly string[]
  /** Writes need the subscription to be registered. */
  readonly needsRegistration: boolean
  readonly routes: readonly Route[]
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
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined
  }
  return params
}

/** A parameter of the template; a template that lacks it is a mistake of ours. */
export function param(call: Call, name: string): string {
  const value = call.params[name]
  if (value === undefined) throw new Error(`The route has no parameter ${name}`)
  return value
}
