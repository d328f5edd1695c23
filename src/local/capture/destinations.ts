import { FolderSink } from './folder-sink.ts'
import type { CaptureSink } from './sink.ts'

/** Where the files of Capture go. */
export interface CaptureDestinations {
  /** Has a folder for each storage account. */
  readonly folder?: string | undefined
}

/** Takes the files of all storage accounts. */
export function sinkFor({ folder }: CaptureDestinations): CaptureSink {
  return folder === undefined ? NOWHERE : new FolderSink(folder)
}

const NOWHERE: CaptureSink = {
  begin: async ({ account }) => refuse(account),
  has: async ({ account }) => refuse(account),
  whereIs: () => 'nowhere',
}

const refuse = (account: string): never => {
  throw new Error(`Nothing says where the files of storage account ${account} go`)
}
