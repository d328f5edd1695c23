import fc from 'fast-check'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import type { Status } from '../../../src/engine/status/status.ts'
import { renderStatus } from '../../../src/ui/status/render.ts'
import { columnsOf, makeStyle } from '../../../src/ui/text.ts'
import {
  anyStatus,
  blind,
  group,
  HOUR_MS,
  hub,
  namespace,
  NOW_MS,
  partitionLag,
  quietHub,
  status,
  traffic,
  troubled,
} from './statuses.ts'

const plainStyle = makeStyle(0, true)
const drawn = (of: Status, width = 80, style = plainStyle): string =>
  renderStatus(of, { style, width }, { nowMs: NOW_MS })
const linesOf = (of: Status, width = 80): readonly string[] => drawn(of, width).split('\n')
const calm = namespace({ uses: undefined, portal: undefined })

describe('everything at once', () => {
  it('at 80 columns', () =>
    expect(drawn(troubled())).toMatchInlineSnapshot(`
    "ns-clicks: 2 throughput units of Standard, up to 4 by auto-inflate, westeurope
    12:04:31 UTC, with the metrics of the last hour, up to 12:03
    Not all right: 7 things.
      - 12,345 unread events, at most 1,000 are allowed
      - 1,204 requests were throttled, most of them in hub clicks
      - hub clicks: group train: 812 events were dropped unread
      - bytes out took 90 % of what the units carry, in the busiest minute
      - 1 server error
      - hub clicks: group train: unread events are dropped in 3 h 12 min
      - and 1 more
      Advice: Egress is at 90 % of 2 throughput units: 4 would do, for $44 more a
      month before events.

    Units         busiest     of          mean            used
      bytes in    1.2 MB/s    2 MB/s      900 KB/s        60 %  ▂▂▂▂▃▃▃▃▃▄▄▄▄▄▅▅▅▅▅▆
      events in   1,200/s     2,000/s     900/s           60 %  ▂▂▂▂▃▃▃▃▃▄▄▄▄▄▅▅▅▅▅▆
      bytes out   3.6 MB/s    4 MB/s      1.8 MB/s        90 %  ▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇▇█
      events out  3,600/s     8,192/s     1,800/s         44 %  ▂▂▂▂▂▂▃▃▃▃▃▃▃▄▄▄▄▄▄▅

    Clients
      errors     1,204 throttled (ServerBusy), 1 server error, 7 user errors (3
                 EntityNotFound, 4 Unauthorized)
      connected  12 now, at most 15

    Hub clicks: 4 partitions, last event 12 s ago, 1,204 throttled
      in              ▂▃▃▄▄▅▆▆▇▇██ 900 events/s, 900 KB/s; at most 1,530 events/s
      out             ▂▃▃▄▄▅▆▆▇▇██ 1,800 events/s, 1.8 MB/s; at most 3,060 events/s
      kept            1,200,000 events, 1.2 GB, for 24h
      skew            partition 3 holds 62 % of the events, 2.48 times its share
      Capture         1,200 wait to be written, 3,200,000 written
      group train     lag 12,345, most in partition 3: 12,000, partition 2 never
                      checkpointed, 812 events were dropped unread, unread events
                      are dropped in 3 h 12 min
      group new       never checkpointed
      Kafka group spark-streaming-of-features
                      lag 17, unread events are dropped in 20 h
      group $Default  nothing says how far it has read

    Hub views: 2 partitions, last event 12 s ago
      in    ▂▃▃▄▄▅▆▆▇▇██ 12 events/s, 12 KB/s; at most 20.4 events/s
      out   nothing in the last hour
      kept  1,200,000 events, 1.2 GB, for 24h

    Hub audit: 2 partitions, last event 3 d 4 h ago
      in, out      nothing in the last hour
      kept         1,200,000 events, 1.2 GB, for 24h
      group train  nothing unread

    Thresholds
      unread events       12,345, at most 1,000: crossed
      throttled requests  1,204, at most 5,000: kept

    Not read
      checkpoints of hub views: Can't read the metrics of namespace ns-clicks. You
      have no right to read them.
        Ask for the role Monitoring Reader, or Reader:
        az role assignment create --role "Monitoring Reader" --assignee you@example.org --scope /subscriptions/sub/resourceGroups/rg-demo

    https://portal.azure.com/#resource/subscriptions/sub/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns-clicks/overview"
  `))
  it('at 40 columns', () =>
    expect(drawn(troubled(), 40)).toMatchInlineSnapshot(`
    "ns-clicks: 2 throughput units of
    Standard, up to 4 by auto-inflate,
    westeurope
    12:04:31 UTC, with the metrics of the
    last hour, up to 12:03
    Not all right: 7 things.
      - 12,345 unread events, at most 1,000
        are allowed
      - 1,204 requests were throttled, most
        of them in hub clicks
      - hub clicks: group train: 812 events
        were dropped unread
      - bytes out took 90 % of what the
        units carry, in the busiest minute
      - 1 server error
      - hub clicks: group train: unread
        events are dropped in 3 h 12 min
      - and 1 more
      Advice: Egress is at 90 % of 2
      throughput units: 4 would do, for $44
      more a month before events.

    Busiest minute, of what units carry
      bytes in        60 %
        1.2 MB/s of 2 MB/s, mean 900 KB/s
        ▂▂▂▂▂▂▂▂▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▆▆
      events in       60 %
        1,200/s of 2,000/s, mean 900/s
        ▂▂▂▂▂▂▂▂▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▆▆
      bytes out       90 %
        3.6 MB/s of 4 MB/s, mean 1.8 MB/s
        ▂▂▂▂▂▃▃▃▃▃▃▄▄▄▄▄▄▅▅▅▅▅▅▆▆▆▆▆▇▇▇▇▇▇██
      events out      44 %
        3,600/s of 8,192/s, mean 1,800/s
        ▂▂▂▂▂▂▂▂▂▂▂▃▃▃▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▄▄▄▄▄▄▅

    Clients
      errors     1,204 throttled
                 (ServerBusy), 1 server
                 error, 7 user errors (3
                 EntityNotFound, 4
                 Unauthorized)
      connected  12 now, at most 15

    Hub clicks: 4 partitions, last event 12
    s ago, 1,204 throttled
      in         900 events/s, 900 KB/s; at
                 most 1,530 events/s
      out        1,800 events/s, 1.8 MB/s;
                 at most 3,060 events/s
      kept       1,200,000 events, 1.2 GB,
                 for 24h
      skew       partition 3 holds 62 % of
                 the events, 2.48 times its
                 share
      Capture    1,200 wait to be written,
                 3,200,000 written
      group train
                 lag 12,345, most in
                 partition 3: 12,000,
                 partition 2 never
                 checkpointed, 812 events
                 were dropped unread, unread
                 events are dropped in 3 h
                 12 min
      group new  never checkpointed
      Kafka group spark-streaming-of-featur…
                 lag 17, unread events are
                 dropped in 20 h
      group $Default
                 nothing says how far it has
                 read

    Hub views: 2 partitions, last event 12 s
    ago
      in    12 events/s, 12 KB/s; at most
            20.4 events/s
      out   nothing in the last hour
      kept  1,200,000 events, 1.2 GB, for
            24h

    Hub audit: 2 partitions, last event 3 d
    4 h ago
      in, out  nothing in the last hour
      kept     1,200,000 events, 1.2 GB, for
               24h
      group train
               nothing unread

    Thresholds
      unread events
        12,345, at most 1,000: crossed
      throttled requests
        1,204, at most 5,000: kept

    Not read
      checkpoints of hub views: Can't read
      the metrics of namespace ns-clicks.
      You have no right to read them.
        Ask for the role Monitoring Reader,
        or Reader:
        az role assignment create --role "Monitoring Reader" --assignee you@example.org --scope /subscriptions/sub/resourceGroups/rg-demo

    https://portal.azure.com/#resource/subscriptions/sub/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns-clicks/overview"
  `))
})

