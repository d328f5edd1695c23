import type { OnRequest, RequestSeen } from '../azure/pipeline.ts'
import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { DataCredential, DataRole } from '../engine/connection.ts'
import { redact } from '../lib/secret.ts'
import { LOCAL_LOCATION, LOCAL_SUBSCRIPTION } from '../local/index.ts'
import type { Known } from '../resources/front-door.ts'
import type { Io } from '../ui/io.ts'
import type { Invocation } from './invocation.ts'
import type { Run } from './run.ts'

/** The connection to Azure, real or embedded. The first request signs in. */
export interface SignedIn {
  readonly catalog: Catalog
  readonly cloudFor: (subscriptionId: string) => Cloud
  readonly dataCredential: DataCredential
  /** For Kafka clients of a host. */
  readonly kafkaCredential: (host: string) => DataCredential
  /** For the blobs of storage accounts. */
  readonly storageCredential: DataCredential
  /** Where the blobs of a storage account are. */
  readonly blobEndpoint: (account: string) => string
  /** The page of a resource in the portal of Azure; undefined where there is none, as for the embedded Azure. */
  readonly portal: (resourceId: string) => string | undefined
  /** Where the events of a namespace are: `ns.servicebus.windows.net`. */
  readonly dataHost: (namespace: string) => string
  /** The data roles of the account on a hub, including inherited ones. Undefined if it may not read them. */
  readonly dataRoles: (hubId: string, call: Call) => Promise<readonly DataRole[] | undefined>
  /** Address of Resource Manager if it is not the default of the cloud. */
  readonly armEndpoint: string | undefined
}

/** What is known before anything is sent: the embedded Azure has one subscription and a default region. */
export const knownBefore = ({ given }: Invocation): Known =>
  given.local?.value
    ? { subscriptionId: LOCAL_SUBSCRIPTION.subscriptionId, fallbackLocation: LOCAL_LOCATION, isLocal: true }
    : {}

export async function signIn(run: Run): Promise<SignedIn> {
  const { invocation, streams, azure, deps } = run
  const { given, wanted } = invocation
  const { io } = streams
  const isLocal = given.local?.value ?? false
  // While the embedded Azure is asked whether it runs, the SDK loads.
  const [armEndpoint, { connectAzure }] = await Promise.all([
    isLocal
      ? import('./local-azure.ts').then(({ localEndpoint }) => localEndpoint(run))
      : deps.env['ML_INGEST_ARM_ENDPOINT'] || undefined,
    import('../azure/connect.ts'),
  ])
  const connection = connectAzure({
    cloud: given.cloud?.value ?? 'AzureCloud',
    auth: given.auth?.value ?? 'auto',
    authGiven: !isLocal && given.auth !== undefined,
    tenantId: wanted.tenant?.value,
    armEndpoint,
    env: deps.env,
    clock: azure.clock,
    userAgent: `ml-ingest/${deps.version}`,
    onQuota: (kind, left) => azure.gate.pace.learn(kind, left),
    onRequest: onRequestOf(io),
    onSdkLog: (text) => io.err(text),
  })
  return {
    catalog: connection.catalog,
    cloudFor: (subscriptionId) => connection.cloud(subscriptionId),
    dataCredential: connection.dataCredential,
    kafkaCredential: (host) => connection.kafkaCredential(host),
    storageCredential: connection.storageCredential,
    blobEndpoint: (account) => connection.blobEndpoint(account),
    portal: (resourceId) => connection.portal(resourceId),
    dataHost: (namespace) => connection.dataHost(namespace),
    dataRoles: (hubId, call) => connection.dataRoles(hubId, call),
    armEndpoint,
  }
}

/** Shows the requests of a run with `--debug`. */
export const onRequestOf = (io: Io): OnRequest | undefined =>
  io.debug ? (request) => io.err(requestLine(request)) : undefined

/** A request for `--debug`: `PUT /subscriptions/…/namespaces/ns 201 812ms request 6f1c…`. */
function requestLine(seen: RequestSeen): string {
  const outcome = seen.status ?? seen.failure ?? 'no answer'
  const ids = [
    ...(seen.requestId ? [`request ${seen.requestId}`] : []),
    ...(seen.retryAfter ? [`retry after ${seen.retryAfter}s`] : []),
  ]
  return redact([seen.method, seen.url, outcome, `${Math.round(seen.elapsedMs)}ms`, ...ids].join(' '))
}
