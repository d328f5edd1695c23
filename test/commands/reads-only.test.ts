import { describe, expect, test } from 'vitest'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import {
  BIG_CREATE,
  documentOf,
  GROUP,
  NAMESPACE,
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
  /** Provider, group, namespace, hubs; and for each of 3 hubs: consumer groups, rule, keys. */
  const WAVE = 4 + 3 * 3
  const hubs = ['--hub', 'clicks', '--hub', 'views', '--hub', 'orders']

  test.each([
    { run: 'create with nothing to do', argv: BIG_CREATE, requests: WAVE },
    { run: 'show-connection', argv: ['show-connection', ...TARGET, ...hubs, '--format', 'raw'], requests: WAVE },
    { run: 'plan', argv: ['plan', ...PLACE, ...RESOURCES], requests: WAVE - 3 },
  ])('$run: all $requests requests are under way before the first is answered', async ({ argv, requests }) => {
    const azure = await startTestAzure()
    await azure.run(BIG_CREATE)
    const tap = await tapWire(azure, { hold: requests })
    const run = await azure.run(argv, { env: tap.env })
    expect(run.exitCode, run.stderr).toBe(0)
    expect(tap.requests).toHaveLength(requests)
    expect(tap.requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/listKeys'))).toEqual([])
  })
})
