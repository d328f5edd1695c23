import { randomUUID } from 'node:crypto'
import { format } from 'node:util'
import type { TokenCredential } from '@azure/identity'
import { AzureLogger } from '@azure/logger'
import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { DataCredential, DataRole } from '../engine/connection.ts'
import type { Clock } from '../lib/clock.ts'
import { redact } from '../lib/redact.ts'
import type { AuthKind, CloudName } from '../inputs/target.ts'
import { NewestVersion } from './api-versions.ts'
import { ArmClients, ArmRest } from './arm-requests.ts'
import { dataAudience, findAudience } from './audience.ts'
import { AzureCatalog } from './azure-catalog.ts'
import { AzureCloud } from './azure-cloud.ts'
import { candidatesFor, defaultSubscriptionOfCli } from './credentials.ts'
import { checkProxy, resolveTarget, type Env } from './endpoint.ts'
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

export interface AzureOptions {
  readonly cloud: CloudName
  readonly auth: AuthKind
  /** The person chose the sign-in, so a loopback or foreign endpoint may get a real token. */
  readonly authGiven: boolean
  readonly tenantId?: string | undefined
  /** The value of ML_INGEST_ARM_ENDPOINT, or where the embedded Azure listens. */
  readonly armEndpoint?: string | undefined
  readonly env: Env
  readonly clock: Clock
  /** `ml-ingest/1.2.0`; the SDK adds itself, Node and the platform. */
  readonly userAgent: string
  /** Called whenever Azure tells how many requests of a kind it still accepts. */
  readonly onQuota?: OnQuota | undefined
  /** Called for each request on the wire. */
  readonly onRequest?: OnRequest | undefined
  /** Gets what the SDK logs, redacted. AZURE_LOG_LEVEL sets the level. */
  readonly onSdkLog?: ((text: string) => void) | undefined
}

export interface AzureConnection {
  cloud(subscriptionId: string): Cloud
  readonly catalog: Catalog
  /** Signs in to Event Hubs as the rest of the run signs in to Resource Manager. */
  readonly dataCredential: DataCredential
  /** The data roles of whoever is signed in, on a hub or inherited. Undefined when they may not be read. */
  dataRoles(hubId: string, call: Call): Promise<readonly DataRole[] | undefined>
  /** Sent with each request of the run, and kept by Azure in its activity log. */
  readonly correlationId: string
}

/**
 * Prepares the connection. It sends nothing, and signs in with the first request.
 * @throws Failure (exit 2) when the endpoint or the proxy cannot be used.
 */
export function connectAzure(options: AzureOptions): AzureConnection {
  const { clock, env, userAgent } = options
  const target = resolveTarget(options.cloud, options.armEndpoint)
  if (!target.loopback) checkProxy(env)
  AzureLogger.log = (...args: unknown[]) => options.onSdkLog?.(redact(format(...args)))
  const run: RunContext = { target, auth: options.auth, tenantId: options.tenantId }
  const correlationId = randomUUID()
  const http = createHttpClient(clock, { onRequest: options.onRequest, onQuota: options.onQuota })
  const carried = { correlationId, userAgent }
  const anonymous = createPlainPipeline(target, carried)
  const signIn = createSignIn(options, run, () =>
    findAudience({ target, anonymous, http, authGiven: options.authGiven }),
  )
  const pipeline = rejectFailures(createArmPipeline(target, signIn, carried))
  const rest = new ArmRest(target.url, pipeline, http)
  const version = new NewestVersion()
  const shared = { endpoint: target.url, pipeline, httpClient: http, credential: signIn, version }
  const clientsOf = (subscriptionId: string) => new ArmClients({ ...shared, subscriptionId })
  const translatorOf = (subscriptionId?: string) =>
    new FailureTranslator(subscriptionId === undefined ? run : { ...run, subscriptionId }, clock)
  const { dataSuffix } = target.cloud
  return {
    correlationId,
    dataCredential: createSignIn(options, run, async () => dataAudience(target, options.authGiven)),
    dataRoles: async (hubId, call) => {
      const token = (await signIn.getToken([], { abortSignal: call.signal }))?.token ?? ''
      return readDataRoles(rest, hubId, token, call)
    },
    cloud: (subscriptionId) =>
      new AzureCloud({
        clients: clientsOf(subscriptionId),
        rest,
        version,
        translator: translatorOf(subscriptionId),
        dataSuffix,
      }),
    catalog: new AzureCatalog({
      rest,
      translatorOf,
      clientsOf,
      dataSuffix,
      signIn: {
        token: async ({ signal }: Call) => (await signIn.getToken([], { abortSignal: signal }))?.token ?? '',
        get via() {
          return signIn.via
        },
      },
      defaultSubscription: async () => (signIn.via === 'Azure CLI' ? defaultSubscriptionOfCli(env) : undefined),
    }),
  }
}

type Signer = TokenCredential & { readonly via: string | undefined }

/** What a loopback endpoint gets in place of a sign-in. */
const MADE_UP_SIGN_IN: Signer = {
  via: 'no sign-in',
  getToken: async () => ({ token: 'ml-ingest-loopback', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
}

function createSignIn(options: AzureOptions, run: RunContext, audience: () => Promise<string>): Signer {
  const { authGiven, auth, env, clock, tenantId } = options
  const { target } = run
  if (target.loopback && !authGiven) return MADE_UP_SIGN_IN
  return new SignIn({
    candidates: candidatesFor({
      auth,
      tenantId,
      env,
      authorityHost: env['AZURE_AUTHORITY_HOST'] ?? target.cloud.authority,
    }),
    audience,
    run,
    clock,
  })
}
