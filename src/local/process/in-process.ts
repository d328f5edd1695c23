import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, realClock } from '../../lib/clock.ts'
import { parseStorageConnection, type StorageConnection } from '../../lib/blob/storage-connection.ts'
import { Failure } from '../../lib/errors.ts'
import { ROOT_RULE } from '../../lib/limits.ts'
import { listOf } from '../../lib/phrase.ts'
import type { Flushed } from '../capture/captures.ts'
import type { CapturedFile } from '../capture/progress.ts'
import { HUB_RULE } from '../constants.ts'
import { armClient } from '../arm/client.ts'
import { keyOf } from '../arm/core/model.ts'
import type { WantedHub } from '../arm/provision.ts'
import { assemble, type Assembly } from './assembly.ts'
import { type HostInputs, realHost } from './host.ts'
import type { Ports } from './data-plane.ts'
import type { Listener } from './record.ts'
import { startService } from './service.ts'

export interface WithHubsOptions {
  readonly namespace: string
  readonly resourceGroup: string
  readonly hubs: readonly WantedHub[]
  /** 0: any free one. */
  readonly armPort: number
  readonly ports: Required<Ports>
  readonly kafkaRange: 'full' | 'azure'
  /** Undefined to keep nothing. */
  readonly dataFolder: string | undefined
  /** Has the files of Capture; undefined for the usual place in the data folder. */
  readonly captureFolder: string | undefined
  readonly durable: boolean
  /** Undefined for the usual one. */
  readonly maxPartitionBytes: number | undefined
  /** Holds the namespace to its units. */
  readonly enforceLimits: boolean
  /** By the name of a storage account: the connection string of where its files of Capture go. */
  readonly storage: Readonly<Record<string, string>>
  readonly log: (line: string) => void
  readonly process: Pick<NodeJS.Process, 'env' | 'platform' | 'pid' | 'execPath'> & {
    readonly kill: HostInputs['kill']
  }
}

export interface AzureWithHubs {
  readonly connectionString: string
  readonly hubs: Readonly<Record<string, string>>
  readonly armEndpoint: string
  readonly port: number
  readonly kafkaBootstrapServers: string
  /** Ends the windows of Capture, of all hubs or of one, and resolves with the files that this wrote. Rejects with Failure. */
  readonly flushCapture: (hub?: string) => Promise<readonly CapturedFile[]>
  readonly stop: () => Promise<void>
}

export interface InProcessOptions {
  readonly clock: Clock
  /** Holds namespaces to their units. */
  readonly enforceLimits: boolean
  /** Told what people should know, one line each. */
  readonly log: (line: string) => void
}

/** Starts an embedded Azure in this process, on free ports, that keeps nothing: no folder, no lock, no record. */
export const startInProcess = ({ clock, enforceLimits, log }: InProcessOptions): Promise<Assembly> =>
  assemble({ clock, log, dataPlane: { ports: { amqp: 0, kafka: 0 }, enforceLimits } })

