import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plan } from '../../src/engine/plan.ts'
import { fitOf } from '../../src/resources/load/fit.ts'
import { renderFit } from '../../src/ui/render-fit.ts'
import { judgeRoot } from '../support/manifests.ts'
import { notesIn, planIn, summary } from '../support/planning.ts'
import { aSpec, aWorld } from '../support/worlds.ts'

const live = (namespace = {}, hub = {}) =>
  aWorld()
    .withNamespace(namespace)
    .withHub('clicks', { partitions: 4, ...hub })

const fitIn = (world: ReturnType<typeof live>, line: string) => {
  const spec = aSpec(line)
  return fitOf(spec, world.actual(spec))
}

describe('a new namespace', () => {
  test('carries its load, so that nothing is told', () => {
    const planned = planIn(
      aWorld(),
      '--hub clicks --events-per-second 5k --readers 3 --consumer-group a --consumer-group b',
    )
    expect(notesIn(planned)).toEqual([])
    const bodies = planned.steps.map((step) => ('write' in step ? step.write : undefined))
    expect(bodies).toMatchObject([
      {},
      { body: { tier: 'Standard', capacity: 8, autoInflateMax: 0 } },
      { body: { partitions: 5 } },
      {},
      {},
      {},
    ])
  })

  test.each([
    [
      '--capacity 1 --auto-inflate-max 0',
      [
        'namespace ns-demo: 1 throughput unit takes in 1 MB/s, and the load brings 10 MB/s at the busiest: Azure refuses what is above',
        'namespace ns-demo: 1 throughput unit gives out 2 MB/s, and the readers need 20 MB/s at the busiest: they fall behind. --capacity 10 or --auto-inflate-max 10 carries it',
      ],
    ],
    [
      '--capacity 3',
      [
        'namespace ns-demo: starts with 3 throughput units, and the load needs 5 on average: auto-inflate has to raise them first. --capacity 5 starts with enough',
      ],
    ],
    [
      '--auto-inflate-max 9',
      [
        'namespace ns-demo: 9 throughput units take in 9 MB/s, and the load brings 10 MB/s at the busiest: Azure refuses what is above',
        'namespace ns-demo: 9 throughput units give out 18 MB/s, and the readers need 20 MB/s at the busiest: they fall behind. --auto-inflate-max 10 carries it',
      ],
    ],
    [
      '--partitions 6',
      [
        'hub clicks: 6 partitions take in about 6 MB/s, and the load brings 10 MB/s at the busiest. --hub clicks:10 carries it',
      ],
    ],
    [
      '--partitions 12 --workers 16',
      [
        'hub clicks: 16 workers share 12 partitions: each reads a partition of its own, so 4 have nothing to do. --hub clicks:16 carries it',
      ],
    ],
    [
      '--ordered',
      [
        'hub clicks: one partition takes in about 1 MB/s, and the load brings 10 MB/s at the busiest: Azure refuses what is above. Without --ordered the load has more partitions, with the events of each key in order',
      ],
    ],
    [
      '--ordered --partitions 16',
      [
        'hub clicks: has 16 partitions, and events are in order within one only: send all of them with one partition key, or leave --ordered out',
      ],
    ],
  ])('is told what %s does not carry', (said, expected) => {
    expect(notesIn(planIn(aWorld(), `--hub clicks --events-per-second 5k --peak 2 --readers 2 ${said}`))).toEqual(
      expected,
    )
  })
})

