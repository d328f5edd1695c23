import { expect, test } from 'vitest'
import type { Seed } from '../../src/local/index.ts'
import { startTestAzure } from '../support/azure.ts'
import { documentOf, GROUP, NAMESPACE, stateOf, TARGET, unwrapped } from './support.ts'

type SeedNamespace = NonNullable<Seed['namespaces']>[number]

interface Case {
  readonly refusal: string
  readonly namespace?: Partial<SeedNamespace>
  readonly flags: readonly string[]
  readonly says: RegExp
  /** How many ways out are commands. */
  readonly commands: number
}

const HUB = { name: 'clicks' }
const COMPACTED = {
  name: 'clicks',
  properties: { retentionDescription: { cleanupPolicy: 'Compact', retentionTimeInHours: -1 } },
}
const BASIC = { sku: { name: 'Basic', capacity: 1 } } as const
const PREMIUM = { sku: { name: 'Premium', capacity: 1 } } as const
const INFLATED = {
  sku: { name: 'Standard', capacity: 6 },
  properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 12 },
} as const
const many = (count: number, partitionCount = 1) =>
  Array.from({ length: count }, (_, i) => ({ name: `hub-${i}`, properties: { partitionCount } }))

const cases: readonly Case[] = [
  {
    refusal: 'other partitions on Standard',
    flags: ['--hub', 'clicks:8'],
    says: /partition count of hub clicks from 4 to 8/,
    commands: 2,
  },
  {
    refusal: 'other partitions and another retention',
    flags: ['--hub', 'clicks:8:7d'],
    says: /partition count of hub clicks from 4 to 8/,
    commands: 2,
  },
  {
    refusal: 'partitions of every hub',
    flags: ['--hub', 'clicks', '--partitions', '8'],
    says: /partition count of hub clicks from 4 to 8/,
    commands: 2,
  },
  {
    refusal: 'other partitions on Basic',
    namespace: BASIC,
    flags: ['--hub', 'clicks:8', '--no-consumer-group'],
    says: /from 4 to 8/,
    commands: 2,
  },
  {
    refusal: 'fewer partitions on Premium',
    namespace: PREMIUM,
    flags: ['--hub', 'clicks:2', '--tier', 'Premium'],
    says: /Partitions cannot be taken away/,
    commands: 2,
  },
  {
    refusal: 'Standard to Premium',
    flags: ['--hub', 'clicks', '--tier', 'Premium'],
    says: /from Standard to Premium/,
    commands: 2,
  },
  {
    refusal: 'Premium to Standard',
    namespace: PREMIUM,
    flags: ['--hub', 'clicks', '--tier', 'Standard'],
    says: /from Premium to Standard/,
    commands: 2,
  },
  {
    refusal: 'to Basic with consumer groups',
    namespace: { hubs: [{ ...HUB, consumerGroups: [{ name: 'trainer' }] }] },
    flags: ['--hub', 'clicks', '--tier', 'Basic'],
    says: /trainer/,
    commands: 1,
  },
  {
    refusal: 'to Basic with a week of retention in a hub that nobody named',
    namespace: {
      hubs: [
        HUB,
        { name: 'views', properties: { retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 168 } } },
      ],
    },
    flags: ['--hub', 'clicks', '--tier', 'Basic'],
    says: /hub views keeps events for 7d/,
    commands: 1,
  },
  {
    refusal: 'a consumer group on Basic',
    namespace: BASIC,
    flags: ['--hub', 'clicks', '--consumer-group', 'trainer'],
    says: /only \$Default/,
    commands: 2,
  },
  {
    refusal: 'Kafka on Basic',
    namespace: BASIC,
    flags: ['--hub', 'clicks', '--kafka', '--no-consumer-group'],
    says: /Kafka endpoint/,
    commands: 1,
  },
  {
    refusal: 'two days on Basic',
    namespace: BASIC,
    flags: ['--hub', 'clicks', '--retention', '48h', '--no-consumer-group'],
    says: /at most 24h/,
    commands: 2,
  },
  {
    refusal: 'a location',
    flags: ['--hub', 'clicks', '-l', 'northeurope'],
    says: /Can't move namespace ns-clicks-test to northeurope/,
    commands: 2,
  },
  {
    refusal: 'a capacity above the maximum',
    namespace: INFLATED,
    flags: ['--hub', 'clicks', '--capacity', '20'],
    says: /above the auto-inflate maximum/,
    commands: 2,
  },
  {
    refusal: 'a maximum below the capacity',
    namespace: INFLATED,
    flags: ['--hub', 'clicks', '--auto-inflate-max', '4'],
    says: /above the auto-inflate maximum/,
    commands: 2,
  },
  {
    refusal: 'auto-inflate on Premium',
    namespace: PREMIUM,
    flags: ['--hub', 'clicks', '--auto-inflate-max', '4'],
    says: /auto-inflate/,
    commands: 1,
  },
  {
    refusal: 'a capacity that Premium does not have',
    namespace: PREMIUM,
    flags: ['--hub', 'clicks', '--capacity', '3'],
    says: /capacity/,
    commands: 1,
  },
  {
    refusal: 'fewer processing units than the partitions need',
    namespace: { sku: { name: 'Premium', capacity: 2 }, hubs: [HUB, ...many(5, 100).slice(0, 3)] },
    flags: ['--hub', 'clicks', '--capacity', '1', '--tier', 'Premium'],
    says: /partitions/,
    commands: 2,
  },
  {
    refusal: 'an eleventh hub',
    namespace: { hubs: many(10) },
    flags: ['--hub', 'clicks'],
    says: /11 hubs/,
    commands: 1,
  },
  {
    refusal: 'a twenty-first consumer group',
    namespace: { hubs: [{ ...HUB, consumerGroups: Array.from({ length: 19 }, (_, i) => ({ name: `g-${i}` })) }] },
    flags: ['--hub', 'clicks', '--consumer-group', 'trainer'],
    says: /would have 21/,
    commands: 0,
  },
  {
    refusal: 'retention of a compacted hub',
    namespace: { ...PREMIUM, hubs: [COMPACTED] },
    flags: ['--hub', 'clicks::48h'.replace('::', ':4:')],
    says: /compacted/,
    commands: 1,
  },
  {
    refusal: 'a policy that nobody has',
    flags: ['--hub', 'clicks', '--policy', 'nobody'],
    says: /access rule nobody/,
    commands: 1,
  },
]

