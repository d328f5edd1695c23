import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, realClock } from '../../lib/clock.ts'
import type { Directory } from '../directory.ts'
import { directoryOf } from './directory-view.ts'
import { ArmError, unexpected } from './errors.ts'
import { eventHub } from './eventhub/provider.ts'
import type { Fault } from './faults.ts'
import { admit, run } from './gateway.ts'
import { groups } from './groups.ts'
import { type ArmReply, parseBody, readBody, send } from './http.ts'
import { Injector } from './injector.ts'
import { registrations } from './registrations.ts'
import { type Method, createRouter } from './routes.ts'
import { type Seed, plant } from './seed.ts'
import { folderStorage, memoryStorage } from './state-file.ts'
import { Store } from './store.ts'
import { subscriptions } from './subscriptions.ts'
import { createThrottle } from './throttle.ts'
import { LOCAL_SUBSCRIPTION, type Subscription, type World } from './world.ts'

/** One request and what became of it; status 0 where the connection was cut. */
export interface RequestRecord {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly status: number
}

export interface LocalArmOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  readonly clock?: Clock
  /** Where the state is kept; default memory. */
  readonly state?: 'memory' | { readonly folder: string }
  /** Added to every answer. Default 0. */
  readonly latencyMs?: number
  /** How long Creating, Updating, Deleting and Registering last. Default 0: over by the next request. */
  readonly provisioningMs?: number
  /** Refuse what exceeds the published limits of Resource Manager. Default false. */
  readonly rateLimits?: boolean
  readonly faults?: readonly Fault[]
  /** How the Event Hubs provider stands in a subscription at first. Default Registered. */
  readonly providerState?: 'Registered' | 'NotRegistered'
  readonly dataPlanePort?: () => number
  readonly subscriptions?: readonly Subscription[]
  /** Entries of a list in one answer. Default 100. */
  readonly pageSize?: number
  readonly seed?: Seed
  readonly onRequest?: (record: RequestRecord) => void
  /** Told of an error that is a mistake of ours; the client gets 500. */
  readonly onError?: (error: unknown) => void
  /** Answers of its own by path, outside of Resource Manager: no token, no api-version. */
  readonly extra?: Readonly<Record<string, () => unknown>>
}

export interface LocalArm {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  readonly directory: Directory
  readonly store: Store
  readonly faults: Injector
  /** Cuts open connections; what was answered is on the storage. */
  close(): Promise<void>
}

const PROVIDERS = [subscriptions, registrations, groups, eventHub]
const AMQP_PORT = 5672
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Starts a Resource Manager on loopback that simulates resource groups and Microsoft.EventHub.
 * Rejects with CliError when the state cannot be read, and with the error of listen() when the port is taken.
 */
export async function startLocalArm(options: LocalArmOptions = {}): Promise<LocalArm> {
  const clock = options.clock ?? realClock
  const { state = 'memory', host = '127.0.0.1' } = options
  const store = await Store.open(state === 'memory' ? memoryStorage() : folderStorage(state.folder, clock), clock)
  const faults = new Injector(options.faults ?? [])
  const world: World = {
    store,
    subscriptions: options.subscriptions ?? [LOCAL_SUBSCRIPTION],
    provisioningMs: options.provisioningMs ?? 0,
    pageSize: options.pageSize ?? 100,
    providerState: options.providerState ?? 'Registered',
    dataPlanePort: options.dataPlanePort ?? (() => AMQP_PORT),
    failsProvisioning: (path) => faults.failsProvisioning(path),
  }
  if (options.seed) plant(world, options.seed, clock.now())
  const listener = createListener(options, world, faults, clock)
  const server = createServer((request, response) => {
    listener(request, response).catch((error: unknown) => {
      options.onError?.(error)
      request.socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve)
  })
  const { address, port, family } = server.address() as AddressInfo
  return {
    endpoint: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    directory: directoryOf(store),
    store,
    faults,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      await store.durable()
    },
  }
}

type Outcome = { readonly reply: ArmReply } | 'cut'

