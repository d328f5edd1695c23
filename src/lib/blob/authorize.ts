import { createHmac } from 'node:crypto'
import type { Secret } from '../secret.ts'
import type { StorageConnection } from './storage-connection.ts'
import type { BlobRequest } from './transport.ts'

/** Adds to a request what shows that it is allowed. */
export type Authorize = (request: BlobRequest) => BlobRequest | Promise<BlobRequest>

/** By what a connection string gives: a key, or a shared access signature. */
export const byConnection = ({ accountName, credential }: StorageConnection): Authorize =>
  credential.kind === 'key' ? byKey(accountName, credential.key) : bySignature(credential.sas)

/** By a token of Entra ID for https://storage.azure.com/, which is asked for before every request. */
export const byToken =
  (token: () => Promise<Secret>): Authorize =>
  async (request) =>
    withHeader(request, `Bearer ${(await token()).reveal()}`)

const bySignature =
  (sas: Secret): Authorize =>
  (request) => ({ ...request, url: `${request.url}${request.url.includes('?') ? '&' : '?'}${sas.reveal()}` })

/** The headers that a signature names by their place, in this order. */
const SIGNED = [
  ...['content-encoding', 'content-language', 'content-length', 'content-md5', 'content-type', 'date'],
  ...['if-modified-since', 'if-match', 'if-none-match', 'if-unmodified-since', 'range'],
]

/** https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
const byKey =
  (account: string, key: Secret): Authorize =>
  (request) => {
    const { method, headers, url } = request
    // An empty body counts as none since version 2015-02-21.
    const ofPlace = SIGNED.map((name) =>
      name === 'content-length' && headers[name] === '0' ? '' : (headers[name] ?? ''),
    )
    const ofAzure = Object.keys(headers).filter((name) => name.startsWith('x-ms-'))
    const lines = [
      method,
      ...ofPlace,
      ...ofAzure.sort().map((name) => `${name}:${headers[name]}`),
      resource(account, url),
    ]
    const signature = createHmac('sha256', Buffer.from(key.reveal(), 'base64'))
      .update(lines.join('\n'))
      .digest('base64')
    return withHeader(request, `SharedKey ${account}:${signature}`)
  }

function resource(account: string, url: string): string {
  const [whole = '', query = ''] = url.split('?')
  const path = whole.slice(new URL(url).origin.length)
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => `\n${name.toLowerCase()}:${value}`)
  return `/${account}${path || '/'}${parameters.sort().join('')}`
}

const withHeader = (request: BlobRequest, authorization: string): BlobRequest => ({
  ...request,
  headers: { ...request.headers, authorization },
})