describe('readers', () => {
  const groups = '--consumer-group a --consumer-group b'
  test.each([
    [
      'that are more than the groups',
      '--readers 4 --consumer-group a --consumer-group b',
      [
        'hub clicks: 4 readers need a consumer group each, and there are 3 with $Default: name them with --consumer-group',
      ],
    ],
    ['that have a group each', `--readers 3 ${groups}`, []],
    ['that nobody counted', groups, []],
    [
      'on Basic',
      '--tier Basic --no-consumer-group --readers 2',
      ['hub clicks: 2 readers share one consumer group: on Basic there is no other'],
    ],
    [
      'beyond the limit',
      '--tier Standard --readers 21',
      ['hub clicks: 21 readers need a consumer group each, and a hub on Standard has up to 20'],
    ],
  ])('%s', (_, line, expected) => {
    const notes = notesIn(planIn(aWorld(), `--hub clicks --events-per-second 10 ${line}`))
    expect(notes.filter((note) => note.includes('readers'))).toEqual(expected)
  })

  test('beyond the limit of Standard ask for Premium', () => {
    expect(aSpec('--hub clicks --events-per-second 10 --readers 21').namespace.tier.value).toBe('Premium')
  })
})

describe('what to change', () => {
  test('keeps the retention of the hub, and names its place in a manifest', () => {
    const load = '--events-per-second 5k'
    expect(notesIn(planIn(aWorld(), `--hub clicks:2:7d ${load}`))).toEqual([
      'hub clicks: 2 partitions take in about 2 MB/s, and the load brings 5 MB/s at the busiest. --hub clicks:5:7d carries it',
    ])
    const judged = judgeRoot({ hubs: [{ name: 'views' }, { name: 'clicks', partitions: 2 }] }, load)
    if (!judged.ok) throw new Error('a valid manifest')
    const { notes } = plan(judged.spec, aWorld().actual(judged.spec))
    expect(notes.map(({ text }) => String(text))).toEqual([
      '2 partitions take in about 2 MB/s, and the load brings 5 MB/s at the busiest. partitions: 5 of hubs[1] in the manifest carries it',
    ])
  })

  test('of a range is not said as if it were sure, and what just exceeds is said', () => {
    expect(
      notesIn(planIn(live({ tier: 'Premium', capacity: 16 }, { partitions: 100 }), '--hub clicks --throughput 90MB/s')),
    ).toEqual([
      'namespace ns-demo: 16 processing units take in 80 MB/s, and the load brings 90 MB/s at the busiest: Azure may refuse what is above. Only a dedicated cluster surely carries it',
    ])
    const line = '--hub clicks --events-per-second 1001 --event-size 1001B'
    expect(notesIn(planIn(live(), line))).toEqual([
      expect.stringContaining('takes in 1 MB/s, and the load brings a little more than 1 MB/s at the busiest'),
    ])
    expect(renderFit(fitIn(live(), line)!)).toContain('101 %')
  })
})