const wordsOf = (command: string): string[] =>
  [...command.replace(/^npx ml-ingest /, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)

test.each(cases)(
  '$refusal is refused, nothing is written, and the ways out work',
  async ({ namespace, flags, says, commands }) => {
    const azure = await startTestAzure({
      seed: { namespaces: [{ group: GROUP, name: NAMESPACE, hubs: [HUB], ...namespace }] },
    })
    const before = await stateOf(azure)
    azure.requests.length = 0
    const argv = ['create', ...TARGET, ...flags, '--yes']
    const text = await azure.run(argv)
    expect(text).toMatchObject({ exitCode: 4, stdout: '' })
    expect(unwrapped(text.stderr)).toMatch(says)
    expect(text.stderr).toContain('Nothing was written.')
    const json = await azure.run([...argv, '--json'])
    const document = documentOf(json)
    expect(document).toMatchObject({ result: 'refused', exitCode: 4, error: { code: 'refused' } })
    expect(azure.writes()).toEqual([])
    expect(await stateOf(azure)).toEqual(before)
    const refusals = document.changes.flatMap((change) => change.refusals)
    expect(refusals.every(({ waysOut }) => waysOut.length > 0)).toBe(true)
    const ways = refusals.flatMap(({ waysOut }) => waysOut.flatMap(({ command }) => command ?? []))
    expect(ways).toHaveLength(commands)
    for (const way of ways) {
      expect(unwrapped(text.stderr)).toContain(way.replace(/ --json(?= |$)/, ''))
      const run = await azure.run([
        'plan',
        ...wordsOf(way)
          .slice(1)
          .filter((word) => !['-y', '--yes', '--json'].includes(word)),
      ])
      expect(run.exitCode, `${way}\n${run.stdout}${run.stderr}`).toBe(0)
    }
  },
)

test('a name that somebody else has is refused before the first write, and the name offered is free', async () => {
  const azure = await startTestAzure({ seed: { namespaces: [{ group: 'rg-of-others', name: NAMESPACE }] } })
  const run = await azure.run(['create', ...TARGET, '-l', 'westeurope', '--yes', '--json'])
  const document = documentOf(run)
  expect(document).toMatchObject({ result: 'refused', exitCode: 4 })
  expect(azure.writes()).toEqual([])
  const [way] = document.changes.flatMap((change) => change.refusals.flatMap(({ waysOut }) => waysOut))
  expect(await azure.run(wordsOf(way!.command!))).toMatchObject({ exitCode: 0 })
})

test('all refusals at once', async () => {
  const azure = await startTestAzure({ seed: { namespaces: [{ group: GROUP, name: NAMESPACE, hubs: [HUB] }] } })
  const flags = ['--hub', 'clicks:2', '-l', 'northeurope', '--tier', 'Premium', '--policy', 'nobody']
  const run = await azure.run(['create', ...TARGET, ...flags, '--yes'])
  expect(run.exitCode).toBe(4)
  for (const sentence of ['to northeurope', 'from Standard to Premium', 'from 4 to 2', 'access rule nobody'])
    expect(unwrapped(run.stderr)).toContain(sentence)
})
