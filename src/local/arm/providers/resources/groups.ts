import { type ArmError, gateway, groupNotFound, invalidContent, locationRequired } from '../../core/errors.ts'
import { type ArmReply, type Call, type Provider, param, since } from '../../core/routes.ts'
import { operationReply, retryAfter, page, urlOf } from '../../core/reply.ts'
import { readTags } from '../../core/body.ts'
import { invalidFilter, readFilter } from '../../core/filter.ts'
import { isByTag, TAG_TERMS } from './tag-filter.ts'
import { NAMES } from '../eventhub/limits.ts'
import { type Resource, type ResourceGroup, groupId, keyOf, resourcesOf, sorted } from '../../core/model.ts'
import { RESOURCE_REGIONS, normalizeLocation } from '../../core/regions.ts'

/** `type` came between 2018-05-01, recorded without, and 2019-08-01, recorded with it; the version is a guess. */
const view = (group: ResourceGroup, version: string) => ({
  id: groupId(group),
  name: group.name,
  ...(since(version, '2019-05-01') && { type: 'Microsoft.Resources/resourceGroups' }),
  location: group.location,
  ...(group.managedBy !== undefined && { managedBy: group.managedBy }),
  ...(group.tags && { tags: group.tags }),
  properties: { provisioningState: group.deletingUntil === undefined ? 'Succeeded' : 'Deleting' },
})

/** The group that the path names, in Azure's casing, or undefined. */
export const findGroup = (call: Call): ResourceGroup | undefined =>
  call.context.store.state.groups.get(keyOf(param(call, 'subscription'), param(call, 'group')))

/** Throws ArmError 404 where the group is missing. */
export function needGroup(call: Call): ResourceGroup {
  const group = findGroup(call)
  if (!group) throw groupNotFound(param(call, 'group'))
  return group
}

function put(call: Call): ArmReply {
  const name = checkedName(param(call, 'group'))
  const { location, managedBy } = call.body ?? {}
  if (typeof location !== 'string' || location === '') throw locationRequired()
  if (managedBy !== undefined && typeof managedBy !== 'string') throw invalidContent("Path 'managedBy'.")
  const known = findGroup(call)
  const region = normalizeLocation(location)
  if (!RESOURCE_REGIONS.includes(region)) throw locationNotForGroup(location, RESOURCE_REGIONS)
  if (known && known.location !== region) throw groupElsewhere(region, known.location)
  const tags = readTags(call.body?.['tags'])
  const group: ResourceGroup = {
    subscription: param(call, 'subscription'),
    name: known?.name ?? name,
    location: region,
    ...(tags && { tags }),
    ...(managedBy !== undefined && { managedBy }),
  }
  return write(call, group, known ? 200 : 201)
}

function patch(call: Call): ArmReply {
  const known = needGroup(call)
  const tags = readTags(call.body?.['tags']) ?? known.tags
  return write(call, { ...known, ...(tags && { tags }) }, 200)
}

function write(call: Call, group: ResourceGroup, status: number): ArmReply {
  call.context.store.change(({ groups }) => groups.set(keyOf(group.subscription, group.name), group))
  return { status, body: view(group, call.apiVersion) }
}

function checkedName(name: string): string {
  if (NAMES.group.test(name) && !name.endsWith('.')) return name
  throw invalidGroupName(
    `The provided resource group name '${name}' is not valid. It has 1 to 90 letters, digits, '-', '.', '(', ')' or '_' ` +
      `and does not end with a period.`,
  )
}

const get = (call: Call): ArmReply => ({ status: 200, body: view(needGroup(call), call.apiVersion) })

function head(call: Call): ArmReply {
  needGroup(call)
  return { status: 204 }
}

function list(call: Call): ArmReply {
  const own = sorted(call.context.store.state.groups).filter(
    (group) => group.subscription === param(call, 'subscription'),
  )
  const filter = readFilter(call, TAG_TERMS)
  if (filter.shape === '') return page(call, own, (group) => view(group, call.apiVersion))
  if (!isByTag(filter)) throw invalidFilter(call)
  const wanted = own.filter(({ tags = {} }) => Object.entries(tags).some((tag) => filter.test({ tag })))
  return page(call, wanted, (group) => view(group, call.apiVersion))
}

