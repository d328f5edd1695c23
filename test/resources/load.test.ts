import { describe, expect, it } from 'vitest'
import { plan } from '../../src/engine/plan.ts'
import { wantedIn } from '../../src/manifest/environments.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { brokenRules, judge, type Known } from '../../src/resources/front-door.ts'
import { loadOf } from '../../src/resources/load/load.ts'
import { inOrder } from '../../src/ui/problems.ts'
import { givenBy } from '../support/argv.ts'
import { aRootSpec, problemsOfRoot, wantedFrom } from '../support/manifests.ts'
import { expectOne, problemsIn, words, type BadLine } from '../support/problems.ts'
import { tell, toldOf } from '../support/told.ts'
import { aSpec, aWorld, homeWords } from '../support/worlds.ts'

/** What a new namespace gets: tier, capacity, auto-inflate maximum, partitions. */
const sizeIn = ({ namespace, hubs }: ReturnType<typeof aSpec>) => [
  namespace.tier.value,
  namespace.capacity.value,
  namespace.autoInflateMax.value,
  ...hubs.map(({ partitions }) => partitions.value),
]

describe('what nobody said is sized by the load', () => {
  it.each<[string, unknown[]]>([
    ['', ['Standard', 1, 0, 4]],
    ['--events-per-second 100', ['Standard', 1, 0, 4]],
    // In 5 MB/s; the default consumer group is the one reader.
    ['--events-per-second 5k', ['Standard', 5, 0, 5]],
    ['--events-per-second 5k --readers 3', ['Standard', 8, 0, 5]],
    ['--events-per-second 5k --consumer-group a --consumer-group b --consumer-group c', ['Standard', 8, 0, 5]],
    ['--events-per-second 5k --no-consumer-group', ['Standard', 5, 0, 5]],
    ['--events-per-second 1k --event-size 5KB --peak 2 --readers 4', ['Standard', 10, 20, 10]],
    ['--throughput 20MB/s', ['Standard', 20, 0, 20]],
    // 100 bytes each are 20,000 events.
    ['--throughput 2MB/s --event-size 100B', ['Standard', 20, 0, 4]],
    ['--events-per-second 100 --workers 12', ['Standard', 1, 0, 12]],
    ['--events-per-second 5k --ordered', ['Standard', 5, 0, 1]],
    ['--throughput 50MB/s', ['Premium', 10, 0, 50]],
    ['--events-per-second 5k --hub a --hub b', ['Standard', 10, 0, 5, 5]],
    ['--events-per-second 5k --hub a --hub b:2', ['Standard', 10, 0, 5, 2]],
    ['--events-per-second 5k --capacity 2', ['Standard', 2, 5, 5]],
    ['--events-per-second 5k --peak 2 --auto-inflate-max 0', ['Standard', 10, 0, 10]],
    ['--events-per-second 5k --tier Premium', ['Premium', 1, 0, 5]],
    ['--events-per-second 5k --tier Basic --no-consumer-group', ['Basic', 5, 0, 5]],
    // 30d of retention are more than Standard has.
    ['--events-per-second 100 --retention 30d', ['Premium', 1, 0, 4]],
  ])('%s', (line, size) => expect(sizeIn(aSpec(line))).toEqual(size))

  it('the units of a flag are all one', () => {
    const [size, ...others] = ['5k', '5000', '5,000', '300k/min', '18M/h', '432M/day', '0.005M'].map((rate) =>
      sizeIn(aSpec(`--events-per-second ${rate} --event-size 1KB --readers 3`)),
    )
    for (const line of ['5MB/s', '300MB/min', '432GB/day', '5,000KB/s', '0.005GB/s'])
      others.push(sizeIn(aSpec(`--throughput ${line} --readers 3`)))
    for (const one of others) expect(one).toEqual(size)
  })

  it('a variable is as good as a flag, and a flag wins', () => {
    const env = { ML_INGEST_EVENTS_PER_SECOND: '5k', ML_INGEST_READERS: '3', ML_INGEST_PEAK: '2' }
    const specIn = (line: string) => {
      const judged = judge(wantedFrom('version: 1', givenBy(homeWords(line), env)))
      return judged.ok ? sizeIn(judged.spec) : judged.problems
    }
    expect(specIn('')).toEqual(['Standard', 8, 15, 10])
    expect(specIn('--readers 1 --peak 1')).toEqual(['Standard', 5, 0, 5])
  })
})

