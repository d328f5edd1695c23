import { type LocalArm, type LocalArmOptions, startLocalArm } from '../../../src/local/arm/local-arm.ts'

export const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000'
const VERSION = '2024-05-01-preview'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

export interface Client extends AsyncDisposable {
  readonly arm: LocalArm
  /** `path` begins with `/`; `~` stands for the test subscription and `@` for the Event Hubs provider in group rg. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

const expand = (path: string): string =>
  path.replace(/^@/, `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub`).replace(/^~/, SUBSCRIPTION)

/** Adds the api-version and a token, as every client does. */
export async function start(options: LocalArmOptions = {}): Promise<Client> {
  const arm = await startLocalArm(options)
  return {
    arm,
    call: async (method, path, body, headers = {}) => {
      const full = expand(path)
      const versioned = /[?&]api-version=/.test(full)
        ? full
        : `${full}${full.includes('?') ? '&' : '?'}api-version=${full.split('?')[0]!.includes('Microsoft.EventHub') ? VERSION : '2022-09-01'}`
      const response = await fetch(versioned.startsWith('http') ? versioned : arm.endpoint + versioned, {
        method,
        headers: {
          authorization: 'Bearer test',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson ? (JSON.parse(text) as unknown) : undefined,
      }
    },
    [Symbol.asyncDispose]: () => arm.close(),
  }
}

/** With group `rg` and a Standard namespace `namespace1` in it. */
export async function startWithNamespace(options: LocalArmOptions = {}): Promise<Client> {
  return start({ seed: { namespaces: [{ group: 'rg', name: 'namespace1' }] }, ...options })
}
