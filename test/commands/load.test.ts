import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import { aFolder, armGet, GROUP, NAMESPACE, NAMESPACE_PATH, PLACE, TARGET, unwrapped, type Json } from './support.ts'

const AGREED = ['--yes', '--no-connection']
const LOAD = ['--events-per-second', '5k', '--event-size', '1KB', '--readers', '3', '--peak', '2']

async function start(files: Readonly<Record<string, string>> = {}, seed?: Parameters<typeof startTestAzure>[0]) {
  const azure = await startTestAzure(seed)
  const cwd = await aFolder(files)
  const get = async (path: string) => JSON.parse((await armGet(azure.arm, path)) ?? 'null') as Json
  return {
    azure,
    run: (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => azure.run(argv, { cwd, env }),
    read: (name = 'ml-ingest.yaml') => readFile(join(cwd, name), 'utf8'),
    write: (text: string, name = 'ml-ingest.yaml') => writeFile(join(cwd, name), text),
    namespace: () => get(NAMESPACE_PATH),
    partitions: async (hub = 'clicks') =>
      ((await get(`${NAMESPACE_PATH}/eventhubs/${hub}`)) as { properties: Json }).properties['partitionCount'],
  }
}

const sized = (capacity: number, maximumThroughputUnits: number) => ({
  sku: { name: 'Standard', tier: 'Standard', capacity },
  properties: { isAutoInflateEnabled: maximumThroughputUnits > 0, maximumThroughputUnits },
})
/** 15 MB/s out on average need 8 units, 30 at the busiest 15; 10 MB/s in need 10 partitions. */
const SIZED = sized(8, 15)

const SMALL_ONE = {
  seed: {
    namespaces: [{ group: GROUP, name: NAMESPACE, hubs: [{ name: 'clicks', properties: { partitionCount: 2 } }] }],
  },
}

describe('a load', () => {
  test('sizes a new namespace, and a second run finds nothing to do', async () => {
    const { azure, run, namespace, partitions } = await start()
    const create = ['create', ...PLACE, '--hub', 'clicks', ...LOAD, ...AGREED]
    const made = await run(create)
    expect(made.exitCode, made.stderr).toBe(0)
    expect(await namespace()).toMatchObject(SIZED)
    expect(await partitions()).toBe(10)
    azure.requests.length = 0
    expect((await run(create)).exitCode).toBe(0)
    expect((await run(['plan', ...TARGET, '--hub', 'clicks', ...LOAD, '--exit-code'])).exitCode).toBe(0)
    const doubled = LOAD.map((word) => (word === '5k' ? '10k' : word))
    expect((await run(['plan', ...TARGET, '--hub', 'clicks', ...doubled, '--exit-code'])).exitCode).toBe(5)
    expect(azure.writes()).toEqual([])
  })

  test('is taken from variables and from a manifest, and what somebody said stays', async () => {
    const hubs = 'hubs:\n  - name: clicks\n  - { name: views, partitions: 3, load: { eventsPerSecond: 500 } }\n'
    const { run, namespace, partitions } = await start({
      'ml-ingest.yaml': `version: 1\nload: { throughput: 4MB/s, readers: 1 }\n${hubs}`,
    })
    const made = await run(['create', ...PLACE, ...AGREED], { ML_INGEST_PEAK: '2' })
    expect(made.exitCode, made.stderr).toBe(0)
    // In 4 + 0.5 MB/s, and twice that; the hub has one reader by the file too.
    expect(await namespace()).toMatchObject(sized(5, 9))
    expect([await partitions(), await partitions('views')]).toEqual([8, 3])
  })

  test('leaves an existing namespace as it is', async () => {
    const { azure, run, namespace, partitions } = await start({}, SMALL_ONE)
    azure.requests.length = 0
    const again = await run(['create', ...TARGET, '--hub', 'clicks', '--no-consumer-group', ...LOAD, ...AGREED])
    expect(again.exitCode, again.stderr).toBe(0)
    expect(azure.writes().map(({ path }) => path.split('?')[0])).toEqual([
      expect.stringContaining('/authorizationRules/') as string,
    ])
    expect(await namespace()).toMatchObject({ sku: { tier: 'Standard', capacity: 1 } })
    expect(await partitions()).toBe(2)
  })

  test.each([
    [['--throughput', '90MB/s'], 'needs 18 processing units, and a namespace has up to 16', '--tier Premium'],
    [['--throughput', '170MB/s'], 'needs 34 processing units', 'use a dedicated cluster'],
    [['--tier', 'Standard', '--throughput', '50MB/s'], 'needs 50 throughput units', '--tier Premium'],
  ])('that no new namespace carries is refused before anything is written: %j', async (load, told, way) => {
    const { azure, run } = await start()
    const refused = await run(['create', ...PLACE, ...load, ...AGREED])
    expect(refused.exitCode).toBe(4)
    expect(unwrapped(refused.stderr)).toContain(told)
    expect(unwrapped(refused.stderr)).toContain(way)
    expect(azure.writes()).toEqual([])
  })

  test('in the manifest of a namespace that does not carry it is no matter to other commands', async () => {
    const manifest = { 'ml-ingest.yaml': 'version: 1\nload: { eventsPerSecond: 500k }\nhubs: [{ name: clicks }]\n' }
    const { run } = await start(manifest, SMALL_ONE)
    const shown = await run(['show-connection', ...TARGET, '--access', 'manage', '--format', 'raw'])
    expect(shown.exitCode, shown.stderr).toBe(0)
    const planned = await run(['plan', ...TARGET, '--exit-code', '--access', 'manage', '--no-consumer-group'])
    expect(planned.exitCode, planned.stderr).toBe(5)
    expect(unwrapped(planned.stdout)).toContain('Only a dedicated cluster carries it')
  })

  test.each([
    [['--events-per-second', '1,5k', '--peak', '0'], '--events-per-second 1,5k is not a number of events'],
    [['--readers', '3'], '--readers 3 needs --events-per-second or --throughput'],
  ])('that cannot be is refused before anything is sent: %j', async (load, told) => {
    const { azure, run } = await start()
    const refused = await run(['create', ...PLACE, ...load, ...AGREED])
    expect(refused.exitCode).toBe(2)
    expect(unwrapped(refused.stderr)).toContain(told)
    expect(azure.requests).toEqual([])
  })
})

describe('--save', () => {
  test('writes the load in its words, with the numbers that were made, and planning the file finds nothing to do', async () => {
    const { run, read } = await start()
    const made = await run(['create', ...PLACE, '--hub', 'clicks', ...LOAD, ...AGREED, '--save'])
    expect(made.exitCode, made.stderr).toBe(0)
    const text = await read()
    expect(text).toContain('load:\n  eventsPerSecond: 5k\n  eventSize: 1KB\n  peak: 2\n  readers: 3\n')
    for (const line of ['capacity: 8', 'autoInflateMax: 15', 'partitions: 10']) expect(text).toContain(line)
    expect(unwrapped(made.stderr)).toMatch(/repeat without questions: npx ml-ingest create -f \S+ --no-connection -y/)
    expect((await run(['plan', '--exit-code'])).exitCode).toBe(0)
    expect((await run(['create', ...AGREED, '--save'])).exitCode).toBe(0)
    expect(await read()).toBe(text)
  })

  test('writes it to the environment of the run, and makes the same elsewhere', async () => {
    const file = `version: 1\nresourceGroup: ${GROUP}\nlocation: westeurope\nload:\n  eventsPerSecond: 1k # a guess\nhubs: [{ name: clicks }]\nenvironments:\n  dev: { namespace: ns-dev-test }\n  prod: { namespace: ${NAMESPACE} }\n`
    const { run, read, namespace } = await start({ 'ml-ingest.yaml': file })
    const made = await run(['create', '-e', 'prod', '--throughput', '2MB/s', ...AGREED, '--save'])
    expect(made.exitCode, made.stderr).toBe(0)
    expect(await namespace()).toMatchObject({ sku: { capacity: 2 } })
    const text = await read()
    expect(text).toContain('  eventsPerSecond: 1k # a guess\n')
    expect(text).toMatch(/prod: \{.*load: \{ throughput: 2MB\/s \}/)
    expect((await run(['plan', '-e', 'prod', '--exit-code'])).exitCode).toBe(0)
    const dev = await run(['plan', '-e', 'dev', '--json'])
    expect(dev.exitCode, dev.stderr).toBe(0)
    expect(dev.stdout).toContain('"1 throughput unit"')
  })

  test('leaves out a load for which the existing tier is too small, and says so', async () => {
    const { run, read } = await start({}, SMALL_ONE)
    const load = ['--throughput', '50MB/s', '--partitions', '2']
    const made = await run(['create', ...TARGET, '--hub', 'clicks', ...load, ...AGREED, '--save'])
    expect(made.exitCode, made.stderr).toBe(0)
    expect(unwrapped(made.stderr)).toContain(
      'Not saved: the load, for which Standard is too small: the load needs 50 throughput units, and a namespace has up to 40',
    )
    expect(await read()).not.toContain('load')
    expect((await run(['plan', '--exit-code'])).exitCode).toBe(0)
  })
})
