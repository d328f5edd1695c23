import type { Clock } from '../../lib/clock.ts'
import { type LocalArm, type LocalArmOptions, startLocalArm } from '../arm/local-arm.ts'
import { Failure } from '../../lib/errors.ts'
import { keyOf, sorted } from '../arm/core/model.ts'
import { AMQP_PORT } from '../constants.ts'
import type { Flushed, FlushRequest } from '../capture/captures.ts'
import type { HubsOptions } from '../hubs/hubs.ts'
import type { Limits } from '../hubs/limits.ts'
import { type DataPlane, type DataPlaneSwitches, startDataPlane } from './data-plane.ts'
import { serveEmulatorHealth } from './emulator-health.ts'
import { isTaken, LOCALHOST } from './listen.ts'
import {
  FLUSH_PATH,
  HEALTH_PATH,
  type Held,
  type HubHeld,
  type Listener,
  type NamespaceHeld,
  STATUS_PATH,
  STOP_PATH,
} from './record.ts'

/** Switches of Resource Manager that somebody may set. */
export type ArmSwitches = Omit<LocalArmOptions, 'clock' | 'state' | 'dataPlanePort' | 'extra'>

export interface AssemblyOptions {
  readonly clock: Clock
  /** Where resources and events are kept; without it, in memory. */
  readonly storage?: { readonly folder: string; readonly events: string }
  readonly arm?: ArmSwitches
  /** Where clients of the data plane connect, and how it keeps events. */
  readonly dataPlane?: DataPlaneSwitches &
    Pick<HubsOptions, 'durable' | 'maxPartitionBytes'> & {
      /** Holds namespaces to their units. Default false. */
      readonly enforceLimits?: boolean
    }
  /** Where the health check of the official emulator is answered; 0 is any free port. Without it, nowhere. */
  readonly healthPort?: number | undefined
  /** Told what people should know, one line each. */
  readonly log: (line: string) => void
  /** What it answers when somebody asks who it is. */
  readonly identity?: () => object
  /** Somebody asks it to end, or another one; answers whether it will. Without it, nobody can. */
  readonly onStop?: (id: string | null) => boolean
}

/** A running embedded Azure: Resource Manager and the data plane, in this process. */
export interface Assembly {
  /** `http://127.0.0.1:PORT` */
  readonly armEndpoint: string
  readonly listeners: readonly Listener[]
  readonly healthUrl?: string | undefined
  /** Names of the storage accounts that hubs are captured into. */
  capturedAccounts(): readonly string[]
  /** Closes windows of Capture now. Resolves when the files are written. */
  flush(names: FlushRequest): Promise<Flushed>
  /** Ends without losing anything that was answered. */
  close(): Promise<void>
}

/**
 * Puts the embedded Azure together, in one way for everything that runs it. Ports open when all that is kept or wanted is
 * there. Rejects with Failure `local-port` when the port of Resource Manager is taken, a port is no port or asked for twice,
 * with `local-request` when there is no such range of Kafka's versions, with
 * `local-state` when what is stored cannot be read, and as `startLocalArm` does.
 */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { clock, storage, log, healthPort, identity = () => ({}), onStop } = options
  const host = options.dataPlane?.host
  checkRange(options.dataPlane?.kafkaRange)
  checkPorts([options.arm?.port, ...Object.values(options.dataPlane?.ports ?? {}), healthPort])
  const armPort = options.arm?.port
  if (armPort !== undefined && (await isTaken(LOCALHOST, armPort))) throw cannotListen(armPort, TAKEN)
  let plane: DataPlane | undefined
  const flush = async (names: FlushRequest) => (await plane?.captures.flush(names)) ?? { files: [], failures: [] }
  const amqpPort = () => plane?.listeners.find(({ protocol }) => protocol === 'amqp')?.port ?? AMQP_PORT
  const arm: LocalArm = await startLocalArm({
    onError: (error) => log(String(error instanceof Error ? error.stack : error)),
    ...options.arm,
    clock,
    state: storage ? { folder: storage.folder } : 'memory',
    dataPlanePort: amqpPort,
    readTraffic: (namespace) => plane?.hubs.trafficOf(namespace) ?? [],
    extra: {
      [HEALTH_PATH]: { method: 'GET', answer: () => ({ listeners: plane?.listeners ?? [], ...identity() }) },
      [STATUS_PATH]: { method: 'GET', answer: () => heldBy(arm, plane) },
      [FLUSH_PATH]: {
        method: 'POST',
        answer: (query) =>
          flush({ namespace: query.get('namespace') ?? undefined, hub: query.get('hub') ?? undefined }),
      },
      ...(onStop && {
        [STOP_PATH]: { method: 'POST', answer: (query) => ({ stopping: onStop(query.get('id')) }) },
      }),
    },
  }).catch((error: unknown) => {
    throw explainPort(error, armPort)
  })
  const open: { close(): Promise<void> }[] = [arm]
  const close = async () => {
    for (const one of open.toReversed()) await one.close()
  }
  try {
    plane = await startDataPlane({
      ...options.dataPlane,
      ...{ directory: arm.directory, admin: arm.admin, clock, log },
      ...(options.dataPlane?.enforceLimits && { scaling: arm.scaling }),
      storage: storage ? { folder: storage.events } : 'memory',
    })
    open.push(plane)
    const health = healthPort === undefined ? undefined : await serveEmulatorHealth(healthPort, { host, log })
    if (health) open.push(health)
    const capturedAccounts = () => arm.directory.hubs().flatMap(({ capture }) => capture?.account ?? [])
    const { listeners } = plane
    return { armEndpoint: arm.endpoint, listeners, healthUrl: health?.url, capturedAccounts, flush, close }
  } catch (error) {
    await close()
    throw error
  }
}