describe('a manifest', () => {
  const HUBS = [{ name: 'clicks' }, { name: 'views', load: { eventsPerSecond: 500 } }]
  it.each<[string, object, string, unknown[]]>([
    ['at the top, for each hub', { load: { eventsPerSecond: '5k' }, hubs: HUBS }, '', ['Standard', 6, 0, 5, 4]],
    ['of one hub alone', { hubs: HUBS }, '', ['Standard', 1, 0, 4, 4]],
    ['a hub completes what the top begins', { load: { eventSize: '4KB' }, hubs: HUBS }, '', ['Standard', 2, 0, 4, 4]],
    ['a hub says another kind of rate', { load: { throughput: '10MB/s' }, hubs: HUBS }, '', ['Standard', 11, 0, 10, 4]],
    [
      'one hub in order, the others with many workers',
      { load: { eventsPerSecond: 100, workers: 8 }, hubs: [{ name: 'a' }, { name: 'b', load: { ordered: true } }] },
      '',
      ['Standard', 1, 0, 8, 1],
    ],
    ['a flag over the top', { load: { eventsPerSecond: '5k' }, hubs: HUBS }, '--readers 3', ['Standard', 9, 0, 5, 4]],
    [
      'a flag over the rate of the top and of a hub',
      { load: { eventsPerSecond: '5k' }, hubs: HUBS },
      '--events-per-second 1k',
      ['Standard', 2, 0, 4, 4],
    ],
    [
      'another kind of rate by a flag, over both too',
      { load: { eventsPerSecond: '5k' }, hubs: HUBS },
      '--throughput 20MB/s',
      ['Standard', 40, 0, 20, 20],
    ],
    [
      'the size of events alone by a flag',
      { load: { eventsPerSecond: '5k' }, hubs: [{ name: 'a' }] },
      '--event-size 2KB',
      ['Standard', 10, 0, 10],
    ],
  ])('%s', (_, root, line, size) => expect(sizeIn(aRootSpec(root, line))).toEqual(size))

  it('keeps what a flag does not say of a hub', () => {
    const root = { hubs: [{ name: 'a', load: { throughput: '2MB/s', peak: 3, readers: 2 } }] }
    const [hub] = aRootSpec(root, '--events-per-second 1k').hubs
    expect(hub.load).toMatchObject({ eventsPerSecond: 1_000, bytesPerEvent: 1_000, peak: 3, readers: 2 })
  })

  const ENVIRONMENTS = `version: 1
load: { eventsPerSecond: 1k, peak: 2 }
hubs: [{ name: clicks }, { name: views, load: { peak: 4 } }]
environments:
  dev: { load: { eventsPerSecond: 10 } }
  prod: { load: { throughput: 10MB/s }, hubs: [{ name: views, load: { peak: 1 } }] }
`
  it.each([
    ['dev', [10, 10], [2, 4]],
    ['prod', [10_000, 10_000], [2, 1]],
  ] as const)('has loads of its own in environment %s', (env, rates, peaks) => {
    const wanted = wantedFrom(ENVIRONMENTS, {}, env)
    const loads = wanted.hubs!.items.map((hub) => loadOf(hub.load, wanted.load, 1))
    expect(loads.map((load) => load?.eventsPerSecond)).toEqual(rates)
    expect(loads.map((load) => load?.peak)).toEqual(peaks)
  })
})

it('what stands for something that nobody said is told apart', () => {
  const assumed = (line: string) => aSpec(line).hubs[0].load?.assumed
  expect(assumed('')).toBeUndefined()
  expect(assumed('--events-per-second 5k')).toEqual(['bytesPerEvent', 'peak', 'readers', 'workers'])
  expect(assumed('--events-per-second 5k --ordered')).toEqual(['bytesPerEvent', 'peak', 'readers'])
  expect(assumed('--throughput 5MB/s --event-size 1KB --peak 1 --readers 1 --workers 4')).toEqual([])
})

