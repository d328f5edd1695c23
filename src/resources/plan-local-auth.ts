import type { Spec } from './spec.ts'
import type { NamespaceActual } from './shapes.ts'
import { NO_DELTA, type NamespaceDelta } from './namespace-delta.ts'

/** Whether the namespace will refuse keys. */
export function localAuthDisabledAfter(spec: Spec, live: NamespaceActual | undefined): boolean {
  const { localAuthDisabled } = spec.namespace
  return !live || localAuthDisabled.given ? localAuthDisabled.value : live.localAuthDisabled
}

/** https://learn.microsoft.com/azure/event-hubs/authenticate-shared-access-signature#disabling-localsas-key-authentication */
export function planLocalAuth(spec: Spec, live: NamespaceActual): NamespaceDelta {
  const disabled = localAuthDisabledAfter(spec, live)
  if (disabled === live.localAuthDisabled) return NO_DELTA
  return {
    ...NO_DELTA,
    changes: [{ field: 'local authentication', from: !live.localAuthDisabled, to: !disabled }],
    send: { localAuthDisabled: disabled },
    notes: disabled
      ? ['whoever signs in with a key, of whichever access rule, is cut off: give roles in a run before this one']
      : [],
  }
}
