import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connectAzure, type AzureConnection, type AzureOptions } from '../../src/azure/connect.ts'
import type { Call } from '../../src/engine/cloud.ts'
import { realClock } from '../../src/lib/clock.ts'
import { plainSpeller, spelledFailure } from '../../src/ui/spell.ts'

export const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000'
export const AT = { group: 'rg', namespace: 'ns-demo' } as const

export const call: Call = { signal: new AbortController().signal }

export const connect = (armEndpoint: string, more: Partial<AzureOptions> = {}): AzureConnection =>
  connectAzure({
    cloud: 'AzureCloud',
    auth: 'auto',
    authGiven: false,
    armEndpoint,
    env: {},
    clock: realClock,
    userAgent: 'ml-ingest/test',
    ...more,
  })

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Awkward {
  readonly endpoint: string
  readonly seen: Seen[]
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A server for answers that no decent Azure gives. `reset` cuts the connection, `silence` never answers. */
export async function serve(
  answer: (request: Seen, index: number) => Answer | 'reset' | 'silence',
  host = '127.0.0.1',
): Promise<Awkward> {
  const seen: Seen[] = []
  const server: Server = createServer((request, response) => {
    void read(request).then((body) => {
      const one: Seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
      seen.push(one)
      reply(response, answer(one, seen.length - 1))
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://${host === '::1' ? '[::1]' : host}:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function reply(response: ServerResponse, answer: Answer | 'reset' | 'silence'): void {
  if (answer === 'silence') return
  if (answer === 'reset') {
    response.destroy()
    return
  }
  const text = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body))
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers })
  response.end(text)
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** The error that a promise rejects with, its command lines spelled. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return spelledFailure(error, plainSpeller)
  }
  throw new Error('it was expected to fail')
}
