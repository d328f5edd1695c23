import { describe, expect, test } from 'vitest'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import {
  armSend,
  BIG_CREATE,
  documentOf,
  GROUP,
  GROUP_PATH,
  NAMESPACE,
  NAMESPACE_PATH,
  PLACE,
  RESOURCES,
  SMALL,
  SMALL_CREATE,
  TARGET,
  unwrapped,
} from './support.ts'
import { tapWire } from './wire-tap.ts'

const NO_RIGHT_TO_WRITE = ['PUT', 'PATCH', 'POST', 'DELETE'].map((method) => ({ kind: '403', method }) as const)

const INFLATED = {
  namespaces: [
    {
      group: GROUP,
      name: NAMESPACE,
      sku: { name: 'Standard', capacity: 6 },
      properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 12 },
      hubs: [{ name: 'clicks' }],
    },
  ],
} as const

const pending = async (azure: TestAzure) => void (await azure.run(SMALL_CREATE))

interface Case {
  readonly state: string
  readonly before?: (azure: TestAzure) => Promise<void>
  readonly flags: readonly string[]
  readonly exitCode: number
  readonly result: string
  readonly says: RegExp
}

const cases: readonly Case[] = [
  { state: 'nothing is there', flags: [...PLACE, ...SMALL], exitCode: 0, result: 'planned', says: /5 to create/ },
  {
    state: 'nothing is there, --exit-code',
    flags: [...PLACE, ...SMALL, '--exit-code'],
    exitCode: 5,
    result: 'planned',
    says: /5 to create/,
  },
  {
    state: 'all is there',
    before: pending,
    flags: [...PLACE, ...SMALL, '--exit-code'],
    exitCode: 0,
    result: 'unchanged',
    says: /Nothing to do\. 5 resources match/,
  },
  {
    state: 'retention differs',
    before: pending,
    flags: [...PLACE, ...SMALL, '--retention', '7d', '--exit-code'],
    exitCode: 5,
    result: 'planned',
    says: /retention +24h -> 7d/,
  },
  {
    state: 'partitions differ',
    before: pending,
    flags: [...PLACE, '--hub', 'clicks:8'],
    exitCode: 4,
    result: 'refused',
    says: /Can't change the partition count/,
  },
  {
    state: 'partitions differ, --exit-code',
    before: pending,
    flags: [...PLACE, '--hub', 'clicks:8', '--exit-code'],
    exitCode: 4,
    result: 'refused',
    says: /Can't change the partition count/,
  },
]

describe.each(['plan', 'create --dry-run'])('%s', (words) => {
  const usable = cases.filter(({ flags }) => words === 'plan' || !flags.includes('--exit-code'))

  test.each(usable)('with the rights of Reader alone: $state', async ({ before, flags, exitCode, result, says }) => {
    const azure = await startTestAzure()
    await before?.(azure)
    azure.arm.faults.add(...NO_RIGHT_TO_WRITE)
    azure.requests.length = 0
    const text = await azure.run([...words.split(' '), ...flags])
    expect(text).toMatchObject({ exitCode, stderr: '' })
    expect(text.stdout).toMatch(says)
    const json = await azure.run([...words.split(' '), ...flags, '--json'])
    expect(json).toMatchObject({ exitCode, stderr: '' })
    expect(documentOf(json)).toMatchObject({ command: 'plan', result, connections: [] })
    expect([...new Set(azure.requests.map(({ method }) => method))]).toEqual(['GET'])
  })

  test('what Azure inflated is a note and no change', async () => {
    const azure = await startTestAzure({ seed: INFLATED })
    const run = await azure.run([
      ...words.split(' '),
      ...TARGET,
      '--hub',
      'clicks',
      '--capacity',
      '2',
      '--no-consumer-group',
      '--access',
      'manage',
    ])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(unwrapped(run.stdout)).toContain('inflated to 6, floor 2')
    expect(run.stdout).toContain('Nothing to do.')
  })
})

describe('one wave: no request waits for the answer to another', () => {
  /** Provider, group, namespace, network rules, hubs; and for each of 3 hubs: consumer groups, rule, keys. A plan reads the locks and no keys. */
  const WAVE = 5 + 3 * 3
  const hubs = ['--hub', 'clicks', '--hub', 'views', '--hub', 'orders']

  test.each([
    { run: 'create with nothing to do', argv: BIG_CREATE, requests: WAVE },
    { run: 'show-connection', argv: ['show-connection', ...TARGET, ...hubs, '--format', 'raw'], requests: WAVE },
    { run: 'plan', argv: ['plan', ...PLACE, ...RESOURCES], requests: WAVE - 3 + 1 },
  ])('$run: all $requests requests are under way before the first is answered', async ({ argv, requests }) => {
    const azure = await startTestAzure()
    await azure.run(BIG_CREATE)
    const tap = await tapWire(azure, { hold: requests })
    const run = await azure.run(argv, { env: tap.env })
    expect(run.exitCode, run.stderr).toBe(0)
    // Where Kafka is served is not a question to Resource Manager. It waits for the keys, which tell that this is no Azure.
    const asked = tap.requests.filter(({ path }) => path !== '/_local/health')
    expect(asked).toHaveLength(requests)
    expect(asked.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/listKeys'))).toEqual([])
  })
})

describe('a lock', () => {
  const lock = (scope: string, level: string) => async (azure: TestAzure) => {
    const path = `${scope}/providers/Microsoft.Authorization/locks/audit`
    const properties = { level, notes: 'ask Dana' }
    expect(await armSend(azure.arm, 'PUT', path, { properties })).toBe(201)
    azure.requests.length = 0
  }
  const HUB_PATH = `${NAMESPACE_PATH}/eventhubs/clicks`

  test.each([
    ['the resource group', GROUP_PATH, `resource group ${GROUP}`],
    ['the namespace', NAMESPACE_PATH, `namespace ${NAMESPACE}`],
    ['the hub', HUB_PATH, 'hub clicks'],
  ])('of level ReadOnly on %s is told before create meets it, with GETs alone', async (_, scope, thing) => {
    const azure = await startTestAzure()
    await pending(azure)
    await lock(scope, 'ReadOnly')(azure)
    const flags = [...PLACE, '--hub', 'clicks:4:48h', '--consumer-group', 'trainer']
    const run = await azure.run(['plan', ...flags, '--exit-code'])
    expect(run).toMatchObject({ exitCode: 5, stderr: '' })
    expect(unwrapped(run.stdout)).toContain(
      `cannot be written: lock audit (ReadOnly) on ${thing} forbids it; create fails until it is removed. Its notes say: ask Dana`,
    )
    expect([...new Set(azure.requests.map(({ method }) => method))]).toEqual(['GET'])
    expect(documentOf(await azure.run(['plan', ...flags, '--json'])).notes).toMatchObject([
      { kind: 'hub', name: 'clicks' },
    ])
    expect((await azure.run(['create', ...flags, '--yes'])).stderr).toContain('ScopeLocked')
  })

  test('that nothing meets is not told: of another level, on another hub, or without a change', async () => {
    const azure = await startTestAzure()
    await azure.run(['create', ...PLACE, '--hub', 'clicks', '--hub', 'views', '--yes'])
    await lock(NAMESPACE_PATH, 'CanNotDelete')(azure)
    await lock(`${NAMESPACE_PATH}/eventhubs/views`, 'ReadOnly')(azure)
    for (const hub of ['clicks:4:48h', 'clicks']) {
      expect((await azure.run(['plan', ...PLACE, '--hub', hub])).stdout).not.toContain('lock audit')
    }
  })
})
