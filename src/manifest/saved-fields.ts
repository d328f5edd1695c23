import type { FieldKey } from '../inputs/table.ts'

/** The inputs that a saved manifest gives again. */
export const SAVED_FIELDS: readonly FieldKey[] = [
  ...(['subscription', 'resourceGroup', 'location', 'namespace', 'tier', 'capacity', 'autoInflateMax', 'tag'] as const),
  ...(['hub', 'partitions', 'retention', 'consumerGroup', 'userMetadata'] as const),
  ...(['access', 'policy', 'grant', 'disableLocalAuth'] as const),
  ...(['captureStorageAccount', 'captureContainer', 'captureInterval', 'captureSize', 'captureNameFormat'] as const),
  ...(['captureSkipEmpty', 'captureIdentity', 'noCapture'] as const),
]
