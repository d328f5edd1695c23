import type { Clock } from '../../lib/clock.ts'
import type { StorageConnection } from '../../lib/blob/storage-connection.ts'
import { BlobSink } from './blob-sink.ts'
import { FolderSink } from './folder-sink.ts'
import type { BlobPlace, CaptureSink } from './sink.ts'

/** Where the files of Capture go. */
export interface CaptureDestinations {
  /** Has a folder for each storage account. */
  readonly folder?: string | undefined
  /** By the name of a storage account in the settings: what its files go to instead. */
  readonly storage?: ReadonlyMap<string, StorageConnection> | undefined
}

/** Takes the files of all storage accounts. */
export function sinkFor({ folder, storage = new Map() }: CaptureDestinations, clock: Clock): CaptureSink {
  const others = folder === undefined ? NOWHERE : new FolderSink(folder)
  const sinks = new Map([...storage].map(([account, connection]) => [account, new BlobSink(connection, clock)]))
  const of = ({ account }: BlobPlace) => sinks.get(account.toLowerCase()) ?? others
  return {
    begin: (place) => of(place).begin(place),
    has: (place) => of(place).has(place),
    whereIs: (place) => of(place).whereIs(place),
  }
}

const NOWHERE: CaptureSink = {
  begin: async ({ account }) => refuse(account),
  has: async ({ account }) => refuse(account),
  whereIs: () => 'nowhere',
}

const refuse = (account: string): never => {
  throw new Error(`Nothing says where the files of storage account ${account} go`)
}
