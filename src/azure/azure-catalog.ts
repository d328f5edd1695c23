import { listByResourceGroup } from '@azure/arm-eventhub/api/namespaces'
import { list as listResourceGroups } from '@azure/arm-resources/api/resourceGroups'
import type { Call, Catalog, Identity, LocationChoice, SubscriptionChoice } from '../engine/cloud.ts'
import { armPath, type ArmClients, type ArmRest } from './arm-requests.ts'
import { collect } from './azure-reader.ts'
import type { FailureTranslator } from './failures.ts'
import { normalizeLocation, toGroup, toNamespace } from './mappers.ts'
import { readClaims } from './sign-in.ts'
import type { GroupActual } from '../resources/resource-group.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'

export interface AzureCatalogParts {
  readonly rest: ArmRest
  readonly translatorOf: (subscriptionId?: string) => FailureTranslator
  readonly clientsOf: (subscriptionId: string) => ArmClients
  readonly token: (call: Call) => Promise<string>
  /** How the run is signed in, once it is. */
  readonly via: () => string | undefined
  /** The default subscription of the sign-in tool, if it has one. */
  readonly defaultSubscription: () => Promise<string | undefined>
  readonly dataSuffix: string
}

/** Lists for questions, sorted by name. */
export class AzureCatalog implements Catalog {
  readonly #parts: AzureCatalogParts

  constructor(parts: AzureCatalogParts) {
    this.#parts = parts
  }

  async identity(call: Call): Promise<Identity> {
    const { token, via, translatorOf } = this.#parts
    const { name, tenantId } = readClaims(await translatorOf().run('sign in', call, () => token(call)))
    return { name, tenantId, via: via() ?? null }
  }

  /** Omits disabled and deleted subscriptions. */
  async listSubscriptions(call: Call): Promise<readonly SubscriptionChoice[]> {
    const { rest, translatorOf, defaultSubscription } = this.#parts
    const found = await translatorOf().run('list the subscriptions', call, async () =>
      (await rest.list<ArmSubscription>('/subscriptions', 'subscriptions', call))
        .filter(({ state }) => state !== 'Disabled' && state !== 'Deleted')
        .map(({ subscriptionId, displayName, tenantId }) => ({
          ...{ id: subscriptionId, name: displayName ?? subscriptionId, tenantId: tenantId ?? '' },
        }))
        .sort(byName),
    )
    const chosen = await defaultSubscription()
    return found.map((one) => ({ ...one, isDefault: one.id === chosen }))
  }

  async listLocations(subscriptionId: string, call: Call): Promise<readonly LocationChoice[]> {
    const { rest, translatorOf } = this.#parts
    const path = armPath('subscriptions', subscriptionId, 'locations')
    return translatorOf(subscriptionId).run('list the regions', call, async () =>
      (await rest.list<ArmLocation>(path, 'subscriptions', call))
        .filter(({ metadata }) => (metadata?.regionType ?? 'Physical') === 'Physical')
        .map(({ name, displayName }) => ({ name: normalizeLocation(name), displayName: displayName ?? name }))
        .sort((a, b) => a.displayName.localeCompare(b.displayName)),
    )
  }

  async listGroups(subscriptionId: string, call: Call): Promise<readonly GroupActual[]> {
    const { translatorOf, clientsOf } = this.#parts
    return translatorOf(subscriptionId).run('list the resource groups', call, () =>
      clientsOf(subscriptionId).resources(call, async (api) =>
        (await collect(listResourceGroups(api), toGroup)).sort(byName),
      ),
    )
  }

  async listNamespaces(subscriptionId: string, group: string, call: Call): Promise<readonly NamespaceActual[]> {
    const { translatorOf, clientsOf, dataSuffix } = this.#parts
    const found = await translatorOf(subscriptionId).find(`list the namespaces of ${group}`, call, () =>
      clientsOf(subscriptionId).eventHubs(call, async (api) =>
        (await collect(listByResourceGroup(api, group), (one) => toNamespace(one, dataSuffix))).sort(byName),
      ),
    )
    return found ?? []
  }
}

/** https://learn.microsoft.com/rest/api/resources/subscriptions/list */
interface ArmSubscription {
  readonly subscriptionId: string
  readonly displayName?: string
  readonly tenantId?: string
  readonly state?: string
}

/** https://learn.microsoft.com/rest/api/resources/subscriptions/list-locations */
interface ArmLocation {
  readonly name: string
  readonly displayName?: string
  readonly metadata?: { readonly regionType?: string }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => a.name.localeCompare(b.name)
