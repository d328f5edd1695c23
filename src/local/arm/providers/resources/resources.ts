import { comparing, type FilterTerms, invalidFilter, readFilter } from '../../core/filter.ts'
import { keyOf, type Resource, resourceId, resourcesOf, sorted } from '../../core/model.ts'
import { normalizeLocation } from '../../core/regions.ts'
import { page } from '../../core/reply.ts'
import { type ArmReply, type Call, type Provider, param } from '../../core/routes.ts'
import { isIn, needGroup, RESOURCES_VERSIONS } from './groups.ts'
import { isByTag, mentionsTags, TAG_PREFIX, TAG_TERMS, type Tagged } from './tag-filter.ts'

interface Entry {
  readonly type: string
  readonly resource: Resource
}

/** The entries of lists are short: they have no properties. */
const view = ({ type, resource }: Entry, withTags: boolean) => ({
  id: resourceId(type, resource),
  name: resource.name,
  type,
  ...(resource.sku && { sku: resource.sku }),
  ...(resource.identity && { identity: resource.identity }),
  location: resource.location,
  ...(withTags && { tags: resource.tags }),
})

function identityOf({ resource: { identity } }: Entry, key: string): string | undefined {
  const value = identity?.[key]
  return typeof value === 'string' ? value : undefined
}

/** Nothing here was bought with a plan. */
const PLAN = ['plan', 'plan/publisher', 'plan/product', 'plan/name', 'plan/version', 'plan/promotioncode']

const containing = (property: string, read: (entry: Entry) => string): FilterTerms<Entry> => ({
  [`substringof(?,${property})`]: (part) => (entry) => keyOf(read(entry)).includes(keyOf(part)),
})

/** https://learn.microsoft.com/rest/api/resources/resources/list#uri-parameters */
const TERMS: FilterTerms<Entry & Tagged> = {
  ...comparing<Entry>('name', ({ resource }) => resource.name),
  ...comparing<Entry>('resourcegroup', ({ resource }) => resource.group),
  ...comparing<Entry>('resourcetype', ({ type }) => type),
  ...comparing<Entry>('location', ({ resource }) => resource.location, normalizeLocation),
  ...comparing<Entry>('identity', (entry) => identityOf(entry, 'type')),
  ...comparing<Entry>('identity/principalid', (entry) => identityOf(entry, 'principalId')),
  ...PLAN.map((property) => comparing<Entry>(property, () => undefined)).reduce((all, terms) => ({ ...all, ...terms })),
  ...containing('name', ({ resource }) => resource.name),
  ...containing('resourcegroup', ({ resource }) => resource.group),
  ...TAG_TERMS,
  ...TAG_PREFIX,
}

/** Azure leaves the tags out of what was found by a tag. */
function list(call: Call): ArmReply {
  const group = call.params['group'] === undefined ? undefined : needGroup(call)
  const filter = readFilter(call, TERMS)
  const byTag = isByTag(filter)
  if (mentionsTags(filter) && !byTag) throw invalidFilter(call)
  const isWanted = (entry: Entry): boolean =>
    byTag
      ? Object.entries(entry.resource.tags).some((tag) => filter.test({ ...entry, tag }))
      : filter.test({ ...entry, tag: ['', ''] })
  const { state, types } = call.context.store
  const own = types
    .flatMap((one) => sorted(resourcesOf(state, one)).map((resource) => ({ type: one.type, resource })))
    .filter(({ resource }) => resource.subscription === param(call, 'subscription'))
    .filter(({ resource }) => !group || isIn(group, resource))
  return page(call, own.filter(isWanted), (entry) => view(entry, !byTag))
}

const SUBSCRIPTION = '/subscriptions/{subscription}'

/** Lists of resources of every type. */
export const resources: Provider = {
  namespace: 'Microsoft.Resources',
  apiVersions: RESOURCES_VERSIONS,
  needsRegistration: false,
  routes: [
    { method: 'GET', template: `${SUBSCRIPTION}/resourceGroups/{group}/resources`, handle: list },
    { method: 'GET', template: `${SUBSCRIPTION}/resources`, handle: list },
  ],
}
