/** How the events of a hub are captured: as Avro files, like those that Event Hubs Capture writes. */
export interface LocalAzureCapture {
  /** Name of the storage account, which is a folder here. Default: `lake`. */
  readonly storageAccount?: string
  /** Name of the container, a folder in it. Default: `raw`. */
  readonly container?: string
  /** A file ends after this time: 1 to 900. Azure takes 60 and more. Default 300. */
  readonly intervalSeconds?: number
  /** A file ends at this size: 10485760 to 524288000. Default 314572800. */
  readonly sizeLimitBytes?: number
  /** Default: `{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}` */
  readonly archiveNameFormat?: string
  /** Write no file for an interval without events. Default false. */
  readonly skipEmptyArchives?: boolean
  /** `AvroDeflate` has compressed blocks. Default `Avro`. */
  readonly encoding?: 'Avro' | 'AvroDeflate'
}

/** A file that Capture has written. */
export interface CapturedFile {
  readonly namespace: string
  readonly hub: string
  readonly partition: string
  /** Its path. */
  readonly where: string
  readonly events: number
  /** Null without events. */
  readonly firstSequenceNumber: number | null
  readonly lastSequenceNumber: number | null
  readonly bytes: number
}

/** One event hub of a local Azure. */
export interface LocalAzureHub {
  readonly name: string
  /** 1 to 32; above that, up to 100, the namespace is of tier Premium. Default 4. */
  readonly partitions?: number
  /** How long events are kept, in hours. Default 24. */
  readonly retentionHours?: number
  /** Consumer groups besides `$Default`. Default: those in `LocalAzureOptions`. */
  readonly consumerGroups?: readonly string[]
  /** Captures the events as files: `{}` for the defaults. Without it, nothing is captured. */
  readonly capture?: LocalAzureCapture
}

export interface LocalAzureOptions {
  /** Names of event hubs, or hubs with their settings. Default: `ml-data-stream`. */
  readonly hubs?: readonly (string | LocalAzureHub)[]
  /** Consumer groups besides `$Default`, for hubs without their own. Default: `ml-data-consumer-group`. */
  readonly consumerGroups?: readonly string[]
  /** Name of the namespace. Default: `ml-ingest-local`. */
  readonly namespace?: string
  readonly ports?: {
    /** Port for Event Hubs clients. Default 0: any free port, which is also used if the given one is taken. */
    readonly amqp?: number
    /** Port for Kafka clients. Default 0, as above. */
    readonly kafka?: number
    /** Port of Resource Manager. Default 0: any free port. */
    readonly arm?: number
  }
  /** Keeps resources and events in this folder, and continues with its contents. Default: nothing is kept. */
  readonly dataFolder?: string
  /** Has the files of Capture. Needed to capture without a data folder. Default: the folder `capture` in the data folder. */
  readonly captureFolder?: string
  /** With a folder: acknowledges events only when they are on disk, so that they survive a power cut. */
  readonly durable?: boolean
  /** A partition that holds more bytes drops its oldest events. Default: 1 GB with a folder, 64 MB without. */
  readonly maxPartitionBytes?: number
  /** Holds the namespace to its throughput units: what comes too fast is refused, and reading is slow. Default false. */
  readonly enforceLimits?: boolean
  /**
   * By the name of the storage account in a hub's settings of Capture: the connection string of where its files go, such as
   * `UseDevelopmentStorage=true` for Azurite. Default: a folder in the data folder.
   */
  readonly storage?: Readonly<Record<string, string>>
  /** Versions that are offered to Kafka clients: all, or those that were recorded of Azure. Default `full`. */
  readonly kafkaRange?: 'full' | 'azure'
  /** Gets messages for people, one line each, such as about a client that uses TLS. */
  readonly onLog?: (line: string) => void
}

/** A running local Azure. */
export interface LocalAzure {
  /** For every hub and with all rights: the root key of the namespace. The official clients use it unchanged. */
  readonly connectionString: string
  /** By hub name: a string for this hub only, with the rights to send and listen. */
  readonly hubs: Readonly<Record<string, string>>
  /** Resource Manager, for ML_INGEST_ARM_ENDPOINT and the Azure SDK: `http://127.0.0.1:PORT`. */
  readonly armEndpoint: string
  /** Port for Event Hubs clients. */
  readonly port: number
  /**
   * For Kafka clients, which call it `bootstrap.servers`: `localhost:PORT`. The security protocol is SASL_PLAINTEXT, the
   * mechanism PLAIN, the user `$ConnectionString`, and the password one of the connection strings.
   */
  readonly kafkaBootstrapServers: string
  /**
   * Ends the open windows of Capture, of all hubs or of one, and resolves with the files that this wrote. Rejects with an
   * `Error` if a file cannot be written.
   */
  flushCapture(hub?: string): Promise<readonly CapturedFile[]>
  /** Disconnects the clients and closes ports and files. Can be called again. */
  stop(): Promise<void>
  /** The same as `stop`: `await using azure = await startLocalAzure()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts an embedded Azure with Event Hubs in this process, on loopback, and creates the hubs. It needs no account and no
 * Docker. Rejects with an `Error` with details in `why` if a port or the folder cannot be used, or if Azure would refuse
 * the options.
 *
 * ```ts
 * const azure = await startLocalAzure({ hubs: ['clicks', { name: 'views', partitions: 8 }] })
 * const producer = new EventHubProducerClient(azure.hubs.clicks)
 * // ...
 * await azure.stop()
 * ```
 */
export async function startLocalAzure(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  // Loaded here, so that importing this module is fast.
  const { startWithHubs } = await import('./local/index.ts')
  const { DEFAULTS } = await import('./inputs/defaults.ts')
  const { captureMistakes } = await import('./inputs/captured-hubs.ts')
  const { hubs = [DEFAULTS.hub], storage = {}, consumerGroups = [DEFAULTS.consumerGroup] } = options
  const why = captureMistakes({ hubs, storage })
  if (why.length > 0) {
    const { Failure } = await import('./lib/errors.ts')
    throw new Failure({ code: 'local-request', message: "Can't capture the event hubs like this", why })
  }
  const azure = await startWithHubs({
    namespace: options.namespace ?? 'ml-ingest-local',
    resourceGroup: DEFAULTS.resourceGroup,
    hubs: hubs.map((one) => {
      const { capture, ...hub } = typeof one === 'string' ? { name: one } : one
      return {
        ...{ partitions: DEFAULTS.partitions, retentionHours: DEFAULTS.retentionHours, consumerGroups, ...hub },
        ...(capture && {
          capture: { storageAccount: DEFAULTS.captureStorageAccount, container: DEFAULTS.captureContainer, ...capture },
        }),
      }
    }),
    armPort: options.ports?.arm ?? 0,
    ports: { amqp: options.ports?.amqp ?? 0, kafka: options.ports?.kafka ?? 0 },
    kafkaRange: options.kafkaRange ?? 'full',
    dataFolder: options.dataFolder,
    captureFolder: options.captureFolder,
    durable: options.durable ?? false,
    maxPartitionBytes: options.maxPartitionBytes,
    enforceLimits: options.enforceLimits ?? false,
    storage,
    log: options.onLog ?? (() => undefined),
    process,
  })
  return { ...azure, [Symbol.asyncDispose]: azure.stop }
}
