import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline'
import { command, input, action } from '../../inputs/refer.ts'
import type { BlobClient } from '../../lib/blob/blob-client.ts'
import { BlobError } from '../../lib/blob/blob-error.ts'
import { listBlobs } from '../../lib/blob/list-blobs.ts'
import type { BlobTransport } from '../../lib/blob/transport.ts'
import { Failure } from '../../lib/errors.ts'
import { say, type Text } from '../../lib/phrase.ts'
import type { CaptureStore, StoredFile } from './capture-store.ts'

interface BlobStoreOptions {
  readonly container: string
  /** A container that does not exist is one without files. */
  readonly mayBeAbsent: boolean
  readonly signal: AbortSignal
}

/** A container of a storage account. Rejects with `BlobError`. */
export class BlobStore implements CaptureStore {
  readonly where: string
  readonly #client: BlobClient
  readonly #options: BlobStoreOptions

  constructor(client: BlobClient, options: BlobStoreOptions) {
    this.where = client.urlOf(options.container)
    this.#client = client
    this.#options = options
  }

  async *list(prefix: string): AsyncGenerator<StoredFile> {
    const { container, mayBeAbsent, signal } = this.#options
    try {
      yield* listBlobs(this.#client, container, { prefix, signal })
    } catch (error) {
      if (mayBeAbsent && error instanceof BlobError && error.code === 'ContainerNotFound') return
      throw error
    }
  }

  async *open(name: string): AsyncGenerator<Buffer> {
    yield* await this.#client.get(this.#options.container, name, this.#options.signal)
  }

  whereIs(name: string): string {
    return this.#client.urlOf(this.#options.container, name)
  }
}

/** Only on this machine may requests go without TLS. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/

/** Sends requests by the SDK's pipeline, which knows proxies and tries again what may succeed then. */
export function azureTransport(userAgentPrefix: string): BlobTransport {
  const pipeline = createPipelineFromOptions({ userAgentOptions: { userAgentPrefix } })
  const client = createDefaultHttpClient()
  return async ({ method, url, headers, signal }) => {
    const answer = await pipeline.sendRequest(
      client,
      createPipelineRequest({
        ...{ method, url, headers: createHttpHeaders({ ...headers }) },
        // Of every status: a file is not kept in memory.
        streamResponseStatusCodes: new Set([Infinity]),
        allowInsecureConnection: LOOPBACK.test(url),
        ...(signal && { abortSignal: signal }),
      }),
    )
    return {
      status: answer.status,
      headers: answer.headers.toJSON(),
      body: (answer.readableStreamBody ?? []) as AsyncIterable<Buffer>,
    }
  }
}

/** Where files were read from, and by whom. */
export interface StoreRead {
  readonly account: string
  /** Resource id of the account. */
  readonly accountId: string
  readonly container: string
  /** With a connection string that was given, or as the signed-in account. */
  readonly by: 'connection' | 'sign-in'
  readonly isLocal: boolean
}

interface Words {
  readonly code: 'access' | 'absent' | 'azure'
  readonly because: string
  readonly hint: Text
}

/** Why files could not be read, with what helps. */
export function storeFailure(error: BlobError, read: StoreRead): Failure {
  const { account, container } = read
  const { code, because, hint } = wordsOf(error, read)
  return new Failure({
    ...{ code, message: `Can't read container ${container} of storage account ${account}: ${because}` },
    ...{ why: [error.message], hint, cause: error },
    // Without an answer the code is Node's.
    azure:
      error.status === undefined
        ? undefined
        : {
            status: error.status,
            ...(error.code !== '' && { code: error.code }),
            ...(error.requestId !== undefined && { requestId: error.requestId }),
          },
  })
}

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage#storage-blob-data-reader */
const READER = 'Storage Blob Data Reader'

/** Codes of https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and of Node. */
function wordsOf({ code, status }: BlobError, { account, accountId, container, by, isLocal }: StoreRead): Words {
  const useString = say`Give its connection string with ${input('storage')}.`
  const again = 'Run the same command again. If it keeps failing, look at the storage account in the portal.'
  switch (code) {
    case 'ContainerNotFound':
      return {
        ...{ code: 'absent', because: 'there is no such container' },
        hint: say`Make it, and Capture writes into it: ${action({ do: 'make-container', account, container })}`,
      }
    case 'AuthorizationPermissionMismatch':
    case 'InsufficientAccountPermissions':
      return {
        ...{ code: 'access', because: `your account lacks the role ${READER}` },
        hint: say`Ask an owner for it, and try again some minutes later:\n${action({ do: 'assign-role', role: READER, assignee: 'YOUR_OBJECT_ID', scope: accountId })}`,
      }
    case 'AuthorizationFailure':
    case 'AuthenticationFailed':
      if (by === 'connection')
        return {
          ...{ code: 'access', because: 'the connection string is not accepted, or not from here' },
          hint: say`Give a newer one with ${input('storage')}, or let the address of this machine in, under Networking of the storage account.`,
        }
      return code === 'AuthorizationFailure'
        ? {
            ...{ code: 'access', because: 'its firewall keeps this machine out, or its settings do' },
            hint: 'Let the address of this machine in, under Networking of the storage account in the portal.',
          }
        : {
            ...{ code: 'access', because: 'the sign-in is not accepted' },
            hint: say`Sign in to the tenant of the storage account, or read with a key. ${useString}`,
          }
    case 'ENOTFOUND':
      return {
        ...{ code: 'absent', because: 'there is no such account' },
        hint: say`If it has a name of its own in DNS, read with a key. ${useString} If it is gone, choose another with: ${command('create', { captureStorageAccount: { blank: 'ID' } })}`,
      }
    default:
      return {
        ...{ code: status === 401 || status === 403 ? 'access' : 'azure', because: 'it failed' },
        hint: isLocal ? say`Start what listens at that address, or give another with ${input('storage')}.` : again,
      }
  }
}
