import { page } from '../../core/reply.ts'
import { REGIONS, type Region } from '../../core/regions.ts'
import { type Call, type Provider, param, since } from '../../core/routes.ts'
import { RESOURCES_VERSIONS } from './groups.ts'
import type { Subscription } from '../../../constants.ts'

const subscriptionView = (subscription: Subscription) => ({
  id: `/subscriptions/${subscription.subscriptionId}`,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  tags: {},
  subscriptionId: subscription.subscriptionId,
  tenantId: subscription.tenantId,
  displayName: subscription.displayName,
  state: 'Enabled',
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'PayAsYouGo_2014-09-01',
    spendingLimit: 'Off',
  },
})

const tenantView = (tenantId: string) => ({
  id: `/tenants/${tenantId}`,
  tenantId,
  countryCode: 'US',
  displayName: 'Embedded Azure',
  domains: [],
  tenantCategory: 'Home',
  tenantType: 'AAD',
})

function listSubscriptions(call: Call) {
  const value = call.context.subscriptions.map(subscriptionView)
  return { status: 200, body: { value, count: { type: 'Total', value: value.length } } }
}

function getSubscription(call: Call) {
  const id = param(call, 'subscription').toLowerCase()
  return { status: 200, body: subscriptionView(call.context.subscriptions.find((s) => s.subscriptionId === id)!) }
}

const listTenants = (call: Call) =>
  page(call, [...new Set(call.context.subscriptions.map(({ tenantId }) => tenantId))], (tenantId) =>
    tenantView(tenantId),
  )

const listLocations = (call: Call) => ({
  status: 200,
  body: {
    value: REGIONS.map((region) =>
      regionView(region, `/subscriptions/${param(call, 'subscription')}`, call.apiVersion),
    ),
  },
})

/** Type, geography and zones are in the answers of 2022-12-01 and not in those of 2019-11-01. In between is a guess. */
function regionView(region: Region, subscription: string, version: string) {
  const full = since(version, '2022-12-01')
  const idOf = (name: string) => `${subscription}/locations/${name}`
  const zones = [1, 2, 3].map((n) => ({ logicalZone: String(n), physicalZone: `${region.name}-az${n}` }))
  return {
    id: idOf(region.name),
    name: region.name,
    ...(full && { type: 'Region' }),
    displayName: region.displayName,
    regionalDisplayName: region.geographyGroup
      ? `(${region.geographyGroup}) ${region.displayName}`
      : region.displayName,
    metadata: {
      regionType: region.site ? 'Physical' : 'Logical',
      regionCategory: region.category,
      ...(full && region.geography && { geography: region.geography }),
      ...(region.geographyGroup && { geographyGroup: region.geographyGroup }),
      ...(region.site && {
        longitude: region.site.longitude,
        latitude: region.site.latitude,
        ...((full || region.site.place !== '') && { physicalLocation: region.site.place }),
        pairedRegion: region.paired ? [{ name: region.paired, id: idOf(region.paired) }] : [],
      }),
    },
    ...(full && region.zones && { availabilityZoneMappings: zones }),
  }
}

export const subscriptions: Provider = {
  namespace: 'Microsoft.Resources',
  apiVersions: RESOURCES_VERSIONS,
  needsRegistration: false,
  routes: [
    { method: 'GET', template: '/subscriptions', handle: listSubscriptions },
    { method: 'GET', template: '/subscriptions/{subscription}', handle: getSubscription },
    { method: 'GET', template: '/subscriptions/{subscription}/locations', handle: listLocations },
    { method: 'GET', template: '/tenants', handle: listTenants },
  ],
}
