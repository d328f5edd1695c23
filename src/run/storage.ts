import type { Given } from '../inputs/given.ts'
import { longFlagOf } from '../inputs/input.ts'
import { INPUTS } from '../inputs/table.ts'
import type { StorageConnection } from '../lib/blob/storage-connection.ts'
import type { LocalRecord } from '../local/index.ts'
import { spellerFor, withGiven, type Invocation } from './invocation.ts'

/** By the name of a storage account: where files of Capture are that its settings send there. */
export const storageOf = ({ storage }: Given): ReadonlyMap<string, StorageConnection> =>
  new Map((storage?.value ?? []).map(({ account, connection }) => [account, connection]))

/** The same for another process, whose command line everybody on this machine could read. */
export const storageVariables = ({ storage }: Given): Readonly<Record<string, string>> =>
  storage ? { ML_INGEST_STORAGE: storage.value.map(({ words }) => words.reveal()).join(' ') } : {}

/**
 * What to say of a running embedded Azure that writes files of Capture elsewhere than `--storage` says, one line each. Nothing to
 * somebody who only reads.
 */
export function storageElsewhere(invocation: Invocation, { captureStorage = {} }: LocalRecord): readonly string[] {
  const { command, given } = invocation
  if (command.name.startsWith('capture ') || command.name === 'status') return []
  const others = (given.storage?.value ?? []).filter(
    ({ account, connection }) => captureStorage[account] !== connection.blobEndpoint,
  )
  if (others.length === 0) return []
  return [
    ...others.map(
      ({ account }) => `Captured files of ${account} go to ${captureStorage[account] ?? 'the data folder'}.`,
    ),
    `To have them where ${longFlagOf(INPUTS.storage)} says, run this again after:`,
    spellerFor(invocation).command({}, 'local stop'),
  ]
}

/** What to say of accounts whose files went to a blob endpoint before, and go to the data folder since this start, one line each. */
export function storageForgotten(invocation: Invocation, { formerStorage = {} }: LocalRecord): readonly string[] {
  const before = Object.entries(formerStorage)
  if (before.length === 0) return []
  const { data } = invocation.given
  const speller = spellerFor(withGiven(invocation, { data }))
  const flags = before.map(([account]) => ` ${longFlagOf(INPUTS.storage)} ${account}=CONNECTIONSTRING`).join('')
  return [
    ...before.map(
      ([account, endpoint]) => `Captured files of ${account} go to the data folder now, before to ${endpoint}`,
    ),
    'To have them there again:',
    speller.command({}, 'local stop'),
    `${speller.command({ detach: true }, 'local start')}${flags}`,
  ]
}
