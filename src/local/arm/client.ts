import { Failure, wordsOfError } from '../../lib/errors.ts'
import { askOverHttp } from '../../lib/http.ts'
import type { Text } from '../../lib/phrase.ts'
import { LOCAL_SUBSCRIPTION } from '../constants.ts'

const API_VERSION = '2024-01-01'
const GROUP_API_VERSION = '2021-04-01'
const PROVIDER = 'providers/Microsoft.EventHub/namespaces'

const SUBSCRIPTION = `/subscriptions/${LOCAL_SUBSCRIPTION.subscriptionId}`
/** Paths of resources in the embedded Azure. */
export const pathOf = {
  group: (group: string) => `${SUBSCRIPTION}/resourceGroups/${group}`,
  namespaces: `${SUBSCRIPTION}/${PROVIDER}`,
  namespace: (group: string, namespace: string) =>
    `${SUBSCRIPTION}/resourceGroups/${group}/${PROVIDER}/${encodeURIComponent(namespace)}`,
  hub: (namespacePath: string, hub: string) => `${namespacePath}/eventhubs/${encodeURIComponent(hub)}`,
} as const

/** A resource as Resource Manager shows it. */
export interface ArmResource {
  readonly id: string
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
}

export interface ArmKeys {
  readonly primaryConnectionString: string
  readonly primaryKey: string
}

/** Talks to a running embedded Azure. */
export interface ArmClient {
  readonly paths: typeof pathOf
  /** All entries, of all pages. */
  list(path: string): Promise<readonly ArmResource[]>
  listKeys(rulePath: string): Promise<ArmKeys>
}

export interface ArmClientOptions {
  readonly stop?: AbortSignal
  /** What to do when no answer comes. */
  readonly hint?: Text
}

/** How long the embedded Azure may be silent. */
const TIMEOUT_MS = 30_000

/**
 * All methods reject with Failure `local-request` when the embedded Azure refuses, with `local-stopped` when it ends or is
 * silent, and with the reason of the signal.
 */
export function armClient(endpoint: string, { stop, hint }: ArmClientOptions = {}): ArmClient {
  async function send(method: string, url: string, body?: object): Promise<{ status: number; body: unknown }> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const { status, text } = await askOverHttp(url, {
      signal: stop ? AbortSignal.any([stop, timeout]) : timeout,
      method,
      headers: { authorization: 'Bearer ml-ingest-loopback', 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    }).catch((error: unknown) => {
      stop?.throwIfAborted()
      const reason = timeout.aborted ? `nothing came within ${TIMEOUT_MS / 1_000} s` : wordsOfError(error)
      throw new Failure({
        code: 'local-stopped',
        message: 'The embedded Azure did not answer',
        why: [`It was asked to ${method} ${new URL(url).pathname}: ${reason}.`],
        hint,
      })
    })
    if (status < 300 || status === 404) return { status, body: parse(text) }
    throw refused(method, new URL(url).pathname, status, parse(text))
  }
  const urlOf = (path: string) =>
    `${endpoint}${path}?api-version=${path.includes(PROVIDER) ? API_VERSION : GROUP_API_VERSION}`
  const must = async (method: string, path: string, body?: object) => {
    const answer = await send(method, urlOf(path), body)
    if (answer.status === 404) throw refused(method, path, 404, answer.body)
    return answer.body
  }
  return {
    paths: pathOf,
    list: async (path) => {
      const all: ArmResource[] = []
      for (let next: string | undefined = urlOf(path); next !== undefined;) {
        const { body } = await send('GET', next)
        const page = (body ?? {}) as { readonly value?: readonly ArmResource[]; readonly nextLink?: string }
        all.push(...(page.value ?? []))
        next = page.nextLink
      }
      return all
    },
    listKeys: async (rulePath) => (await must('POST', `${rulePath}/listKeys`)) as ArmKeys,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(method: string, path: string, status: number, body: unknown): Failure {
  const { error } = (body ?? {}) as { readonly error?: { readonly code?: string; readonly message?: string } }
  return new Failure({
    code: 'local-request',
    message: `The embedded Azure refused: ${error?.message ?? `HTTP ${status}`}`,
    why: [`It was asked to ${method} ${path}`],
    azure: { status, ...(error?.code === undefined ? {} : { code: error.code }) },
  })
}
