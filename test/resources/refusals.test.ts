import { describe, expect, it } from 'vitest'
import { plan, withNamespaceRefused, type ApplicablePlan } from '../../src/engine/plan.ts'
import { refuseTakenName } from '../../src/resources/namespace/name.ts'
import { parseNamespaceName } from '../../src/inputs/parsers.ts'
import { aCapture, aSpec, aWorld, homeWords, SUBSCRIPTION, wordsOf, type World } from '../support/worlds.ts'
import {
  changesIn,
  expectWaysOutToWork,
  onlyRefusal,
  planIn,
  planWords,
  refusalsIn,
  summary,
  wordsAfter,
} from '../support/planning.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

const NONE = ['--no-consumer-group', '--access', 'manage'] as const
const LONG_NAME = `n${'s'.repeat(49)}`

const standard = () => aWorld().withNamespace().withHub('clicks')
const basic = () => aWorld().withNamespace({ tier: 'Basic' }).withHub('clicks')
const premium = (capacity = 1) => aWorld().withNamespace({ tier: 'Premium', capacity }).withHub('clicks')
const dedicated = () => aWorld().withNamespace({ tier: 'Dedicated' }).withHub('clicks')
const crowd = (world: World, hubs: number, partitions = 1): World =>
  Array.from({ length: hubs }, (_, i) => `h${i}`).reduce((all, name) => all.withHub(name, { partitions }), world)
const readers = (world: World, groups: number): World =>
  Array.from({ length: groups }, (_, i) => `g${i}`).reduce((all, name) => all.withConsumerGroup('clicks', name), world)
const tagged = (count: number) =>
  aWorld().withNamespace({ tags: Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, 'x'])) })

