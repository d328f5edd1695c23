import { listByResourceGroup } from '@azure/arm-eventhub/api/namespaces'
import { list as listResourceGroups } from '@azure/arm-resources/api/resourceGroups'
import type { Call, Catalog, Identity, LocationChoice, SubscriptionChoice } from '../engine/cloud.ts'
import type { GroupActual, NamespaceActual } from '../resources/shapes.ts'
import { API_VERSIONS } from './api-versions.ts'
import { armPath, type ArmClients, type ArmRest } from './arm-requests.ts'
import type { FailureTranslator } from './failures.ts'
import { normalizeLocation, toGroup, toNamespace } from './mappers.ts'
import { readClaims } from './sign-in.ts'

export interface AzureCatalogParts {
  readonly rest: ArmRest
  readonly translatorOf: (subscriptionId?: string) => FailureTranslator
  readonly clientsOf: (subscriptionId: string) => ArmClients
  readonly signIn: { token(call: Call): Promise<string>; readonly via: string | undefined }
  /** The default subscription of the sign-in tool, if it has one. */
  readonly defaultSubscription: () => Promise<string | undefined>
  readonly dataSuffix: string
}

/** What a person can choose from, sorted by name. */
export class AzureCatalog implements Catalog {
  readonly #parts: AzureCatalogParts

  constructor(parts: AzureCatalogParts) {
    this.#parts = parts
  }

  async identity(call: Call): Promise<Identity> {
    const { signIn, translatorOf } = this.#parts
    const token = await translatorOf().run('sign in', call, () => signIn.token(call))
    const { name, tenantId } = readClaims(token)
    return { name, tenantId, via: signIn.via ?? 'unknown' }
  }

  /** Without disabled and deleted ones. */
  async listSubscriptions(call: Call): Promise<readonly SubscriptionChoice[]> {
    const { rest, translatorOf, defaultSubscription } = this.#parts
    const found = await translatorOf().run('list the subscriptions', call, () =>
      rest.list<ArmSubscription>('/subscriptions', API_VERSIONS.subscriptions, call),
    )
    const chosen = await defaultSubscription()
    return found
      .filter(({ state }) => state !== 'Disabled' && state !== 'Deleted')
      .map(({ subscriptionId, displayName, tenantId }) => ({
        id: subscriptionId,
        name: displayName ?? subscriptionId,
        tenantId: tenantId ?? '',
        isDefault: subscriptionId === chosen,
      }))
      .sort(byName)
  }

  async listLocations(subscriptionId: string, call: Call): Promise<readonly LocationChoice[]> {
    const { rest, translatorOf } = this.#parts
    const found = await translatorOf(subscriptionId).run('list the regions', call, () =>
      rest.list<ArmLocation>(armPath('subscriptions', subscriptionId, 'locations'), API_VERSIONS.subscriptions, call),
    )
    return found
      .filter(({ metadata }) => (metadata?.regionType ?? 'Physical') === 'Physical')
      .map(({ name, displayName }) => ({ name: normalizeLocation(name), displayName: displayName ?? name }))
      .sort((a, b) => a.displayName.localeCompare(b.displayName))
  }

  async listGroups(subscriptionId: string, call: Call): Promise<readonly GroupActual[]> {
    const { translatorOf, clientsOf } = this.#parts
    return translatorOf(subscriptionId).run('list the resource groups', call, () =>
      clientsOf(subscriptionId).resources(call, async (api) => {
        const groups: GroupActual[] = []
        for await (const group of listResourceGroups(api)) groups.push(toGroup(group))
        return groups.sort(byName)
      }),
    )
  }

  async listNamespaces(subscriptionId: string, group: string, call: Call): Promise<readonly NamespaceActual[]> {
    const { translatorOf, clientsOf, dataSuffix } = this.#parts
    const found = await translatorOf(subscriptionId).find(`list the namespaces of ${group}`, call, () =>
      clientsOf(subscriptionId).eventHubs(call, async (api) => {
        const namespaces: NamespaceActual[] = []
        for await (const one of listByResourceGroup(api, group)) namespaces.push(toNamespace(one, dataSuffix))
        return namespaces.sort(byName)
      }),
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
