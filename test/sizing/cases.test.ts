import { describe, expect, it } from 'vitest'
import { sizeOf, type Size } from '../../src/sizing/size.ts'
import type { Load } from '../../src/sizing/load.ts'
import { aLoad, toSizeOf } from '../support/loads.ts'

const standard = (capacity: number, partitions: number, autoInflateMax = 0): Size => ({
  ...{ tier: 'Standard', capacity, autoInflateMax },
  partitions: [partitions],
})
const premium = (capacity: number, partitions: number): Size => ({
  ...{ tier: 'Premium', capacity, autoInflateMax: 0 },
  partitions: [partitions],
})

/** What it is, its load, and the size, worked by hand from the published rules. */
type Case = readonly [what: string, load: Partial<Load>, size: Size]
const check = (cases: readonly Case[]) =>
  it.each(cases)('%s', (_, load, size) => expect(sizeOf(toSizeOf([aLoad(load)]))).toEqual(size))

describe('the rules, one by one', () => {
  check([
    ['nearly nothing', { eventsPerSecond: 0.01 }, standard(1, 1)],
    ['exactly a unit', {}, standard(1, 1)],
    // 1.001 MB/s: a second unit, a second partition.
    ['a byte more for each event', { bytesPerEvent: 1_001 }, standard(2, 2)],
    // 1,001 / 1,000 = 1.001, and 0.1 MB/s goes into one partition.
    ['one event more, small ones', { eventsPerSecond: 1_001, bytesPerEvent: 100 }, standard(2, 1)],
    // 3 readers x 1 MB/s / 2 = 1.5.
    ['bytes out', { readers: 3 }, standard(2, 1)],
    // 5 readers x 1,000 / 4,096 = 1.22, and 5 x 0.1 MB/s / 2 = 0.25.
    ['events out', { bytesPerEvent: 100, readers: 5 }, standard(2, 1)],
    ['nobody reads', { readers: 0 }, standard(1, 1)],
    ['workers', { workers: 8 }, standard(1, 8)],
    // 3 MB/s is more than a partition takes in, but one order is one partition.
    ['one order', { eventsPerSecond: 3_000, ordered: true }, standard(3, 1)],
    // The mean needs 1, the busiest 3.
    ['a peak', { peak: 3 }, standard(1, 3, 3)],
    // 40,000 events / 1,000 = 40, and 20 MB/s.
    ['all that Standard has', { eventsPerSecond: 40_000, bytesPerEvent: 500 }, standard(40, 20)],
    // 41 units are more than 40. 20.5 MB/s / 5 = 4.1 processing units: 6 are offered.
    ['more', { eventsPerSecond: 41_000, bytesPerEvent: 500 }, premium(6, 21)],
    // 33 partitions are more than 32 a hub. 33 / 5 = 6.6 processing units: 8.
    ['more partitions than Standard has', { eventsPerSecond: 33_000 }, premium(8, 33)],
    // 10 MB/s x 9 readers / 2 = 45 units; 90 / 10 = 9 processing units: 10.
    ['more readers than Standard serves', { eventsPerSecond: 10_000, readers: 9 }, premium(10, 10)],
    // 80 / 5 = 16.
    ['all that Premium has', { eventsPerSecond: 80_000 }, premium(16, 80)],
  ])

  it('more than Premium carries is for a cluster', () => {
    // 80.1 / 5 = 16.02.
    expect(sizeOf(toSizeOf([aLoad({ eventsPerSecond: 80_100 })])).tier).toBe('Dedicated')
  })

  it('hubs share the units and not the partitions', () => {
    // 2 + 1.5 MB/s in = 3.5 units; out 2 x 3 + 1.5 = 7.5 MB/s = 3.75 units.
    const loads = [aLoad({ eventsPerSecond: 2_000, readers: 3 }), aLoad({ eventsPerSecond: 1_500, workers: 4 })]
    expect(sizeOf(toSizeOf(loads))).toEqual({ ...standard(4, 0), partitions: [2, 4] })
  })
})

describe('examples of the documents', () => {
  check([
    // https://learn.microsoft.com/azure/event-hubs/event-hubs-scalability: 20 MB/s take at least 20 partitions.
    ['20 MB/s', { eventsPerSecond: 20_000 }, standard(20, 20)],
    // In: 5 MB/s on average and 10 at the busiest. Out, 4 times that: 20 / 2 = 10, and 40 / 2 = 20.
    [
      '1,000 events of 5 KB, twice that at the busiest, 4 readers',
      { bytesPerEvent: 5_000, peak: 2, readers: 4 },
      standard(10, 10, 20),
    ],
    // Out: 15 MB/s / 2 = 7.5. In: 5. Four workers are fewer than 5 MB/s.
    ['5,000 events of 1 KB, 3 readers', { eventsPerSecond: 5_000, readers: 3, workers: 4 }, standard(8, 5)],
  ])
})

