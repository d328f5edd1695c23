import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import type { Spec } from './spec.ts'
import { findByName, type Actual } from './actual.ts'
import type { Note } from './step.ts'

/** What a manifest names, also where flags of the run name something else. */
export interface ManifestNames {
  readonly hubs: readonly { readonly name: string }[]
  /** `hub` is left out for a group of every hub. */
  readonly consumerGroups: readonly { readonly hub?: string | undefined; readonly name: string }[]
}

/** Hubs and consumer groups that exist and that a manifest does not name: worth knowing, never a reason to act. */
export function extrasOf(spec: Spec, actual: Actual, named: ManifestNames): readonly Note[] {
  const hubs = actual.hubs.filter(({ name }) => !findByName(spec.hubs, name) && !findByName(named.hubs, name))
  const groups = spec.hubs.flatMap((hub) => {
    const live = actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []
    const namedHere = named.consumerGroups.filter((group) => sameName(group.hub ?? hub.name, hub.name))
    const known = [{ name: DEFAULT_CONSUMER_GROUP }, ...hub.consumerGroups, ...namedHere]
    return live
      .filter(({ name }) => !findByName(known, name))
      .map(({ name }) => ({ kind: 'consumer-group', hub: hub.name, name }) as const)
  })
  const targets = [...hubs.map(({ name }) => ({ kind: 'hub', name }) as const), ...groups]
  return targets.map((target) => ({ target, text: 'is not in the manifest; it stays as it is' }))
}
