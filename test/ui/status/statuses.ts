import fc from 'fast-check'
import type {
  Flow,
  GroupLag,
  HubStatus,
  NamespaceStatus,
  PartitionLag,
  Status,
} from '../../../src/engine/status/status.ts'
import { Failure } from '../../../src/lib/errors.ts'

export const NOW_MS = Date.parse('2026-03-01T12:04:31Z')
const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** A flow that rises to `peak`, over an hour. */
function flow(meanPerSecond: number, peakPerSecond = meanPerSecond): Flow {
  const minutes = Array.from({ length: 60 }, (_, i) => (peakPerSecond * (i + 1)) / 60)
  return { total: meanPerSecond * 3_600, meanPerSecond, peakPerSecond, minutes }
}
const NOTHING: Flow = { total: 0, meanPerSecond: 0, peakPerSecond: 0, minutes: Array.from({ length: 60 }, () => 0) }

export const traffic = (eventsIn: number, eventsOut: number) => ({
  eventsIn: eventsIn === 0 ? NOTHING : flow(eventsIn, eventsIn * 1.7),
  eventsOut: eventsOut === 0 ? NOTHING : flow(eventsOut, eventsOut * 1.7),
  bytesIn: eventsIn === 0 ? NOTHING : flow(eventsIn * 1_000),
  bytesOut: eventsOut === 0 ? NOTHING : flow(eventsOut * 1_000),
})

export const namespace = (some: Partial<NamespaceStatus> = {}): NamespaceStatus => ({
  ...{ name: 'ns-clicks', resourceGroup: 'rg-demo', location: 'westeurope', tier: 'Standard', units: 2, maxUnits: 4 },
  portal:
    'https://portal.azure.com/#resource/subscriptions/sub/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns-clicks/overview',
  uses: [
    { way: 'bytes in', ...use(0.9e6, 1.2e6, 2e6) },
    { way: 'events in', ...use(900, 1_200, 2_000) },
    { way: 'bytes out', ...use(1.8e6, 3.6e6, 4e6) },
    { way: 'events out', ...use(1_800, 3_600, 8_192) },
  ],
  errors: [],
  connections: { last: 12, most: 15 },
  cpuPercent: undefined,
  isInflating: false,
  ...some,
})

const use = (mean: number, peak: number, carries: number) => ({
  ...{ mean, peak, carries, percent: (100 * peak) / carries, minutes: flow(mean, peak).minutes },
})

export const group = (some: Partial<GroupLag> = {}): GroupLag => ({
  ...{
    group: 'train',
    source: 'checkpoints',
    lag: 0,
    lost: 0,
    lossMs: undefined,
    untouched: [],
    untouchedEvents: 0,
    beyond: [],
  },
  partitions: [partitionLag('0', 0), partitionLag('1', 0)],
  ...some,
})

export const partitionLag = (partition: string, lag: number): PartitionLag => ({
  ...{ partition, nextSequenceNumber: 100, lag, lost: 0, lossMs: undefined },
})

export const hub = (some: Partial<HubStatus> = {}): HubStatus => ({
  ...{ name: 'clicks', status: 'Active', retentionHours: 24, partitionCount: 2, traffic: traffic(900, 1_800) },
  ...{ sizeBytes: 1.2e9, throttled: 0, skew: undefined, lastEventMs: NOW_MS - 12_000, capture: undefined },
  partitions: ['0', '1'].map((partition) => ({
    ...{ partition, events: 600_000, lastSequenceNumber: 700_000, lastEventMs: NOW_MS - 12_000 },
  })),
  groups: [group()],
  ...some,
})

export const quietHub = (name: string): HubStatus =>
  hub({ name, traffic: traffic(0, 0), lastEventMs: NOW_MS - 76 * HOUR_MS, groups: [group()] })

export const status = (some: Partial<Status> = {}): Status => ({
  atMs: NOW_MS,
  window: { fromMs: NOW_MS - 61 * MINUTE_MS, toMs: NOW_MS - MINUTE_MS },
  ...{ namespace: namespace(), hubs: [hub()], advice: undefined, checks: [], unread: [] },
  ...some,
})

const noMonitoringReader = new Failure({
  code: 'access',
  message: "Can't read the metrics of namespace ns-clicks",
  why: ['You have no right to read them.'],
  hint: 'Ask for the role Monitoring Reader, or Reader:\naz role assignment create --role "Monitoring Reader" --assignee you@example.org --scope /subscriptions/sub/resourceGroups/rg-demo',
})

/** Everything at once. */
export const troubled = (): Status =>
  status({
    namespace: namespace({
      errors: [
        { kind: 'throttled', result: 'ServerBusy', count: 1_204 },
        { kind: 'user', result: 'EntityNotFound', count: 3 },
        { kind: 'user', result: 'Unauthorized', count: 4 },
        { kind: 'server', result: undefined, count: 1 },
      ],
    }),
    hubs: [
      quietHub('audit'),
      hub({
        throttled: 1_204,
        partitionCount: 4,
        skew: { partition: '3', share: 0.62, times: 2.48 },
        capture: { pendingEvents: undefined, backlog: 1_200, capturedEvents: 3_200_000 },
        groups: [
          group({ group: '$Default', source: undefined, lag: undefined, partitions: [] }),
          group({
            ...{ lag: 12_345, lost: 812, lossMs: NOW_MS + 3.2 * HOUR_MS, untouched: ['2'], untouchedEvents: 40 },
            partitions: [partitionLag('0', 345), partitionLag('3', 12_000)],
          }),
          group({ group: 'spark-streaming-of-features', source: 'kafka', lag: 17, lossMs: NOW_MS + 20 * HOUR_MS }),
          group({ group: 'new', partitions: [], untouched: ['0', '1', '2', '3'], lag: 2_400_000 }),
        ],
      }),
      hub({ name: 'views', traffic: traffic(12, 0), groups: [] }),
    ],
    advice: { text: 'Egress is at 90 % of 2 throughput units: 4 would do, for $44 more a month before events.' },
    checks: [
      { of: 'lag', most: 1_000, where: 'train of hub clicks', value: 12_345, crossed: true },
      { of: 'throttled', most: 5_000, where: undefined, value: 1_204, crossed: false },
    ],
    unread: [{ what: 'checkpoints', hubs: ['views'], failure: noMonitoringReader }],
  })

