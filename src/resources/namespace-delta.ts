import type { NamespaceChanges } from '../engine/cloud.ts'
import type { Change, Refusal } from '../engine/plan-types.ts'

/** What one aspect of an existing namespace needs. */
export interface NamespaceDelta {
  readonly changes: readonly Change[]
  readonly send: NamespaceChanges
  readonly refusals: readonly Refusal[]
  readonly notes: readonly string[]
}
export const NO_DELTA: NamespaceDelta = { changes: [], send: {}, refusals: [], notes: [] }
