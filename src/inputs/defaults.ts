/** The defaults: they cost little and work everywhere. */
export const DEFAULTS = {
  resourceGroup: 'ml-data-ingestion-rg',
  hub: 'ml-data-stream',
  consumerGroup: 'ml-data-consumer-group',
  userMetadata: 'Machine Learning Data Consumer Group',
  tier: 'Standard',
  capacity: 1,
  autoInflateMax: 0,
  partitions: 4,
  retentionHours: 24,
  access: 'send-listen',
  /** Where the embedded Azure captures to when nobody says. */
  captureStorageAccount: 'lake',
  captureContainer: 'raw',
  timeoutMs: 30 * 60_000,
  connectionVariable: 'EVENTHUB_CONNECTION_STRING',
  hubVariable: 'EVENTHUB_NAME',
} as const

/** Marks the resource groups and namespaces that ml-ingest made and may delete. Other resources have no tags. */
export const OWNERSHIP_TAG = { name: 'created-by', value: 'ml-ingest' } as const