/** Only what Listen on nothing and no Monitoring Reader leave. */
export const blind = (): Status =>
  status({
    namespace: namespace({ uses: undefined, errors: undefined, connections: undefined, portal: undefined }),
    hubs: [
      hub({
        ...{ traffic: undefined, sizeBytes: undefined, throttled: undefined, partitions: undefined },
        ...{ lastEventMs: undefined, groups: [] },
      }),
    ],
    unread: [{ what: 'metrics', hubs: [], failure: noMonitoringReader }],
  })

const amount = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e15, noNaN: true }))
const natural = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const name = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 256 }))
const minutes = fc.array(amount, { maxLength: 70 })
const anyFlow = fc.record({ total: amount, meanPerSecond: amount, peakPerSecond: amount, minutes })
const time = fc.integer({ min: NOW_MS - 90 * 24 * HOUR_MS, max: NOW_MS + 90 * 24 * HOUR_MS })
const failure = fc
  .record({ message: name, why: fc.array(name, { maxLength: 2 }) })
  .map((fields) => new Failure({ code: 'access', ...fields }))
const anyPartitionLag = fc.record({
  ...{ partition: name, nextSequenceNumber: natural, lag: natural, lost: natural, lossMs: maybe(time) },
})
const anyGroup = fc.record({
  group: name,
  source: maybe(fc.constantFrom('checkpoints' as const, 'kafka' as const, 'readers' as const)),
  ...{ lag: maybe(natural), lost: natural, lossMs: maybe(time) },
  partitions: fc.array(anyPartitionLag, { maxLength: 4 }),
  untouched: fc.array(name, { maxLength: 9 }),
  untouchedEvents: natural,
  beyond: fc.array(name, { maxLength: 9 }),
})
const anyHub: fc.Arbitrary<HubStatus> = fc.record({
  name,
  status: fc.oneof(fc.constant('Active'), name),
  retentionHours: maybe(fc.integer({ min: 1, max: 2_160 })),
  partitionCount: fc.integer({ min: 1, max: 1_024 }),
  traffic: maybe(fc.record({ eventsIn: anyFlow, eventsOut: anyFlow, bytesIn: anyFlow, bytesOut: anyFlow })),
  ...{ sizeBytes: maybe(amount), throttled: maybe(natural), lastEventMs: maybe(time) },
  partitions: maybe(
    fc.array(fc.record({ partition: name, events: natural, lastSequenceNumber: natural, lastEventMs: maybe(time) }), {
      maxLength: 4,
    }),
  ),
  skew: maybe(fc.record({ partition: name, share: fc.double({ min: 0, max: 1, noNaN: true }), times: amount })),
  groups: fc.array(anyGroup, { maxLength: 9 }),
  capture: maybe(fc.record({ pendingEvents: maybe(natural), backlog: maybe(amount), capturedEvents: maybe(natural) })),
})

/** Whatever is in it, however unlikely. */
export const anyStatus: fc.Arbitrary<Status> = fc.record({
  atMs: fc.constant(NOW_MS),
  window: fc.constant({ fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS }),
  namespace: fc.record({
    ...{ name, resourceGroup: name, location: name, portal: fc.constant(undefined) },
    tier: fc.constantFrom('Basic' as const, 'Standard' as const, 'Premium' as const, 'Dedicated' as const),
    ...{ units: fc.integer({ min: 1, max: 40 }), maxUnits: fc.integer({ min: 1, max: 40 }) },
    uses: maybe(
      fc.array(
        fc.record({
          way: fc.constantFrom('bytes in' as const, 'events in' as const, 'bytes out' as const, 'events out' as const),
          ...{ mean: amount, peak: amount, carries: maybe(amount), percent: maybe(amount), minutes },
        }),
        { maxLength: 4 },
      ),
    ),
    errors: maybe(
      fc.array(
        fc.record({
          kind: fc.constantFrom('throttled' as const, 'server' as const, 'user' as const, 'quota' as const),
          ...{ result: maybe(name), count: natural },
        }),
        { maxLength: 6 },
      ),
    ),
    connections: maybe(fc.record({ last: natural, most: natural })),
    cpuPercent: maybe(amount),
    isInflating: fc.boolean(),
  }),
  hubs: fc.array(anyHub, { maxLength: 14 }),
  advice: fc.constant(undefined),
  checks: fc.array(
    fc.record({
      of: fc.constantFrom('lag' as const, 'throttled' as const),
      where: maybe(name),
      ...{ most: natural, value: maybe(natural), crossed: fc.boolean() },
    }),
    { maxLength: 2 },
  ),
  unread: fc.array(
    fc.record({
      what: fc.constantFrom('metrics' as const, 'partitions' as const, 'checkpoints' as const, 'kafka groups' as const),
      ...{ hubs: fc.array(name, { maxLength: 5 }), failure },
    }),
    { maxLength: 3 },
  ),
})
