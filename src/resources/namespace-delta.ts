import type { Text } from '../lib/phrase.ts'
import type { NamespaceChanges } from './shapes.ts'
import type { Change, Refusal } from './step.ts'

/** What one aspect of an existing namespace needs. */
export interface NamespaceDelta {
  readonly changes: readonly Change[]
  readonly send: NamespaceChanges
  readonly refusals: readonly Refusal[]
  readonly notes: readonly Text[]
}
export const NO_DELTA: NamespaceDelta = { changes: [], send: {}, refusals: [], notes: [] }
