import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { announcedVersions } from '../../../src/local/kafka/requests/api-versions.ts'
import { ALL_APIS } from './support/apis.ts'

const rangeOf = (versions: readonly [number, number] | undefined): string => {
  if (!versions) return '-'
  const [first, last] = versions
  return first === last ? String(first) : `${first}-${last}`
}

test('the page has every request of Kafka, in the versions that are offered', async () => {
  const page = await readFile(new URL('../../../docs/local-kafka.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| (\w+) +\| ([\d-]+) +\| ([\d-]+) +\|$/gm)].map(([, ...cells]) => cells)
  expect(ALL_APIS.length).toBeGreaterThan(20)
  expect(rows).toEqual(
    ALL_APIS.map((one) => [
      one.name,
      rangeOf(announcedVersions(one, 'full')),
      rangeOf(announcedVersions(one, 'azure')),
    ]),
  )
})
