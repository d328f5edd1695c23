import type { Clock } from '../../lib/clock.ts'
import { type LocalArm, type LocalArmOptions, startLocalArm } from '../arm/server.ts'
import { type Broker, startBroker } from '../broker/broker.ts'
import type { Directory } from '../directory.ts'
import { HEALTH_PATH, type Held, type HubHeld, type Listener, STATUS_PATH } from './record.ts'

/** Switches of Resource Manager that somebody may set. */
export type ArmSwitches = Omit<LocalArmOptions, 'clock' | 'state' | 'dataPlanePort' | 'extra'>

export interface DataPlaneSwitches {
  /** Where clients connect. A loopback address stands for both of them. Default 127.0.0.1. */
  readonly host?: string
  /** The port of each protocol; 0 is any free one, and so is one that is taken. Default: the usual one. */
  readonly ports?: { readonly [P in Listener['protocol']]?: number }
  /** Acknowledge events only when they are on the disk itself, so that they survive a power cut too. */
  readonly durable?: boolean
}

export interface AssemblyOptions {
  readonly clock: Clock
  /** Where resources and events are kept; without it, in memory. */
  readonly storage?: { readonly folder: string; readonly events: string }
  readonly arm?: ArmSwitches
  readonly dataPlane?: DataPlaneSwitches
  /** Told what people should know, one line each. */
  readonly log: (line: string) => void
  /** What it says of itself when it is asked who it is. */
  readonly identity?: () => unknown
}

export interface OpenListener extends Listener {
  /** The port that was asked for was in use, so that this is another one. */
  readonly portTaken: boolean
}

/** A running embedded Azure: Resource Manager and the data plane, in this process. */
export interface Assembly {
  /** `http://127.0.0.1:PORT` */
  readonly armEndpoint: string
  readonly listeners: readonly OpenListener[]
  /** Ends in order: nothing that was answered is lost. */
  close(): Promise<void>
}

const USUAL_PORT = 5672

/**
 * Puts the embedded Azure together, the one way for all that run it. Rejects with the error of listen() when the port of
 * Resource Manager is taken, with Failure `local-state` when what is stored cannot be read.
 */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { clock, storage, dataPlane = {}, log, identity = () => ({}) } = options
  let broker: Broker | undefined
  const arm: LocalArm = await startLocalArm({
    onError: (error) => log(String(error instanceof Error ? error.stack : error)),
    ...options.arm,
    clock,
    state: storage ? { folder: storage.folder } : 'memory',
    dataPlanePort: () => broker?.port ?? dataPlane.ports?.amqp ?? USUAL_PORT,
    extra: {
      [HEALTH_PATH]: identity,
      [STATUS_PATH]: () => heldBy(arm.directory, broker),
    },
  })
  try {
    broker = await startBroker({
      ...{ directory: arm.directory, clock, log, durable: dataPlane.durable ?? false },
      storage: storage ? { folder: storage.events } : 'memory',
      port: dataPlane.ports?.amqp ?? USUAL_PORT,
      ...(dataPlane.host !== undefined && { host: dataPlane.host }),
    })
  } catch (error) {
    await arm.close()
    throw error
  }
  const plane = broker
  return {
    armEndpoint: arm.endpoint,
    listeners: [{ protocol: 'amqp', port: plane.port, portTaken: plane.portTaken }],
    close: async () => {
      await plane.close()
      await arm.close()
    },
  }
}

const NO_TRAFFIC = { events: 0, bytes: 0, senders: 0, receivers: 0 }

/** The hubs of the control plane, in the order of their names, with the counts of the data plane. */
function heldBy(directory: Directory, broker: Broker | undefined): Held {
  const traffic = broker?.stats()
  const hubs = directory.hubs().map(({ namespace, name, partitionCount, retentionHours, status, consumerGroups }) => {
    const counts = traffic?.hubs.find((one) => one.namespace === namespace && one.name === name) ?? NO_TRAFFIC
    const { events, bytes, senders, receivers } = counts
    return {
      ...{ namespace, name, partitions: partitionCount, status, consumerGroups, events, bytes, senders, receivers },
      retentionHours: Number.isFinite(retentionHours) ? retentionHours : null,
    }
  })
  const keyOf = ({ namespace, name }: HubHeld) => `${namespace}/${name}`.toLowerCase()
  return {
    connections: traffic?.connections ?? 0,
    hubs: hubs.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  }
}
