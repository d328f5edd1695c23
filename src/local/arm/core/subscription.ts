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
