import type { Tier } from '../../lib/limits.ts'
import { capitalized } from '../../lib/phrase.ts'
import { LARGEST_TIER, unfitOf, type HubToSize } from '../../sizing/size.ts'
import { shortageWords } from '../../sizing/reasons.ts'
import { RULES } from '../../sizing/rules.ts'
import type { HubSpec } from '../hub/hub.ts'
import { hasRetention } from '../hub/settings.ts'
import { WITHOUT_CAPACITY } from '../namespace/capacity.ts'
import type { NamespaceSpec } from '../namespace/namespace.ts'
import type { Refusal, WayOut } from '../step.ts'

interface NewNamespace {
  readonly spec: NamespaceSpec
  readonly hubs: readonly HubSpec[]
}

/** Refuses a new namespace that would not carry its load. */
export function refuseLoad({ spec, hubs }: NewNamespace): Refusal | undefined {
  if (hubs.every(({ load }) => load === undefined)) return undefined
  const unfit = unfitOf({
    hubs: hubs.map(hubToSize),
    tier: spec.tier.given ? spec.tier.value : undefined,
    ...{ capacity: undefined, autoInflateMax: undefined, usualPartitions: 1 },
  })
  if (!unfit) return undefined
  const { tier, shortage, other } = unfit
  const instead = (text: string, on: Tier): WayOut => ({
    text,
    edit: { tier: on, ...WITHOUT_CAPACITY, autoInflateMax: null },
  })
  return {
    what: `Can't make a namespace on ${tier} that carries the load`,
    because: `${capitalized(shortageWords(shortage, tier))}.`,
    waysOut: [
      other
        ? instead(`make it on ${other}`, other)
        : shortage.isSure
          ? { text: 'use a dedicated cluster, which ml-ingest does not make' }
          : instead(`make the largest namespace on ${LARGEST_TIER}, which may carry it`, LARGEST_TIER),
    ],
    link: RULES.unitIn.link,
  }
}

const hubToSize = (hub: HubSpec): HubToSize => ({
  name: hub.name,
  load: hub.load,
  partitions: hub.partitions.given ? hub.partitions.value : undefined,
  retentionHours: hasRetention(hub.cleanupPolicy.value) ? hub.retentionHours.value : undefined,
  consumerGroups: hub.consumerGroups.length + 1,
})