const RATE = 'needs --events-per-second or --throughput: how much comes in'
const BAD: readonly BadLine[] = [
  ['--event-size 2KB', '--event-size 2KB', RATE],
  ['--peak 2', '--peak 2', RATE],
  ['--readers 3', '--readers 3', RATE],
  ['--workers 8', '--workers 8', RATE],
  ['--ordered', '--ordered', RATE],
  ['--peak 2 --readers 3 --workers 8', '--peak 2', RATE],
  [
    '--events-per-second 5k --throughput 5MB/s',
    '--throughput 5MB/s',
    'contradicts --events-per-second. Give one of the two, and --event-size',
  ],
  [
    '--events-per-second 5k --ordered --workers 4',
    '--workers 4',
    'contradicts --ordered: events in one order are read by one worker',
  ],
  [
    '--events-per-second 5 --event-size 300KB --tier Basic --no-consumer-group',
    '--event-size 300KB',
    'is above 256 KiB, the largest event on Basic',
  ],
  [
    '--tier Standard --throughput 50MB/s --partitions 32',
    '--tier Standard',
    'is too small: the load needs 50 throughput units, and a namespace has up to 40. --tier Premium carries it',
  ],
  [
    '--tier Standard --throughput 45MB/s',
    '--tier Standard',
    'is too small: the load needs 45 throughput units, and a namespace has up to 40. --tier Premium carries it',
  ],
  [
    '--tier Basic --no-consumer-group --events-per-second 41k --event-size 100B',
    '--tier Basic',
    'is too small: the load needs 41 throughput units, and a namespace has up to 40. --tier Premium carries it',
  ],
  [
    '--tier Premium --throughput 170MB/s',
    '--tier Premium',
    'is too small: the load needs 34 processing units, and a namespace has up to 16',
  ],
  [
    '--throughput 90MB/s',
    '--throughput 90MB/s',
    'is more than Premium carries: the load needs 18 processing units, and a namespace has up to 16. Only a dedicated cluster surely carries it; --tier Premium makes the largest namespace',
  ],
  [
    '--throughput 170MB/s',
    '--throughput 170MB/s',
    'is more than Premium carries: the load needs 34 processing units, and a namespace has up to 16. Only a dedicated cluster has more: --tier Dedicated, for a namespace that is in one',
  ],
  ['--throughput 50MB/s --kafka --capacity 3', '--capacity 3', /Premium, which the load needs/],
  ['--throughput 50MB/s --auto-inflate-max 40', '--auto-inflate-max 40', /needs Standard/],
]

describe('what contradicts itself or is too much', () => {
  it.each(BAD.map(([line, flag, message]) => ({ line, flag, message })))('$line', ({ line, flag, message }) =>
    expectOne(problemsIn(words(line as string)), flag, message),
  )

  it('is no problem of an existing namespace in a cluster, whether it is said or found', () => {
    const line = '--throughput 90MB/s'
    expect(problemsIn(words(`${line} --tier Dedicated`))).toEqual([])
    expect(problemsIn(words(line), { liveTier: 'Dedicated' })).toEqual([])
  })

  it('is no problem of an existing namespace of a smaller tier: it can be told what would carry it', () => {
    expect(problemsIn(words('--throughput 50MB/s'), { liveTier: 'Standard' })).toEqual([])
  })

  it('is told of a variable by its name', () => {
    const env = { ML_INGEST_EVENTS_PER_SECOND: '1e3', ML_INGEST_WORKERS: '2' }
    const told = problemsIn(words('--ordered'), { env }).map(toldOf)
    expect(told).toEqual([
      expect.stringMatching(/^ML_INGEST_EVENTS_PER_SECOND=1e3 is not a number of events/),
      expect.stringMatching(/^ML_INGEST_WORKERS=2 contradicts --ordered/),
    ])
  })

  it('a rate that could not be read is not missed beside', () => {
    expect(problemsIn(words('--events-per-second many --peak 2'))).toHaveLength(1)
    expect(problemsOfRoot({ load: { peak: 2 } }, '')).toHaveLength(1)
  })
})

