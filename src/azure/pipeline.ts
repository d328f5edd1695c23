import {
  bearerTokenAuthenticationPolicy,
  bearerTokenAuthenticationPolicyName,
  createDefaultHttpClient,
  createPipelineFromOptions,
  formDataPolicyName,
  proxyPolicyName,
  RestError,
  type HttpClient,
  type Pipeline,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/identity'
import type { RequestKind } from '../engine/gate.ts'
import type { Clock } from '../lib/clock.ts'
import { redact } from '../lib/secret.ts'
import type { ArmTarget } from './endpoint.ts'

/** A sent request, for `--debug`. Contains no bodies and no secrets. */
export interface RequestSeen {
  readonly method: string
  readonly url: string
  /** Undefined without an answer; `failure` then says why. */
  readonly status: number | undefined
  readonly failure: string | undefined
  readonly elapsedMs: number
  readonly requestId: string | undefined
  readonly correlationId: string | undefined
  readonly retryAfter: string | undefined
}
export type OnRequest = (seen: RequestSeen) => void

/** ARM answers or gives up within a minute, so after this time the connection is lost. */
const REQUEST_TIMEOUT_MS = 100_000

/** Sent with every request of the run. */
export interface RunHeaders {
  readonly correlationId: string
  readonly userAgent: string
}

/** A pipeline without a sign-in and without retries, which are the gate's task. */
export function createPlainPipeline(
  target: Pick<ArmTarget, 'loopback'>,
  { correlationId, userAgent }: RunHeaders,
): Pipeline {
  const userAgentOptions = { userAgentPrefix: userAgent }
  const pipeline = createPipelineFromOptions(
    target.loopback ? { userAgentOptions, proxyOptions: NO_PROXY } : { userAgentOptions },
  )
  if (target.loopback) pipeline.removePolicy({ name: proxyPolicyName })
  pipeline.removePolicy({ name: 'defaultRetryPolicy' })
  // We send no forms. To look for one, the policy touches the global FormData, and Node then loads undici: 40 ms.
  pipeline.removePolicy({ name: formDataPolicyName })
  pipeline.addPolicy({
    name: 'runPolicy',
    sendRequest(request, next) {
      request.headers.set('x-ms-correlation-request-id', correlationId)
      request.abortSignal = withTimeLimit(request.abortSignal as AbortSignal | undefined)
      return next(request)
    },
  })
  return pipeline
}

/** After a failure, the SDK's timer for `request.timeout` would keep the process running until it fires. */
const withTimeLimit = (signal: AbortSignal | undefined): AbortSignal =>
  AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(REQUEST_TIMEOUT_MS)])

/** Keeps the SDK from reading the environment; its proxy policy is removed. */
const NO_PROXY = { host: 'http://localhost', port: 0 }

/** The signed-in pipeline of the run, shared by all clients. The credential knows its scope. */
export function createArmPipeline(target: ArmTarget, credential: TokenCredential, headers: RunHeaders): Pipeline {
  const pipeline = createPlainPipeline(target, headers)
  pipeline.addPolicy(
    target.loopback
      ? loopbackPolicy(new URL(target.url), credential)
      : bearerTokenAuthenticationPolicy({ credential, scopes: [] }),
  )
  return pipeline
}

/**
 * Replaces the SDK's bearer policy, which refuses http. Only the loopback endpoint gets http and the token; a link in an
 * answer to another host gets neither.
 */
const loopbackPolicy = (endpoint: URL, credential: TokenCredential): PipelinePolicy => ({
  name: bearerTokenAuthenticationPolicyName,
  async sendRequest(request, next) {
    if (new URL(request.url).host !== endpoint.host) return next(request)
    const token = await credential.getToken([], optionsOf(request))
    request.headers.set('Authorization', `Bearer ${token?.token ?? ''}`)
    request.allowInsecureConnection = true
    // Node's http.request needs an IPv6 address without the SDK's brackets.
    if (endpoint.hostname === '[::1]') request.requestOverrides = { hostname: '::1' }
    return next(request)
  },
})

/**
 * Makes the pipeline reject with a RestError for every status that is not a success, because the SDK's own errors lack the
 * text of the answer. Comes before the sign-in, which answers challenges itself.
 */
export function rejectFailures(pipeline: Pipeline): Pipeline {
  const policy: PipelinePolicy = {
    name: 'rejectFailuresPolicy',
    async sendRequest(request, next) {
      const response = await next(request)
      const { status, bodyAsText } = response
      if (status >= 200 && status < 300) return response
      throw new RestError(bodyAsText ?? '', { statusCode: status, request: response.request, response })
    },
  }
  pipeline.addPolicy(policy, { beforePolicies: [bearerTokenAuthenticationPolicyName] })
  return pipeline
}

const optionsOf = ({ abortSignal }: PipelineRequest) => (abortSignal ? { abortSignal } : {})

/**
 * The HTTP client of the run. It reports every request, including redirects and repeated challenges. A success that is not
 * JSON, such as a login page, becomes an error.
 */
export function createHttpClient(
  clock: Clock,
  { onRequest, onQuota }: { readonly onRequest?: OnRequest | undefined; readonly onQuota?: OnQuota | undefined },
): HttpClient {
  const inner = createDefaultHttpClient()
  return {
    async sendRequest(request) {
      const startedAt = clock.now()
      const seen = (response: PipelineResponse | undefined, failure?: unknown) =>
        onRequest?.(describe(request, response, failure, clock.now() - startedAt))
      try {
        const response = await inner.sendRequest(request)
        seen(response)
        for (const { kind, left } of quotaOf(response.headers)) onQuota?.(kind, left)
        refuseForeign(request, response)
        return response
      } catch (error) {
        if (!(error instanceof RestError && error.response)) seen(undefined, error)
        throw error
      }
    },
  }
}

function refuseForeign(request: PipelineRequest, response: PipelineResponse): void {
  const isSuccess = response.status >= 200 && response.status < 300
  const hasBody = (response.bodyAsText ?? '') !== ''
  if (!isSuccess || !hasBody || /json/i.test(response.headers.get('content-type') ?? 'json')) return
  throw new RestError('The answer is not JSON.', { statusCode: response.status, request, response })
}

const describe = (
  request: PipelineRequest,
  response: PipelineResponse | undefined,
  failure: unknown,
  elapsedMs: number,
): RequestSeen => ({
  method: request.method,
  url: redact(request.url),
  status: response?.status,
  failure: failure instanceof Error ? redact(failure.message || failure.name) : undefined,
  elapsedMs,
  requestId: response?.headers.get('x-ms-request-id'),
  correlationId: response?.headers.get('x-ms-correlation-request-id'),
  retryAfter: response?.headers.get('retry-after'),
})

export type OnQuota = (kind: RequestKind, left: number) => void

const KINDS: readonly RequestKind[] = ['reads', 'writes', 'deletes']

/**
 * How many requests Azure still accepts: the smallest number among principal, subscription and tenant.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling#remaining-requests
 */
function quotaOf(headers: { get(name: string): string | undefined }) {
  return KINDS.flatMap((kind) => {
    const told = ['subscription', 'subscription-global', 'tenant']
      .map((scope) => Number.parseInt(headers.get(`x-ms-ratelimit-remaining-${scope}-${kind}`) ?? '', 10))
      .filter((left) => left >= 0)
    return told.length > 0 ? [{ kind, left: Math.min(...told) }] : []
  })
}
