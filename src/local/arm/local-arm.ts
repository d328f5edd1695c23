import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, realClock } from '../../lib/clock.ts'
import { CAPTURE_LIMITS, LIMITS } from '../../lib/limits.ts'
import type { Directory, LocalCapture, LocalHub, LocalRule } from '../hubs/directory.ts'
import type { HubAdmin } from '../hubs/hub-admin.ts'
import type { Scaling } from '../hubs/limits.ts'
import { type JsonObject, objectAt } from './core/body.ts'
import type { Fault } from './core/faults.ts'
import { Injector } from './core/injector.ts'
import { keyOf, sorted } from './core/model.ts'
import { type Hub, type HubStatus, type Namespace, NAMESPACES, type Rule } from './providers/eventhub/model.ts'
import type { ArmContext, Provider } from './core/routes.ts'
import { createRequestListener, type ServerOptions } from './core/server.ts'
import { folderStorage, memoryStorage, Store } from './core/store.ts'
import { AMQP_PORT, LOCAL_SUBSCRIPTION, type Subscription } from '../constants.ts'
import { locks } from './providers/authorization/locks.ts'
import { authorizationOperations } from './providers/authorization/operations.ts'
import { roleAssignments } from './providers/authorization/role-assignments.ts'
import { consumerGroupRoutes } from './providers/eventhub/consumer-groups.ts'
import { FAULT_ANSWERS } from './providers/eventhub/errors.ts'
import { hubRoutes } from './providers/eventhub/hubs.ts'
import { namespaceRoutes } from './providers/eventhub/namespaces.ts'
import { networkRuleRoutes } from './providers/eventhub/network-rules.ts'
import { operationRoutes } from './providers/eventhub/operations.ts'
import { privateConnectionRoutes } from './providers/eventhub/private-connections.ts'
import { ruleRoutes } from './providers/eventhub/rules.ts'
import { BLOB_DESTINATION, EVENT_HUB_VERSIONS, MAX_MESSAGE_BYTES } from './providers/eventhub/limits.ts'
import { tierOf } from './providers/eventhub/namespace.ts'
import { insights, type ReadTraffic } from './providers/insights/metrics.ts'
import { groups } from './providers/resources/groups.ts'
import { registrations } from './providers/resources/registrations.ts'
import { resources } from './providers/resources/resources.ts'
import { subscriptions } from './providers/resources/subscriptions.ts'
import { hubAdmin } from './hub-admin.ts'
import { provision, type WantedNamespace } from './provision.ts'
import { type Seed, plant } from './seed.ts'

const eventHub = (port: () => number): Provider => ({
  namespace: 'Microsoft.EventHub',
  apiVersions: EVENT_HUB_VERSIONS,
  needsRegistration: true,
  routes: [
    ...namespaceRoutes,
    ...hubRoutes,
    ...consumerGroupRoutes,
    ...ruleRoutes(port),
    ...networkRuleRoutes,
    ...privateConnectionRoutes,
    ...operationRoutes,
  ],
})

export interface LocalArmOptions extends ServerOptions {
  /** Default 0: any free port. */
  readonly port?: number
  readonly clock?: Clock
  /** Where the state is kept; default memory. */
  readonly state?: 'memory' | { readonly folder: string }
  /** How long Creating, Updating, Deleting and Registering last. Default 0: over by the next request. */
  readonly provisioningMs?: number
  readonly faults?: readonly Fault[]
  /** The registration of the Event Hubs provider in a new subscription. Default Registered. */
  readonly providerState?: 'Registered' | 'NotRegistered'
  readonly dataPlanePort?: () => number
  /** What the hubs of a namespace counted. Default: nothing, as there are none. */
  readonly readTraffic?: ReadTraffic
  readonly subscriptions?: readonly Subscription[]
  /** Entries of a list in one answer. Default 100. */
  readonly pageSize?: number
  readonly seed?: Seed
  /** Made and stored before the port opens. */
  readonly namespaces?: readonly WantedNamespace[]
}

export interface LocalArm {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  readonly directory: Directory
  readonly scaling: Scaling
  readonly admin: HubAdmin
  readonly store: Store
  readonly faults: Injector
  /** Cuts open connections; what was answered is on the storage. */
  close(): Promise<void>
}

/**
 * Starts a Resource Manager on loopback that simulates resource groups and Microsoft.EventHub.
 * Rejects with Failure when the state cannot be read or a wanted namespace cannot be made (then the stored state is as
 * before), and with the error of listen() when the port is taken.
 */
export async function startLocalArm(options: LocalArmOptions = {}): Promise<LocalArm> {
  const clock = options.clock ?? realClock
  const { state = 'memory', host = '127.0.0.1' } = options
  const store = await Store.open(state === 'memory' ? memoryStorage() : folderStorage(state.folder, clock), clock, [
    NAMESPACES,
  ])
  const faults = new Injector(options.faults ?? [], FAULT_ANSWERS)
  const context: ArmContext = {
    store,
    subscriptions: options.subscriptions ?? [LOCAL_SUBSCRIPTION],
    provisioningMs: options.provisioningMs ?? 0,
    pageSize: options.pageSize ?? 100,
    providerState: options.providerState ?? 'Registered',
    failsProvisioning: (path) => faults.failsProvisioning(path),
    hidesPrincipal: (principalId, path) => faults.hidesPrincipal(principalId, path),
    delaysMetrics: (path) => faults.delaysMetrics(path),
    failsMetric: (metrics, path) => faults.failsMetric(metrics, path),
  }
  if (options.seed) plant(context, options.seed, clock.now())
  // A provider is its routes, and an entry here.
  const provided = eventHub(options.dataPlanePort ?? (() => AMQP_PORT))
  const authorization = [locks, roleAssignments, authorizationOperations]
  const metrics = insights(options.readTraffic ?? (() => []))
  const providers = [subscriptions, registrations, groups, resources, ...authorization, provided, metrics]
  for (const wanted of options.namespaces ?? []) provision({ context, providers }, wanted, clock.now())
  if (options.namespaces) await store.durable()
  const listener = createRequestListener(options, { providers, context, faults, clock })
  const server = createServer((request, response) => {
    listener(request, response).catch((error: unknown) => {
      options.onError?.(error)
      request.socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve)
  })
  const { address, port, family } = server.address() as AddressInfo
  return {
    endpoint: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    directory: directoryOf(store),
    scaling: scalingOf(store, clock, (error) => options.onError?.(error)),
    admin: hubAdmin({ context, providers, directoryOf, now: () => clock.now() }),
    store,
    faults,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      await store.durable()
    },
  }
}