describe('mistakes in a manifest', () => {
  it('are all told at once, each at its place', () => {
    const text = `version: 1
tier: Basic
load:
  eventsPerSecond: 1e3
  eventSize: 300KB
  peek: 2
  ordered: yes
hubs:
  - name: clicks
    consumerGroups: []
    load: { throughput: 1Mb/s, workers: 0 }
  - name: views
    consumerGroups: []
    load: { eventsPerSecond: 5, throughput: 1MB/s, workers: 2, ordered: true }
`
    const { root, problems } = readManifest(text, 'm.yaml')
    const told = inOrder([...problems, ...brokenRules(wantedIn(root!, undefined))])
      .map(tell)
      .map(({ flag, message }) => `${flag} ${message}`)
    expect(told).toEqual([
      'm.yaml:4:20 load.eventsPerSecond "1e3" is not a number of events for one second, such as 5000, 5k or 20M/day',
      'm.yaml:5:14 load.eventSize is above 256 KiB, the largest event on Basic',
      'm.yaml:6:3 load.peek is not a key here. Did you mean peak?',
      'm.yaml:7:12 load.ordered "yes" is neither true nor false',
      'm.yaml:11:25 hubs[0].load.throughput "1Mb/s" is not a rate, such as 20MB/s or 2TB/day',
      'm.yaml:11:41 hubs[0].load.workers "0" is out of range: the number of workers is 1 to 1024',
      'm.yaml:14:45 hubs[1].load.throughput contradicts hubs[1].load.eventsPerSecond. Give one of the two, and eventSize',
      'm.yaml:14:61 hubs[1].load.workers contradicts hubs[1].load.ordered: events in one order are read by one worker',
    ])
  })

  it.each<[string, object, string, string[]]>([
    [
      'nothing of how much comes in',
      { load: { peak: 2 } },
      '',
      ['load.peak needs eventsPerSecond or throughput: how much comes in'],
    ],
    [
      'the same for several hubs, once',
      { load: { peak: 2 }, hubs: [{ name: 'a' }, { name: 'b' }] },
      '',
      ['load.peak needs eventsPerSecond or throughput: how much comes in'],
    ],
    [
      'a hub that says less than it needs, beside one that says enough',
      {
        load: { peak: 2 },
        hubs: [
          { name: 'a', load: { eventsPerSecond: 5 } },
          { name: 'b', load: { readers: 2 } },
        ],
      },
      '',
      ['load.peak needs eventsPerSecond or throughput: how much comes in'],
    ],
    [
      'a flag against the file',
      { load: { eventsPerSecond: 5, ordered: true } },
      '--workers 2',
      ['contradicts load.ordered: events in one order are read by one worker'],
    ],
  ])('%s', (_, root, line, told) => {
    expect(problemsOfRoot(root, line)).toEqual(told)
  })
})

describe('an existing namespace', () => {
  const LIVE: Known = { liveTier: 'Standard' }
  const world = () => aWorld().withNamespace({ capacity: 1 }).withHub('clicks', { partitions: 2 })

  it.each(['--events-per-second 5k --readers 3', '--throughput 20MB/s --peak 2', '--throughput 50MB/s'])(
    'is not changed by a load: %s',
    (load) => {
      for (const known of [LIVE, {}]) {
        const spec = aSpec(`--no-consumer-group --access manage --hub clicks ${load}`, known)
        const made = world().after(plan(spec, world().actual(spec)))
        const again = plan(spec, made.actual(spec))
        expect(again.outcome).toBe('no-op')
        expect(made.namespace).toMatchObject({ tier: 'Standard', capacity: 1, autoInflateMax: 0 })
        expect(made.hubs.map(({ partitions }) => partitions)).toEqual([2])
      }
    },
  )
})
