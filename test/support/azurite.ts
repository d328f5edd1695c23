import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { tmpdir } from 'node:os'
import { BlobServiceClient } from '@azure/storage-blob'
import { parseStorageConnection, type StorageConnection } from '../../src/lib/blob/storage-connection.ts'

const MAIN = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js')
const ACCOUNT = 'devstoreaccount1'
/** Published: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite */
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** A storage account on this machine, and a client of it that is not ours. */
export interface Azurite {
  readonly port: number
  readonly connectionString: string
  readonly connection: StorageConnection
  readonly referee: BlobServiceClient
  stop(): Promise<void>
}

/** Starts the blob service of Azurite, in memory or in a folder that a later start goes on with. `port` 0 is any free one. */
export async function startAzurite(port = 0, folder?: string): Promise<Azurite> {
  const persistence = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder]
  const args = [...persistence, '--disableTelemetry', '--silent', '--blobPort', String(port)]
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const opened = await portOf(child)
  const connectionString = stringAt(`http://127.0.0.1:${opened}/${ACCOUNT}`)
  return {
    port: opened,
    connectionString,
    connection: connectionOf(connectionString),
    referee: BlobServiceClient.fromConnectionString(connectionString),
    stop: async () => {
      // Killed, it would leave a folder without what it took last.
      child.kill(folder === undefined ? 'SIGKILL' : 'SIGTERM')
      await closed
    },
  }
}

export const stringAt = (blobEndpoint: string, key = KEY): string =>
  `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${key};BlobEndpoint=${blobEndpoint};`

export function connectionOf(text: string): StorageConnection {
  const read = parseStorageConnection(text)
  if (!read.ok) throw new Error(read.message)
  return read.value
}

async function portOf({ stdout }: ChildProcessByStdio<null, Readable, null>): Promise<number> {
  let told = ''
  // Left open: it says something when it ends, too.
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    told += String(chunk)
    const [, port] = /successfully listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(told) ?? []
    if (port === undefined) continue
    stdout.resume()
    return Number(port)
  }
  throw new Error(`Azurite ended: ${told}`)
}
