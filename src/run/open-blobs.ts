import type { BlobClient } from '../lib/blob/blob-client.ts'
import type { StorageConnection } from '../lib/blob/storage-connection.ts'
import { Failure } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import type { Run } from './run.ts'
import type { Settled } from './settle.ts'

export interface OpenBlobs {
  readonly client: BlobClient
  /** What signs the requests. */
  readonly by: 'connection' | 'sign-in'
}

/** The blobs of a storage account: with its connection string, or as the signed-in account. */
export async function openBlobs(
  run: Run,
  { signedIn }: Settled,
  account: string,
  connection: StorageConnection | undefined,
): Promise<OpenBlobs> {
  const [{ BlobClient }, { byToken }, { azureTransport }] = await Promise.all([
    import('../lib/blob/blob-client.ts'),
    import('../lib/blob/authorize.ts'),
    import('../data/capture/blob-store.ts'),
  ])
  const { clock } = run.azure
  if (connection) return { client: BlobClient.of(connection, clock), by: 'connection' }
  const client = new BlobClient({
    endpoint: signedIn.blobEndpoint(account),
    authorize: byToken(async () => {
      const found = await signedIn.storageCredential.getToken([])
      if (found) return new Secret(found.token)
      throw new Failure({
        code: 'access',
        message: `Can't sign in to storage account ${account}`,
        why: ['The sign-in gave no token for storage.'],
      })
    }),
    transport: azureTransport(`ml-ingest/${run.deps.version}`),
    clock,
  })
  return { client, by: 'sign-in' }
}