const LAST_PORT = 65_535

function checkPorts(ports: readonly (number | undefined)[]): void {
  const isPort = (port: number) => Number.isInteger(port) && port >= 0 && port <= LAST_PORT
  const wrong = ports.find((port) => port !== undefined && !isPort(port))
  if (wrong !== undefined)
    throw cannotListen(wrong, `A port is a whole number from 0 to ${LAST_PORT}; 0 is any free one.`)
  const given = ports.filter((port) => port !== undefined && port !== 0)
  const twice = given.find((port, i) => given.indexOf(port) < i)
  if (twice !== undefined) throw cannotListen(twice, 'It is asked for twice, and each has a port of its own.')
}

/** A program in JavaScript may say anything. */
function checkRange(range: string | undefined): void {
  if (range === undefined || range === 'full' || range === 'azure') return
  throw new Failure({
    ...{ code: 'local-request', message: `There is no range ${range} of Kafka's versions` },
    why: ['It is full or azure.'],
  })
}

function explainPort(error: unknown, port: number | undefined): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== 'listen' || (code !== 'EADDRINUSE' && code !== 'EACCES')) return error
  return cannotListen(port ?? 0, code === 'EACCES' ? 'This user may not open it.' : TAKEN, error)
}

const TAKEN = 'Another process listens there.'

const cannotListen = (port: number, why: string, cause?: unknown): Failure =>
  new Failure({
    ...{ code: 'local-port', message: `Can't listen on port ${port}`, why: [why], cause },
    hint: 'Give another port, or none: then it takes any free one.',
  })

const NO_TRAFFIC = { events: 0, bytes: 0, droppedEvents: 0, senders: 0, receivers: 0 }

/** The hubs of the control plane, in the order of their names, with the counts of the data plane. */
function heldBy(arm: LocalArm, plane: DataPlane | undefined): Held {
  const { directory, store } = arm
  const traffic = plane?.hubs.stats()
  const groupOf = (namespace: string) => store.state.namespaces.get(keyOf(namespace))?.group ?? ''
  const hubs = directory.hubs().map((hub) => {
    const { namespace, name, partitionCount, retentionHours, status, consumerGroups } = hub
    const counts = traffic?.find((one) => one.namespace === namespace && one.name === name) ?? NO_TRAFFIC
    const { events, bytes, droppedEvents, senders, receivers } = counts
    return {
      ...{ resourceGroup: groupOf(namespace), namespace, name, partitions: partitionCount, status, consumerGroups },
      ...{ events, bytes, droppedEvents, senders, receivers },
      retentionHours: Number.isFinite(retentionHours) ? retentionHours : null,
      capture: plane?.captures.stats(hub) ?? null,
      readers: plane?.hubs.readersOf(hub) ?? [],
    }
  })
  const order = ({ namespace, name }: HubHeld) => keyOf(namespace, name)
  return {
    connections: plane?.connections() ?? 0,
    kafka: { connections: plane?.connections('kafka') ?? 0, groups: plane?.groups() ?? [] },
    maxPartitionBytes: plane?.hubs.maxPartitionBytes ?? 0,
    limits: plane?.hubs.limits ? limitsHeld(arm, plane.hubs.limits) : null,
    hubs: hubs.sort((a, b) => (order(a) < order(b) ? -1 : 1)),
  }
}

/** Of the namespaces that have a limit, in the order of their names. */
function limitsHeld({ scaling, store }: LocalArm, limits: Limits): readonly NamespaceHeld[] {
  return sorted(store.state.namespaces).flatMap(({ group, name }) => {
    const capacity = scaling.capacityOf(name)
    if (!capacity || capacity.unit === 'capacity unit') return []
    const { unit, units } = capacity
    return [{ resourceGroup: group, namespace: name, unit, units, refused: limits.refused(name) }]
  })
}
