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
  /** Most requests that were under way at once. */
  readonly widest: () => number
}

/** Stands between the command line and Azure: keeps what is sent, and may keep answers until `hold` requests are there. */
export async function tapWire(azure: TestAzure, options: { readonly hold?: number } = {}): Promise<WireTap> {
  const requests: Tapped[] = []
  const held: (() => void)[] = []
  let underWay = 0
  let widest = 0
  const gathered = () =>
    new Promise<void>((resolve) => {
      held.push(resolve)
      if (held.length >= (options.hold ?? 1)) for (const go of held) go()
    })
  const server = createServer((request, response) => {
    void (async () => {
      widest = Math.max(widest, ++underWay)
      const body = await textOf(request)
      requests.push({ method: request.method!, path: request.url!.split('?')[0]!, body })
      await gathered()
      const answer = await fetch(`${azure.arm.endpoint}${request.url}`, {
        method: request.method!,
        headers: { authorization: 'Bearer tap', 'content-type': 'application/json' },
        ...(body !== '' && { body }),
      })
      underWay--
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
      response.end(await answer.text())
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { env: { ML_INGEST_ARM_ENDPOINT: `http://127.0.0.1:${port}` }, requests, widest: () => widest }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
