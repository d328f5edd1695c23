import type { EventHubManagementClient } from '@azure/arm-eventhub'
import type { ResourceManagementClient } from '@azure/arm-resources'
import type { Call, Catalog, Identity, LocationChoice, SubscriptionChoice } from '../engine/cloud.ts'
import type { GroupActual, NamespaceActual } from '../resources/shapes.ts'
import { armPath, type ArmRest } from './arm-rest.ts'
import { SUBSCRIPTIONS_API_VERSION } from './clouds.ts'
import { normalizeLocation, toGroup, toNamespace } from './mappers.ts'
import { readClaims } from './token-claims.ts'
import type { Translator } from './translate.ts'

export interface AzureCatalogParts {
  readonly rest: ArmRest
  readonly translatorOf: (subscriptionId?: string) => Translator
  readonly clientsOf: (subscriptionId: string) => {
    readonly eventHubs: EventHubManagementClient
    readonly resources: ResourceManagementClient
  }
  readonly signIn: { token(call: Call): Promise<string>; readonly via: string | undefined }
  /** The subscription that the sign-in tool has chosen, where it has one. */
  readonly defaultSubscription: () => Promise<string | undefined>
  readonly dataSuffix: string
}

/** What a person chooses from, by name. */
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

  /** Subscriptions that can be used: not the disabled and deleted ones. */
  async listSubscriptions(call: Call): Promise<readonly SubscriptionChoice[]> {
    const { rest, translatorOf, defaultSubscription } = this.#parts
    const found = await translatorOf().run('list the subscriptions', call, () =>
      rest.list<ArmSubscription>('/subscriptions', SUBSCRIPTIONS_API_VERSION, call),
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
      rest.list<ArmLocation>(armPath('subscriptions', subscriptionId, 'locations'), SUBSCRIPTIONS_API_VERSION, call),
    )
    return found
      .filter(({ metadata }) => (metadata?.regionType ?? 'Physical') === 'Physical')
      .map(({ name, displayName }) => ({ name: normalizeLocation(name), displayName: displayName ?? name }))
      .sort((a, b) => a.displayName.localeCompare(b.displayName))
  }

  async listGroups(subscriptionId: string, call: Call): Promise<readonly GroupActual[]> {
    const { translatorOf, clientsOf } = this.#parts
    return translatorOf(subscriptionId).run('list the resource groups', call, async () => {
      const groups: GroupActual[] = []
      const listed = clientsOf(subscriptionId).resources.resourceGroups.list({ abortSignal: call.signal })
      for await (const group of listed) groups.push(toGroup(group))
      return groups.sort(byName)
    })
  }

  async listNamespaces(subscriptionId: string, group: string, call: Call): Promise<readonly NamespaceActual[]> {
    const { translatorOf, clientsOf, dataSuffix } = this.#parts
    const found = await translatorOf(subscriptionId).find(`list the namespaces of ${group}`, call, async () => {
      const namespaces: NamespaceActual[] = []
      const listed = clientsOf(subscriptionId).eventHubs.namespaces.listByResourceGroup(group, {
        abortSignal: call.signal,
      })
      for await (const namespace of listed) namespaces.push(toNamespace(namespace, dataSuffix))
      return namespaces.sort(byName)
    })
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
