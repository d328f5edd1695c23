/** A shared access rule of a namespace, or of one hub when `hub` is set. */
export interface LocalRule {
  readonly namespace: string
  readonly hub?: string
  readonly name: string
  readonly rights: readonly ('Listen' | 'Send' | 'Manage')[]
  readonly primaryKey: string
  readonly secondaryKey: string
}

export interface LocalHub {
  readonly namespace: string
  readonly name: string
  readonly partitionCount: number
  readonly status: 'Active' | 'Disabled' | 'SendDisabled' | 'ReceiveDisabled'
  /** How long an event is kept; Infinity for a compacted hub. */
  readonly retentionHours: number
  /** The largest publication that the tier takes. */
  readonly maxMessageBytes: number
  /** Milliseconds since the Unix epoch. Together with the name it identifies a hub over delete and create. */
  readonly createdAt: number
  /** Names, `$Default` first. */
  readonly consumerGroups: readonly string[]
}

/** What the data plane may ask the control plane: read only, always the state of this moment. */
export interface Directory {
  /** The rules of all namespaces and hubs. */
  rules(): readonly LocalRule[]
  hubs(): readonly LocalHub[]
  /** Both names are matched without regard to case. */
  hub(namespace: string, name: string): LocalHub | undefined
  /** True where the namespace takes no shared access key at all. */
  localAuthDisabled(namespace: string): boolean
  /** Calls `listener` after each change of the state; answers the function that ends it. */
  onChange(listener: () => void): () => void
}
