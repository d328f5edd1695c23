import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type Pipeline,
} from '@azure/core-rest-pipeline'
import type { Call } from '../engine/cloud.ts'

export interface ArmRequest {
  readonly method: HttpMethods
  /** From the endpoint on; see `armPath`. */
  readonly path: string
  readonly apiVersion: string
  /** JSON text. */
  readonly body?: string
}

/** Requests that the SDK's clients have no method for, or not the right one, through the SDK's pipeline. */
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

  /** All pages of a list; `filter` in the words of OData. */
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

/** Joins segments, each encoded: names may hold `$`, `(` and the like. */
export const armPath = (...segments: readonly string[]): string =>
  segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
