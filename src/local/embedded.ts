import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { realClock } from '../lib/clock.ts'
import { armClient, pathOf } from './arm-client.ts'
import { ROOT_RULE } from './arm/keys.ts'
import { realHost, type HostInputs } from './host.ts'
import { type InMemory, startInMemory } from './in-memory.ts'
import { provision, type WantedHub } from './provision.ts'

export interface EmbeddedOptions {
  readonly namespace: string
  readonly resourceGroup: string
  readonly hubs: readonly WantedHub[]
  /** 0: any free one. */
  readonly armPort: number
  readonly amqpPort: number
  /** Undefined: nothing is kept. */
  readonly dataFolder: string | undefined
  readonly durable: boolean
  readonly log: (line: string) => void
  readonly process: Pick<NodeJS.Process, 'env' | 'platform' | 'pid' | 'execPath'> & {
    readonly kill: HostInputs['kill']
  }
}

export interface Embedded {
  readonly connectionString: string
  readonly hubs: Readonly<Record<string, string>>
  readonly armEndpoint: string
  readonly port: number
  readonly stop: () => Promise<void>
}

/** Rule of each hub that its string signs with. */
const HUB_RULE = 'ml-ingest-send-listen'

/** An embedded Azure in this process that has what was asked for. Rejects with Failure when it cannot be had. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { namespace, resourceGroup, hubs } = options
  const running = await start(options)
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= running.close())
  try {
    const wanted = hubs.map((hub) => ({ ...hub, rule: HUB_RULE }))
    await provision(running.armEndpoint, { group: resourceGroup, name: namespace, hubs: wanted })
    const arm = armClient(running.armEndpoint)
    const path = pathOf.namespace(resourceGroup, namespace)
    const stringAt = async (rulePath: string) => (await arm.listKeys(rulePath)).primaryConnectionString
    const strings = hubs.map(async ({ name }) => [
      name,
      await stringAt(`${pathOf.hub(path, name)}/authorizationRules/${HUB_RULE}`),
    ])
    return {
      connectionString: await stringAt(`${path}/authorizationRules/${ROOT_RULE}`),
      hubs: Object.fromEntries(await Promise.all(strings)) as Record<string, string>,
      armEndpoint: running.armEndpoint,
      port: running.port,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(options: EmbeddedOptions): Promise<InMemory> {
  const { armPort, amqpPort, dataFolder, log } = options
  if (dataFolder === undefined) return startInMemory({ clock: realClock, armPort, amqpPort, log })
  const { startService } = await import('./service.ts')
  const { startBroker } = await import('./broker/broker.ts')
  const { env, platform, pid, execPath } = options.process
  const service = await startService({
    host: realHost({
      ...{ execPath, entry: '', env, platform, pid, homedir: homedir() },
      kill: (other, signal) => options.process.kill(other, signal),
    }),
    clock: realClock,
    version: 'embedded',
    dataFolder: resolve(dataFolder),
    arm: { port: armPort, onError: (error) => log(String(error)) },
    startCompanion: ({ directory, eventsFolder, clock }) =>
      startBroker({
        ...{ directory, clock, log, port: amqpPort, durable: options.durable },
        storage: eventsFolder === undefined ? 'memory' : { folder: eventsFolder },
      }),
  })
  const { armEndpoint, dataPlanePort = amqpPort } = service.record
  return { armEndpoint, port: dataPlanePort, close: () => service.close() }
}