/** World, flags, what cannot be, why, and how many ways out a command takes. */
const CASES: readonly (readonly [name: string, World, flags: string, what: string, because: RegExp, ways: number])[] = [
  [
    'more partitions on Standard',
    standard(),
    '--hub clicks:8',
    "Can't change the partition count of hub clicks from 4 to 8",
    /^On Standard the count is fixed when the hub is made\. Premium can add/,
    2,
  ],
  [
    'more partitions on Standard, said for all hubs',
    standard(),
    '--hub clicks --partitions 8',
    "Can't change the partition count of hub clicks from 4 to 8",
    /^On Standard the count is fixed/,
    2,
  ],
  [
    'more partitions on Basic',
    basic(),
    '--hub clicks:8:24h',
    "Can't change the partition count of hub clicks from 4 to 8",
    /^On Basic the count is fixed/,
    2,
  ],
  [
    'fewer partitions on Standard',
    standard(),
    '--hub Clicks:2',
    "Can't change the partition count of hub clicks from 4 to 2",
    /^Partitions cannot be taken away: the events in them would be lost\.$/,
    2,
  ],
  [
    'fewer partitions on Premium',
    premium(),
    '--hub clicks:2',
    "Can't change the partition count of hub clicks from 4 to 2",
    /^Partitions cannot be taken away/,
    2,
  ],
  [
    'fewer partitions in a cluster',
    dedicated(),
    '--hub clicks:1',
    "Can't change the partition count of hub clicks from 4 to 1",
    /^Partitions cannot be taken away/,
    2,
  ],
  [
    'a second hub that is taken',
    standard().withHub('clicks-v2').withHub('CLICKS-V3'),
    '--hub clicks:8 --hub audit',
    "Can't change the partition count of hub clicks from 4 to 8",
    /^On Standard/,
    2,
  ],
  [
    'partitions of a hub with its own consumer groups',
    standard(),
    '--hub clicks:8 --hub audit --consumer-group clicks/a --consumer-group audit/b --consumer-group all',
    "Can't change the partition count of hub clicks from 4 to 8",
    /^On Standard/,
    2,
  ],
  [
    'the most partitions of a namespace on Premium, by a new hub',
    crowd(premium(), 1, 100),
    '--hub more:100',
    "Can't have 204 partitions in namespace ns-demo",
    /^On Premium with 1 processing unit it holds at most 200 partitions, and would have 204\.$/,
    2,
  ],
  [
    'the most partitions of a namespace on Premium, by more in a hub',
    crowd(premium(), 1, 100),
    '--hub clicks:100 --hub h1:4',
    "Can't have 204 partitions in namespace ns-demo",
    /^On Premium with 1 processing unit it holds at most 200 partitions, and would have 204\.$/,
    2,
  ],
  [
    'the most partitions of a new Premium namespace',
    aWorld(),
    '--tier Premium --hub a:100 --hub b:100 --hub c:1',
    "Can't have 201 partitions in namespace ns-demo",
    /^On Premium with 1 processing unit it holds at most 200 partitions/,
    1,
  ],
  [
    'the most hubs on Standard',
    crowd(standard(), 9),
    '--hub more',
    "Can't have 11 hubs in namespace ns-demo",
    /^On Standard it holds at most 10 hubs, and would have 11\.$/,
    1,
  ],
  [
    'the most hubs on Premium',
    crowd(premium(), 99),
    '--hub more',
    "Can't have 101 hubs in namespace ns-demo",
    /^On Premium with 1 processing unit it holds at most 100 hubs/,
    2,
  ],
  [
    'fewer processing units than its hubs need',
    crowd(premium(2), 100),
    '--hub clicks --capacity 1',
    "Can't lower namespace ns-demo to 1 processing unit",
    /^On Premium with 1 processing unit it holds at most 100 hubs, and would have 101\.$/,
    2,
  ],
  [
    'fewer processing units than its partitions need',
    crowd(premium(4), 4, 100),
    '--hub clicks --capacity 2',
    "Can't lower namespace ns-demo to 2 processing units",
    /at most 400 partitions, and would have 404\.$/,
    2,
  ],
  [
    'a location of the namespace that is another',
    standard(),
    '--hub clicks -l northeurope',
    "Can't move namespace ns-demo to northeurope",
    /^It is in westeurope, and the region of a namespace is fixed when it is made\.$/,
    2,
  ],
  [
    'a location, on Premium',
    premium(),
    '--hub clicks:100 -l northeurope',
    "Can't move namespace ns-demo to northeurope",
    /^It is in westeurope/,
    2,
  ],
  [
    'a region without Event Hubs',
    aWorld(),
    '-l norwayeast',
    "Can't create a namespace in norwayeast",
    /^Event Hubs is not offered to this subscription in norwayeast\.$/,
    0,
  ],
  [
    'a region without Event Hubs, near one that has it',
    aWorld().withProvider({ locations: ['northeurope2'] }),
    '-l northeurope',
    "Can't create a namespace in northeurope",
    /^Event Hubs is not offered/,
    1,
  ],
  [
    'Standard to Premium',
    standard(),
    '--hub clicks --tier Premium',
    "Can't move namespace ns-demo from Standard to Premium",
    /^A namespace moves between Basic and Standard only; Premium needs a new one\.$/,
    2,
  ],
  [
    'Premium to Standard',
    premium(),
    '--hub clicks --tier Standard',
    "Can't move namespace ns-demo from Premium to Standard",
    /Standard needs a new one/,
    2,
  ],
  [
    'Premium to Basic',
    premium(),
    '--hub clicks --tier Basic',
    "Can't move namespace ns-demo from Premium to Basic",
    /Basic needs a new one/,
    2,
  ],
  ...['--tier Standard --capacity 3', '--tier Standard --auto-inflate-max 10', '--tier Basic --capacity 5'].map(
    (flags) =>
      [
        `Premium to what has other numbers: ${flags}`,
        premium(),
        `--hub clicks ${flags}`,
        `Can't move namespace ns-demo from Premium to ${flags.split(' ')[1]}`,
        /needs a new one/,
        2,
      ] as const,
  ),
  [
    'a cluster to Standard',
    dedicated(),
    '--hub clicks --tier Standard',
    "Can't move namespace ns-demo from Dedicated to Standard",
    /Standard needs a new one/,
    2,
  ],
  [
    'Standard to a cluster',
    standard(),
    '--hub clicks --tier Dedicated',
    "Can't move namespace ns-demo from Standard to Dedicated",
    /a cluster needs a new one/,
    1,
  ],
  [
    'a new namespace in a cluster',
    aWorld(),
    '--tier Dedicated',
    "Can't create namespace ns-demo in a dedicated cluster",
    /works in namespaces of a cluster, but does not make them/,
    1,
  ],
  [
    'Standard to Basic with long retention',
    aWorld().withNamespace().withHub('clicks').withHub('other', { retentionHours: 48 }),
    '--hub clicks --tier Basic',
    "Can't move namespace ns-demo from Standard to Basic",
    /^hub other keeps events for 2d, Basic at most 24h\.$/,
    1,
  ],
  [
    'Standard to Basic with consumer groups',
    standard().withHub('other').withConsumerGroup('other', 'a').withConsumerGroup('other', 'b'),
    '--hub clicks --tier Basic',
    "Can't move namespace ns-demo from Standard to Basic",
    /^hub other has consumer group a, b; Basic has only \$Default\.$/,
    1,
  ],
  [
    'Standard to Basic with Capture',
    aWorld().withNamespace().withHub('clicks', { capture: aCapture() }),
    '--hub clicks --tier Basic',
    "Can't move namespace ns-demo from Standard to Basic",
    /^hub clicks has Capture, which Basic does not have\.$/,
    1,
  ],
  [
    'Standard to Basic with a compacted hub',
    aWorld().withNamespace().withHub('clicks', { cleanupPolicy: 'Compact' }),
    '--hub clicks --tier Basic',
    "Can't move namespace ns-demo from Standard to Basic",
    /as long as they are the newest of their key/,
    1,
  ],
  [
    'consumer groups on Basic',
    basic(),
    '--hub clicks --consumer-group trainer',
    "Can't make consumer group trainer in hub clicks",
    /^The namespace is on Basic, where a hub has only \$Default\.$/,
    2,
  ],
  [
    'the 21st consumer group',
    readers(standard(), 19),
    '--hub clicks --consumer-group trainer',
    "Can't make consumer group trainer in hub clicks",
    /^The hub would have 21 with \$Default, and Standard allows 20\.$/,
    0,
  ],
  [
    'the 101st consumer group on Premium',
    readers(premium(), 99),
    '--hub clicks --consumer-group trainer',
    "Can't make consumer group trainer in hub clicks",
    /^The hub would have 101 with \$Default, and Premium allows 100\.$/,
    0,
  ],
  [
    'Kafka on Basic',
    basic(),
    '--hub clicks --kafka',
    "Can't give namespace ns-demo a Kafka endpoint",
    /^It is on Basic, which has none\. Standard and Premium always have one\.$/,
    1,
  ],
  [
    'more than a day on Basic',
    basic(),
    '--hub clicks:4:48h',
    "Can't keep events of hub clicks for 2d",
    /^The namespace is on Basic, where retention is at most 24h\.$/,
    2,
  ],
  [
    'more than a day in a new hub on Basic',
    basic(),
    '--hub audit:2 --retention 3d',
    "Can't keep events of hub audit for 3d",
    /^The namespace is on Basic/,
    2,
  ],
  [
    'a retention of a compacted hub',
    aWorld().withNamespace().withHub('clicks', { cleanupPolicy: 'Compact' }),
    '--hub clicks --retention 48h',
    "Can't set a retention for hub clicks",
    /^It is compacted: it keeps the newest event of each key for good/,
    1,
  ],
  [
    'capacity above the maximum of auto-inflate',
    aWorld().withNamespace({ capacity: 2, autoInflateMax: 4 }),
    '--capacity 6',
    "Can't have a capacity above the auto-inflate maximum in namespace ns-demo",
    /^Capacity would be 6, the maximum 4\.$/,
    2,
  ],
  [
    'a maximum below the live capacity',
    aWorld().withNamespace({ capacity: 8 }),
    '--auto-inflate-max 5',
    "Can't have a capacity above the auto-inflate maximum in namespace ns-demo",
    /^Capacity would be 8, the maximum 5\.$/,
    2,
  ],
  [
    'a maximum below what Azure inflated to',
    aWorld().withNamespace({ capacity: 8, autoInflateMax: 10 }),
    '--capacity 2 --auto-inflate-max 5',
    "Can't have a capacity above the auto-inflate maximum in namespace ns-demo",
    /^Capacity would be 8, the maximum 5\.$/,
    2,
  ],
  [
    'a capacity that Premium does not offer',
    premium(2),
    '--hub clicks --capacity 3',
    "Can't set the capacity of namespace ns-demo to 3",
    /^It is on Premium, where it is 1, 2, 4, 6, 8, 10, 12 or 16\.$/,
    1,
  ],
  [
    'a capacity in a cluster',
    dedicated(),
    '--hub clicks --capacity 2',
    "Can't set the capacity of namespace ns-demo to 2",
    /^It is on Dedicated, where the cluster sets it\.$/,
    1,
  ],
  [
    'auto-inflate on Premium',
    premium(),
    '--hub clicks --auto-inflate-max 4',
    "Can't switch on auto-inflate in namespace ns-demo",
    /^It is on Premium; auto-inflate is a feature of Standard\.$/,
    1,
  ],
  [
    'more tags than a resource has room for',
    tagged(49),
    '--tag a=1 --tag b=2',
    "Can't put the tags given on namespace ns-demo",
    /^It would have 51, and a resource has at most 50\.$/,
    0,
  ],
  [
    'a policy that is nowhere',
    standard(),
    '--hub clicks --policy theirs',
    "Can't use access rule theirs for hub clicks",
    /^Neither the hub nor the namespace has it/,
    1,
  ],
  [
    'a load of all hubs that the tier cannot carry, with a capacity that another tier does not have either',
    aWorld(),
    '--tier Standard --capacity 3 --reset-capacity --throughput 20MB/s --hub a --hub b --hub c',
    "Can't make a namespace on Standard that carries the load",
    /60 throughput units/,
    1,
  ],
]

