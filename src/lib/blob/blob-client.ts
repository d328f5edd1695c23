import type { Clock } from '../clock.ts'
import { byConnection, type Authorize } from './authorize.ts'
import { type BlobError, refusedBy, unreached } from './blob-error.ts'
import type { StorageConnection } from './storage-connection.ts'
import { type BlobAnswer, type BlobRequest, type BlobTransport, nodeTransport } from './transport.ts'

/** The codes where a blob should be new and is not. */
export const NAME_TAKEN: readonly string[] = ['BlobAlreadyExists', 'ConditionNotMet', 'UnauthorizedBlobOverwrite']

/** Azurite and every storage account of Azure know it. */
const API_VERSION = '2021-12-02'

export interface BlobClientOptions {
  /** `https://lake.blob.core.windows.net`, without a slash at its end. */
  readonly endpoint: string
  readonly authorize: Authorize
  readonly transport: BlobTransport
  readonly clock: Pick<Clock, 'now'>
}

/** What is asked of an endpoint. */
interface Ask {
  readonly method: BlobRequest['method']
  /** Container, and blob with its slashes. */
  readonly names: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly signal?: AbortSignal | undefined
}

/**
 * The part of the Blob service that Capture needs. Everything rejects with `BlobError`, and nothing is tried again.
 * https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
 */
export class BlobClient {
  readonly #options: BlobClientOptions

  constructor(options: BlobClientOptions) {
    this.#options = options
  }

  /** One that goes where a connection string says, by Node's own client. */
  static of(connection: StorageConnection, clock: Pick<Clock, 'now'>): BlobClient {
    const authorize = byConnection(connection)
    return new BlobClient({ endpoint: connection.blobEndpoint, authorize, transport: nodeTransport(), clock })
  }

  /** Where people find it. Without a blob: the container. */
  urlOf(...names: readonly string[]): string {
    const path = names.map((name) => `/${name.split('/').map(encodeURIComponent).join('/')}`)
    return `${this.#options.endpoint}${path.join('')}`
  }

  /** Makes a container. One that is there is fine. */
  async createContainer(container: string): Promise<void> {
    const ask: Ask = { method: 'PUT', names: [container], query: { restype: 'container' } }
    await this.#done(ask).catch((error: BlobError) => {
      if (error.code !== 'ContainerAlreadyExists') throw error
    })
  }

  /**
   * Sends a part of a blob, which nobody sees yet. The ids of a blob's blocks are base64 and of one length. Azure keeps
   * them for a week. https://learn.microsoft.com/rest/api/storageservices/put-block
   */
  async putBlock(container: string, blob: string, id: string, body: Buffer, signal?: AbortSignal): Promise<void> {
    const query = { comp: 'block', blockid: id }
    await this.#done({ method: 'PUT', names: [container, blob], query, body, signal })
  }

  /**
   * Shows a blob that is made of these blocks. Where there is one of that name the code of the error is one of NAME_TAKEN.
   * https://learn.microsoft.com/rest/api/storageservices/put-block-list
   */
  async putBlockList(container: string, blob: string, ids: readonly string[]): Promise<void> {
    const blocks = ids.map((id) => `<Latest>${id}</Latest>`).join('')
    const body = Buffer.from(`<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks}</BlockList>`)
    await this.#done({
      method: 'PUT',
      names: [container, blob],
      query: { comp: 'blocklist' },
      headers: { 'if-none-match': '*' },
      body,
    })
  }

  /** The first bytes of a blob, so many or as many as it has; undefined where there is none. */
  async firstBytes(container: string, blob: string, bytes: number): Promise<Buffer | undefined> {
    const ask: Ask = { method: 'GET', names: [container, blob], headers: { range: `bytes=0-${bytes - 1}` } }
    try {
      return await this.#whole(ask)
    } catch (error) {
      const { status } = error as BlobError
      if (status === 404) return undefined
      // A blob without bytes has no range.
      if (status === 416) return Buffer.alloc(0)
      throw error
    }
  }

  /** The bytes of a blob, as they come. */
  async get(container: string, blob: string, signal?: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const ask: Ask = { method: 'GET', names: [container, blob], signal }
    const { body } = await this.#send(ask)
    return this.#explained(body, ask)
  }

  /** A page of the list of blobs, as XML. https://learn.microsoft.com/rest/api/storageservices/list-blobs */
  async listPage(container: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<string> {
    const ask: Ask = {
      method: 'GET',
      names: [container],
      query: { restype: 'container', comp: 'list', ...query },
      signal,
    }
    return (await this.#whole(ask)).toString('utf8')
  }

  async #whole(ask: Ask): Promise<Buffer> {
    const { body } = await this.#send(ask)
    const parts: Buffer[] = []
    for await (const part of this.#explained(body, ask)) parts.push(part)
    return Buffer.concat(parts)
  }

  /** Sends what has no answer but its headers. */
  async #done(ask: Ask): Promise<BlobAnswer> {
    const answer = await this.#send(ask)
    await drain(this.#explained(answer.body, ask))
    return answer
  }

  async #send(ask: Ask): Promise<BlobAnswer> {
    const { authorize, transport, clock } = this.#options
    const { method, names, query = {}, body, signal } = ask
    const words = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    const request: BlobRequest = {
      ...{ method, url: [this.urlOf(...names), ...(words.length > 0 ? [words.join('&')] : [])].join('?') },
      headers: {
        'x-ms-version': API_VERSION,
        'x-ms-date': new Date(clock.now()).toUTCString(),
        ...(method === 'PUT' && { 'content-length': String(body?.length ?? 0) }),
        ...ask.headers,
      },
      ...(body && { body }),
      signal,
    }
    const allowed = await authorize(request)
    const answer = await transport(allowed).catch((error: unknown) => {
      signal?.throwIfAborted()
      throw unreached(error, this.urlOf(...names))
    })
    if (answer.status < 300) return answer
    await drain(this.#explained(answer.body, ask))
    throw refusedBy(answer, this.urlOf(...names))
  }

  async *#explained(body: AsyncIterable<Buffer>, { names, signal }: Ask): AsyncGenerator<Buffer> {
    try {
      yield* body
    } catch (error) {
      signal?.throwIfAborted()
      throw unreached(error, this.urlOf(...names))
    }
  }
}

/** Reads to the end, so that the connection can be used again. */
async function drain(body: AsyncIterable<Buffer>): Promise<void> {
  const parts = body[Symbol.asyncIterator]()
  while (!(await parts.next()).done);
}
