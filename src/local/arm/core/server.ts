import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../../lib/clock.ts'
import { parseBody, readBody } from './body.ts'
import { send } from './reply.ts'
import { ArmError, invalidUri, unexpected } from './errors.ts'
import { admit } from './gateway.ts'
import type { Injector } from './injector.ts'
import { type ArmReply, type ArmContext, createRouter, type Method, type Provider } from './routes.ts'
import { createThrottle } from './throttle.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

type Outcome = { readonly reply: ArmReply } | 'cut'

/** One request and what became of it; status 0 where the connection was cut. */
export interface RequestRecord {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly status: number
}

export interface ServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Added to every answer of Resource Manager. Default 0. */
  readonly latencyMs?: number
  /** Refuse what exceeds the published limits of Resource Manager. Default false. */
  readonly rateLimits?: boolean
  readonly onRequest?: (record: RequestRecord) => void
  /** Gets an error that is our mistake. The client gets 500. */
  readonly onError?: (error: unknown) => void
  /** More paths and what answers them, outside Resource Manager: no token, no api-version, no latency, no faults. */
  readonly extra?: Readonly<Record<string, Extra>>
}

/** Answers with the body of a response, or with a promise of it. */
export interface Extra {
  readonly method: 'GET' | 'POST'
  readonly answer: (query: URLSearchParams) => unknown
}

interface ServerParts {
  readonly providers: readonly Provider[]
  readonly context: ArmContext
  readonly faults: Injector
  readonly clock: Clock
}

/** Answers requests: reads, waits, asks the faults, admits, handles, makes it durable, sends. */
export function createRequestListener(options: ServerOptions, { providers, context, faults, clock }: ServerParts) {
  const { latencyMs = 0, onRequest, onError, extra = {}, host = '127.0.0.1' } = options
  const throttle = createThrottle(options.rateLimits ?? false)
  const router = createRouter(providers)
  const loopbackOnly = LOOPBACK.test(host)

  async function answer(request: IncomingMessage, correlationId: string): Promise<Outcome> {
    const url = urlOf(request)
    const own = Object.hasOwn(extra, url.pathname) ? extra[url.pathname] : undefined
    const raw = await readBody(request)
    if (own) {
      // No page of somebody else may have it do something.
      if (own.method === 'POST' && request.headers.origin !== undefined) return { reply: { status: 403 } }
      if (request.method !== own.method) return { reply: { status: 405, headers: { allow: own.method } } }
      return { reply: { status: 200, body: await own.answer(url.searchParams) } }
    }
    if (latencyMs > 0) await clock.sleep(latencyMs)
    const method = request.method ?? 'GET'
    const segments = segmentsOf(url.pathname)
    const path = `/${segments.join('/')}`
    const verdict = faults.judge({ method, path, correlationId })
    if (verdict.act === 'reset') return 'cut'
    if (verdict.act === 'refuse') throw verdict.error
    if (verdict.act === 'answer') return verdict
    const { match, call } = admit(router, providers, {
      context,
      method: method as Method,
      path,
      segments,
      query: new Map([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value])),
      authorization: request.headers.authorization,
      body: () => parseBody(raw, request.headers['content-type']),
      origin: `http://${request.headers.host}`,
      correlationId,
      now: clock.now(),
    })
    const subscription = call.params['subscription']
    const headers = throttle.admit({
      method,
      path: call.path,
      subscription,
      ownLimit: match.route.ownLimit,
      now: call.now,
    })
    const reply = match.route.handle(call)
    faults.note({ method, path, correlationId }, reply.status)
    await context.store.durable()
    return verdict.act === 'hang-up-after' ? 'cut' : { reply: { ...reply, headers: { ...headers, ...reply.headers } } }
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const correlationId = headerText(request, 'x-ms-correlation-request-id') ?? randomUUID()
    // A web page may point its own host name at loopback, but it cannot change the Host header.
    const foreign = loopbackOnly && !LOOPBACK.test(request.headers.host ?? '')
    const outcome: Outcome = foreign
      ? { reply: { status: 421 } }
      : await answer(request, correlationId).catch((error: unknown): Outcome =>
          hasLeft(error) ? 'cut' : { reply: failure(error, correlationId, onError) },
        )
    onRequest?.({
      method: request.method ?? '',
      path: request.url ?? '',
      status: outcome === 'cut' ? 0 : outcome.reply.status,
    })
    if (outcome === 'cut') request.socket.destroy()
    else send(response, request.method ?? '', withIds(outcome.reply, request, correlationId, clock))
  }

  /** The last answer of each connection: a client may send a request before it has the answer to the one before. */
  const latest = new WeakMap<Socket, Promise<void>>()
  return (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const next = (latest.get(request.socket) ?? Promise.resolve()).then(() => respond(request, response))
    latest.set(request.socket, next)
    return next
  }
}

/** The client closed its connection before it had sent everything. */
const hasLeft = (error: unknown): boolean =>
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '')

function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(`http://localhost${request.url}`)
  } catch {
    throw invalidUri('The request URI is invalid.')
  }
}

/**
 * The names in a path. Clients put ids into it as they are (`//subscriptions`) or encoded (`/%2Fsubscriptions%2F`), and
 * leave parts of it empty (`providers/Microsoft.Compute//disks`).
 */
function segmentsOf(path: string): readonly string[] {
  try {
    return decodeURIComponent(path).split('/').filter(Boolean)
  } catch {
    throw invalidUri(`The request URI is invalid: '${path}'.`)
  }
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

/** The ids by which Azure's support finds a request. */
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
