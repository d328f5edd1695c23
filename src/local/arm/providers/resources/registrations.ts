import { invalidResourceNamespace } from '../../core/errors.ts'
import { registrationOf } from '../../core/gateway.ts'
import { type Registration, keyOf } from '../../core/model.ts'
import { listOperations, type Permission } from '../../core/operations.ts'
import { page } from '../../core/reply.ts'
import { REGIONS } from '../../core/regions.ts'
import { type Call, type Provider, param, since } from '../../core/routes.ts'
import { authorizationOperations } from '../authorization/operations.ts'
import { locks } from '../authorization/locks.ts'
import { roleAssignments } from '../authorization/role-assignments.ts'
import { AUTHORIZATION } from '../authorization/scopes.ts'
import { EVENT_HUB_VERSIONS } from '../eventhub/limits.ts'
import { RESOURCES_VERSIONS } from './groups.ts'

interface Manifest {
  readonly namespace: string
  readonly authorizations?: readonly object[]
  readonly resourceTypes: readonly (readonly [type: string, capabilities?: string])[]
  readonly apiVersions: (resourceType: string) => readonly string[]
  readonly needsRegistration: boolean
}

const MOVABLE = 'CrossResourceGroupResourceMove, CrossSubscriptionResourceMove'

const AUTHORIZATION_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  locks: locks.apiVersions,
  roleAssignments: roleAssignments.apiVersions,
}

/** What a client can ask about. Application and role ids are those of the public cloud, recorded in 2020. */
const MANIFESTS: readonly Manifest[] = [
  {
    namespace: 'Microsoft.EventHub',
    authorizations: [
      {
        applicationId: '80369ed6-5f11-4dd9-bef3-692475845e77',
        roleDefinitionId: 'eb8e1991-5de0-42a6-a64b-29b059341b7b',
      },
      { applicationId: '6201d19e-14fb-4472-a2d6-5634a5c97568' },
    ],
    resourceTypes: [
      ['namespaces', `${MOVABLE}, SystemAssignedResourceIdentity`],
      ['namespaces/authorizationrules'],
      ['namespaces/networkrulesets'],
      ['namespaces/eventhubs'],
      ['namespaces/eventhubs/authorizationrules'],
      ['namespaces/eventhubs/consumergroups'],
      ['checkNameAvailability'],
      ['sku'],
      ['operations'],
      ['locations'],
    ],
    apiVersions: () => EVENT_HUB_VERSIONS,
    needsRegistration: true,
  },
  {
    namespace: 'Microsoft.Resources',
    resourceTypes: [['subscriptions'], ['tenants'], ['resourceGroups'], ['providers'], ['operations']],
    apiVersions: () => RESOURCES_VERSIONS,
    needsRegistration: false,
  },
  {
    namespace: AUTHORIZATION,
    resourceTypes: [['locks'], ['roleAssignments'], ['operations']],
    apiVersions: (type) => AUTHORIZATION_VERSIONS[type] ?? authorizationOperations.apiVersions,
    needsRegistration: false,
  },
]

function manifestOf(call: Call): Manifest {
  const namespace = param(call, 'provider')
  const manifest = MANIFESTS.find((entry) => keyOf(entry.namespace) === keyOf(namespace))
  if (!manifest) throw invalidResourceNamespace(namespace)
  return manifest
}

/** As every tenant sees it. */
function tenantView(manifest: Manifest) {
  const locations = REGIONS.filter(({ site }) => site).map(({ displayName }) => displayName)
  return {
    id: `/providers/${manifest.namespace}`,
    namespace: manifest.namespace,
    ...(manifest.authorizations && { authorizations: manifest.authorizations }),
    resourceTypes: manifest.resourceTypes.map(([resourceType, capabilities]) => ({
      resourceType,
      locations,
      apiVersions: manifest.apiVersions(resourceType),
      ...(capabilities !== undefined && { capabilities }),
    })),
  }
}

function view(call: Call, manifest: Manifest) {
  const subscription = param(call, 'subscription')
  const { id, ...rest } = tenantView(manifest)
  return {
    id: `/subscriptions/${subscription}${id}`,
    ...rest,
    registrationState: manifest.needsRegistration
      ? registrationOf(call.context, subscription, manifest.namespace).state
      : 'Registered',
    ...(since(call.apiVersion, '2019-05-10') && {
      registrationPolicy: manifest.needsRegistration ? 'RegistrationRequired' : 'RegistrationFree',
    }),
  }
}

const list = (call: Call) => page(call, MANIFESTS, (manifest) => view(call, manifest))

const get = (call: Call) => ({ status: 200, body: view(call, manifestOf(call)) })

const listOfTenant = (call: Call) => page(call, MANIFESTS, tenantView)

const getOfTenant = (call: Call) => ({ status: 200, body: tenantView(manifestOf(call)) })

/** https://learn.microsoft.com/azure/role-based-access-control/permissions/management-and-governance */
const PERMISSIONS: readonly Permission[] = [
  ['register/action', 'Subscription', 'Registers the Resource Provider'],
  ['tenants/read', 'Tenant', 'Get Tenants'],
  ['subscriptions/read', 'Subscription', 'Get Subscription'],
  ['subscriptions/locations/read', 'Location', 'Get Locations'],
  ['subscriptions/operationresults/read', 'Operation result', 'Get Subscription Operation Results'],
  ['subscriptions/providers/read', 'Provider', 'Get Providers'],
  ['subscriptions/resources/read', 'Resource', 'Get Subscription Resources'],
  ['subscriptions/resourceGroups/read', 'Resource group', 'Get Resource Group'],
  ['subscriptions/resourceGroups/write', 'Resource group', 'Create Resource Group'],
  ['subscriptions/resourceGroups/delete', 'Resource group', 'Delete Resource Group'],
  ['subscriptions/resourcegroups/resources/read', 'Resource', 'Get Resource Group Resources'],
]

/** Becomes Registered or NotRegistered by itself. One that already is stays, as `az provider register` shows. */
const become = (wanted: 'Registering' | 'Unregistering', already: Registration['state']) => (call: Call) => {
  const manifest = manifestOf(call)
  const subscription = param(call, 'subscription')
  const known = registrationOf(call.context, subscription, manifest.namespace)
  if (!manifest.needsRegistration || known.state === already) return get(call)
  return call.context.store.change((state) => {
    const key = keyOf(subscription, manifest.namespace)
    state.registrations.set(key, { state: wanted, until: call.now + call.context.provisioningMs })
    return { status: 200, body: { ...view(call, manifest), registrationState: wanted } }
  })
}

const PROVIDERS = '/subscriptions/{subscription}/providers'

export const registrations: Provider = {
  namespace: 'Microsoft.Resources',
  apiVersions: RESOURCES_VERSIONS,
  needsRegistration: false,
  routes: [
    { method: 'GET', template: '/providers', handle: listOfTenant },
    { method: 'GET', template: '/providers/{provider}', handle: getOfTenant },
    {
      method: 'GET',
      template: '/providers/Microsoft.Resources/operations',
      handle: listOperations({ namespace: 'Microsoft.Resources', provider: 'Microsoft Resources' }, PERMISSIONS),
    },
    { method: 'GET', template: PROVIDERS, handle: list },
    { method: 'GET', template: `${PROVIDERS}/{provider}`, handle: get },
    { method: 'POST', template: `${PROVIDERS}/{provider}/register`, handle: become('Registering', 'Registered') },
    {
      method: 'POST',
      template: `${PROVIDERS}/{provider}/unregister`,
      handle: become('Unregistering', 'NotRegistered'),
    },
  ],
}
