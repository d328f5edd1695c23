import type { Given } from '../inputs/given.ts'
import type { StorageConnection } from '../lib/blob/storage-connection.ts'
import type { LocalRecord } from '../local/index.ts'
import { spellerFor, type Invocation } from './invocation.ts'

/** By the name of a storage account: where files of Capture are that its settings send there. */
export const storageOf = ({ storage }: Given): ReadonlyMap<string, StorageConnection> =>
  new Map((storage?.value ?? []).map(({ account, connection }) => [account, connection]))

/** The same for another process, whose command line everybody on this machine could read. */
export const storageVariables = ({ storage }: Given): Readonly<Record<string, string>> =>
  storage ? { ML_INGEST_STORAGE: storage.value.map(({ words }) => words.reveal()).join(' ') } : {}

/** Storage accounts whose files somebody wants elsewhere than a running embedded Azure writes them. */
const accountsElsewhere = (given: Given, { captureStorage = {} }: LocalRecord): readonly string[] =>
  (given.storage?.value ?? [])
    .filter(({ account, connection }) => captureStorage[account] !== connection.blobEndpoint)
    .map(({ account }) => account)

/** What to say then; undefined where there are none. */
export function storageElsewhere(invocation: Invocation, record: LocalRecord): string | undefined {
  const accounts = accountsElsewhere(invocation.given, record)
  if (accounts.length === 0) return undefined
  const stop = spellerFor(invocation).command({}, 'local stop')
  return `The embedded Azure already runs, and writes the files of ${accounts.join(', ')} elsewhere. To have them there, run this again after: ${stop}`
}
