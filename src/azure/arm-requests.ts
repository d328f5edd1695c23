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
import type { Api, ApiVersions } from './api-versions.ts'

export const EVENT_HUBS_PROVIDER = 'Microsoft.EventHub'

export interface ArmClientOptions {
  readonly subscriptionId: string
  readonly endpoint: string
  readonly pipeline: Pipeline
  readonly httpClient: HttpClient
  readonly credential: TokenCredential
  /** Shared by all clients of the run. */
  readonly versions: ApiVersions
}

/** The SDK's clients of one subscription, for its functions: `clients.eventHubs(call, (api) => get(api, …))`. */
export class ArmClients {
  readonly subscriptionId: string
  readonly #eventHubs: EventHubManagementContext
  readonly #resources: ResourceManagementContext
  readonly #versions: ApiVersions

  constructor({ credential, subscriptionId, versions, ...shared }: ArmClientOptions) {
    this.subscriptionId = subscriptionId
    this.#eventHubs = createEventHubManagement(credential, subscriptionId, shared)
    this.#resources = createResourceManagement(credential, subscriptionId, shared)
    this.#versions = versions
  }

  async eventHubs<T>({ signal }: Call, request: (api: EventHubManagementContext) => Promise<T>): Promise<T> {
    return this.#versions.ask('eventHubs', (apiVersion) =>
      request(stoppedBy(signal, { ...this.#eventHubs, apiVersion })),
    )
  }

  async resources<T>({ signal }: Call, request: (api: ResourceManagementContext) => Promise<T>): Promise<T> {
    return this.#versions.ask('resources', (apiVersion) =>
      request(stoppedBy(signal, { ...this.#resources, apiVersion })),
    )
  }

  /** The path of a namespace, or of a resource in it with `'eventhubs', 'clicks'`. */
  namespacePath(group: string, namespace: string, ...below: readonly string[]): string {
    const above = ['subscriptions', this.subscriptionId, 'resourceGroups', group, 'providers', EVENT_HUBS_PROVIDER]
    return armPath(...above, 'namespaces', namespace, ...below)
  }
}

type Client = Pick<EventHubManagementContext, 'path' | 'pathUnchecked'>
type Methods = ReturnType<Client['pathUnchecked']>

/** Adds the signal to every request of the client. The SDK omits it for further pages of a list. */
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
  /** From `armPath`. */
  readonly path: string
  readonly api: Api
  readonly query?: Query
  /** JSON text. */
  readonly body?: string
}

/** Parameters beside the api-version, whose names need no encoding: `$filter`. */
export type Query = Readonly<Record<string, string>>

/** Sends requests that no function of the SDK can send, through the SDK's pipeline. */
export class ArmRest {
  readonly #endpoint: string
  readonly #pipeline: Pipeline
  readonly #http: HttpClient
  readonly #versions: ApiVersions

  constructor(endpoint: string, pipeline: Pipeline, http: HttpClient, versions: ApiVersions) {
    this.#endpoint = endpoint
    this.#pipeline = pipeline
    this.#http = http
    this.#versions = versions
  }

  /** Answers the text of the response. */
  async send(request: ArmRequest, call: Call): Promise<string> {
    return this.#versions.ask(request.api, (apiVersion) => this.sendIn(apiVersion, request, call))
  }

  /** The same in one api-version. */
  async sendIn(
    apiVersion: string,
    { method, path, query, body }: Omit<ArmRequest, 'api'>,
    call: Call,
  ): Promise<string> {
    return this.#sendTo(this.#urlOf(path, apiVersion, query), method, body, call)
  }

  /** All pages of a list. */
  async list<T>(path: string, api: Api, call: Call, query?: Query): Promise<readonly T[]> {
    return this.#versions.ask(api, (apiVersion) => this.#pages<T>(this.#urlOf(path, apiVersion, query), call))
  }

  #urlOf(path: string, apiVersion: string, query: Query = {}): string {
    const pairs = Object.entries({ 'api-version': apiVersion, ...query })
    return `${this.#endpoint}${path}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
  }

  async #pages<T>(first: string, call: Call): Promise<readonly T[]> {
    const all: T[] = []
    let url: string | undefined = first
    while (url) {
      const text: string = await this.#sendTo(url, 'GET', undefined, call)
      const page = JSON.parse(text) as { readonly value?: readonly T[]; readonly nextLink?: string }
      if (!isList(page.value)) throw new TypeError('a list has no value')
      all.push(...page.value)
      url = page.nextLink
    }
    return all
  }

  async #sendTo(url: string, method: HttpMethods, body: string | undefined, { signal }: Call): Promise<string> {
    const headers = createHttpHeaders({ Accept: 'application/json' })
    const request = createPipelineRequest({ url, method, headers, abortSignal: signal })
    if (body !== undefined) {
      headers.set('Content-Type', 'application/json; charset=utf-8')
      request.body = body
    }
    const response = await this.#pipeline.sendRequest(this.#http, request)
    return response.bodyAsText ?? ''
  }
}

const isList = <T>(value: readonly T[] | undefined): value is readonly T[] => Array.isArray(value)

/** Joins and encodes segments, which may contain `$` or `(`. */
export const armPath = (...segments: readonly string[]): string =>
  segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
