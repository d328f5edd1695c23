import type { EHNamespace, Eventhub } from '@azure/arm-eventhub'
import type { NamespaceChanges, NewHub, NewNamespace } from '../resources/shapes.ts'
import { LIMITS } from '../lib/limits.ts'
import { newCaptureDescription } from './capture.ts'

/** Azure wants both or none; 0 where it is off. https://github.com/Azure/azure-cli/pull/10069 */
const autoInflateOf = (max: number) => ({ isAutoInflateEnabled: max > 0, maximumThroughputUnits: max })

/** Everything that a later PUT or another client's default could change is said outright. */
export function newNamespaceBody(body: NewNamespace): string {
  const { location, tier, capacity, autoInflateMax, localAuthDisabled, tags } = body
  return JSON.stringify({
    location,
    tags,
    sku: { name: tier, tier, capacity },
    properties: {
      ...(LIMITS[tier].autoInflate ? autoInflateOf(autoInflateMax) : {}),
      ...(localAuthDisabled ? { disableLocalAuth: true } : {}),
    },
  })
}

export function namespaceChangesBody({ sku, autoInflateMax, localAuthDisabled, tags }: NamespaceChanges): EHNamespace {
  return {
    ...(sku === undefined ? {} : { sku: { name: sku.tier, tier: sku.tier, capacity: sku.capacity } }),
    ...(autoInflateMax === undefined ? {} : autoInflateOf(autoInflateMax)),
    ...(localAuthDisabled === undefined ? {} : { disableLocalAuth: localAuthDisabled }),
    ...(tags === undefined ? {} : { tags: { ...tags } }),
  }
}

export const newHubBody = ({ partitions, retentionHours, capture }: NewHub): Eventhub => ({
  partitionCount: partitions,
  retentionDescription:
    retentionHours === undefined
      ? { cleanupPolicy: 'Compact' }
      : { cleanupPolicy: 'Delete', retentionTimeInHours: retentionHours },
  ...(capture ? { captureDescription: newCaptureDescription(capture) } : {}),
})
