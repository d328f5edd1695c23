import { randomUUID } from 'node:crypto'
import { format } from 'node:util'
import type { TokenCredential } from '@azure/identity'
import { AzureLogger } from '@azure/logger'
import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { DataCredential, DataRole } from '../engine/connection.ts'
import type { Clock } from '../lib/clock.ts'
import { redact } from '../lib/secret.ts'
import type { AuthKind, CloudName } from '../inputs/target.ts'
import { ApiVersions, METADATA_VERSION } from './api-versions.ts'
import { ArmClients, ArmRest } from './arm-requests.ts'
import { AzureCatalog } from './azure-catalog.ts'
import { AzureCloud } from './azure-cloud.ts'
import { candidatesFor, defaultSubscriptionOfCli } from './credentials.ts'
import { checkProxy, portalOf, proxyFor, resolveTarget, CLOUD_ENDPOINTS, type ArmTarget } from './endpoint.ts'
import type { Env } from '../inputs/given.ts'
import { FailureTranslator } from './failures.ts'
import {
  createArmPipeline,
  createHttpClient,
  createPlainPipeline,
  rejectFailures,
  type OnQuota,
  type OnRequest,
} from './pipeline.ts'
import { readDataRoles } from './role-assignments.ts'
import type { RunContext } from './sign-in-advice.ts'
import { SignIn } from './sign-in.ts'
import { createPipelineRequest, isRestError, type HttpClient, type Pipeline } from '@azure/core-rest-pipeline'
import { Failure } from '../lib/errors.ts'
import { edit } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'

export interface AzureOptions {
  readonly cloud: CloudName
  readonly auth: AuthKind
  /** The user chose a sign-in with `--auth`, so a loopback or custom endpoint may get a real token. */
  readonly authGiven: boolean
  readonly tenantId?: string | undefined
  /** From ML_INGEST_ARM_ENDPOINT, or of the embedded Azure. */
  readonly armEndpoint?: string | undefined
  readonly env: Env
  readonly clock: Clock
  /** `ml-ingest/1.2.0`; the SDK adds itself, Node and the platform. */
  readonly userAgent: string
  /** Called with the number of remaining requests in each answer. */
  readonly onQuota?: OnQuota | undefined
  /** Called after each request. */
  readonly onRequest?: OnRequest | undefined
  /** Gets what the SDK logs, redacted. AZURE_LOG_LEVEL sets the level. */
  readonly onSdkLog?: ((text: string) => void) | undefined
}

export interface AzureConnection {
  cloud(subscriptionId: string): Cloud
  readonly catalog: Catalog
  /** For Event Hubs, with the same sign-in as for Resource Manager. */
  readonly dataCredential: DataCredential
  /** For its Kafka endpoint, which asks for tokens of one host. */
  kafkaCredential(host: string): DataCredential
  /** For the blobs of storage accounts. */
  readonly storageCredential: DataCredential
  /** Where the blobs of a storage account are: `https://lake.blob.core.windows.net`. */
  blobEndpoint(account: string): string
  /** The page of a resource in the portal of Azure; undefined where there is none. */
  portal(resourceId: string): string | undefined
  /** Where the events of a namespace are: `ns.servicebus.windows.net`. */
  dataHost(namespace: string): string
  /** The data roles of the account on a hub, including inherited ones. Undefined if it may not read them. */
  dataRoles(hubId: string, call: Call): Promise<readonly DataRole[] | undefined>
  /** Sent with each request; Azure keeps it in its activity log. */
  readonly correlationId: string
}

/**
 * Prepares the connection. The first request signs in.
 * @throws Failure (exit 2) when the endpoint or the proxy cannot be used.
 */