it('without Unicode it has no bars', () => {
  const ascii = drawn(troubled(), 100, makeStyle(0, false))
  expect(ascii).toMatch(/^[\n -~]*$/)
  expect(ascii).toContain('bytes out   3.6 MB/s    4 MB/s      1.8 MB/s        90 %\n')
})

it('colours change no text, and end on the line that they begin on', () => {
  const coloured = drawn(troubled(), 80, makeStyle(1, true))
  expect(stripVTControlCharacters(coloured)).toBe(drawn(troubled()))
  for (const line of coloured.split('\n')) {
    const codes = [...line.matchAll(/\x1b\[(\d+)m/g)].map(([, code]) => Number(code))
    expect(codes.filter((code) => code < 10 || (code >= 30 && code < 39)).length).toBe(codes.length / 2)
  }
})

describe('the verdict', () => {
  const verdictOf = (some: Partial<Status>) => linesOf(status({ namespace: calm, ...some }))[2]

  test.each<[string, Partial<Status>]>([
    ['All right.', {}],
    ['All right, but quiet: no events in the last hour.', { hubs: [quietHub('audit')] }],
    ['All right, but there is no hub.', { hubs: [] }],
    ['Worth a look: one thing.', { hubs: [hub({ status: 'SendDisabled' })] }],
    [
      'Not all right: one thing.',
      { namespace: { ...calm, errors: [{ kind: 'throttled', result: undefined, count: 1 }] } },
    ],
    ['Nothing is wrong in what could be read, but not everything could.', { unread: blind().unread }],
  ])('%s', (words, some) => expect(verdictOf(some)).toBe(words))

  test.each([
    [23, 'All right.'],
    [6, 'All right.'],
    [5.9, 'Worth a look: one thing.'],
    [2.3, 'Not all right: one thing.'],
  ])('%d h before the oldest unread event of 24h is dropped: %s', (hours, words) => {
    const late = group({ lag: 7, lossMs: NOW_MS + hours * HOUR_MS })
    expect(verdictOf({ hubs: [hub({ groups: [late] })] })).toBe(words)
  })
})

it('says what could not be read, why and what to do', () => {
  expect(linesOf(blind())).toEqual([
    'ns-clicks: 2 throughput units of Standard, up to 4 by auto-inflate, westeurope',
    '12:04:31 UTC',
    'Nothing is wrong in what could be read, but not everything could.',
    '',
    'Hub clicks: 2 partitions',
    '  kept  for 24h',
    '',
    'Not read',
    "  metrics: Can't read the metrics of namespace ns-clicks. You have no right to",
    '  read them.',
    '    Ask for the role Monitoring Reader, or Reader:',
    '    az role assignment create --role "Monitoring Reader" --assignee you@example.org --scope /subscriptions/sub/resourceGroups/rg-demo',
  ])
})

describe('many hubs', () => {
  const fleet = (busy: number, quiet: number, troubledOnes: number) =>
    status({
      namespace: calm,
      hubs: [
        ...Array.from({ length: quiet }, (_, i) => quietHub(`quiet-${i}`)),
        ...Array.from({ length: busy }, (_, i) => hub({ name: `busy-${i}`, traffic: traffic(10 * (i + 1), 0) })),
        ...Array.from({ length: troubledOnes }, (_, i) => hub({ name: `off-${i}`, status: 'Disabled' })),
      ],
    })
  const hubsOf = (of: Status) => linesOf(of).flatMap((line) => /^Hub ([^:]+)/.exec(line)?.[1] ?? [])
  const lastOf = (of: Status) => linesOf(of, 120).at(-1)

  it('shows those with trouble, then the busiest, and folds the rest', () => {
    const many = fleet(12, 185, 3)
    expect(hubsOf(many)).toEqual(['off-0', 'off-1', 'off-2', ...[11, 10, 9, 8, 7, 6, 5].map((i) => `busy-${i}`)])
    expect(lastOf(many)).toBe(
      '190 more hubs: 5 not quiet, with 150 events/s in together, 185 quiet. --hub shows one of them, --json all.',
    )
  })

  it('never folds trouble away unsaid', () => {
    expect(lastOf(fleet(0, 1, 14))).toBe('5 more hubs: 4 with trouble, 1 quiet. --hub shows one of them, --json all.')
  })

  it('shows quiet ones only among few', () => {
    expect(hubsOf(fleet(1, 9, 0))).toEqual(['busy-0', 'quiet-0', 'quiet-1'])
    expect(hubsOf(fleet(0, 2, 0))).toEqual(['quiet-0', 'quiet-1'])
  })
})

it('shows the groups with the greatest lag, and one line for those of which nothing is known', () => {
  const groups = [
    ...Array.from({ length: 9 }, (_, i) => group({ group: `g${i}`, lag: i, partitions: [partitionLag('0', i)] })),
    ...['a', 'b'].map((name) => group({ group: name, source: undefined })),
  ]
  expect(linesOf(status({ namespace: calm, hubs: [hub({ groups })] })).slice(-8)).toEqual([
    '  group g8  lag 8',
    '  group g7  lag 7',
    '  group g6  lag 6',
    '  group g5  lag 5',
    '  group g4  lag 4',
    '  group g3  lag 3',
    '  more      3 groups, 3 events unread',
    '  2 groups  not known without --checkpoints',
  ])
})

it('no line is wider than the canvas, whatever the status', () => {
  fc.assert(
    fc.property(anyStatus, fc.constantFrom(40, 59, 60, 80, 100, 120), fc.boolean(), (any, width, isUnicode) => {
      for (const line of drawn(any, width, makeStyle(1, isUnicode)).split('\n'))
        expect(columnsOf(line), JSON.stringify(line)).toBeLessThanOrEqual(width)
    }),
  )
})
