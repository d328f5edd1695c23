import { Failure } from '../../lib/errors.ts'
import { LIMITS, ROOT_RULE } from '../../lib/limits.ts'
import { LOCAL_LOCATION, LOCAL_SUBSCRIPTION } from '../constants.ts'

const API_VERSION = '2024-01-01'
const GROUP_API_VERSION = '2021-04-01'
const PROVIDER = 'providers/Microsoft.EventHub/namespaces'

const SUBSCRIPTION = `/subscriptions/${LOCAL_SUBSCRIPTION.subscriptionId}`
/** Paths of resources in the embedded Azure. */
const pathOf = {
  group: (group: string) => `${SUBSCRIPTION}/resourceGroups/${group}`,
  namespaces: `${SUBSCRIPTION}/${PROVIDER}`,
  namespace: (group: string, namespace: string) =>
    `${SUBSCRIPTION}/resourceGroups/${group}/${PROVIDER}/${encodeURIComponent(namespace)}`,
  hub: (namespacePath: string, hub: string) => `${namespacePath}/eventhubs/${encodeURIComponent(hub)}`,
} as const

/** A resource as Resource Manager shows it. */
export interface ArmResource {
  readonly id: string
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
}

export interface ArmKeys {
  readonly primaryConnectionString: string
  readonly primaryKey: string
}

/** Talks to a running embedded Azure. */
export interface ArmClient {
  readonly paths: typeof pathOf
  /** Undefined for what does not exist. */
  get(path: string): Promise<ArmResource | undefined>
  /** All entries, of all pages. */
  list(path: string): Promise<readonly ArmResource[]>
  put(path: string, body: object): Promise<void>
  listKeys(rulePath: string): Promise<ArmKeys>
  regenerateKey(rulePath: string, body: { readonly keyType: 'PrimaryKey'; readonly key: string }): Promise<void>
}

/** All methods reject with Failure `local-request` when the embedded Azure refuses. */
export function armClient(endpoint: string): ArmClient {
  async function send(method: string, url: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(url, {
      method,
      headers: { authorization: 'Bearer ml-ingest-loopback', 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.ok || response.status === 404) return { status: response.status, body: parse(text) }
    throw refused(method, new URL(url).pathname, response.status, parse(text))
  }
  const urlOf = (path: string) =>
    `${endpoint}${path}?api-version=${path.includes(PROVIDER) ? API_VERSION : GROUP_API_VERSION}`
  const must = async (method: string, path: string, body?: object) => {
    const answer = await send(method, urlOf(path), body)
    if (answer.status === 404) throw refused(method, path, 404, answer.body)
    return answer.body
  }
  return {
    paths: pathOf,
    get: async (path) => {
      const { status, body } = await send('GET', urlOf(path))
      return status === 404 ? undefined : (body as ArmResource)
    },
    list: async (path) => {
      const all: ArmResource[] = []
      for (let next: string | undefined = urlOf(path); next !== undefined;) {
        const { body } = await send('GET', next)
        const page = body as { readonly value?: readonly ArmResource[]; readonly nextLink?: string }
        all.push(...(page.value ?? []))
        next = page.nextLink
      }
      return all
    },
    put: async (path, body) => void (await must('PUT', path, body)),
    listKeys: async (rulePath) => (await must('POST', `${rulePath}/listKeys`)) as ArmKeys,
    regenerateKey: async (rulePath, body) => void (await must('POST', `${rulePath}/regenerateKeys`, body)),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(method: string, path: string, status: number, body: unknown): Failure {
  const { error } = (body ?? {}) as { readonly error?: { readonly code?: string; readonly message?: string } }
  return new Failure({
    code: 'local-request',
    message: `The embedded Azure refused: ${error?.message ?? `HTTP ${status}`}`,
    why: [`It was asked to ${method} ${path}`],
    azure: { status, ...(error?.code === undefined ? {} : { code: error.code }) },
  })
}

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
  /** The key of the root rule, when it should not be a random one. */
  readonly rootKey?: string
}

/**
 * Makes what is wanted in a running embedded Azure, and keeps what is there already. Rejects with Failure
 * `local-request` when it refuses as Azure would: a partition count that cannot change, one hub too many.
 */
export async function provision(endpoint: string, wanted: WantedNamespace): Promise<void> {
  const arm = armClient(endpoint)
  const path = pathOf.namespace(wanted.group, wanted.name)
  if (!(await arm.get(pathOf.group(wanted.group))))
    await arm.put(pathOf.group(wanted.group), { location: LOCAL_LOCATION })
  if (!(await arm.get(path))) {
    await arm.put(path, { location: LOCAL_LOCATION, sku: skuFor(wanted.hubs) })
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

/** The usual tier, or the next one when its limits are too low. */
function skuFor(hubs: readonly WantedHub[]): { readonly name: 'Standard' | 'Premium'; readonly capacity: number } {
  const { Standard, Premium } = LIMITS
  const fits = ({ partitions, consumerGroups }: WantedHub) =>
    partitions <= Standard.maxPartitionsPerHub && consumerGroups.length < Standard.maxConsumerGroups
  if (hubs.length <= Standard.maxHubs && hubs.every(fits)) return { name: 'Standard', capacity: 1 }
  const units = hubs.reduce((sum, { partitions }) => sum + partitions, 0) / (Premium.maxPartitionsPerUnit ?? Infinity)
  const capacities = Premium.capacities ?? [1]
  const capacity = capacities.find((one) => one >= units) ?? capacities.at(-1)!
  return { name: 'Premium', capacity }
}
