export type Right = 'Listen' | 'Send' | 'Manage'

/** A shared access rule of a namespace, or of one hub when `hub` is set. */
export interface LocalRule {
  readonly namespace: string
  readonly hub?: string
  readonly name: string
  readonly rights: readonly Right[]
  readonly primaryKey: string
  readonly secondaryKey: string
}

/** Where and how the events of a hub are stored as files. */
export interface LocalCapture {
  /** The name of the storage account. */
  readonly account: string
  readonly container: string
  /** A file ends after this time, or at this size. */
  readonly intervalSeconds: number
  readonly sizeLimitBytes: number
  readonly archiveNameFormat: string
  /** Whether an interval without events has no file. */
  readonly skipEmptyArchives: boolean
  /** How the blocks of the files are compressed, in the words of Avro. */
  readonly codec: 'null' | 'deflate'
}

export interface LocalHub {
  readonly namespace: string
  readonly name: string
  readonly partitionCount: number
  readonly status: 'Active' | 'Disabled' | 'SendDisabled' | 'ReceiveDisabled'
  /** How long an event is kept; Infinity for a compacted hub. */
  readonly retentionHours: number
  /** Whether the latest event of each key outlives the others, for ever or until it is old. */
  readonly isCompacted: boolean
  /** Which time the records of Kafka's clients have: that of their storing, or the one that their producers gave them. */
  readonly timestampType: 'LogAppend' | 'Create'
  /** The largest publication that the tier takes. */
  readonly maxMessageBytes: number
  /** Milliseconds since the Unix epoch. Together with the name it tells a hub from one that was deleted. */
  readonly createdAt: number
  /** Names, `$Default` first. */
  readonly consumerGroups: readonly string[]
  /** Undefined where Capture is off, or writes to something else than blobs. */
  readonly capture?: LocalCapture | undefined
}

/** What the data plane may ask the control plane: read only, always the state of this moment. */
export interface Directory {
  /** The rules of all namespaces and hubs. */
  rules(): readonly LocalRule[]
  hubs(): readonly LocalHub[]
  /** The case of both names does not matter. */
  hub(namespace: string, name: string): LocalHub | undefined
  /** True where the namespace takes no shared access key at all. */
  localAuthDisabled(namespace: string): boolean
  /** Whether the tier of the namespace serves Kafka. */
  hasKafka(namespace: string): boolean
  /** Calls `listener` after each change of the state. Returns the function that ends this. */
  onChange(listener: () => void): () => void
}

/** Whether the hub's status lets nobody in with this right. */
export const isClosedFor = ({ status }: LocalHub, right: Right): boolean =>
  status === 'Disabled' || (right === 'Send' ? status === 'SendDisabled' : status === 'ReceiveDisabled')

/** Whether the hub has a consumer group of this name. Each hub has `$Default`. */
export const hasGroup = ({ consumerGroups }: LocalHub, group: string): boolean =>
  group.toLowerCase() === '$default' || consumerGroups.some((name) => name.toLowerCase() === group.toLowerCase())

/** Whether both are one hub, and not one that took the name of the other. */
export const isSameHub = (a: LocalHub, b: LocalHub): boolean =>
  a.namespace === b.namespace && a.name.toLowerCase() === b.name.toLowerCase() && a.createdAt === b.createdAt

/** The number that a partition id means, if the hub has it. */
export function partitionIndex(id: string, partitionCount: number): number | undefined {
  const index = /^\d{1,4}$/.test(id) ? Number(id) : NaN
  return index < partitionCount ? index : undefined
}
