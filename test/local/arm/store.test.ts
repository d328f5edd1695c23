import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { realClock } from '../../../src/lib/clock.ts'
import type { State } from '../../../src/local/arm/core/model.ts'
import { startLocalArm } from '../../../src/local/arm/local-arm.ts'
import { folderStorage, memoryStorage, Store } from '../../../src/local/arm/core/store.ts'
import { NAMESPACES } from '../../../src/local/arm/providers/eventhub/model.ts'
import { start, SUBSCRIPTION } from './client.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

const file = () => join(folder, 'data', 'state.json')
const inFolder = () => ({ state: { folder: join(folder, 'data') } })

/** What a process that starts after a `kill -9` at this moment would find. */
async function afterCrash(): Promise<string> {
  const copy = join(folder, `copy-${Math.random()}`)
  await mkdir(copy)
  for (const name of await readdir(join(folder, 'data'))) {
    await writeFile(join(copy, name), await readFile(join(folder, 'data', name)))
  }
  const store = await Store.open(folderStorage(copy, realClock), realClock, [NAMESPACES])
  const { namespaces, groups } = store.state
  const hubs = [...namespaces.values()].flatMap(({ hubs }) =>
    [...hubs.values()].map(({ name, consumerGroups, rules }) => `${name}:${consumerGroups.size}:${rules.size}`),
  )
  return [...groups.keys(), ...namespaces.keys(), ...hubs].join(' ')
}

