import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { DataCredential, DataRole } from '../engine/connection.ts'
import type { Known } from '../resources/validate.ts'
import { LOCAL_LOCATION, LOCAL_SUBSCRIPTION } from '../local/index.ts'
import { debugLine } from './debug-line.ts'
import type { Session } from './session.ts'

/** A way to Azure, real or embedded. Signs in at the first request. */
export interface Connected {
  readonly catalog: Catalog
  readonly cloudFor: (subscriptionId: string) => Cloud
  readonly dataCredential: DataCredential
  /** The data roles of who is signed in, on a hub or inherited; undefined when they may not be read. */
  readonly dataRoles: (hubId: string, call: Call) => Promise<readonly DataRole[] | undefined>
  /** Where Resource Manager listens, when it is not the one of the cloud. */
  readonly armEndpoint: string | undefined
  /** Where a plan happens, for its title. */
  readonly placeOf: (subscriptionId: string) => string
}

/** What is known before anything is sent. The embedded Azure has one subscription, and a region for what names none. */
export const knownBefore = (session: Session): Known =>
  session.inputs.local?.value
    ? { subscriptionId: LOCAL_SUBSCRIPTION.subscriptionId, fallbackLocation: LOCAL_LOCATION }
    : {}

export async function connect(session: Session): Promise<Connected> {
  const { inputs, deps, io } = session
  const armEndpoint = inputs.local?.value
    ? await (await import('./local-endpoint.ts')).localEndpoint(session)
    : deps.env['ML_INGEST_ARM_ENDPOINT'] || undefined
  const { connectAzure } = await import('../azure/connect.ts')
  const connection = connectAzure({
    cloud: inputs.cloud?.value ?? 'AzureCloud',
    auth: inputs.auth?.value ?? 'auto',
    authGiven: !inputs.local?.value && inputs.auth !== undefined,
    tenantId: inputs.tenant?.value,
    armEndpoint,
    env: deps.env,
    clock: deps.clock,
    userAgent: `ml-ingest/${deps.version}`,
    onQuota: (kind, left) => session.pace.learn(kind, left),
    onRequest: io.debug ? (request) => io.err(debugLine(request)) : undefined,
    onSdkLog: (text) => io.err(text),
  })
  return {
    catalog: connection.catalog,
    cloudFor: (subscriptionId) => connection.cloud(subscriptionId),
    dataCredential: connection.dataCredential,
    dataRoles: (hubId, call) => connection.dataRoles(hubId, call),
    armEndpoint,
    placeOf: (subscriptionId) => (inputs.local?.value ? 'the embedded Azure' : `subscription ${subscriptionId}`),
  }
}
