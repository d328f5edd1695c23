import { realClock } from '../../../../../src/lib/clock.ts'
import { ROOT_RULE } from '../../../../../src/lib/limits.ts'
import { armClient, pathOf } from '../../../../../src/local/arm/client.ts'
import { assemble } from '../../../../../src/local/process/assembly.ts'

const GROUP = 'rg'
const NAMESPACE = 'kafka-clients'
const NARROW = 'narrow'

/** Of a hub. */
export const PARTITIONS = 4

/** What scripts are told of where they work. */
export interface Where {
  /** Host and port of the Kafka endpoint. */
  readonly server: string
  /** The connection string of the namespace, with all rights. */
  readonly password: string
  /** That of the hub `narrow`, which may send and listen. */
  readonly narrow: string
  /** One with a wrong key. */
  readonly wrong: string
}

export interface TestAzure {
  readonly where: Where
  close(): Promise<void>
}

/** The embedded Azure in memory: one namespace with these hubs. Premium allows most. */
export async function startAzure(
  hubs: readonly string[],
  tier: 'Standard' | 'Premium' = 'Premium',
): Promise<TestAzure> {
  const rules = [{ name: NARROW, rights: ['Send', 'Listen'] as const }]
  const properties = { partitionCount: PARTITIONS }
  const seeded = [...hubs.map((name) => ({ name, properties })), { name: NARROW, properties, rules }]
  const azure = await assemble({
    clock: realClock,
    log: () => {},
    arm: {
      seed: { namespaces: [{ group: GROUP, name: NAMESPACE, sku: { name: tier, capacity: 1 }, hubs: seeded }] },
    },
    dataPlane: { ports: { amqp: 0, kafka: 0 } },
  })
  const arm = armClient(azure.armEndpoint)
  const path = pathOf.namespace(GROUP, NAMESPACE)
  const stringOf = async (rulePath: string) => (await arm.listKeys(rulePath)).primaryConnectionString
  const password = await stringOf(`${path}/authorizationRules/${ROOT_RULE}`)
  const { port } = azure.listeners.find(({ protocol }) => protocol === 'kafka')!
  return {
    where: {
      server: `127.0.0.1:${port}`,
      password,
      narrow: await stringOf(`${pathOf.hub(path, NARROW)}/authorizationRules/${NARROW}`),
      wrong: password.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${Buffer.alloc(32).toString('base64')}`),
    },
    close: () => azure.close(),
  }
}