/** Numbers that people asked about, or were told. Where a size is none of the answer, one reader with one worker is taken. */
describe('public questions', () => {
  check([
    [
      // May a batch of 2,000 events of 500 bytes, 1 MB, be sent each second with one unit? Events count, not calls: 2 units.
      'https://github.com/Azure/azure-sdk-for-java/issues/11034',
      { eventsPerSecond: 2_000, bytesPerEvent: 500 },
      standard(2, 1),
    ],
    [
      // 40 units and a hub of 32 partitions were throttled below the limit of the units. The thread keeps Standard, but 40 MB/s
      // take 40 partitions, and a hub on Standard has 32: Premium, 40 / 5 = 8.
      'https://github.com/Azure/azure-sdk-for-java/issues/26808',
      { eventsPerSecond: 40_000, workers: 32 },
      premium(8, 40),
    ],
    [
      // "1 MB of ingress" and three consumer groups: 3 / 2 = 1.5, as the post says: 2 units.
      'http://codenova.pl/?tag=eventhub',
      { readers: 3 },
      standard(2, 1),
    ],
    [
      // 20 MB/s or 20,000 events/s, of which a page said that one partition takes them all. The rule is 1 MB/s a partition.
      'https://github.com/MicrosoftDocs/azure-docs/issues/65437',
      { eventsPerSecond: 20_000, workers: 4 },
      standard(20, 20),
    ],
    [
      // 5 units with 4 partitions: only 4 MB/s come in. So 5 MB/s take a fifth partition, as the answer says.
      'https://codehunter.cc/a/azure/should-the-event-hub-have-same-number-of-partitions-as-throughput-units',
      { eventsPerSecond: 5_000, workers: 4 },
      standard(5, 5),
    ],
    [
      // 10 units foreseen, 5 consumers: 10 partitions, as the answer says, two for each consumer.
      'https://github.com/MicrosoftDocs/azure-docs/issues/21105',
      { eventsPerSecond: 10_000, workers: 5 },
      standard(10, 10),
    ],
    [
      // Are 10 units for fewer partitions or for more? The answer: partitions are to be as many as units. With 3 readers it
      // does not hold: 10 x 3 / 2 = 15 units give out what 10 partitions take in.
      'https://github.com/MicrosoftDocs/azure-docs/issues/40112',
      { eventsPerSecond: 10_000, readers: 3 },
      standard(15, 10),
    ],
    [
      // 25 MB/s were read from 40 units and 10 partitions, by 2 MB/s out of each as the question reckons. What is read for
      // long comes in first, at 1 MB/s a partition: 25 partitions, and 25 units, as out needs 12.5.
      'https://github.com/Azure/azure-event-hubs-for-kafka/issues/262',
      { eventsPerSecond: 25_000 },
      standard(25, 25),
    ],
    [
      // 8 partitions are told to share 20 units, 2.5 MB/s each. That is above what is recommended today: 20 partitions.
      'https://github.com/hdinsight/hdinsight-storm-examples/issues/13',
      { eventsPerSecond: 20_000, workers: 8 },
      standard(20, 20),
    ],
    [
      // "3k events/sec, which is super high": 3 units, whatever their size is up to 1 KB. The usual 4 workers have a partition each.
      'https://github.com/Azure/azure-event-hubs/issues/112',
      { eventsPerSecond: 3_000, workers: 4 },
      standard(3, 4),
    ],
    [
      // Is the limit 2,000 events out? It is 4,096, as the answer says: 4 readers x 1,000 fit into one unit.
      'https://github.com/MicrosoftDocs/azure-docs/issues/10009',
      { bytesPerEvent: 100, readers: 4 },
      standard(1, 1),
    ],
    [
      // 1,000 events/s on purpose through one partition: a unit, which 1 KB fills.
      'https://github.com/Azure/azure-event-hubs-go/issues/51',
      { ordered: true },
      standard(1, 1),
    ],
    [
      // 2 units and 8 partitions, 0.25 MB/s each, for readers in parallel.
      'http://prasad-pillutla.github.io/Prasadthinks/blog/2015/06/18/nuances-of-azure-event-hubs/',
      { eventsPerSecond: 2_000, workers: 8 },
      standard(2, 8),
    ],
  ])
})