describe.each(CASES)('%s', (_, world, flags, what, because, ways) => {
  const isAboutGroups = /consumer-group|--tier Basic/.test(flags)
  const isAboutRules = flags.includes('--policy')
  const words = [
    ...homeWords(flags),
    ...(isAboutGroups ? [] : ['--no-consumer-group']),
    ...(isAboutRules ? [] : ['--access', 'manage']),
  ]

  it('is refused once, with the reason', () => {
    const refusal = onlyRefusal(planWords(world, words))
    expect(refusal.what).toBe(what)
    expect(plainSpeller.text(refusal.because)).toMatch(because)
    if (refusal.link !== undefined) expect(refusal.link).toMatch(/^https:\/\/learn\.microsoft\.com\/azure\//)
  })

  it('has ways out that work', () => {
    const refusal = onlyRefusal(planWords(world, words))
    expect(refusal.waysOut.filter((way) => way.edit)).toHaveLength(ways)
    for (const way of refusal.waysOut) expect(plainSpeller.text(way.text)).toMatch(/^[a-z].*[^.]$/)
    expectWaysOutToWork(world, words)
  })
})

describe('a refused plan', () => {
  it('tells every reason at once, and what would have been changed', () => {
    const planned = planIn(
      standard().withHub('audit'),
      '--hub clicks:8 --hub audit:2 --tier Premium -l eastus --capacity 2 --retention 48h',
    )
    expect(refusalsIn(planned).map((one) => one.what)).toEqual([
      "Can't move namespace ns-demo to eastus",
      "Can't move namespace ns-demo from Standard to Premium",
      "Can't change the partition count of hub audit from 4 to 2",
    ])
    expect(changesIn(planned)).toContain('retention: 24h -> 2d')
  })

  it('is not handed to apply by its type', () => {
    const planned = planIn(standard(), '--hub clicks:8')
    // @ts-expect-error a plan of any outcome is not an applicable one
    const applicable: ApplicablePlan = planned
    expect(applicable.outcome).toBe('refused')
  })
})

describe('ways out', () => {
  it('keep what was asked for besides', () => {
    const words = homeWords('--hub clicks:8:48h --hub audit:2 --consumer-group clicks/a --consumer-group b')
    const [keep, second] = onlyRefusal(planWords(standard(), words)).waysOut
    expect(wordsAfter(words, keep!).slice(8)).toEqual(
      wordsOf('--hub audit:2 --consumer-group clicks/a --consumer-group b --hub clicks:4:2d'),
    )
    expect(wordsAfter(words, second!).slice(8)).toEqual(
      wordsOf('--hub audit:2 --consumer-group clicks-v2/a --consumer-group b --hub clicks-v2:8:2d'),
    )
  })

  it('name a second hub that is not there yet', () => {
    const world = standard().withHub('clicks-v2').withHub('CLICKS-V3')
    const [, second] = onlyRefusal(planIn(world, '--hub clicks:8 --hub clicks-v4')).waysOut
    expect(second!.edit).toEqual({ hub: { of: 'clicks', name: 'clicks-v5', partitions: 8 } })
  })

  it('give names that Azure takes, also of the longest', () => {
    const long = (namespace: object) => aWorld().withNamespace({ name: LONG_NAME, ...namespace })
    const line = ['-s', SUBSCRIPTION, '-g', 'rg', '-n', LONG_NAME, ...NONE]
    for (const [world, flags] of [
      [long({ location: 'eastus' }), '-l southafricanorth'],
      [long({}), '--tier Premium'],
      [crowd(long({}), 10), '--hub another'],
    ] as const) {
      const ways = onlyRefusal(planWords(world, [...line, ...wordsOf(flags)])).waysOut
      const names = ways.flatMap((way) => way.edit?.namespace ?? [])
      expect(names).toHaveLength(1)
      expect(parseNamespaceName(names[0] as string)).toMatchObject({ ok: true })
    }
  })
})

describe('a name that is taken', () => {
  const spec = aSpec(['-n', LONG_NAME])
  const planned = plan(spec, aWorld().actual(spec)) as ApplicablePlan

  it.each([
    ['NameInUse', /unique over all subscriptions/, true],
    ['NameInLockdown', /kept for its former owner/, true],
    ['InvalidName', /does not take this name/, true],
    ['SubscriptionIsDisabled', /subscription is disabled/, false],
    ['TooManyNamespaceInCurrentSubscription', /as many namespaces as it may have/, false],
    ['SomethingNew', /words of Azure/, true],
  ])('%s', (reason, because, isOtherNameAWay) => {
    const refused = withNamespaceRefused(
      planned,
      refuseTakenName(LONG_NAME, spec.subscriptionId, { available: false, reason, message: 'words of Azure' }),
    )
    const refusal = onlyRefusal(refused)
    expect(refusal.what).toBe(`Can't create namespace ${LONG_NAME}`)
    expect(refusal.because).toMatch(because)
    const [name] = refusal.waysOut.flatMap((way) => way.edit?.namespace ?? [])
    expect(name !== undefined).toBe(isOtherNameAWay)
    if (isOtherNameAWay) expect(parseNamespaceName(name as string)).toMatchObject({ ok: true })
    expect(summary(refused)).toContain(`refuse namespace ${LONG_NAME}`)
  })
})
