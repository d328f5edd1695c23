/** What holds when nobody says: costs little and always works. */
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
  timeoutMs: 30 * 60_000,
} as const

/** On what we make; what carries it may be taken down by us. Resource groups and namespaces alone have tags. */
export const OWNERSHIP_TAG = { name: 'created-by', value: 'ml-ingest' } as const
