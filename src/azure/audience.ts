import { createPipelineRequest, isRestError, type HttpClient, type Pipeline } from '@azure/core-rest-pipeline'
import { Failure } from '../lib/errors.ts'
import { CLOUD_ENDPOINTS } from './clouds.ts'
import type { ArmTarget } from './endpoint.ts'

/** The version that Azure Stack Hub and the public cloud both answer. */
const METADATA_API_VERSION = '2015-01-01'

export interface AudienceOptions {
  readonly target: ArmTarget
  /** Sends without a token. */
  readonly anonymous: Pipeline
  readonly http: HttpClient
  /** `--auth` was given: the person said that this endpoint may have a real sign-in. */
  readonly authGiven: boolean
}

/**
 * What a token for this Resource Manager has to be for. A cloud's own endpoint: known. Another one: what its metadata
 * page says, or else the endpoint itself.
 * https://learn.microsoft.com/azure-stack/user/azure-stack-rest-api-use
 *
 * @throws Failure (exit 3) when an endpoint that is not Azure's asks for a token that Azure itself would accept, and
 * nobody said with `--auth` that it may have one.
 */
export async function findAudience({ target, anonymous, http, authGiven }: AudienceOptions): Promise<string> {
  if (target.kind === 'named' || target.loopback) return target.cloud.audience
  const audience = firstAudience(await readMetadata(target.url, anonymous, http)) ?? target.url
  if (isAzuresOwn(audience) && !authGiven) throw notTrusted(target.url)
  return audience.replace(/\/+$/, '')
}

/** @throws RestError when nothing answers; whatever answers something else has no metadata. */
async function readMetadata(endpoint: string, anonymous: Pipeline, http: HttpClient): Promise<string> {
  const url = `${endpoint}/metadata/endpoints?api-version=${METADATA_API_VERSION}`
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

/** Older names of the same audience included: `https://management.core.windows.net/`. */
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
    hint: 'If you trust it, say so by naming the sign-in, as in --auth cli.',
  })
