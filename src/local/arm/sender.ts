import type { JsonObject } from './core/body.ts'
import { admit } from './core/gateway.ts'
import { type ArmContext, createRouter, type Method, type Provider } from './core/routes.ts'

/** What answers requests. */
export interface ArmParts {
  readonly context: ArmContext
  readonly providers: readonly Provider[]
}

/** Carries out one request of this process itself. Throws ArmError. */
export type Send = (method: Method, path: string, body: JsonObject | undefined) => void

/** The newest versions whose bodies are written here. */
const API_VERSION = '2026-01-01'
const GROUP_API_VERSION = '2021-04-01'

/**
 * Sends requests past the port: the routes and checks are those of any request, but nothing is slow, throttled or made to
 * fail. A change is made when it returns, and durable as the store says.
 */
export function sender({ context, providers }: ArmParts, now: number): Send {
  const router = createRouter(providers)
  const calm: ArmContext = { ...context, provisioningMs: 0, failsProvisioning: () => false }
  return (method, path, body) => {
    const version = path.includes('/providers/') ? API_VERSION : GROUP_API_VERSION
    const { match, call } = admit(router, providers, {
      ...{ context: calm, method, path, body: () => body, now },
      segments: path.split('/').slice(1).map(decodeURIComponent),
      query: new Map([['api-version', version]]),
      ...{ authorization: 'Bearer ml-ingest-loopback', origin: '', correlationId: '' },
    })
    match.route.handle(call)
  }
}
