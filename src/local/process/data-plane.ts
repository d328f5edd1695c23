import type { Socket } from 'node:net'
import { serveAmqp } from '../amqp/server.ts'
import type { StorageConnection } from '../../lib/blob/storage-connection.ts'
import type { Clock } from '../../lib/clock.ts'
import { Captures } from '../capture/captures.ts'
import { BlobSink } from '../capture/blob-sink.ts'
import { FolderSink } from '../capture/folder-sink.ts'
import type { BlobPlace, CaptureSink } from '../capture/sink.ts'
import { AMQP_PORT, KAFKA_PORT } from '../constants.ts'
import type { History } from '../hubs/history.ts'
import { Hubs, type HubsOptions } from '../hubs/hubs.ts'
import { Metering } from '../hubs/metering.ts'
import type { KafkaGroupHeld } from '../kafka/groups/groups.ts'
import { serveKafka } from '../kafka/server.ts'
import { listen, LOCALHOST, type TcpListener } from './listen.ts'
import type { Listener } from './record.ts'

/** Serves hubs on the sockets of one protocol. */
interface ProtocolServer {
  accept(socket: Socket): void
  /** Of the clients that have shown a key of the namespace, or of all. */
  connections(namespace?: string): number
  groups?(): readonly KafkaGroupHeld[]
  /** Ends all connections. */
  close(): Promise<void>
}

interface Protocol {
  readonly usualPort: number
  /** As the log names those who speak it. */
  readonly clients: string
  readonly serve: (hubs: Hubs, switches: DataPlaneSwitches) => ProtocolServer
}

/** The protocols of the data plane: each is a folder, and a line here. */
const PROTOCOLS: Readonly<Record<Listener['protocol'], Protocol>> = {
  amqp: { usualPort: AMQP_PORT, clients: 'Event Hubs clients', serve: serveAmqp },
  kafka: {
    usualPort: KAFKA_PORT,
    clients: 'Kafka clients',
    serve: (hubs, { kafkaRange = 'full' }) => serveKafka(hubs, { range: kafkaRange }),
  },
}

/** Where the files of Capture go. */
interface CaptureDestinations {
  /** Has a folder for each storage account. */
  readonly folder?: string | undefined
  /** By the name of a storage account in the settings: what its files go to instead. */
  readonly storage?: ReadonlyMap<string, StorageConnection> | undefined
}

export interface DataPlaneSwitches {
  /** Where clients connect. A loopback address stands for both of them. Default 127.0.0.1. */
  readonly host?: string
  /** The port of each protocol; 0 is any free one, and so is one that is taken. Default: the last one. */
  readonly ports?: Ports
  /** The ports of the last start, which connection strings may name. Default: the usual ones. */
  readonly lastPorts?: Ports
  /** What Kafka clients are offered: all that we speak, or what the cloud was seen to offer. Default full. */
  readonly kafkaRange?: 'full' | 'azure'
  /** Where the files of Capture go; without it, nowhere. */
  readonly capture?: CaptureDestinations
}

/** By protocol. */
export type Ports = { readonly [P in Listener['protocol']]?: number }

export interface DataPlane {
  readonly hubs: Hubs
  readonly captures: Captures
  readonly listeners: readonly Listener[]
  /** What was counted and measured in a namespace up to now. */
  trafficOf(namespace: string): readonly History[]
  /** How many clients are connected, by one protocol or by all. */
  connections(protocol?: Listener['protocol']): number
  /** Groups of Kafka consumers. */
  groups(): readonly KafkaGroupHeld[]
  /** Tells the clients, closes the ports, closes the windows of Capture and closes the files. */
  close(): Promise<void>
}

/**
 * Opens the hubs, captures them and serves them over every protocol. Rejects with the error of listen() when it cannot listen, with
 * Failure `local-state` when it cannot tell whose the stored events are.
 */
export async function startDataPlane(options: HubsOptions & DataPlaneSwitches): Promise<DataPlane> {
  const hubs = new Hubs(options)
  const captures = new Captures(hubs, sinkFor(options.capture ?? {}, options.clock))
  const served: Served[] = []
  const metering = new Metering(hubs, {
    connectionsTo: (namespace) => served.reduce((sum, { server }) => sum + server.connections(namespace), 0),
    backlogOf: (hub) => captures.stats(hub)?.pendingEvents ?? 0,
  })
  const close = async () => {
    metering.close()
    await Promise.all(served.map(closeServed))
    await captures.close()
    hubs.close()
  }
  try {
    for (const protocol of Object.keys(PROTOCOLS) as Listener['protocol'][]) {
      const { usualPort, clients, serve } = PROTOCOLS[protocol]
      const server = serve(hubs, options)
      const wanted = portsToTry(options.ports?.[protocol], options.lastPorts?.[protocol], usualPort)
      const listener = await listen(options.host ?? LOCALHOST, wanted, (socket) => server.accept(socket))
      served.push({ protocol, server, listener })
      const { port } = listener
      const [first = port] = wanted
      if (port !== first) options.log(`Port ${first} is taken: ${clients} connect to ${port}`)
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    hubs,
    captures,
    trafficOf: (namespace) => metering.trafficOf(namespace),
    listeners: served.map(({ protocol, listener: { port } }) => ({ protocol, port })),
    connections: (of) =>
      served
        .filter(({ protocol }) => of === undefined || of === protocol)
        .reduce((sum, { server }) => sum + server.connections(), 0),
    groups: () => served.flatMap(({ server }) => server.groups?.() ?? []),
    close,
  }
}

/** Takes the files of all storage accounts. */
function sinkFor({ folder, storage = new Map() }: CaptureDestinations, clock: Clock): CaptureSink {
  const others = folder === undefined ? NOWHERE : new FolderSink(folder)
  const sinks = new Map([...storage].map(([account, connection]) => [account, new BlobSink(connection, clock)]))
  const of = ({ account }: BlobPlace) => sinks.get(account.toLowerCase()) ?? others
  return {
    begin: (place) => of(place).begin(place),
    head: (place, bytes) => of(place).head(place, bytes),
    whereIs: (place) => of(place).whereIs(place),
  }
}

const NOWHERE: CaptureSink = {
  begin: async ({ account }) => refuse(account),
  head: async ({ account }) => refuse(account),
  whereIs: () => 'nowhere',
}

const refuse = (account: string): never => {
  throw new Error(`Nothing says where the files of storage account ${account} go`)
}

/** In this order; after the last one, or for none, any free port. */
function portsToTry(asked: number | undefined, last: number | undefined, usual: number): readonly number[] {
  if (asked === 0) return []
  const ports = asked === undefined ? [last, usual] : [asked, last]
  return ports.filter((port) => port !== undefined)
}

interface Served {
  readonly protocol: Listener['protocol']
  readonly server: ProtocolServer
  readonly listener: TcpListener
}

async function closeServed({ server, listener }: Served): Promise<void> {
  // First no new connections, or we would wait for a client that comes back at once.
  const closed = listener.close()
  await server.close()
  await closed
}
