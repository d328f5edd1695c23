import { describe, expect, it } from 'vitest'
import { adviceFor } from '../../../src/engine/status/advice.ts'
import type { GroupLag, HubStatus, NamespaceStatus, WayUse } from '../../../src/engine/status/status.ts'
import { LIMITS, type LiveTier } from '../../../src/lib/limits.ts'
import { CARRIED, WAYS, type Way } from '../../../src/sizing/use.ts'
import { spellerFor } from '../../support/speaking.ts'

const NOW = Date.UTC(2026, 10, 30, 10)
const HOUR = 3_600_000

interface Facts {
  readonly tier?: LiveTier
  readonly units?: number
  readonly maxUnits?: number
  readonly isInflating?: boolean
  /** In percent of the units. */
  readonly used?: Partial<Record<Way, number>>
  readonly throttled?: number
  readonly minutes?: number
}

function namespaceWith({ tier = 'Standard', units = 2, maxUnits = units, used = {}, ...rest }: Facts): NamespaceStatus {
  const { throttled = 0, minutes = 60, isInflating = maxUnits > units } = rest
  const uses = WAYS.map((way): WayUse => {
    const perUnit = CARRIED[tier][way]?.perUnit
    const carries = perUnit && perUnit * units
    const peak = ((used[way] ?? 0) / 100) * (carries ?? 0)
    const percent = carries && (peak / carries) * 100
    return { way, mean: peak, peak, carries, percent, minutes: Array.from({ length: minutes }, () => peak) }
  })
  return {
    ...{ name: 'ns', resourceGroup: 'rg', location: 'westeurope', tier, units, maxUnits, portal: undefined, uses },
    errors: throttled > 0 ? [{ kind: 'throttled', result: 'ServerBusy', count: throttled }] : [],
    connections: undefined,
    cpuPercent: undefined,
    isInflating,
  }
}

const hubWith = (more: Partial<HubStatus> = {}): HubStatus => ({
  ...{ name: 'clicks', status: 'Active', retentionHours: 24, partitionCount: 4, traffic: undefined },
  ...{ sizeBytes: 0, throttled: 0, partitions: [], skew: undefined, lastEventMs: NOW, groups: [], capture: undefined },
  ...more,
})
const groupWith = (more: Partial<GroupLag>): GroupLag => ({
  ...{ group: 'trainer', source: 'checkpoints', lag: 100, lost: 0, lossMs: undefined },
  ...{ partitions: [], untouched: [], untouchedEvents: 0, beyond: [], ...more },
})

const told = (namespace: NamespaceStatus, hubs: readonly HubStatus[] = [hubWith()]): string | undefined => {
  const priceOf = (_: LiveTier, units: number, than: number) => `$${(units - than) * 22}`
  const advice = adviceFor({ atMs: NOW, namespace, hubs, priceOf })
  return advice && spellerFor('verify').text(advice.text).replaceAll('npx ml-ingest ', '')
}

