import { readdir } from 'node:fs/promises'
import type { Api } from '../../../../src/local/kafka/wire/codec.ts'

const FOLDER = new URL('../../../../src/local/kafka/wire/apis/', import.meta.url)

async function readApis(): Promise<readonly Api[]> {
  const files = await readdir(FOLDER)
  const modules = await Promise.all(files.map((file) => import(new URL(file, FOLDER).href) as Promise<object>))
  const found = modules.flatMap((one) => Object.values(one) as readonly Partial<Api>[])
  return found.filter((one): one is Api => one.key !== undefined).sort((a, b) => a.key - b.key)
}

/** All that the tables describe, by key. */
export const ALL_APIS: readonly Api[] = await readApis()
