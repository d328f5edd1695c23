import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, realClock } from '../../lib/clock.ts'
import type { Directory } from '../hubs/directory.ts'
import { directoryOf } from './directory-view.ts'
import type { Fault } from './faults.ts'
import { Injector } from './injector.ts'
import { createListener } from './listener.ts'
import { type Seed, plant } from './seed.ts'
import { folderStorage, memoryStorage } from './state-file.ts'
import { Store } from './store.ts'
import { LOCAL_SUBSCRIPTION, type Subscription, type World } from './world.ts'

/** One request and what became of it; status 0 where the connection was cut. */
export interface RequestRecord {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly status: number
}

export interface LocalArmOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  readonly clock?: Clock
  /** Where the state is kept; default memory. */
  readonly state?: 'memory' | { readonly folder: string }
  /** Added to every answer. Default 0. */
  readonly latencyMs?: number
  /** How long Creating, Updating, Deleting and Registering last. Default 0: over by the next request. */
  readonly provisioningMs?: number
  /** Refuse what exceeds the published limits of Resource Manager. Default false. */
  readonly rateLimits?: boolean
  readonly faults?: readonly Fault[]
  /** How the Event Hubs provider stands in a subscription at first. Default Registered. */
  readonly providerState?: 'Registered' | 'NotRegistered'
  readonly dataPlanePort?: () => number
  readonly subscriptions?: readonly Subscription[]
  /** Entries of a list in one answer. Default 100. */
  readonly pageSize?: number
  readonly seed?: Seed
  readonly onRequest?: (record: RequestRecord) => void
  /** Told of an error that is a mistake of ours; the client gets 500. */
  readonly onError?: (error: unknown) => void
  /** Answers of its own by path, outside of Resource Manager: no token, no api-version. */
  readonly extra?: Readonly<Record<string, () => unknown>>
}

export interface LocalArm {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  readonly directory: Directory
  readonly store: Store
  readonly faults: Injector
  /** Cuts open connections; what was answered is on the storage. */
  close(): Promise<void>
}

const AMQP_PORT = 5672

/**
 * Starts a Resource Manager on loopback that simulates resource groups and Microsoft.EventHub.
 * Rejects with Failure when the state cannot be read, and with the error of listen() when the port is taken.
 */
export async function startLocalArm(options: LocalArmOptions = {}): Promise<LocalArm> {
  const clock = options.clock ?? realClock
  const { state = 'memory', host = '127.0.0.1' } = options
  const store = await Store.open(state === 'memory' ? memoryStorage() : folderStorage(state.folder, clock), clock)
  const faults = new Injector(options.faults ?? [])
  const world: World = {
    store,
    subscriptions: options.subscriptions ?? [LOCAL_SUBSCRIPTION],
    provisioningMs: options.provisioningMs ?? 0,
    pageSize: options.pageSize ?? 100,
    providerState: options.providerState ?? 'Registered',
    dataPlanePort: options.dataPlanePort ?? (() => AMQP_PORT),
    failsProvisioning: (path) => faults.failsProvisioning(path),
    hidesPrincipal: (principalId, path) => faults.hidesPrincipal(principalId, path),
  }
  if (options.seed) plant(world, options.seed, clock.now())
  const listener = createListener(options, world, faults, clock)
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