/** Starts an embedded Azure in this process and makes these hubs in it. Rejects with Failure when that cannot be. */
export async function startWithHubs(options: WithHubsOptions): Promise<AzureWithHubs> {
  const { namespace, resourceGroup, hubs } = options
  checkFolder(options)
  const running = await start(options)
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= running.close())
  try {
    const arm = armClient(running.armEndpoint)
    const path = arm.paths.namespace(resourceGroup, namespace)
    const stringAt = async (rulePath: string) => (await arm.listKeys(rulePath)).primaryConnectionString
    const strings = hubs.map(async ({ name }) => [
      name,
      await stringAt(`${arm.paths.hub(path, name)}/authorizationRules/${HUB_RULE}`),
    ])
    return {
      connectionString: await stringAt(`${path}/authorizationRules/${ROOT_RULE}`),
      hubs: Object.fromEntries(await Promise.all(strings)) as Record<string, string>,
      armEndpoint: running.armEndpoint,
      port: portOf(running, 'amqp'),
      kafkaBootstrapServers: `localhost:${portOf(running, 'kafka')}`,
      flushCapture: async (hub) => filesOf(await running.flush(hub === undefined ? {} : { namespace, hub })),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function checkFolder({ hubs, dataFolder, captureFolder, storage }: WithHubsOptions): void {
  const isElsewhere = (account: string) => Object.keys(storage).some((one) => keyOf(one) === keyOf(account))
  const captured = hubs.filter(({ capture }) => capture && !isElsewhere(capture.storageAccount)).map(({ name }) => name)
  if (captured.length === 0 || dataFolder !== undefined || captureFolder !== undefined) return
  throw new Failure({
    code: 'local-request',
    message: `Can't capture ${captured.length === 1 ? 'hub' : 'hubs'} ${listOf(captured)}`,
    why: ['Nothing says where the files go.'],
    hint: 'Give captureFolder, dataFolder, or the storage account in storage.',
  })
}

function filesOf({ files, failures }: Flushed): readonly CapturedFile[] {
  if (failures.length === 0) return files
  throw new Failure({
    code: 'failed',
    message: "Can't write the captured files",
    why: failures.map(({ namespace, hub, why }) => `${namespace}/${hub}: ${why}`),
  })
}

const portOf = ({ listeners }: Pick<Assembly, 'listeners'>, protocol: Listener['protocol']): number =>
  listeners.find((one) => one.protocol === protocol)!.port

/** Without a folder nothing is shared, so it needs no lock and no record. */
async function start(
  options: WithHubsOptions,
): Promise<Pick<Assembly, 'armEndpoint' | 'listeners' | 'flush' | 'close'>> {
  const { resourceGroup, namespace, armPort, ports, kafkaRange, dataFolder, log } = options
  const { durable, maxPartitionBytes, enforceLimits, captureFolder } = options
  const hubs = options.hubs.map((hub) => ({ ...hub, rule: HUB_RULE }))
  const namespaces = [{ group: resourceGroup, name: namespace, hubs }]
  const dataPlane = {
    ports,
    kafkaRange,
    durable,
    enforceLimits,
    capture: {
      storage: readStorage(options.storage),
      ...(captureFolder !== undefined && { folder: resolve(captureFolder) }),
    },
    ...(maxPartitionBytes !== undefined && { maxPartitionBytes }),
  }
  const switches = { arm: { port: armPort, namespaces }, dataPlane, log }
  if (dataFolder === undefined) return assemble({ clock: realClock, ...switches })
  const { env, platform, pid, execPath } = options.process
  const host = realHost({
    ...{ execPath, entry: '', env, platform, pid, homedir: homedir() },
    kill: (other, signal) => options.process.kill(other, signal),
  })
  const version = 'embedded'
  const service = await startService({
    ...{ host, clock: realClock, version, dataFolder: resolve(dataFolder) },
    ...switches,
  })
  const { armEndpoint, listeners, formerStorage = {} } = service.record
  for (const [account, endpoint] of Object.entries(formerStorage))
    log(
      `Captured files of ${account} go to a folder now, before to ${endpoint}. Give ${account} in storage to have them there`,
    )
  return { armEndpoint, listeners, flush: (names) => service.flush(names), close: () => service.close() }
}

/** Throws a `Failure` with every mistake, which repeats no connection string. */
function readStorage(strings: Readonly<Record<string, string>>): ReadonlyMap<string, StorageConnection> {
  const read = Object.entries(strings).map(([account, text]) => ({ account, ...parseStorageConnection(text) }))
  const mistakes = read.flatMap((one) =>
    one.ok ? [] : [`The connection string for storage account ${one.account} ${one.message}.`],
  )
  if (mistakes.length > 0)
    throw new Failure({ code: 'local-request', message: "Can't tell where the files of Capture go", why: mistakes })
  return new Map(read.flatMap((one) => (one.ok ? [[one.account.toLowerCase(), one.value] as const] : [])))
}
