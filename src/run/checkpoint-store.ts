import { input } from '../inputs/refer.ts'
import type { ContainerPlace } from '../inputs/status.ts'
import type { StorageConnection } from '../lib/blob/storage-connection.ts'
import { BlobError } from '../lib/blob/blob-error.ts'
import { Failure } from '../lib/errors.ts'
import { say } from '../lib/phrase.ts'
import type { CheckpointStore } from '../data/checkpoints.ts'
import { openBlobs } from './open-blobs.ts'
import type { Run } from './run.ts'
import type { Settled } from './settle.ts'

export interface OpenCheckpointStore {
  readonly store: CheckpointStore
  /** Explains why it could not be read. */
  readonly failureOf: (error: unknown) => unknown
}

/**
 * The container of `--checkpoints`: with the connection string that was given for its account, else as the signed-in account,
 * which the embedded Azure has none of. Throws a `Failure` there.
 */
export async function openCheckpointStore(
  run: Run,
  settled: Settled,
  { account, container }: ContainerPlace,
  storage: ReadonlyMap<string, StorageConnection>,
): Promise<OpenCheckpointStore> {
  const isLocal = settled.invocation.given.local?.value ?? false
  const connection = storage.get(account)
  if (isLocal && !connection) throw needsString(account, container)
  const [{ client, by }, { checkpointsFailure }] = await Promise.all([
    openBlobs(run, settled, account, connection),
    import('../data/checkpoints.ts'),
  ])
  // Nobody says in which subscription the account is.
  const read = { account, accountId: `ID_OF_${account}`, container, by, isLocal } as const
  return {
    store: { client, container },
    failureOf: (error) => (error instanceof BlobError ? checkpointsFailure(error, read) : error),
  }
}

const needsString = (account: string, container: string): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't read checkpoints in container ${container} of storage account ${account}`,
    why: ['The embedded Azure has no storage accounts, so it takes a connection string, such as that of Azurite.'],
    hint: say`Give it with ${input('storage')}: ${account}=UseDevelopmentStorage=true`,
  })