describe('an existing namespace', () => {
  const LOAD = '--hub clicks --events-per-second 5k --readers 2'

  test('is not changed by a load, and is told whether it fits', () => {
    const world = live({ capacity: 1 }, { partitions: 4 })
    const planned = planIn(world, LOAD)
    expect(summary(planned).filter((line) => /namespace|hub/.test(line) && !/keep|rule|group/.test(line))).toEqual([])
    expect(notesIn(planned)).toEqual([
      'namespace ns-demo: 1 throughput unit takes in 1 MB/s, and the load brings 5 MB/s at the busiest: Azure refuses what is above',
      'namespace ns-demo: 1 throughput unit gives out 2 MB/s, and the readers need 10 MB/s at the busiest: they fall behind. --capacity 5 or --auto-inflate-max 5 carries it',
      'hub clicks: 4 partitions take in about 4 MB/s, and the load brings 5 MB/s at the busiest. On Standard they are final: a new hub in its place, --hub clicks-v2:5, carries it',
    ])
  })

  test('fits with the units that auto-inflate may add', () => {
    const world = live({ capacity: 1, autoInflateMax: 10 }, { partitions: 5 })
    expect(notesIn(planIn(world, LOAD))).toEqual([])
    expect(renderFit(fitIn(world, LOAD)!)).toBe('5 MB/s in, 50 %, and 10 MB/s out, 50 % of 10 throughput units')
  })

  test('on Premium can add partitions', () => {
    const world = live({ tier: 'Premium', capacity: 1 })
    expect(notesIn(planIn(world, LOAD))).toEqual([
      'hub clicks: 4 partitions take in about 4 MB/s, and the load brings 5 MB/s at the busiest. --hub clicks:5 carries it',
    ])
  })

  test('on Standard can be too small for good', () => {
    const line = '--hub clicks --throughput 60MB/s --event-size 4KB'
    expect(notesIn(planIn(live({}, { partitions: 32 }), line))).toEqual([
      'namespace ns-demo: 1 throughput unit takes in 1 MB/s, and the load brings 60 MB/s at the busiest: Azure refuses what is above',
      'namespace ns-demo: 1 throughput unit gives out 2 MB/s, and the readers need 60 MB/s at the busiest: they fall behind. No namespace on Standard carries it: make a new one with --tier Premium',
      'hub clicks: 32 partitions take in about 32 MB/s, and the load brings 60 MB/s at the busiest. A hub on Standard has up to 32: spread the load over several hubs',
    ])
  })

  test('on Standard gets a new hub with as many partitions as there can be', () => {
    const planned = planIn(live({ capacity: 40 }), '--hub views --throughput 36MB/s --consumer-group a')
    expect(planned.outcome).toBe('applicable')
    const bodies = planned.steps.map((step) => ('write' in step && 'body' in step.write ? step.write.body : undefined))
    expect(bodies).toContainEqual(expect.objectContaining({ partitions: 32 }))
    expect(notesIn(planned)).toContain(
      'hub views: 32 partitions take in about 32 MB/s, and the load brings 36 MB/s at the busiest. A hub on Standard has up to 32: spread the load over several hubs',
    )
    expect(planIn(live({ capacity: 40 }), '--hub views:36 --throughput 36MB/s').outcome).toBe('refused')
  })

  test('in a cluster is not judged', () => {
    const world = live({ tier: 'Dedicated' }, { partitions: 32 })
    expect(notesIn(planIn(world, LOAD))).toContain(
      'namespace ns-demo: the load is not checked: what a cluster carries depends on its units, and nothing is published',
    )
    expect(renderFit(fitIn(world, LOAD)!)).toBe('not checked')
  })

  test('shares its units with hubs of which nobody said the load', () => {
    const world = live({ capacity: 5 }, { partitions: 5 }).withHub('views')
    expect(notesIn(planIn(world, LOAD))).toEqual([
      'namespace ns-demo: the load of views is not known, and not counted: the units are shared by all hubs',
    ])
  })
})

test('what a plan suggests carries the load', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30_000 }),
      fc.integer({ min: 1, max: 1_300 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 39 }),
      (events, bytes, readers, capacity) => {
        const load = `--hub clicks --events-per-second ${events} --event-size ${bytes}B --readers ${readers}`
        const world = live({ capacity }, { partitions: 32 })
        const [found] = notesIn(planIn(world, load)).flatMap((note) => /--capacity (\d+)/.exec(note)?.[1] ?? [])
        if (found === undefined) return
        const better = fitIn(world, `${load} --tier Standard --capacity ${found}`)!
        expect(Math.max(...better.uses.map(({ percent }) => percent))).toBeLessThanOrEqual(100.000_001)
        expect(Number(found)).toBeGreaterThan(capacity)
        const less = fitIn(world, `${load} --tier Standard --capacity ${Number(found) - 1}`)!
        expect(Math.max(...less.uses.map(({ percent }) => percent))).toBeGreaterThan(100)
      },
    ),
  )
})

test('a plan is empty after it is done, whatever the load', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3_000 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 6 }),
      fc.boolean(),
      (events, peak, readers, ordered) => {
        const line = `--hub a --hub b --events-per-second ${events} --peak ${peak} --readers ${readers}${ordered ? ' --ordered' : ''}`
        const spec = aSpec(line)
        const world = aWorld()
        const planned = plan(spec, world.actual(spec))
        expect(planned.outcome).toBe('applicable')
        const after = world.after(planned)
        expect(plan(spec, after.actual(spec)).outcome).toBe('no-op')
      },
    ),
    { numRuns: 60 },
  )
})
