import { DEFAULT_CONSUMER_GROUP } from '../spec/limits.ts'
import { nameKeyOf, sameName } from '../spec/names.ts'
import type { Spec } from '../spec/spec.ts'
import { findByName, type Actual } from './actual.ts'
import type { Note } from './plan-types.ts'

/** Hubs and consumer groups that exist and that a manifest does not name: worth knowing, never a reason to act. */
export function extrasOf(spec: Spec, actual: Actual): readonly Note[] {
  const hubs = actual.hubs.filter((live) => !findByName(spec.hubs, live.name))
  const groups = spec.hubs.flatMap((hub) => {
    const live = actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []
    return live
      .filter(({ name }) => !sameName(name, DEFAULT_CONSUMER_GROUP) && !findByName(hub.consumerGroups, name))
      .map(({ name }) => ({ kind: 'consumer-group', hub: hub.name, name }) as const)
  })
  const targets = [...hubs.map(({ name }) => ({ kind: 'hub', name }) as const), ...groups]
  return targets.map((target) => ({ target, text: 'is not in the manifest; it stays as it is' }))
}
