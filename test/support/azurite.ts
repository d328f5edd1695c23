import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
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

/** Starts the blob service of Azurite in memory. `port` 0 is any free one. */
export async function startAzurite(port = 0): Promise<Azurite> {
  const args = ['--inMemoryPersistence', '--disableTelemetry', '--silent', '--blobPort', String(port)]
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'inherit'] })
  const opened = await portOf(child)
  const connectionString = stringAt(`http://127.0.0.1:${opened}/${ACCOUNT}`)
  return {
    port: opened,
    connectionString,
    connection: connectionOf(connectionString),
    referee: BlobServiceClient.fromConnectionString(connectionString),
    stop: async () => {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
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

async function portOf({ stdout }: ChildProcess): Promise<number> {
  let told = ''
  for await (const chunk of stdout!) {
    told += String(chunk)
    const [, port] = /successfully listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(told) ?? []
    if (port !== undefined) return Number(port)
  }
  throw new Error(`Azurite ended: ${told}`)
}
