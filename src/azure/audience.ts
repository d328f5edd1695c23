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
  /** The person chose the sign-in, so this endpoint may get a real token. */
  readonly authGiven: boolean
}

/**
 * Finds the audience that a token for this Resource Manager needs. It is known for the clouds' own endpoints; any other
 * endpoint says so on its metadata page, or else is the audience itself.
 * https://learn.microsoft.com/azure-stack/user/azure-stack-rest-api-use
 *
 * @throws Failure (exit 3) when an endpoint that is not Azure's asks for a token that Azure would accept, unless the person
 * chose the sign-in.
 */
export async function findAudience({ target, anonymous, http, authGiven }: AudienceOptions): Promise<string> {
  if (target.kind === 'named' || target.loopback) return target.cloud.audience
  const audience = firstAudience(await readMetadata(target.url, anonymous, http)) ?? target.url
  if (isAzuresOwn(audience) && !authGiven) throw notTrusted(target.url)
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

const notTrusted = (url: string): Failure =>
  new Failure({
    code: 'access',
    message: 'Failed to sign in',
    azure: {},
    why: [`${url} is not an endpoint of Azure, but asks for a token that Azure would accept.`],
    hint: TRUST,
  })

const TRUST = say`If you trust it, say so by naming the sign-in, as in ${edit({ auth: 'cli' })}.`

/** The same in every cloud. https://learn.microsoft.com/azure/event-hubs/authenticate-application */
const EVENT_HUBS_AUDIENCE = 'https://eventhubs.azure.net'

/**
 * The audience of tokens for the data plane. Resource Manager names the host that gets them.
 * @throws Failure (exit 3) when that Resource Manager is not Azure's, unless the person chose the sign-in.
 */
export function dataAudience({ kind, url }: ArmTarget, authGiven: boolean): string {
  if (kind === 'named' || authGiven) return EVENT_HUBS_AUDIENCE
  throw new Failure({
    code: 'access',
    message: 'Failed to sign in to Event Hubs',
    azure: {},
    why: [`${url} is not an endpoint of Azure, but names the host that would get a token of Azure.`],
    hint: TRUST,
  })
}
