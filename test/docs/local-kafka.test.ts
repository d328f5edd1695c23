import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { announcedVersions } from '../../src/local/kafka/requests/api-versions.ts'
import type { Api } from '../../src/local/kafka/wire/codec.ts'

const APIS = new URL('../../src/local/kafka/wire/apis/', import.meta.url)

async function allApis(): Promise<readonly Api[]> {
  const files = await readdir(APIS)
  const modules = await Promise.all(files.map((file) => import(new URL(file, APIS).href) as Promise<object>))
  const found = modules.flatMap((one) => Object.values(one) as readonly Partial<Api>[])
  return found.filter((one): one is Api => one.key !== undefined).sort((a, b) => a.key - b.key)
}

const rangeOf = (versions: readonly [number, number] | undefined): string => {
  if (!versions) return '-'
  const [first, last] = versions
  return first === last ? String(first) : `${first}-${last}`
}

test('the page has every request of Kafka, in the versions that are offered', async () => {
  const page = await readFile(new URL('../../docs/local-kafka.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| (\w+) +\| ([\d-]+) +\| ([\d-]+) +\|$/gm)].map(([, ...cells]) => cells)
  const apis = await allApis()
  expect(apis.length).toBeGreaterThan(20)
  expect(rows).toEqual(
    apis.map((api) => [api.name, rangeOf(announcedVersions(api, 'full')), rangeOf(announcedVersions(api, 'azure'))]),
  )
})
