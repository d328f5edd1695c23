import { LARGEST_TIER, shortageOn, tierFor, type ToSize } from '../../sizing/size.ts'
import { shortageWords } from '../../sizing/reasons.ts'
import { RULES } from '../../sizing/rules.ts'
import type { HubSpec } from '../hub/hub.ts'
import { hasRetention } from '../hub/settings.ts'
import type { NamespaceSpec } from '../namespace/namespace.ts'
import type { Refusal, WayOut } from '../step.ts'

interface NewNamespace {
  readonly spec: NamespaceSpec
  readonly hubs: readonly HubSpec[]
}

/**
 * Refuses a new namespace that would not carry its load, by any number that is published. A load in the range that is
 * published of Premium may be tried there by name.
 */
export function refuseLoad({ spec, hubs }: NewNamespace): Refusal | undefined {
  const asked = { ...NOTHING_SAID, hubs: hubs.map(hubToSize) }
  if (hubs.every(({ load }) => load === undefined)) return undefined
  const other = tierFor(asked)
  const tier = spec.tier.given ? spec.tier.value : LARGEST_TIER
  const shortage = spec.tier.given || !other ? shortageOn({ ...asked, tier }, tier) : undefined
  if (!shortage || (spec.tier.given && !shortage.isSure)) return undefined
  return {
    what: `Can't make a namespace on ${tier} that carries the load`,
    because: `${capitalized(shortageWords(shortage, tier))}.`,
    waysOut: other
      ? [{ text: `make it on ${other}`, edit: { tier: other, capacity: null, autoInflateMax: null } }]
      : [shortage.isSure ? CLUSTER : LARGEST],
    link: RULES.unitIn.link,
  }
}

const CLUSTER: WayOut = { text: 'use a dedicated cluster, which ml-ingest does not make' }
const LARGEST: WayOut = {
  text: `make the largest namespace on ${LARGEST_TIER}, which may carry it`,
  edit: { tier: LARGEST_TIER, capacity: null, autoInflateMax: null },
}

const NOTHING_SAID = { tier: undefined, capacity: undefined, autoInflateMax: undefined, usualPartitions: 1 } as const

const hubToSize = (hub: HubSpec): ToSize['hubs'][number] => ({
  name: hub.name,
  load: hub.load,
  partitions: hub.partitions.given ? hub.partitions.value : undefined,
  retentionHours: hasRetention(hub.cleanupPolicy.value) ? hub.retentionHours.value : undefined,
  consumerGroups: hub.consumerGroups.length + 1,
})

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
