/** One event hub of a local Azure. */
export interface LocalAzureHub {
  readonly name: string
  /** 1 to 32; above that, up to 100, the namespace is of tier Premium. Default 4. */
  readonly partitions?: number
  /** How long events are kept, in hours. Default 24. */
  readonly retentionHours?: number
  /** Consumer groups besides `$Default`. Default: those of `LocalAzureOptions`. */
  readonly consumerGroups?: readonly string[]
}

export interface LocalAzureOptions {
  /** Event hubs, each by its name or with more about it. Default: `ml-data-stream`. */
  readonly hubs?: readonly (string | LocalAzureHub)[]
  /** Consumer groups of each hub that names none, besides `$Default`. Default: `ml-data-consumer-group`. */
  readonly consumerGroups?: readonly string[]
  /** Name of the namespace. Default: `ml-ingest-local`. */
  readonly namespace?: string
  readonly ports?: {
    /** Port that Event Hubs clients connect to. Default 0: any free one; so it is with one that is taken. */
    readonly amqp?: number
    /** Port of Resource Manager. Default 0: any free one. */
    readonly arm?: number
  }
  /** Keep resources and events in this folder, and go on with what it holds. Default: nothing is kept. */
  readonly dataFolder?: string
  /** With a folder: acknowledge events when they are on the disk itself, so that they survive a power cut too. */
  readonly durable?: boolean
  /** Gets what there is to tell people, such as a client that speaks TLS; one line each. Default: nobody. */
  readonly onLog?: (line: string) => void
}

/** A running local Azure. */
export interface LocalAzure {
  /** Opens every hub, with all rights: the root key of the namespace. For the official clients, unchanged. */
  readonly connectionString: string
  /** By the name of each hub, a string that opens this hub alone, with the rights to send and listen. */
  readonly hubs: Readonly<Record<string, string>>
  /** Resource Manager, for ML_INGEST_ARM_ENDPOINT and the Azure SDK: `http://127.0.0.1:PORT`. */
  readonly armEndpoint: string
  /** Port that Event Hubs clients connect to. */
  readonly port: number
  /** Says goodbye to the clients and lets go of ports and files. May be called again. */
  stop(): Promise<void>
  /** The same as `stop`: `await using azure = await startLocalAzure()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts an embedded Azure with Event Hubs in this process, on loopback, and makes the hubs. Nothing but this package is
 * needed: no account, no Docker. Rejects with an `Error` whose `why` says more when a port or the folder cannot be used, or
 * when Azure would refuse what is asked for.
 *
 * ```ts
 * const azure = await startLocalAzure({ hubs: ['clicks', { name: 'views', partitions: 8 }] })
 * const producer = new EventHubProducerClient(azure.hubs.clicks)
 * // ...
 * await azure.stop()
 * ```
 */
export async function startLocalAzure(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  // Nothing is loaded before it is needed: whoever imports this module for its types waits for nothing.
  const { startWithHubs } = await import('./local/index.ts')
  const { DEFAULTS } = await import('./inputs/defaults.ts')
  const { hubs = [DEFAULTS.hub], consumerGroups = [DEFAULTS.consumerGroup] } = options
  const azure = await startWithHubs({
    namespace: options.namespace ?? 'ml-ingest-local',
    resourceGroup: DEFAULTS.resourceGroup,
    hubs: hubs.map((hub) => ({
      partitions: DEFAULTS.partitions,
      retentionHours: DEFAULTS.retentionHours,
      consumerGroups,
      ...(typeof hub === 'string' ? { name: hub } : hub),
    })),
    armPort: options.ports?.arm ?? 0,
    amqpPort: options.ports?.amqp ?? 0,
    dataFolder: options.dataFolder,
    durable: options.durable ?? false,
    log: options.onLog ?? (() => undefined),
    process,
  })
  return { ...azure, [Symbol.asyncDispose]: azure.stop }
}
