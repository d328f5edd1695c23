import { expect, test } from 'vitest'
import { REGIONS } from '../../src/inputs/regions.ts'
import { listPricesFor } from '../../src/sizing/list-prices.ts'

test.each([
  ['westeurope', { premiumUnitHour: 1.336, premiumGbMonth: 0.13, blobGbMonth: 0.0196, standardUnitHour: 0.03 }],
  ['mexicocentral', { premiumUnitHour: 1.1297, standardUnitHour: 0.033, standardMillionEvents: 0.0308 }],
  ['eastus2', { premiumUnitHour: 1.027, standardCaptureHour: 0.1, basicUnitHour: 0.015 }],
])('%s has prices of its own', (region, rates) => {
  expect(listPricesFor(region)).toMatchObject({
    ...{ region, currency: 'USD', source: 'list', asOf: '2026-08', insteadOf: null },
    rates,
  })
})

test.each([
  ['polandcentral', 'USD', 'eastus2', { region: 'polandcentral', currency: 'USD' }],
  ['westeurope', 'EUR', 'westeurope', { region: 'westeurope', currency: 'EUR' }],
  ['polandcentral', 'EUR', 'eastus2', { region: 'polandcentral', currency: 'EUR' }],
  ['constructor', 'USD', 'eastus2', { region: 'constructor', currency: 'USD' }],
  [undefined, 'USD', 'eastus2', null],
  [undefined, 'EUR', 'eastus2', { region: 'eastus2', currency: 'EUR' }],
])('%s in %s has those of %s in dollars, and says so', (region, currency, found, insteadOf) => {
  expect(listPricesFor(region, currency)).toMatchObject({ region: found, currency: 'USD', insteadOf })
})

test('every known region has a price of everything, or says whose it shows', () => {
  for (const region of REGIONS) {
    const prices = listPricesFor(region)
    expect(Object.values(prices.rates).every((rate) => rate !== null && rate > 0)).toBe(true)
    expect(prices.insteadOf === null).toBe(prices.region === region)
  }
})
