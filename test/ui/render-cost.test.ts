import { expect, test } from 'vitest'
import { costOf, type Charged } from '../../src/sizing/cost.ts'
import { listPricesFor } from '../../src/sizing/list-prices.ts'
import type { HubLoad } from '../../src/sizing/load.ts'
import type { Prices } from '../../src/sizing/prices.ts'
import { costRows, costSentences } from '../../src/ui/render-cost.ts'
import { renderSummary } from '../../src/ui/render-summary.ts'
import { createStep, speller } from './samples.ts'

const load = {
  eventsPerSecond: 1000,
  bytesPerEvent: 1000,
  peak: 1,
  readers: 1,
  workers: 1,
  ordered: false,
  assumed: [],
}
const HUBS: readonly HubLoad[] = [{ name: 'clicks', load, retentionHours: 168 }]
const charged = (some: Partial<Charged> = {}): Charged => ({
  ...{ tier: 'Standard', units: 1, maxUnits: 1, capture: false, hubs: undefined },
  ...some,
})
const WEST = listPricesFor('westeurope')
const noBlob: Prices = { ...WEST, rates: { ...WEST.rates, blobGbMonth: null, standardMillionEvents: null } }
const LIVE: Prices = { ...WEST, source: 'live', currency: 'JPY', asOf: '2026-11' }

const said = (some: Partial<Charged>, prices: Prices = WEST) =>
  costSentences(costOf(charged(some), prices), charged(some).tier, speller)

test.each<[string, Partial<Charged>, Prices, readonly string[]]>([
  [
    'units alone',
    {},
    WEST,
    [
      'about $22 a month, and $0.028 per million events in (list price of westeurope of 2026-08, network traffic not included)',
    ],
  ],
  [
    'auto-inflate',
    { maxUnits: 40 },
    WEST,
    [
      'about $22 a month, up to $876 by auto-inflate, and $0.028 per million events in (list price of westeurope of 2026-08, network traffic not included)',
    ],
  ],
  [
    'Capture',
    { capture: true },
    WEST,
    [
      "about $95 a month with Capture, and $0.028 per million events in (list price of westeurope of 2026-08, network traffic and Capture's storage account not included)",
      'of this throughput units $21.90, Capture $73.00',
    ],
  ],
  [
    'a load',
    { hubs: HUBS, maxUnits: 2 },
    WEST,
    [
      'about $106 a month, up to $128 by auto-inflate (list price of westeurope of 2026-08, network traffic not included)',
      'of this throughput units $21.90 to $43.80, events in $73.58, storage $10.21',
    ],
  ],
  [
    'Premium',
    { tier: 'Premium', units: 2, maxUnits: 2 },
    WEST,
    ['about $1,951 a month (list price of westeurope of 2026-08, network traffic not included)'],
  ],
  [
    'unknown parts',
    { hubs: HUBS },
    noBlob,
    [
      'about $22 a month without events in and storage, whose cost is unknown (list price of westeurope of 2026-08, network traffic not included)',
      'of this throughput units $21.90, events in unknown, storage unknown',
    ],
  ],
  [
    'an unknown price of events',
    {},
    noBlob,
    [
      'about $22 a month, and an unknown price per million events in (list price of westeurope of 2026-08, network traffic not included)',
    ],
  ],
  [
    'a region without prices',
    {},
    listPricesFor('polandcentral'),
    [
      'about $22 a month, and $0.028 per million events in (US list price of 2026-08, as in eastus2, network traffic not included)',
      'prices of polandcentral are not in this version: --prices live asks Azure',
    ],
  ],
  [
    'a currency without prices',
    {},
    listPricesFor('westeurope', 'EUR'),
    [
      'about $22 a month, and $0.028 per million events in (list price of westeurope of 2026-08, network traffic not included)',
      'prices of westeurope in EUR are not in this version: --prices live asks Azure',
    ],
  ],
  [
    'Azure asked, in a currency without hundredths',
    { units: 100, maxUnits: 100, capture: true },
    LIVE,
    [
      "about ¥9,490 a month with Capture, and ¥0.028 per million events in (list price of westeurope today, network traffic and Capture's storage account not included)",
      'of this throughput units ¥2,190, Capture ¥7,300',
    ],
  ],
])('%s', (_, some, prices, expected) => expect(said(some, prices)).toEqual(expected))

test('a run that asked for live prices is not told to ask for them', () => {
  const cost = costOf(charged(), listPricesFor('polandcentral'))
  const asked = costSentences(cost, 'Standard', { ...speller, isGiven: () => true })
  expect(asked.at(-1)).toBe('prices of polandcentral are not in this version')
})

test('an unknown cost is said, and why', () => {
  expect(costSentences(null, 'Dedicated', speller)).toEqual(['unknown: it is billed with its cluster'])
  expect(costSentences(null, 'Standard', speller)).toEqual(['unknown: this version has no prices of this cloud'])
})

test('the rows of a table end with the sum, which says what it leaves out', () => {
  expect(costRows(costOf(charged({ hubs: HUBS, maxUnits: 2 }), WEST)!)).toEqual([
    ['units', '$21.90', '$43.80'],
    ['events in', '$73.58', '$73.58'],
    ['storage', '$10.21', '$10.21'],
    ['together', '$105.69', '$127.59'],
  ])
  expect(costRows(costOf(charged({ hubs: HUBS }), noBlob)!)).toEqual([
    ['units', '$21.90', '$21.90'],
    ['events in', 'unknown', 'unknown'],
    ['storage', 'unknown', 'unknown'],
    ['together, without the unknown', '$21.90', '$21.90'],
  ])
})

const summaryOf = (some: Partial<Charged>, outcome: 'applicable' | 'refused' = 'applicable') =>
  renderSummary({
    ...{ kind: 'planned', title: 'Plan for Dev', speller },
    plan: { outcome, steps: [createStep({ kind: 'hub', name: 'clicks' })], notes: [] },
    priced: { cost: costOf(charged(some), WEST), tier: 'Standard' },
  })

test('the summary of a CI run has the same numbers', () => {
  expect(summaryOf({ hubs: HUBS })).toContain(`
Cost: about \\$106 a month (list price of westeurope of 2026-08, network traffic not included)

| Cost of | A month | At most |
| --- | --- | --- |
| units | \\$21.90 | \\$21.90 |
`)
  expect(summaryOf({})).toMatch(/^Cost: about/m)
  expect(summaryOf({})).not.toContain('| Cost of')
  expect(summaryOf({}, 'refused')).not.toContain('Cost')
})
