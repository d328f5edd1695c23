import { randomUUID } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Directory } from '../directory.ts'
import { Client } from './client.ts'
import { type BrokerContext, Turns } from './context.ts'
import {
  type AppendRequest,
  type AppendResult,
  appendEvents,
  type LocalEvent,
  readEvents,
  type ReadRequest,
} from './direct.ts'
import { HubLinks } from './hub-links.ts'
import { diskFolder } from './log/disk-files.ts'
import { MemoryFolder } from './log/memory-files.ts'
import { LogStore } from './log/store.ts'
import { Readers } from './readers.ts'
import { ServiceError, ServiceErrors } from './service-errors.ts'
import { type BrokerStats, collectStats } from './stats.ts'
import type { ForeignProtocol } from './wire/framing.ts'
import { listen } from './wire/listener.ts'
import { RheaPeer } from './wire/rhea-connection.ts'

const DEFAULT_AMQP_PORT = 5672
const DEFAULT_PARTITION_BYTES = { disk: 1024 * 1024 * 1024, memory: 64 * 1024 * 1024 }
const TOKEN_CHECK_MS = 5_000
const TRIM_EVERY = 12

export interface BrokerOptions {
  readonly directory: Directory
  readonly clock: Clock
  /** The folder belongs to the broker alone, and to one broker at a time. */
  readonly storage: { readonly folder: string } | 'memory'
  /** A loopback address stands for both of them. Default 127.0.0.1. */
  readonly host?: string
  /** Default 5672; 0 is any free one, and so is one that is taken. */
  readonly port?: number
  /** Acknowledge events when they are on the disk itself: they survive a power cut then, not only a crash. */
  readonly durable?: boolean
  /** The oldest events of a partition go beyond this. Default 1 GB on disk, 64 MB in memory. */
  readonly maxPartitionBytes?: number
  readonly log: (line: string) => void
}

export interface Broker {
  readonly port: number
  /** The port asked for was in use, so that `port` is another. */
  readonly portTaken: boolean
  stats(): BrokerStats
  /** Stores events as a client's send would. Throws ServiceError when there is no such hub or partition. */
  appendEvents(request: AppendRequest): Promise<AppendResult>
  /** Reads one partition; with `follow` it goes on until `signal` aborts. Throws ServiceError as `appendEvents`. */
  readEvents(request: ReadRequest): AsyncIterable<LocalEvent>
  /** Says goodbye to the clients, and lets go of the port and the files. */
  close(): Promise<void>
}

/** Starts the data plane. Rejects with the system's error when it cannot listen, with Failure
 * `local-state` when it cannot tell whose the events in the folder are. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const context = createContext(options)
  const { directory, links, store, log } = context
  const guarded = (what: string, work: () => void) => () => {
    try {
      work()
    } catch (error) {
      log(`${what}: ${(error as Error).message}`)
    }
  }
  store.reconcile(directory.hubs())
  const peers = createPeers(context)
  const listener = await listen(options.host ?? '127.0.0.1', options.port ?? DEFAULT_AMQP_PORT, peers.accept)

  const stopFollowing = directory.onChange(
    guarded('Cannot remove the events of a deleted hub', () => {
      links.followDirectory(context)
      store.reconcile(directory.hubs())
    }),
  )
  const trim = guarded('Cannot drop old events', () => store.trim(directory.hubs(), options.clock.now()))
  const ending = new AbortController()
  void keepHouse(options.clock, ending.signal, () => links.followTokens(context), trim)

  return {
    port: listener.port,
    portTaken: listener.portTaken,
    stats: () => collectStats(context, peers.count()),
    appendEvents: (request) => appendEvents(context, request),
    readEvents: (request) => readEvents(context, request),
    close: async () => {
      ending.abort()
      stopFollowing()
      // No new ones first: a client that comes back at once would be waited for.
      const closed = listener.close()
      await peers.close()
      await closed
      store.close()
    },
  }
}

function createContext(options: BrokerOptions): BrokerContext {
  const { directory, clock, storage, log } = options
  const errors = new ServiceErrors(clock)
  const root = storage === 'memory' ? new MemoryFolder() : diskFolder(storage.folder)
  const maxBytes = options.maxPartitionBytes ?? DEFAULT_PARTITION_BYTES[storage === 'memory' ? 'memory' : 'disk']
  return {
    directory,
    clock,
    errors,
    log,
    store: new LogStore(root, { maxBytes, log, durable: options.durable === true && storage !== 'memory' }),
    readers: new Readers(),
    links: new HubLinks(),
    turns: new Turns(),
    toServiceError: (error, path) => {
      if (error instanceof ServiceError) return error
      log(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      return errors.internal(error)
    },
  }
}

function createPeers(context: BrokerContext) {
  const peers = new Set<RheaPeer>()
  const containerId = `ml-ingest-${randomUUID()}`
  const reported = new Set<ForeignProtocol>()
  let id = 0
  const onForeign = (protocol: ForeignProtocol) => {
    if (!reported.has(protocol)) context.log(FOREIGN[protocol])
    reported.add(protocol)
  }
  return {
    count: () => peers.size,
    accept: (socket: ConstructorParameters<typeof RheaPeer>[0]) => {
      const peer: RheaPeer = new RheaPeer(socket, { id: ++id, containerId, onForeign }, () => {
        return new Client(context, () => peers.delete(peer))
      })
      peers.add(peer)
    },
    close: async () => {
      const all = [...peers]
      const reason = { condition: 'amqp:connection:forced', description: 'The local Event Hubs is stopping.' }
      for (const peer of all) peer.close(reason)
      // The goodbye is in the hands of the system after this turn.
      await new Promise((resolve) => setImmediate(resolve))
      for (const peer of all) peer.destroy()
    },
  }
}

/** What to say, once each, of clients that speak something else to the port. */
const FOREIGN: Readonly<Record<ForeignProtocol, string>> = {
  tls: 'A client opened TLS and was turned away: its connection string needs UseDevelopmentEmulator=true',
  http: 'A client spoke HTTP or WebSockets and was turned away: only AMQP over TCP is served',
  kafka: 'A client spoke Kafka and was turned away: only AMQP is served',
  'amqp-0-9': 'A client spoke another version of AMQP and was turned away: only AMQP 1.0 is served',
  unknown: 'A client spoke something unknown and was turned away: only AMQP 1.0 is served',
}

async function keepHouse(clock: Clock, signal: AbortSignal, checkTokens: () => void, trim: () => void): Promise<void> {
  try {
    for (let round = 1; ; round++) {
      await clock.sleep(TOKEN_CHECK_MS, signal)
      checkTokens()
      if (round % TRIM_EVERY === 1) trim()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
