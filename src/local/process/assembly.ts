import type { Clock } from '../../lib/clock.ts'
import { type LocalArm, type LocalArmOptions, startLocalArm } from '../arm/local-arm.ts'
import { AMQP_PORT } from '../constants.ts'
import type { Directory } from '../hubs/directory.ts'
import type { HubsOptions } from '../hubs/hubs.ts'
import { type DataPlane, type DataPlaneSwitches, type OpenListener, startDataPlane } from './data-plane.ts'
import { HEALTH_PATH, type Held, type HubHeld, STATUS_PATH } from './record.ts'

/** Switches of Resource Manager that somebody may set. */
export type ArmSwitches = Omit<LocalArmOptions, 'clock' | 'state' | 'dataPlanePort' | 'extra'>

export interface AssemblyOptions {
  readonly clock: Clock
  /** Where resources and events are kept; without it, in memory. */
  readonly storage?: { readonly folder: string; readonly events: string }
  readonly arm?: ArmSwitches
  /** Where clients of the data plane connect, and how it keeps events. */
  readonly dataPlane?: DataPlaneSwitches & Pick<HubsOptions, 'durable' | 'maxPartitionBytes'>
  /** Told what people should know, one line each. */
  readonly log: (line: string) => void
  /** What it answers when somebody asks who it is. */
  readonly identity?: () => unknown
}

/** A running embedded Azure: Resource Manager and the data plane, in this process. */
export interface Assembly {
  /** `http://127.0.0.1:PORT` */
  readonly armEndpoint: string
  readonly listeners: readonly OpenListener[]
  /** Ends without losing anything that was answered. */
  close(): Promise<void>
}

/**
 * Puts the embedded Azure together, in one way for everything that runs it. Rejects with the error of listen() when the
 * port of Resource Manager is taken, with Failure `local-state` when what is stored cannot be read.
 */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { clock, storage, log, identity = () => ({}) } = options
  let plane: DataPlane | undefined
  const amqpPort = () => plane?.listeners.find(({ protocol }) => protocol === 'amqp')?.port ?? AMQP_PORT
  const arm: LocalArm = await startLocalArm({
    onError: (error) => log(String(error instanceof Error ? error.stack : error)),
    ...options.arm,
    clock,
    state: storage ? { folder: storage.folder } : 'memory',
    dataPlanePort: amqpPort,
    extra: {
      [HEALTH_PATH]: identity,
      [STATUS_PATH]: () => heldBy(arm.directory, plane),
    },
  })
  try {
    plane = await startDataPlane({
      ...options.dataPlane,
      ...{ directory: arm.directory, clock, log },
      storage: storage ? { folder: storage.events } : 'memory',
    })
  } catch (error) {
    await arm.close()
    throw error
  }
  const opened = plane
  return {
    armEndpoint: arm.endpoint,
    listeners: opened.listeners,
    close: async () => {
      await opened.close()
      await arm.close()
    },
  }
}

const NO_TRAFFIC = { events: 0, bytes: 0, droppedEvents: 0, senders: 0, receivers: 0 }

/** The hubs of the control plane, in the order of their names, with the counts of the data plane. */
function heldBy(directory: Directory, plane: DataPlane | undefined): Held {
  const traffic = plane?.hubs.stats()
  const hubs = directory.hubs().map(({ namespace, name, partitionCount, retentionHours, status, consumerGroups }) => {
    const counts = traffic?.find((one) => one.namespace === namespace && one.name === name) ?? NO_TRAFFIC
    const { events, bytes, droppedEvents, senders, receivers } = counts
    return {
      ...{ namespace, name, partitions: partitionCount, status, consumerGroups, events, bytes, droppedEvents },
      ...{ senders, receivers },
      retentionHours: Number.isFinite(retentionHours) ? retentionHours : null,
    }
  })
  const keyOf = ({ namespace, name }: HubHeld) => `${namespace}/${name}`.toLowerCase()
  return {
    connections: plane?.connections() ?? 0,
    maxPartitionBytes: plane?.hubs.maxPartitionBytes ?? 0,
    hubs: hubs.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  }
}
