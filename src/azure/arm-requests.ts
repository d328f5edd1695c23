import { createEventHubManagement, type EventHubManagementContext } from '@azure/arm-eventhub/api'
import { createResourceManagement, type ResourceManagementContext } from '@azure/arm-resources/api'
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type Pipeline,
} from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/identity'
import type { Call } from '../engine/cloud.ts'
import type { NewestVersion } from './api-versions.ts'

export const EVENT_HUBS_PROVIDER = 'Microsoft.EventHub'

export interface ArmClientOptions {
  readonly subscriptionId: string
  readonly endpoint: string
  readonly pipeline: Pipeline
  readonly httpClient: HttpClient
  readonly credential: TokenCredential
  /** Shared by all clients of a run, so that only one has to find it out. */
  readonly version: NewestVersion
}

/** The SDK's clients for one subscription, for its functions: `clients.eventHubs(call, (api) => get(api, …))`. */
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

  /** The path of a namespace, or of something in it: `'eventhubs', 'clicks'`. */
  namespacePath(group: string, namespace: string, ...below: readonly string[]): string {
    const above = ['subscriptions', this.subscriptionId, 'resourceGroups', group, 'providers', EVENT_HUBS_PROVIDER]
    return armPath(...above, 'namespaces', namespace, ...below)
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

export interface ArmRequest {
  readonly method: HttpMethods
  /** After the endpoint: see `armPath`. */
  readonly path: string
  readonly apiVersion: string
  /** JSON text. */
  readonly body?: string
}

/** Requests for which the SDK has no function, or not the right one, through the SDK's pipeline. */
export class ArmRest {
  readonly #endpoint: string
  readonly #pipeline: Pipeline
  readonly #http: HttpClient

  constructor(endpoint: string, pipeline: Pipeline, http: HttpClient) {
    this.#endpoint = endpoint
    this.#pipeline = pipeline
    this.#http = http
  }

  /** @returns the text of the answer. */
  async send({ method, path, apiVersion, body }: ArmRequest, call: Call): Promise<string> {
    return this.#sendTo(`${this.#endpoint}${path}?api-version=${apiVersion}`, method, body, call)
  }

  /** All pages of a list. `filter` is OData. */
  async list<T>(path: string, apiVersion: string, call: Call, filter?: string): Promise<readonly T[]> {
    const all: T[] = []
    const query = filter === undefined ? '' : `&$filter=${encodeURIComponent(filter)}`
    let url: string | undefined = `${this.#endpoint}${path}?api-version=${apiVersion}${query}`
    while (url) {
      const text: string = await this.#sendTo(url, 'GET', undefined, call)
      const page = JSON.parse(text || '{}') as { readonly value?: readonly T[]; readonly nextLink?: string }
      all.push(...(page.value ?? []))
      url = page.nextLink
    }
    return all
  }

  async #sendTo(url: string, method: HttpMethods, body: string | undefined, { signal }: Call): Promise<string> {
    const headers = createHttpHeaders({ Accept: 'application/json' })
    if (body !== undefined) headers.set('Content-Type', 'application/json; charset=utf-8')
    const request = createPipelineRequest({
      url,
      method,
      headers,
      abortSignal: signal,
      ...(body === undefined ? {} : { body }),
    })
    const response = await this.#pipeline.sendRequest(this.#http, request)
    return response.bodyAsText ?? ''
  }
}

/** Encodes and joins segments: names may contain `$`, `(` and the like. */
export const armPath = (...segments: readonly string[]): string =>
  segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
