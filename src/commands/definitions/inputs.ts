import type { InputKey } from '../../inputs/table.ts'

/** How any command prints and asks. */
export const ALL: readonly InputKey[] = ['noInput', 'quiet', 'debug', 'color', 'noColor']

/** Which namespace, and how to reach it. */
export const CLOUD: readonly InputKey[] = [
  ...(['file', 'env', 'subscription', 'resourceGroup', 'namespace'] as const),
  ...(['tenant', 'cloud', 'auth', 'local', 'data', 'timeout'] as const),
]
/** Which hubs, and with which rule. */
export const CONNECTING: readonly InputKey[] = [...CLOUD, 'hub', 'access', 'policy']

/** What is expected to come in. */
export const LOAD = [
  ...(['eventsPerSecond', 'eventSize', 'throughput', 'peak', 'readers', 'workers', 'ordered'] as const),
] as const satisfies readonly InputKey[]

/** Where events are captured. */
export const CAPTURE = [
  ...(['captureStorageAccount', 'captureContainer', 'captureInterval', 'captureSize'] as const),
  ...(['captureNameFormat', 'captureSkipEmpty', 'captureEncoding', 'captureIdentity', 'noCapture'] as const),
] as const satisfies readonly InputKey[]

/** Settings of the resources. */
export const CHANGING: readonly InputKey[] = [
  ...LOAD,
  ...(['location', 'tier', 'capacity', 'autoInflateMax', 'resetCapacity', 'kafka', 'tag'] as const),
  ...(['partitions', 'retention', 'consumerGroup', 'userMetadata', 'grant', 'disableLocalAuth'] as const),
  ...(['identity', 'removeIdentity', 'minimumTls', 'publicNetworkAccess', 'allowIp', 'trustedServices'] as const),
  ...CAPTURE,
]

/** Which prices the plan shows. */
export const PRICING: readonly InputKey[] = ['prices', 'currency']

/** How events are sent. */
export const SENDING = [
  ...(['partitionKey', 'partition', 'rate', 'count', 'sample', 'seed', 'csv'] as const),
] as const satisfies readonly InputKey[]

/** Which events are printed. */
export const TAILING = [
  ...(['group', 'readThrough', 'partition', 'from', 'follow', 'where', 'count'] as const),
  ...(['output', 'force'] as const),
] as const satisfies readonly InputKey[]
