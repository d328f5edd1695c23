/** A rule that Microsoft publishes, and the version of its page. */
export interface Rule {
  readonly text: string
  readonly link: string
  readonly asOf: string
}

const LEARN = 'https://learn.microsoft.com/azure/event-hubs'
const SCALABILITY = { link: `${LEARN}/event-hubs-scalability`, asOf: '2026-02-05' }
const FEATURES = { link: `${LEARN}/event-hubs-features`, asOf: '2026-01-12' }
const FAQ = { link: `${LEARN}/event-hubs-faq`, asOf: '2026-02' }

export const RULES = {
  unitIn: {
    text: 'a throughput unit takes in 1 MB/s or 1,000 events/s, whichever comes first',
    ...SCALABILITY,
  },
  unitOut: {
    text: 'a throughput unit gives out 2 MB/s or 4,096 events/s, and all readers share it',
    ...SCALABILITY,
  },
  unitStorage: { text: 'a throughput unit includes 84 GB of storage', ...FAQ },
  processingUnitIn: {
    text: 'a processing unit takes in 5 to 10 MB/s, and 5 is counted here',
    ...SCALABILITY,
  },
  processingUnitOut: {
    text: 'a processing unit gives out 10 to 20 MB/s, and 10 is counted here',
    ...SCALABILITY,
  },
  processingUnitStorage: { text: 'a processing unit includes 1 TB of storage', ...SCALABILITY },
  quotas: { text: 'each tier has its limits', link: `${LEARN}/event-hubs-quotas`, asOf: '2023-11-27' },
  partitionIn: {
    text: 'a partition takes in about 1 MB/s; more partitions cost nothing',
    ...SCALABILITY,
  },
  partitionWorker: {
    text: 'a partition is read by one worker of each consumer group at a time',
    ...FEATURES,
  },
  partitionOrder: {
    text: 'events are in order within a partition only',
    ...FEATURES,
  },
  consumerGroup: { text: 'each application reads through a consumer group of its own', ...FEATURES },
  retention: { text: 'events stay until the retention has passed, whether or not they were read', ...FEATURES },
  autoInflate: {
    text: 'auto-inflate raises the units when the load asks for more, and never lowers them',
    link: `${LEARN}/event-hubs-auto-inflate`,
    asOf: '2026-02',
  },
} as const satisfies Readonly<Record<string, Rule>>
