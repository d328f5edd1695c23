import { createEventHubManagement, type EventHubManagementContext } from '@azure/arm-eventhub/api'
import { createResourceManagement, type ResourceManagementContext } from '@azure/arm-resources/api'
import type { HttpClient, Pipeline } from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/identity'
import type { Call } from '../engine/cloud.ts'
import type { NewestVersion } from './newest-version.ts'

export interface ArmClientOptions {
  readonly subscriptionId: string
  readonly endpoint: string
  readonly pipeline: Pipeline
  readonly httpClient: HttpClient
  readonly credential: TokenCredential
  /** Shared by all clients of a run: what one finds out about the cloud, the others need not. */
  readonly version: NewestVersion
}

/** The SDK's clients for one subscription, as its functions take them: `client.eventHubs(call, (api) => get(api, …))`. */
export class ArmClients {
  readonly subscriptionId: string
  readonly #eventHubs: EventHubManagementContext
  readonly #resources: ResourceManagementContext
  readonly #version: NewestVersion

  constructor({ credential, subscriptionId, version, ...shared }: ArmClientOptions) {
    this.subscriptionId = subscriptionId
    this.#eventHubs = createEventHubManagement(credential, subscriptionId, shared)
    this.#resources = createResourceManagement(credential, subscriptionId, shared)
    this.#version = version
  }

  async eventHubs<T>({ signal }: Call, request: (api: EventHubManagementContext) => Promise<T>): Promise<T> {
    return this.#version.ask((apiVersion) => request(stoppedBy(signal, { ...this.#eventHubs, apiVersion })))
  }

  async resources<T>({ signal }: Call, request: (api: ResourceManagementContext) => Promise<T>): Promise<T> {
    return request(stoppedBy(signal, this.#resources))
  }
}

type Client = Pick<EventHubManagementContext, 'path' | 'pathUnchecked'>
type Methods = ReturnType<Client['pathUnchecked']>

/** The same client, all of whose requests end with the signal. The SDK's lists would fetch further pages without one. */
function stoppedBy<C extends Client>(signal: AbortSignal, client: C): C {
  const path: Client['pathUnchecked'] = (route, ...parameters) => {
    const to = client.pathUnchecked(route, ...parameters)
    const methods = Object.keys(to) as (keyof Methods)[]
    return methods.reduce<Methods>(
      (all, name) => ({ ...all, [name]: (options = {}) => to[name]({ ...options, abortSignal: signal }) }),
      to,
    )
  }
  return { ...client, path, pathUnchecked: path }
}
