/* eslint-disable @typescript-eslint/no-unsafe-member-access --
   bodies are JSON from outside: expect() is their type check */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Client, start } from './client.ts'

const SEED = {
  groups: [
    { name: 'rg', tags: { Team: 'ml', env: 'Test' } },
    { name: 'Other', tags: { team: 'web' } },
    { name: 'bare' },
  ],
  namespaces: [
    { group: 'rg', name: 'clicks-dev', location: 'westeurope', tags: { Team: 'ml', env: 'dev' } },
    { group: 'rg', name: 'clicks-prod', location: 'eastus', tags: { team: 'ML', env: 'ml' } },
    { group: 'Other', name: 'orders', location: 'westeurope', identity: { type: 'SystemAssigned', principalId: 'p1' } },
  ],
}

const VERSIONS = [
  ['locks', '2016-09-01'],
  ['roleAssignments', '2022-04-01'],
] as const

const ask = (client: Client, list: string, filter: string) => {
  const version = VERSIONS.find(([end]) => list.endsWith(end))?.[1] ?? '2022-09-01'
  return client.call('GET', `~/${list}?api-version=${version}&$filter=${encodeURIComponent(filter)}`)
}

const namesIn = async (client: Client, list: string, filter: string): Promise<string[]> =>
  ((await ask(client, list, filter)).body.value as { name: string }[]).map(({ name }) => name)

const TYPE = "resourceType eq 'microsoft.eventhub/Namespaces'"
test.each([
  ["name eq 'CLICKS-dev'", ['clicks-dev']],
  ["NAME ne 'clicks-dev'", ['clicks-prod', 'orders']],
  ["resourceGroup eq 'other'", ['orders']],
  ["location eq 'West Europe'", ['clicks-dev', 'orders']],
  [TYPE, ['clicks-dev', 'clicks-prod', 'orders']],
  ["resourceType ne 'Microsoft.EventHub/namespaces'", []],
  ["resourceType eq 'Microsoft.Storage/storageAccounts'", []],
  [`${TYPE} and name eq 'orders'`, ['orders']],
  ["substringof('CLICKS', name)", ['clicks-dev', 'clicks-prod']],
  ["substringof( 'th' ,resourceGroup)", ['orders']],
  ["substringof('dev', name) or substringof('ord', name)", ['clicks-dev', 'orders']],
  [
    `(substringof('dev', name) or substringof('ord', name)) and location eq 'westeurope' and ${TYPE}`,
    ['clicks-dev', 'orders'],
  ],
  ["name eq 'orders' or name eq 'clicks-dev' and location eq 'eastus'", ['orders']],
  ["name eq 'o''rders'", []],
  ["identity eq 'SystemAssigned' and identity/principalId eq 'p1'", ['orders']],
  ["plan/publisher eq 'x'", []],
  ["tagName eq 'TEAM'", ['clicks-dev', 'clicks-prod']],
  ["tagName eq 'team' and tagValue eq 'ml'", ['clicks-dev']],
  ["startswith(tagName, 'te')", ['clicks-dev', 'clicks-prod']],
])('resources where %s', async (filter, names) => {
  await using client = await start({ seed: SEED })
  expect(await namesIn(client, 'resources', filter)).toEqual(names)
  const inGroup = names.filter((name) => name !== 'orders')
  expect(await namesIn(client, 'resourceGroups/rg/resources', filter)).toEqual(inGroup)
})

test('groups are found by a tag, and in no other way', async () => {
  await using client = await start({ seed: SEED })
  expect(await namesIn(client, 'resourceGroups', "tagname eq 'TEAM'")).toEqual(['Other', 'rg'])
  expect(await namesIn(client, 'resourceGroups', "tagName eq 'team' and tagValue eq 'ml'")).toEqual(['rg'])
  expect(await namesIn(client, 'resourceGroups', "tagName eq 'env' and tagValue eq 'ml'")).toEqual([])
  expect(await namesIn(client, 'resourceGroups', ' ')).toHaveLength(3)
})

const NOBODY_READS = [
  ...['garbage', 'name', 'name eq', 'name eq orders', "name eq 'orders", "name eq 'a' and", "and name eq 'a'"],
  ...["name eq 'a' name eq 'b'", "(name eq 'a'", "name eq 'a')", '()', "name gt 'a'", "not name eq 'a'"],
  ...["kind eq 'x'", "tags eq 'x'", "constructor eq 'x'", "__proto__ eq 'x'", 'toString()', "startswith(name, 'a')"],
  ...[
    "substringof(name, 'a')",
    "substringof('a', location)",
    "substringof('a')",
    "$filter=name eq 'a'",
    '"name" eq "a"',
  ],
  ...["tagName ne 'team'", "tagValue eq 'ml'", "tagName eq 'a' or tagName eq 'b'", `${TYPE} and tagName eq 'team'`],
  ...["tagName eq 'a' and tagValue eq '1' and tagName eq 'b' and tagValue eq '2'", "'name' eq 'a'", "name eq 'a';"],
  `${'('.repeat(3000)}name eq 'a'${')'.repeat(3000)}`,
]
const LISTS = [
  ...['resources', 'resourceGroups/rg/resources', 'resourceGroups'],
  ...['providers/Microsoft.Authorization/locks', 'providers/Microsoft.Authorization/roleAssignments'],
]
test.each(LISTS)('%s refuses a filter that it cannot read', async (list) => {
  await using client = await start({ seed: SEED })
  for (const filter of NOBODY_READS) {
    const answer = await ask(client, list, filter)
    expect([filter, answer.status, answer.body.error]).toEqual([
      ...[filter, 400],
      {
        code: 'InvalidFilterInQueryString',
        message: `Invalid $filter '${filter}' specified in the query string.`,
      },
    ])
  }
})

test('groups, locks and roles refuse what only resources can be asked for', async () => {
  await using client = await start({ seed: SEED })
  for (const list of LISTS.slice(2)) expect((await ask(client, list, "name eq 'foo'")).status).toBe(400)
  expect((await ask(client, 'resourceGroups', "startswith(tagName, 'te')")).status).toBe(400)
})

test('what is found by a tag comes without its tags, and a page goes on with the filter', async () => {
  await using client = await start({ seed: SEED, pageSize: 1 })
  const first = await ask(client, 'resources', "tagName eq 'team'")
  expect(first.body.value).toEqual([expect.not.objectContaining({ tags: expect.anything() as unknown })])
  const second = await client.call('GET', first.body.nextLink as string)
  expect(second.body).toMatchObject({ value: [{ name: 'clicks-prod' }] })
  expect(second.body).not.toHaveProperty('nextLink')
  const byName = await client.call(
    'GET',
    `~/resources?$top=1&$filter=${encodeURIComponent("substringof('clicks', name)")}`,
  )
  expect(byName.body).toEqual({
    value: [expect.objectContaining({ name: 'clicks-dev', tags: SEED.namespaces[0]!.tags })],
  })
})

test('whatever stands in a filter, it is read or refused', async () => {
  await using client = await start({ seed: SEED })
  const piece = fc.constantFrom(
    ...['name', "'a'", "''", 'eq', 'ne', 'and', 'or', '(', ')', ',', 'substringof', 'tagName', ' ', "'", '%', '🙂'],
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      expect([200, 400]).toContain((await ask(client, 'resources', pieces.join(' '))).status)
    }),
    { numRuns: 200 },
  )
})