export function connectAzure(options: AzureOptions): AzureConnection {
  const { clock, env, userAgent } = options
  const target = resolveTarget(options.cloud, options.armEndpoint)
  if (!target.loopback) checkProxy(env)
  AzureLogger.log = (...args: unknown[]) => options.onSdkLog?.(redact(format(...args)))
  const run: RunContext = {
    ...{ target, auth: options.auth, tenantId: options.tenantId },
    isUnsigned: target.loopback && !options.authGiven,
    via: () => signIn.via,
    proxyFor: (host) => (target.loopback ? undefined : proxyFor(env, host)),
  }
  const correlationId = randomUUID()
  const http = createHttpClient(clock, { onRequest: options.onRequest, onQuota: options.onQuota })
  const headers = { correlationId, userAgent }
  const anonymous = createPlainPipeline(target, headers)
  const signIn = createSignIn(options, run, () =>
    findAudience({ target, anonymous, http, authGiven: options.authGiven }),
  )
  const pipeline = rejectFailures(createArmPipeline(target, signIn, headers))
  const versions = new ApiVersions()
  const rest = new ArmRest(target.url, pipeline, http, versions)
  const shared = { endpoint: target.url, pipeline, httpClient: http, credential: signIn, versions }
  const clientsOf = (subscriptionId: string) => new ArmClients({ ...shared, subscriptionId })
  const translatorOf = (subscriptionId?: string) =>
    new FailureTranslator(subscriptionId === undefined ? run : { ...run, subscriptionId }, clock)
  const token = async ({ signal }: Call) => (await signIn.getToken([], { abortSignal: signal }))?.token ?? ''
  const { dataSuffix, blobSuffix } = target.cloud
  return {
    correlationId,
    dataCredential: createSignIn(options, run, async () => dataAudience(target, options.authGiven)),
    kafkaCredential: (host) =>
      createSignIn(options, run, async () => dataAudience(target, options.authGiven, `https://${host}`)),
    storageCredential: createSignIn(options, run, async () =>
      dataAudience(target, options.authGiven, STORAGE_AUDIENCE),
    ),
    blobEndpoint: (account) => `https://${account}.${blobSuffix}`,
    portal: (resourceId) => portalOf(target, resourceId, signIn.tenantId ?? options.tenantId),
    dataHost: (namespace) => `${namespace}.${dataSuffix}`,
    dataRoles: async (hubId, call) => readDataRoles(rest, hubId, await token(call), call),
    cloud: (subscriptionId) => {
      const translator = translatorOf(subscriptionId)
      return new AzureCloud({ clients: clientsOf(subscriptionId), rest, versions, translator, dataSuffix })
    },
    catalog: new AzureCatalog({
      ...{ rest, translatorOf, clientsOf, dataSuffix, token },
      via: () => signIn.via,
      defaultSubscription: async () => (signIn.via === 'Azure CLI' ? defaultSubscriptionOfCli(env) : undefined),
    }),
  }
}

type Signer = TokenCredential & Pick<SignIn, 'via' | 'tenantId'>

/** For a loopback endpoint. */
const FAKE_SIGN_IN: Signer = {
  via: undefined,
  tenantId: undefined,
  getToken: async () => ({ token: 'ml-ingest-loopback', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
}

function createSignIn(options: AzureOptions, run: RunContext, audience: () => Promise<string>): Signer {
  const { auth, env, clock, tenantId } = options
  if (run.isUnsigned) return FAKE_SIGN_IN
  const authorityHost = env['AZURE_AUTHORITY_HOST'] ?? run.target.cloud.authority
  const http = createHttpClient(clock, { onRequest: options.onRequest })
  const candidates = candidatesFor({ auth, tenantId, env, authorityHost })
  return new SignIn({ candidates, audience, run, clock, http })
}

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
  const url = `${endpoint}/metadata/endpoints?api-version=${METADATA_VERSION}`
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

/** The same in every cloud. https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory */
const STORAGE_AUDIENCE = 'https://storage.azure.com'

/**
 * The audience of data plane tokens. Resource Manager names the host that gets them.
 * @throws Failure (exit 3) when Resource Manager is a custom endpoint, unless `authGiven`.
 */
export function dataAudience({ kind, url }: ArmTarget, authGiven: boolean, audience = EVENT_HUBS_AUDIENCE): string {
  if (kind === 'named' || authGiven) return audience
  const why = `${url} is not an endpoint of Azure, but names the host that would get a token of Azure.`
  throw notTrusted(`Failed to sign in to ${audience === STORAGE_AUDIENCE ? 'the storage account' : 'Event Hubs'}`, why)
}