/** Everything in the group is deleted with it. A second DELETE while the first runs gets the same operation. */
function remove(call: Call): ArmReply {
  const known = needGroup(call)
  const until = known.deletingUntil ?? call.now + call.context.provisioningMs
  const jobId = `RESOURCEGROUPDELETIONJOB-${known.name.replaceAll('-', ':2D')}-${known.location}`.toUpperCase()
  const id = Buffer.from(JSON.stringify({ jobId, jobLocation: known.location })).toString('base64url')
  call.context.store.change((state) => {
    state.groups.set(keyOf(known.subscription, known.name), { ...known, deletingUntil: until })
    for (const resources of call.context.store.types.map((type) => resourcesOf(state, type))) {
      for (const [key, resource] of resources) {
        if (isIn(known, resource)) resources.set(key, { ...resource, transition: { state: 'Deleting', until } })
      }
    }
    state.operations.set(keyOf(id), { id, until, resource: keyOf(groupId(known)) })
  })
  const path = `/subscriptions/${known.subscription}/operationresults/${id}`
  const location = `${call.origin}${path}?api-version=${call.apiVersion}`
  return { status: 202, headers: { location, 'retry-after': retryAfter(call, until) } }
}

export const isIn = (group: ResourceGroup, resource: Resource): boolean =>
  keyOf(resource.subscription, resource.group) === keyOf(group.subscription, group.name)

const poll = (call: Call): ArmReply =>
  operationReply(call, param(call, 'operation'), (running) => {
    if (!running) return { status: 200 }
    const location = `${urlOf(call)}?api-version=${call.apiVersion}`
    return { status: 202, headers: { location, 'retry-after': retryAfter(call, running.until) } }
  })

/** The api-versions of Microsoft.Resources and of subscriptions. Source: the list that Azure prints in InvalidApiVersionParameter. */
// prettier-ignore
export const RESOURCES_VERSIONS: readonly string[] = [
  '2025-04-01', '2025-03-01', '2024-11-01', '2024-08-01', '2024-07-01', '2024-06-01-preview', '2024-03-01',
  '2023-07-01-preview', '2023-07-01', '2023-03-01-preview', '2022-12-01', '2022-11-01-preview', '2022-09-01',
  '2022-06-01', '2022-05-01', '2022-03-01-preview', '2022-01-01', '2021-04-01', '2021-01-01', '2020-10-01',
  '2020-09-01', '2020-08-01', '2020-07-01', '2020-06-01', '2020-05-01', '2020-01-01', '2019-11-01', '2019-10-01',
  '2019-09-01', '2019-08-01', '2019-07-01', '2019-06-01', '2019-05-10', '2019-05-01', '2019-03-01', '2018-11-01',
  '2018-09-01', '2018-08-01', '2018-07-01', '2018-06-01', '2018-05-01', '2018-02-01', '2018-01-01', '2017-12-01',
  '2017-09-01', '2017-08-01', '2017-06-01', '2017-05-10', '2017-05-01', '2017-03-01', '2016-09-01', '2016-07-01',
  '2016-06-01', '2016-02-01', '2015-11-01', '2015-01-01', '2014-04-01',
]

const GROUPS = '/subscriptions/{subscription}/resourceGroups'
const GROUP = `${GROUPS}/{group}`

export const groups: Provider = {
  namespace: 'Microsoft.Resources',
  apiVersions: RESOURCES_VERSIONS,
  needsRegistration: false,
  routes: [
    { method: 'GET', template: GROUPS, handle: list },
    { method: 'PUT', template: GROUP, handle: put },
    { method: 'PATCH', template: GROUP, handle: patch },
    { method: 'GET', template: GROUP, handle: get },
    { method: 'HEAD', template: GROUP, handle: head },
    { method: 'DELETE', template: GROUP, handle: remove },
    { method: 'GET', template: '/subscriptions/{subscription}/operationresults/{operation}', handle: poll },
  ],
}

const locationNotForGroup = (location: string, regions: readonly string[]): ArmError =>
  gateway(
    400,
    'LocationNotAvailableForResourceGroup',
    `The provided location '${location}' is not available for resource group. List of available regions is '${regions.join(',')}'.`,
  )

const groupElsewhere = (wanted: string, actual: string): ArmError =>
  gateway(
    409,
    'InvalidResourceGroupLocation',
    `Invalid resource group location '${wanted}'. The Resource group already exists in location '${actual}'.`,
  )

const invalidGroupName = (message: string): ArmError => gateway(400, 'InvalidResourceGroup', message)
