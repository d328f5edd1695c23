import * as http from 'node:http'
import * as https from 'node:https'

/** One request to a blob endpoint. */
export interface BlobRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT'
  /** Encoded, and sent as it is. */
  readonly url: string
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly signal?: AbortSignal | undefined
}

/** An answer of any status. */
export interface BlobAnswer {
  readonly status: number
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: AsyncIterable<Buffer>
}

/** Sends a request. Rejects, with Node's `code` where there is one, when no answer comes. */
export type BlobTransport = (request: BlobRequest) => Promise<BlobAnswer>

/** The time that may pass without a byte until the answer begins. */
const SILENCE_MS = 30_000
const BROKEN = ['ECONNRESET', 'EPIPE']

/**
 * Sends requests by Node's own client, over connections that are kept. One that the other side had closed meanwhile is not
 * an error: the request goes out again, once. https://nodejs.org/api/http.html#requestreusedsocket
 */
export function nodeTransport(): BlobTransport {
  const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) }
  return (request) => {
    const target = new URL(request.url)
    const isTls = target.protocol === 'https:'
    const send = (agent: http.Agent | false) => {
      const outgoing = (isTls ? https : http).request({
        ...{ method: request.method, headers: request.headers, agent, timeout: SILENCE_MS },
        ...{ hostname: target.hostname.replace(/^\[|\]$/g, ''), port: target.port },
        // As it is: a URL would take `..` out of the name of a blob.
        path: request.url.slice(target.origin.length),
        ...(request.signal && { signal: request.signal }),
      })
      return { outgoing, answer: answerTo(outgoing, request.body) }
    }
    const first = send(agents[isTls ? 'https:' : 'http:'])
    return first.answer.catch((error: NodeJS.ErrnoException) => {
      if (first.outgoing.reusedSocket && BROKEN.includes(error.code ?? '')) return send(false).answer
      throw error
    })
  }
}

const answerTo = (outgoing: http.ClientRequest, body: Buffer | undefined): Promise<BlobAnswer> =>
  new Promise((resolve, reject) => {
    outgoing.once('timeout', () => outgoing.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })))
    outgoing.on('error', reject)
    outgoing.once('response', (incoming) => {
      // Whoever reads a blob may pause.
      if (outgoing.method === 'GET') outgoing.setTimeout(0)
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: incoming })
    })
    outgoing.end(body)
  })