function createListener(options: LocalArmOptions, world: World, faults: Injector, clock: Clock) {
  const { latencyMs = 0, onRequest, onError, extra = {}, host = '127.0.0.1' } = options
  const throttle = createThrottle(options.rateLimits ?? false)
  const router = createRouter(PROVIDERS)
  const loopbackOnly = LOOPBACK.test(host)

  async function answer(request: IncomingMessage, correlationId: string): Promise<Outcome> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const own = Object.hasOwn(extra, url.pathname) ? extra[url.pathname] : undefined
    const raw = await readBody(request)
    if (own) return { reply: { status: 200, body: own() } }
    const method = request.method ?? 'GET'
    const verdict = faults.judge({ method, path: url.pathname, correlationId })
    if (verdict.act === 'reset') return 'cut'
    if (verdict.act === 'refuse') throw verdict.error
    if (verdict.act === 'answer') return verdict
    const segments = segmentsOf(url.pathname)
    const { match, call } = admit(router, PROVIDERS, {
      world,
      method: method as Method,
      path: url.pathname,
      segments,
      query: new Map([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value])),
      authorization: request.headers.authorization,
      body: parseBody(raw, request.headers['content-type']),
      origin: `http://${request.headers.host}`,
      correlationId,
      now: clock.now(),
    })
    const subscription = call.params['subscription']
    const headers = throttle.admit({ method, path: call.path, subscription, now: call.now })
    const reply = run({ match, call })
    faults.note({ method, path: url.pathname, correlationId }, reply.status)
    await world.store.durable()
    return verdict.act === 'hang-up-after' ? 'cut' : { reply: { ...reply, headers: { ...headers, ...reply.headers } } }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const correlationId = headerText(request, 'x-ms-correlation-request-id') ?? randomUUID()
    if (latencyMs > 0) await clock.sleep(latencyMs)
    // A page in a browser may point a name of its own at loopback; it cannot change the Host header.
    const foreign = loopbackOnly && !LOOPBACK.test(request.headers.host ?? '')
    const outcome: Outcome = foreign
      ? { reply: { status: 421 } }
      : await answer(request, correlationId).catch((error: unknown) => ({
          reply: failure(error, correlationId, onError),
        }))
    onRequest?.({
      method: request.method ?? '',
      path: request.url ?? '',
      status: outcome === 'cut' ? 0 : outcome.reply.status,
    })
    if (outcome === 'cut') request.socket.destroy()
    else send(response, request.method ?? '', withIds(outcome.reply, request, correlationId, clock))
  }
}

function segmentsOf(path: string): string[] {
  const trimmed = path.replace(/^\/+|\/+$/g, '')
  return trimmed.split('/').map((segment) => {
    try {
      return decodeURIComponent(segment)
    } catch {
      throw new ArmError({ status: 400, code: 'BadRequest', message: `The request URI is invalid: '${segment}'.` })
    }
  })
}

function failure(error: unknown, correlationId: string, onError: ((error: unknown) => void) | undefined): ArmReply {
  if (!(error instanceof ArmError)) onError?.(error)
  const { status, body, headers, from } = error instanceof ArmError ? error : unexpected(correlationId)
  if (from === 'provider') return { status, body, headers, contentType: 'application/json' }
  return { status, body, headers: { 'x-ms-failure-cause': 'gateway', ...headers } }
}

function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && /^[-\w.]{1,128}$/.test(value) ? value : undefined
}

/** The ids by which support finds a request again. */
function withIds(reply: ArmReply, request: IncomingMessage, correlationId: string, clock: Clock): ArmReply {
  const stamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '')
  const clientId = headerText(request, 'x-ms-client-request-id')
  const echo = headerText(request, 'x-ms-return-client-request-id') === 'true' && clientId !== undefined
  return {
    ...reply,
    headers: {
      'x-ms-request-id': randomUUID(),
      'x-ms-correlation-request-id': correlationId,
      'x-ms-routing-request-id': `LOCAL:${stamp}:${correlationId}`,
      ...(echo && { 'x-ms-client-request-id': clientId }),
      ...reply.headers,
    },
  }
}
