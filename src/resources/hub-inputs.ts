import { DEFAULTS } from '../inputs/defaults.ts'
import type { Inputs } from '../inputs/given.ts'
import { nameKeyOf } from '../lib/names.ts'
import type { ConsumerGroupInput, HubInput } from '../inputs/parsers.ts'

/** The hubs asked for, or the one that is made when nobody says which. */
export function hubInputs(inputs: Inputs): readonly [HubInput, ...HubInput[]] {
  const [first, ...rest] = inputs.hub?.value ?? []
  return first ? [first, ...rest] : [{ name: DEFAULTS.hub, partitions: undefined, retentionHours: undefined }]
}

/** By `nameKeyOf(hub)`, the consumer groups that each hub is given: those for all hubs, and its own. */
export function groupsByHub<T extends ConsumerGroupInput>(
  groups: readonly T[],
  hubs: readonly string[],
): ReadonlyMap<string, readonly T[]> {
  const byHub = new Map(hubs.map((hub): [string, T[]] => [nameKeyOf(hub), []]))
  for (const group of groups) {
    const lists = group.hub === undefined ? byHub.values() : [byHub.get(nameKeyOf(group.hub)) ?? []]
    for (const list of lists) list.push(group)
  }
  return byHub
}
