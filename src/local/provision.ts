import { type ArmClient, armClient, pathOf } from './arm-client.ts'
import { ROOT_RULE } from './arm/keys.ts'
import { TIERS } from './arm/limits.ts'

export interface WantedHub {
  readonly name: string
  readonly partitions: number
  readonly retentionHours: number
  /** Without `$Default`. */
  readonly consumerGroups: readonly string[]
  /** A rule of the hub to make, with the rights to send and listen. */
  readonly rule?: string
}

export interface WantedNamespace {
  readonly group: string
  readonly name: string
  readonly hubs: readonly WantedHub[]
  /** The key of the root rule, where it shall not be a random one. */
  readonly rootKey?: string
}

const LOCATION = 'westeurope'

/**
 * Makes what is wanted in a running embedded Azure; what is there already stays. Rejects with Failure `local-request`
 * when the embedded Azure refuses, as Azure would: a partition count that is final, one hub too many.
 */
export async function provision(endpoint: string, wanted: WantedNamespace): Promise<void> {
  const arm = armClient(endpoint)
  const path = pathOf.namespace(wanted.group, wanted.name)
  if (!(await arm.get(pathOf.group(wanted.group)))) await arm.put(pathOf.group(wanted.group), { location: LOCATION })
  if (!(await arm.get(path))) {
    await arm.put(path, { location: LOCATION, sku: skuFor(wanted.hubs) })
  }
  const root = `${path}/authorizationRules/${ROOT_RULE}`
  if (wanted.rootKey !== undefined) await arm.regenerateKey(root, { keyType: 'PrimaryKey', key: wanted.rootKey })
  for (const hub of wanted.hubs) await provisionHub(arm, path, hub)
}

async function provisionHub(arm: ArmClient, namespacePath: string, hub: WantedHub): Promise<void> {
  const path = pathOf.hub(namespacePath, hub.name)
  await arm.put(path, {
    properties: {
      partitionCount: hub.partitions,
      retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: hub.retentionHours },
    },
  })
  for (const group of hub.consumerGroups)
    await arm.put(`${path}/consumergroups/${encodeURIComponent(group)}`, { properties: {} })
  if (hub.rule === undefined) return
  await arm.put(`${path}/authorizationRules/${hub.rule}`, { properties: { rights: ['Send', 'Listen'] } })
}

/** The usual tier, and the next one for what goes beyond its limits. */
function skuFor(hubs: readonly WantedHub[]): { readonly name: 'Standard' | 'Premium'; readonly capacity: number } {
  const { Standard, Premium } = TIERS
  const fits = ({ partitions, consumerGroups }: WantedHub) =>
    partitions <= Standard.partitionsPerHub && consumerGroups.length < Standard.consumerGroupsPerHub
  if (hubs.length <= Standard.hubs && hubs.every(fits)) return { name: 'Standard', capacity: 1 }
  const units = hubs.reduce((sum, { partitions }) => sum + partitions, 0) / (Premium.partitionsPerUnit ?? Infinity)
  const capacity = Premium.capacities.find((one) => one >= units) ?? Premium.capacities.at(-1)!
  return { name: 'Premium', capacity }
}
