import type { Store } from './store.ts'

export interface Subscription {
  readonly subscriptionId: string
  readonly tenantId: string
  readonly displayName: string
}

/** The subscription of the embedded Azure, as every list shows it. */
export const LOCAL_SUBSCRIPTION: Subscription = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  tenantId: '00000000-0000-0000-0000-000000000000',
  displayName: 'Embedded Azure',
}

/** Where resources go for which nobody names a place. */
export const LOCAL_LOCATION = 'westeurope'

/** What the handlers of all providers work with. */
export interface World {
  readonly store: Store
  readonly subscriptions: readonly Subscription[]
  /** How long Creating, Updating, Deleting and Registering last. */
  readonly provisioningMs: number
  readonly pageSize: number
  /** State of a provider in a subscription that nobody registered or unregistered yet. */
  readonly providerState: 'Registered' | 'NotRegistered'
  /** Port of the AMQP endpoint; 5672, the default of clients, is left out of connection strings. */
  readonly dataPlanePort: () => number
  /** Whether an injected fault wants the creation or update of this resource to end in state Failed. */
  readonly failsProvisioning: (path: string) => boolean
  /** Whether an injected fault keeps the directory from knowing this principal. */
  readonly hidesPrincipal: (principalId: string, path: string) => boolean
}
