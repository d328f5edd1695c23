import { createPipelineRequest, isRestError, type HttpClient, type Pipeline } from '@azure/core-rest-pipeline'
import { Failure } from '../lib/errors.ts'
import { edit } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import { API_VERSIONS } from './api-versions.ts'
import { CLOUD_ENDPOINTS, type ArmTarget } from './endpoint.ts'

export interface AudienceOptions {
  readonly target: ArmTarget
  /** Sends without a token. */
  readonly anonymous: Pipeline
  readonly http: HttpClient
  /** The user chose a sign-in with `--auth`, so this endpoint may get a real token. */
  readonly authGiven: boolean
}

/**
 * Finds the audience of tokens for this Resource Manager. A custom endpoint names it on its metadata page, or is itself
 * the audience. https://learn.microsoft.com/azure-stack/user/azure-stack-rest-api-use
 *
 * @throws Failure (exit 3) when a custom endpoint asks for a token that Azure would accept, unless `authGiven`.
 */
export async function findAudience({ target, anonymous, http, authGiven }: AudienceOptions): Promise<string> {
  if (target.kind === 'named' || target.loopback) return target.cloud.audience
  const audience = firstAudience(await readMetadata(target.url, anonymous, http)) ?? target.url
  if (isAzuresOwn(audience) && !authGiven) {
    const why = `${target.url} is not an endpoint of Azure, but asks for a token that Azure would accept.`
    throw notTrusted('Failed to sign in', why)
  }
  return audience.replace(/\/+$/, '')
}

/** Empty for an endpoint without metadata. @throws RestError when nothing answers. */
async function readMetadata(endpoint: string, anonymous: Pipeline, http: HttpClient): Promise<string> {
  const url = `${endpoint}/metadata/endpoints?api-version=${API_VERSIONS.metadata}`
  try {
    const { status, bodyAsText } = await anonymous.sendRequest(http, createPipelineRequest({ url }))
    return status === 200 ? (bodyAsText ?? '') : ''
  } catch (error) {
    if (isRestError(error) && error.response) return ''
    throw error
  }
}

function firstAudience(body: string): string | undefined {
  try {
    const { authentication } = JSON.parse(body) as { authentication?: { audiences?: unknown } }
    const audiences: unknown = authentication?.audiences
    const first: unknown = Array.isArray(audiences) ? audiences[0] : undefined
    return typeof first === 'string' && URL.canParse(first) ? first : undefined
  } catch {
    return undefined
  }
}

/** The audience has older names too: `https://management.core.windows.net/`. */
const isAzuresOwn = (audience: string): boolean => {
  const { hostname } = new URL(audience)
  const own = Object.values(CLOUD_ENDPOINTS).map((cloud) => new URL(cloud.audience).hostname)
  return (
    own.includes(hostname) || /^management\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/.test(hostname)
  )
}

const notTrusted = (message: string, why: string): Failure =>
  new Failure({
    code: 'access',
    message,
    azure: {},
    why: [why],
    hint: say`If you trust it, choose the sign-in yourself, as in ${edit({ auth: 'cli' })}.`,
  })

/** The same in every cloud. https://learn.microsoft.com/azure/event-hubs/authenticate-application */
const EVENT_HUBS_AUDIENCE = 'https://eventhubs.azure.net'

/**
 * The audience of data plane tokens. Resource Manager names the host that gets them.
 * @throws Failure (exit 3) when Resource Manager is a custom endpoint, unless `authGiven`.
 */
export function dataAudience({ kind, url }: ArmTarget, authGiven: boolean): string {
  if (kind === 'named' || authGiven) return EVENT_HUBS_AUDIENCE
  const why = `${url} is not an endpoint of Azure, but names the host that would get a token of Azure.`
  throw notTrusted('Failed to sign in to Event Hubs', why)
}
