import { type LocalArm, LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { armGet, type Json } from './support.ts'

/** Where a namespace is. */
export interface Place {
  readonly group: string
  readonly namespace: string
}

const SUBSCRIPTION = `/subscriptions/${LOCAL_SUBSCRIPTION.subscriptionId}`

export const groupPath = ({ group }: Pick<Place, 'group'>): string => `${SUBSCRIPTION}/resourceGroups/${group}`

export const namespacePath = (place: Place): string =>
  `${groupPath(place)}/providers/Microsoft.EventHub/namespaces/${place.namespace}`

/**
 * All that a namespace holds, as the newest api-versions show it: itself, network rule set, rules, roles, and its hubs
 * with groups and rules. Its name and that of its group, ids that Azure draws, and times are left out, so that two
 * namespaces that say the same are equal.
 */
export async function contentsOf(arm: LocalArm, place: Place): Promise<Json> {
  const path = namespacePath(place)
  const get = async (below: string): Promise<Json> =>
    JSON.parse(withoutNames((await armGet(arm, `${path}${below}`)) ?? 'null', place), withoutTimes) as Json
  const list = async (below: string) => ((await get(below))['value'] as readonly Json[]).toSorted(byName)
  const hubs = await list('/eventhubs')
  const held = hubs.map(async (hub) => ({
    hub,
    groups: await list(`/eventhubs/${String(hub['name'])}/consumergroups`),
    rules: await list(`/eventhubs/${String(hub['name'])}/authorizationRules`),
  }))
  return {
    namespace: withoutDrawnIds(await get('')),
    network: await get('/networkRuleSets/default'),
    rules: await list('/authorizationRules'),
    roles: (await list('/providers/Microsoft.Authorization/roleAssignments')).map(roleOf).toSorted(byText),
    hubs: await Promise.all(held),
  }
}

const withoutNames = (text: string, { group, namespace }: Place): string =>
  text.replaceAll(group, '<group>').replaceAll(namespace, '<namespace>')

const TIMES: readonly string[] = ['createdAt', 'updatedAt']

const withoutTimes = (key: string, value: unknown): unknown => (TIMES.includes(key) ? undefined : value)

const byName = (a: Json, b: Json): number => (String(a['name']) < String(b['name']) ? -1 : 1)

/** An assignment is named by a number that its maker draws. */
function roleOf({ properties }: Json): Json {
  const { scope, principalId, principalType, roleDefinitionId } = properties as Json
  return { scope, principalId, principalType, roleDefinitionId }
}

const byText = (a: Json, b: Json): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** Azure draws the ids of an identity. */
function withoutDrawnIds({ identity, ...namespace }: Json): Json {
  if (identity === undefined) return namespace
  const { type, userAssignedIdentities = {} } = identity as Json
  return { ...namespace, identity: { type, users: Object.keys(userAssignedIdentities as object).toSorted() } }
}
