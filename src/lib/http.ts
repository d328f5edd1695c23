import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface HttpOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** An answer of any status. */
export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

/**
 * Asks a process on this machine, over a connection of its own: one that is kept may have been closed by a process that ends.
 * Rejects when no whole answer comes, or the signal fires. Uses `node:http`, because the first `fetch` of a process loads
 * undici, which takes 40 ms and more.
 */
export async function askOverHttp(url: string | URL, options: HttpOptions = {}): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body, signal } = options
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers, agent: false, ...(signal && { signal }) }, resolve)
      .on('error', reject)
      .end(body)
  })
  return { status: incoming.statusCode ?? 0, text: await text(incoming) }
}
