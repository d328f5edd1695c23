import type { Tier } from '../lib/limits.ts'
import { bytesKept, type HubLoad } from './load.ts'
import { RULES, type Rule } from './rules.ts'

interface Included {
  readonly bytesPerUnit: number
  readonly rule: Rule
}
const THROUGHPUT_UNIT: Included = { bytesPerUnit: 84e9, rule: RULES.unitStorage }

const INCLUDED: Readonly<Record<Tier, Included>> = {
  Basic: THROUGHPUT_UNIT,
  Standard: THROUGHPUT_UNIT,
  Premium: { bytesPerUnit: 1e12, rule: RULES.processingUnitStorage },
}

/** What is kept, against what the units include. More is not refused, but charged. */
export interface StorageUse {
  /** Bytes. Undefined if a hub is compacted: it depends on the number of keys. */
  readonly needs: number | undefined
  /** Bytes. */
  readonly included: number
  readonly percent: number | undefined
  readonly rule: Rule
}

/** `units` are those that are always there: Azure counts the fewest of a day. */
export function storageUse(hubs: readonly HubLoad[], tier: Tier, units: number): StorageUse {
  const each = INCLUDED[tier]
  const needs = hubs.reduce<number | undefined>((sum, hub) => {
    const kept = bytesKept(hub)
    return sum === undefined || kept === undefined ? undefined : sum + kept
  }, 0)
  const included = each.bytesPerUnit * units
  return { needs, included, percent: needs === undefined ? undefined : (needs / included) * 100, rule: each.rule }
}
