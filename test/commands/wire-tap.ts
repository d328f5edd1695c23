import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { TestAzure } from '../support/azure.ts'

export interface Tapped {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly body: string
}

export interface WireTap {
  /** For `run(argv, { env: tap.env })`. */
  readonly env: Readonly<Record<string, string>>
  readonly requests: readonly Tapped[]
}

export interface TapOptions {
  /** Keeps every answer until so many requests are there. */
  readonly hold?: number
  /** Answers in Azure's place. */
  readonly answer?: (request: Tapped) => { readonly status: number; readonly body: object } | undefined
  /** Changes the text of an answer. */
  readonly edit?: (text: string) => string
}

/** Stands between the command line and Azure, and keeps what is sent. */
export async function tapWire(azure: TestAzure, options: TapOptions = {}): Promise<WireTap> {
  const requests: Tapped[] = []
  const held: (() => void)[] = []
  const gathered = () =>
    new Promise<void>((resolve) => {
      held.push(resolve)
      if (held.length >= (options.hold ?? 1)) for (const go of held) go()
    })
  const server = createServer((request, response) => {
    void (async () => {
      const body = await textOf(request)
      const tapped = { method: request.method!, path: request.url!.split('?')[0]!, body }
      requests.push(tapped)
      await gathered()
      const own = options.answer?.(tapped)
      if (own) {
        response.writeHead(own.status, { 'content-type': 'application/json', 'x-ms-request-id': 'tap' })
        return response.end(JSON.stringify(own.body))
      }
      const answer = await fetch(`${azure.arm.endpoint}${request.url}`, {
        method: request.method!,
        headers: { authorization: 'Bearer tap', 'content-type': 'application/json' },
        ...(body !== '' && { body }),
      })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
      const text = await answer.text()
      return response.end(options.edit?.(text) ?? text)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { env: { ML_INGEST_ARM_ENDPOINT: `http://127.0.0.1:${port}` }, requests }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
