import { describe, expect, it, test } from 'vitest'
import type { LoadOutcome, LoadPlan } from '../../src/engine/load-test.ts'
import { loadPlanOf } from '../../src/engine/load-test.ts'
import { Failure, Interruption } from '../../src/lib/errors.ts'
import { errorOfLoad, renderLoad, renderLoadPlan } from '../../src/ui/render-load.ts'
import { canvas } from './samples.ts'

const plan: LoadPlan = { eventsPerSecond: 1_000, bytesPerEvent: 1_000, durationMs: 30_000, by: 'load' }
const outcome = (some: Partial<LoadOutcome> = {}): LoadOutcome => ({
  ...{ plan, elapsedMs: 30_000, accepted: 30_000, received: 30_000, lost: 0, doubled: 0 },
  ...{ throttledRequests: 0, throttledEvents: 0, unsent: 0, stoppedBy: undefined, error: undefined },
  acknowledged: { p50: 4, p99: 31, most: 80 },
  endToEnd: { p50: 9, p99: 1_204, most: 12_000 },
  ...some,
})

it('says what came through', () => {
  expect(renderLoad(outcome(), canvas(80)).split('\n')).toEqual([
    '  Came through     30,000 of 30,000 events, none lost',
    '  Rate             1,000 events/s, 1 MB/s: 100 % of the rate, for 30s',
    '  Acknowledged     p50 4 ms, p99 31 ms, at most 80 ms',
    '  End to end       p50 9 ms, p99 1,204 ms, at most 12s',
    '  Throttled        no',
  ])
})

it('says what it did not send, unless somebody stopped it', () => {
  const slow = { elapsedMs: 30_900, accepted: 20_000, received: 20_000, unsent: 10_000 }
  expect(renderLoad(outcome(slow), canvas(80)).split('\n').slice(1, 4)).toEqual([
    '  Rate             647 events/s, 647 KB/s: 65 % of the rate, for 31s',
    '  Not sent         10,000 events: nothing was refused, but this machine, its',
    '                   network or the service was slower than the rate',
  ])
  expect(renderLoad(outcome({ ...slow, stoppedBy: new Interruption('SIGINT') }), canvas(80))).not.toContain('Not sent')
})

it('says what was lost, doubled and refused, on a narrow terminal too', () => {
  const bad = outcome({
    ...{ accepted: 20_000, received: 19_988, lost: 12, doubled: 3, throttledRequests: 100, throttledEvents: 10_000 },
    ...{ endToEnd: undefined, stoppedBy: new Interruption('SIGINT') },
  })
  expect(renderLoad(bad, canvas(40)).split('\n')).toEqual([
    '  Came through     19,988 of 20,000',
    '                   events, 12 not read',
    '                   back in time, 3 came',
    '                   twice',
    '  Rate             667 events/s, 667',
    '                   KB/s: 67 % of the',
    '                   rate, for 30s, then',
    '                   it was stopped',
    '  Acknowledged     p50 4 ms, p99 31 ms,',
    '                   at most 80 ms',
    '  Throttled        yes: 100 requests',
    '                   with 10,000 events',
    '                   refused. More came in',
    '                   than the units take.',
  ])
})

test.each<[string, Partial<LoadOutcome>, string | undefined]>([
  ['all came through', {}, undefined],
  ['the service throttled', { throttledRequests: 1, throttledEvents: 7 }, undefined],
  ['events were lost', { lost: 2 }, '2 of 30,000 accepted events were not read back in time'],
  ['it was stopped', { stoppedBy: new Interruption('SIGTERM'), lost: 2 }, 'Stopped after 30s of the load test'],
  [
    'its time was over',
    { stoppedBy: new Interruption('timeout') },
    'The time limit (--timeout) was reached after 30s of the load test',
  ],
  ['sending failed', { error: new Failure({ code: 'azure', message: 'gone' }) }, 'gone'],
])('%s', (_, some, message) => expect(errorOfLoad(outcome(some))?.message).toBe(message))

describe('before it begins', () => {
  test.each([
    [{ perMillion: 0.028, currency: 'USD' }, 'That is 30,000 events, 30 MB, for less than $0.01.'],
    [{ perMillion: 28, currency: 'USD' }, 'That is 30,000 events, 30 MB, for $0.84.'],
    [{ perMillion: 0, currency: 'USD' }, 'That is 30,000 events, 30 MB; the units include them.'],
    [{ perMillion: null, currency: 'USD' }, 'That is 30,000 events, 30 MB; what they cost is not known.'],
    [undefined, 'That is 30,000 events, 30 MB.'],
  ])('it tells what %j costs', (price, words) => expect(renderLoadPlan('clicks', plan, price, 80)).toContain(words))

  it('charges each 64 KB of an event', () => {
    const large = { ...plan, bytesPerEvent: 65_537 }
    expect(renderLoadPlan('clicks', large, { perMillion: 28, currency: 'USD' }, 80)).toContain('for $1.68.')
  })
})

describe('without a load', () => {
  const of = { load: undefined, units: 2, partitions: 8, usualBytes: 1_000, durationMs: 1_000 }
  test.each([
    ['Standard' as const, {}, 1_800],
    ['Standard' as const, { units: 20 }, 7_200],
    ['Standard' as const, { usualBytes: 100 }, 1_800],
    ['Premium' as const, { partitions: 100 }, 9_000],
    ['Dedicated' as const, {}, undefined],
  ])('it sends most of what %s takes in %j: %s/s', (tier, some, rate) => {
    expect(loadPlanOf({ ...of, tier, ...some })?.eventsPerSecond).toBe(rate)
  })
})