const isLiving = ({ transition }: Namespace): boolean => transition?.state !== 'Deleting'

/** The state as the data plane sees it. A namespace that is being deleted is gone. */
function directoryOf(store: Store): Directory {
  const living = () => sorted(store.state.namespaces).filter(isLiving)
  const find = (name: string) => living().find((namespace) => keyOf(namespace.name) === keyOf(name))
  return {
    rules: () => living().flatMap(rulesOf),
    hubs: () => living().flatMap((namespace) => sorted(namespace.hubs).map((hub) => hubOf(namespace, hub))),
    hub: (namespaceName, name) => {
      const namespace = find(namespaceName)
      const hub = namespace?.hubs.get(keyOf(name))
      return namespace && hub && hubOf(namespace, hub)
    },
    localAuthDisabled: (name) => find(name)?.properties['disableLocalAuth'] === true,
    hasKafka: (name) => {
      const namespace = find(name)
      return namespace !== undefined && LIMITS[tierOf(namespace)].kafka
    },
    onChange: (listener) => store.onChange(listener),
  }
}

/** Units of capacity, which the data plane raises where auto-inflate is on. `onError` hears what the storage refuses. */
function scalingOf(store: Store, clock: Clock, onError: (error: unknown) => void): Scaling {
  return {
    capacityOf: (name) => {
      const namespace = store.state.namespaces.get(keyOf(name))
      if (!namespace || !isLiving(namespace)) return undefined
      const { sku, properties } = namespace
      const units = sku.capacity
      const most =
        properties['isAutoInflateEnabled'] === true ? (properties['maximumThroughputUnits'] as number) : units
      return { unit: LIMITS[tierOf(namespace)].unit, units, mostUnits: Math.max(units, most) }
    },
    inflate: (name, units) => {
      store.change(({ namespaces }) => {
        const namespace = namespaces.get(keyOf(name))
        if (!namespace) return
        const sku = { ...namespace.sku, capacity: units }
        namespaces.set(keyOf(name), { ...namespace, sku, updatedAt: clock.now() })
      })
      store.durable().catch(onError)
    },
  }
}

function rulesOf(namespace: Namespace): LocalRule[] {
  const rule = (source: Rule): LocalRule => ({ namespace: namespace.name, ...source })
  const own = sorted(namespace.rules).map(rule)
  const ofHubs = sorted(namespace.hubs).flatMap((hub) =>
    sorted(hub.rules).map((source) => ({ ...rule(source), hub: hub.name })),
  )
  return [...own, ...ofHubs]
}

function hubOf(namespace: Namespace, hub: Hub): LocalHub {
  const retention = objectAt(hub.properties, 'retentionDescription')
  const hours = retention['retentionTimeInHours'] as number
  const isCreateTime = objectAt(hub.properties, 'messageTimestampDescription')['timestampType'] === 'Create'
  return {
    namespace: namespace.name,
    name: hub.name,
    partitionCount: hub.properties['partitionCount'] as number,
    status: hub.properties['status'] as HubStatus,
    retentionHours: hours < 0 ? Infinity : hours,
    isCompacted: retention['cleanupPolicy'] !== 'Delete',
    timestampType: isCreateTime ? 'Create' : 'LogAppend',
    maxMessageBytes: MAX_MESSAGE_BYTES[tierOf(namespace)],
    createdAt: hub.createdAt,
    consumerGroups: sorted(hub.consumerGroups).map(({ name }) => name),
    capture: captureOf(objectAt(hub.properties, 'captureDescription')),
  }
}

/** `capture` is as it was checked and filled in when it was stored. */
function captureOf(capture: JsonObject): LocalCapture | undefined {
  const destination = objectAt(capture, 'destination')
  const { storageAccountResourceId, blobContainer, archiveNameFormat } = objectAt(destination, 'properties')
  if (capture['enabled'] !== true || destination['name'] !== BLOB_DESTINATION) return undefined
  if (typeof storageAccountResourceId !== 'string' || typeof blobContainer !== 'string') return undefined
  return {
    account: storageAccountResourceId.split('/').at(-1)!,
    container: blobContainer,
    intervalSeconds: capture['intervalInSeconds'] as number,
    sizeLimitBytes: capture['sizeLimitInBytes'] as number,
    archiveNameFormat: typeof archiveNameFormat === 'string' ? archiveNameFormat : CAPTURE_LIMITS.nameParts.join('/'),
    skipEmptyArchives: capture['skipEmptyArchives'] === true,
    codec: capture['encoding'] === 'AvroDeflate' ? 'deflate' : 'null',
  }
}
