import { NAME_LIMITS } from '../lib/limits.ts'
import type { Spec } from './spec.ts'
import type { NamespaceActual } from './shapes.ts'
import type { Edits } from '../inputs/refer.ts'

/** A name for another namespace: made from this one, never longer than a name may be. */
export const namespaceNameWith = (name: string, suffix: string): string =>
  `${name.slice(0, NAME_LIMITS.namespace.max - suffix.length - 1)}-${suffix}`

/** What puts everything into another namespace, of the tier that the existing one has. */
export function secondNamespace(spec: Spec, live: NamespaceActual | undefined, suffix: string): Edits {
  const isOpen = live && live.tier !== 'Dedicated' && !spec.namespace.tier.given
  return {
    namespace: namespaceNameWith(live?.name ?? spec.namespace.name, suffix),
    ...(isOpen ? { tier: live.tier } : {}),
  }
}