test('each write is on the disk before it is answered', async () => {
  await using client = await start(inFolder())
  const steps = [
    ['PUT', '~/resourceGroups/rg', { location: 'westeurope' }, 'rg'],
    ['PUT', '@/namespaces/namespace1', { location: 'westeurope' }, 'rg namespace1'],
    ['PUT', '@/namespaces/namespace1/eventhubs/h', {}, 'rg namespace1 h:1:0'],
    ['PUT', '@/namespaces/namespace1/eventhubs/h/consumergroups/g', {}, 'rg namespace1 h:2:0'],
    [
      'PUT',
      '@/namespaces/namespace1/eventhubs/h/authorizationRules/r',
      { properties: { rights: ['Send'] } },
      'rg namespace1 h:2:1',
    ],
    ['DELETE', '@/namespaces/namespace1/eventhubs/h', undefined, 'rg namespace1'],
  ] as const
  for (const [method, path, body, expected] of steps) {
    expect((await client.call(method, path, body)).status).toBeLessThan(300)
    expect((await afterCrash()).replace(/\S*\//g, '')).toBe(expected)
  }
})

test('a restart changes nothing that can be seen, keys included', async () => {
  const paths = [
    '~/resourceGroups/rg',
    '@/namespaces/namespace1',
    '@/namespaces/namespace1/eventhubs/h',
    '@/namespaces/namespace1/eventhubs/h/consumergroups',
    '@/namespaces/namespace1/networkRuleSets/default',
    '@/namespaces/namespace1/privateEndpointConnections',
  ]
  const see = async (client: Awaited<ReturnType<typeof start>>) => {
    const read = await Promise.all(paths.map((path) => client.call('GET', path)))
    const keys = await client.call(
      'POST',
      '@/namespaces/namespace1/authorizationRules/RootManageSharedAccessKey/listKeys',
    )
    return [...read, keys].map(({ text }) => text)
  }
  const first = await start(inFolder())
  await first.call('PUT', '~/resourceGroups/rg', { location: 'westeurope', tags: { __proto__x: 'y' } })
  await first.call('PUT', '@/namespaces/namespace1', { location: 'westeurope', properties: { unknown: { $map: [1] } } })
  await first.call('PUT', '@/namespaces/namespace1/eventhubs/h', {
    properties: { retentionDescription: { cleanupPolicy: 'Compact' } },
  })
  await first.call('PUT', '@/namespaces/namespace1/eventhubs/h/consumergroups/g', { properties: { userMetadata: 'ü' } })
  await first.call('PUT', '@/namespaces/namespace1/networkRuleSets/default', { properties: { defaultAction: 'Deny' } })
  const privateEndpoint = { id: `${SUBSCRIPTION}/resourceGroups/n/providers/Microsoft.Network/privateEndpoints/p` }
  await first.call('PUT', '@/namespaces/namespace1/privateEndpointConnections/p', { properties: { privateEndpoint } })
  const before = await see(first)
  expect(before.join()).toContain(privateEndpoint.id)
  await first.arm.close()
  await using second = await start(inFolder())
  expect(await see(second)).toEqual(before)
})

test('a namespace that was on its way when the process died arrives after the restart', async () => {
  const first = await start({ ...inFolder(), provisioningMs: 60 })
  await first.call('PUT', '~/resourceGroups/rg', { location: 'westeurope' })
  await first.call('PUT', '@/namespaces/namespace1', { location: 'westeurope' })
  await first.arm.close()
  await realClock.sleep(80)
  await using second = await start(inFolder())
  expect((await second.call('GET', '@/namespaces/namespace1')).text).toContain('"provisioningState":"Succeeded"')
})

test.skipIf(process.platform === 'win32')('the folder and the file are for their owner only', async () => {
  await using client = await start(inFolder())
  await client.call('PUT', '~/resourceGroups/rg', { location: 'westeurope' })
  expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  expect(await readdir(join(folder, 'data'))).toEqual(['state.json'])
})

test.each([
  ['cut off in the middle', '{"format":"ml-ingest-local-azure","version":1,"gro', /not JSON/],
  ['of something else', '{"hello":1}', /not a state of ml-ingest/],
  ['empty', '', /not JSON/],
  ['without its lists', '{"format":"ml-ingest-local-azure","version":1}', /registrations is missing/],
  ['of a newer version', '{"format":"ml-ingest-local-azure","version":2}', /format version 2/],
])('a file %s is an error that says what to do, and stays as it is', async (_, text, why) => {
  await mkdir(join(folder, 'data'))
  await writeFile(file(), text)
  await expect(startLocalArm(inFolder())).rejects.toMatchObject({
    name: 'Failure',
    code: 'local-state',
    why: [expect.stringMatching(why) as string, ...(text.includes('2}') ? [] : ['It was left as it is.'])],
  })
  expect(await readFile(file(), 'utf8')).toBe(text)
})

/** The places of all values in a document whose loss or change has to be seen: not what users may write freely. */
function placesIn(value: unknown, at: string): string[] {
  const isFree =
    /(^|\.)(tags|others|notes)$/.test(at) || (/\.properties$/.test(at) && !/\.hubs\[\d+\]\.properties$/.test(at))
  if (typeof value !== 'object' || value === null || isFree) return [at]
  const inner = Object.entries(value).flatMap(([key, one]) => {
    const isChecked = !/\.properties$/.test(at) || ['partitionCount', 'status', 'retentionDescription'].includes(key)
    const isUnread = /\.retentionDescription$/.test(at) && key !== 'retentionTimeInHours'
    const place = Array.isArray(value) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`
    return isChecked && !isUnread ? placesIn(one, place) : []
  })
  return [...(at === '' ? [] : [at]), ...inner]
}

test('a value of the file that is missing or of another kind is named, and the file stays as it is', async () => {
  const client = await start(inFolder())
  await client.call('PUT', '~/resourceGroups/rg', { location: 'westeurope', tags: { a: 'b' } })
  await client.call('PUT', '@/namespaces/namespace1', { location: 'westeurope' })
  await client.call('PUT', '@/namespaces/namespace1/eventhubs/h', {})
  await client.call('PUT', '@/namespaces/namespace1/eventhubs/h/consumergroups/g', {})
  await client.call('DELETE', '@/namespaces/namespace1/eventhubs/none')
  await client.call('PUT', '~/resourceGroups/rg/providers/Microsoft.Authorization/locks/keep', {
    properties: { level: 'CanNotDelete', notes: 'why' },
  })
  await client.call('POST', '~/providers/Microsoft.EventHub/unregister')
  await client.arm.close()
  const text = await readFile(file(), 'utf8')
  const places = placesIn(JSON.parse(text), '').filter((place) => !['locks', 'roleAssignments'].includes(place))
  expect(places.length).toBeGreaterThan(50)
  for (const place of places) {
    const keys = place.match(/[^.[\]]+/g)!
    for (const change of ['remove', 'change'] as const) {
      const document = JSON.parse(text) as Record<string, unknown>
      const holder = keys.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as typeof at, document)
      const last = keys.at(-1)!
      const isOptional = /(^groups.*tags|notes|failed)$/.test(place)
      if (change === 'remove' && (Array.isArray(holder) || isOptional)) continue
      if (change === 'remove') delete holder[last]
      else holder[last] = typeof holder[last] === 'boolean' ? 'no' : false
      await writeFile(file(), JSON.stringify(document))
      const about = place === 'format' ? 'not a state of ml-ingest' : place === 'version' ? 'format version' : place
      await expect(startLocalArm(inFolder()), `${change} ${place}`).rejects.toMatchObject({
        code: 'local-state',
        why: expect.arrayContaining([expect.stringContaining(about) as string]) as string[],
      })
    }
  }
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ version: 1 })
})

test('what a crash left half written is ignored and removed', async () => {
  const first = await start(inFolder())
  await first.call('PUT', '~/resourceGroups/rg', { location: 'westeurope' })
  await first.arm.close()
  await writeFile(`${file()}.new`, '{"half')
  await using second = await start(inFolder())
  expect((await second.call('GET', '~/resourceGroups/rg')).status).toBe(200)
  expect(await readdir(join(folder, 'data'))).toEqual(['state.json'])
})

test('writes at the same time share one save, and none is answered before its save', async () => {
  const storage = memoryStorage()
  const saved: number[] = []
  let finish = (): void => {}
  const store = await Store.open(
    {
      ...storage,
      save: (state: State) => {
        saved.push(state.groups.size)
        return new Promise<void>((resolve) => (finish = resolve))
      },
    },
    realClock,
    [],
  )
  const write = async (name: string) => {
    store.change(({ groups }) => groups.set(name, { subscription: 's', name, location: 'l' }))
    await store.durable()
    return name
  }
  const first = write('0')
  const others = Array.from({ length: 999 }, (_, i) => write(String(i + 1)))
  let answered = 0
  for (const other of others) void other.then(() => answered++)
  finish()
  await first
  await realClock.sleep(0)
  expect([saved, answered]).toEqual([[1, 1000], 0])
  finish()
  await Promise.all(others)
  expect(saved).toEqual([1, 1000])
})

test('a disk that refuses is told as 500, and the next write tries again', async () => {
  const errors: unknown[] = []
  await using client = await start({ ...inFolder(), onError: (error) => errors.push(error) })
  await mkdir(`${file()}.new`, { recursive: true })
  const refused = await client.call('PUT', '~/resourceGroups/rg', { location: 'westeurope' })
  expect(refused.status).toBe(500)
  expect(errors).toHaveLength(1)
  await rm(`${file()}.new`, { recursive: true })
  expect((await client.call('PUT', '~/resourceGroups/rg', { location: 'westeurope' })).status).toBe(200)
  expect(await afterCrash()).toContain('rg')
})

test('the poll links of deletions outlive a restart', async () => {
  const namespaces = [{ group: 'rg', name: 'namespace1' }]
  const first = await start({ ...inFolder(), provisioningMs: 60_000, seed: { groups: [{ name: 'rg-1' }], namespaces } })
  const ofNamespace = await first.call('DELETE', '@/namespaces/namespace1')
  const ofGroup = await first.call('DELETE', '~/resourceGroups/rg-1')
  const links = [ofNamespace, ofGroup].map(({ headers }) => headers.get('location')!)
  await first.arm.close()
  await using second = await start(inFolder())
  for (const link of links) {
    const { pathname, search } = new URL(link)
    expect((await second.call('GET', pathname + search)).status).toBe(202)
  }
})