describe('units', () => {
  it.each<readonly [string, Facts, string | undefined]>([
    ['idle, of one unit', { units: 1, used: { 'bytes in': 1 } }, undefined],
    ['used to a half', { used: { 'bytes in': 50 } }, undefined],
    ['used to 79 percent', { used: { 'bytes in': 79 } }, undefined],
    [
      'busy',
      { used: { 'bytes out': 92 } },
      'bytes out at 92 % of 2 throughput units: 4 throughput units, $44: create --hub clicks --capacity 4',
    ],
    [
      'over the top',
      { used: { 'events in': 300 } },
      'events in at 300 % of 2 throughput units: 10 throughput units, $176: create --hub clicks --capacity 10',
    ],
    ['busy, with auto-inflate to come', { maxUnits: 10, used: { 'bytes in': 95 } }, undefined],
    [
      'busy at the maximum of auto-inflate',
      { units: 9, maxUnits: 10, used: { 'bytes in': 95 } },
      'bytes in at 86 % of 10 throughput units: 15 throughput units, $110: create --hub clicks --auto-inflate-max 15',
    ],
    [
      'throttled in bursts',
      { used: { 'bytes in': 60 }, throttled: 3 },
      'requests are throttled in bursts that a minute does not show: 3 throughput units, $22: create --hub clicks --capacity 3',
    ],
    [
      'as many as a tier has',
      { units: 40, used: { 'bytes in': 99 } },
      'bytes in at 99 % of 40 throughput units, the most that Standard has: size tells what carries more',
    ],
    [
      'of Premium, whose steps are larger',
      { tier: 'Premium', units: 4, used: { 'bytes in': 90 } },
      'bytes in at 90 % of 4 processing units: 6 processing units, $44: create --hub clicks --capacity 6',
    ],
    ['of a cluster', { tier: 'Dedicated', used: { 'bytes in': 99 } }, undefined],
    [
      'idle',
      { units: 8, used: { 'bytes in': 10 } },
      'at most 10 % of 8 throughput units was used: 2 throughput units would do, $-132: create --hub clicks --capacity 2',
    ],
    [
      'idle after auto-inflate',
      { units: 8, maxUnits: 10, used: { 'bytes in': 10 } },
      'at most 10 % of 8 throughput units was used: 2 throughput units would do, $-132: create --hub clicks --capacity 2 --reset-capacity',
    ],
    ['idle for a short time', { units: 8, used: { 'bytes in': 10 }, minutes: 10 }, undefined],
  ])('%s', (_, facts, text) => {
    expect(told(namespaceWith(facts))).toBe(text)
  })

  it('never leave the steps of their tier', () => {
    for (const tier of ['Basic', 'Standard', 'Premium'] as const) {
      for (const units of LIMITS[tier].capacities!) {
        const number = /--capacity (\d+)/.exec(told(namespaceWith({ tier, units, used: { 'bytes in': 85 } })) ?? '')
        if (number) expect(LIMITS[tier].capacities).toContain(Number(number[1]))
      }
    }
  })

  it('do not help a hot partition', () => {
    const hot = hubWith({ skew: { partition: '3', share: 0.71, times: 2.8 } })
    expect(told(namespaceWith({ used: { 'bytes in': 30 }, throttled: 9 }), [hot])).toBe(
      'partition 3 of clicks gets 71 % of the events: more units do not help. Send with a key of more values, or without one',
    )
  })
})

describe('unread events', () => {
  it.each<readonly [string, Partial<GroupLag>, Partial<HubStatus>, string | undefined]>([
    ['in good time', { lossMs: NOW + 20 * HOUR }, {}, undefined],
    [
      'in danger',
      { lossMs: NOW + 5 * HOUR },
      {},
      'trainer reads clicks too slowly: give it more workers, or keep events for 2d: create --hub clicks:4:2d',
    ],
    [
      'lost',
      { lost: 5 },
      {},
      'trainer reads clicks too slowly: give it more workers, or keep events for 2d: create --hub clicks:4:2d',
    ],
    ['lost long ago, and read up to the end since', { lost: 5, lag: 0 }, {}, undefined],
    [
      'kept as long as can be',
      { lost: 5 },
      { retentionHours: 168 },
      'trainer reads clicks too slowly: give it more workers',
    ],
    [
      'of one partition',
      {
        lost: 5,
        partitions: [
          { partition: '0', nextSequenceNumber: 0, lag: 1, lost: 0, lossMs: undefined },
          { partition: '1', nextSequenceNumber: 0, lag: 99, lost: 5, lossMs: undefined },
        ],
      },
      { retentionHours: 168 },
      'trainer reads clicks too slowly, in partition 1: give it more workers',
    ],
  ])('%s', (_, group, hub, text) => {
    expect(told(namespaceWith({ units: 1 }), [hubWith({ ...hub, groups: [groupWith(group)] })])).toBe(text)
  })

  it('come before units', () => {
    const endangered = hubWith({ groups: [groupWith({ lossMs: NOW + HOUR })] })
    expect(told(namespaceWith({ used: { 'bytes in': 99 } }), [endangered])).toMatch(/^trainer reads clicks/)
  })
})
