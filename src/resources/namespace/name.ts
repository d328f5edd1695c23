import { createHash } from 'node:crypto'
import type { Edits } from '../../inputs/refer.ts'
import { NAME_LIMITS } from '../../lib/limits.ts'
import { nameKeyOf } from '../../lib/names.ts'
import { QUOTAS_LINK, type Refusal } from '../step.ts'
import type { NamespaceActual, NamespaceSpec } from './namespace.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The default name: unique to the subscription and resource group, and the same on every run. */
export function defaultNamespaceName(subscriptionId: string, resourceGroup: string): string {
  const hash = createHash('sha256')
    .update(`${nameKeyOf(subscriptionId)}/${nameKeyOf(resourceGroup)}`)
    .digest()
  return `ml-ingest-${[...hash.subarray(0, 8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`
}

/** A name for another namespace, cut to the longest length. */
const nameWith = (name: string, suffix: string): string =>
  `${name.slice(0, NAME_LIMITS.namespace.max - suffix.length - 1)}-${suffix}`

/** Puts everything into another namespace of the same tier. */
export function secondNamespace(spec: NamespaceSpec, live: NamespaceActual | undefined, suffix: string): Edits {
  const keepsTier = live && live.tier !== 'Dedicated' && !spec.tier.given
  return {
    namespace: nameWith(live?.name ?? spec.name, suffix),
    ...(keepsTier ? { tier: live.tier } : {}),
  }
}

export type NameCheck =
  { readonly available: true } | { readonly available: false; readonly reason: string; readonly message: string }

/** Reasons of https://learn.microsoft.com/rest/api/eventhub/namespaces/check-name-availability */
const BECAUSE: Readonly<Record<string, string>> = {
  NameInUse: 'Somebody in Azure has this name, or had it until recently. Names are unique over all subscriptions.',
  NameInLockdown: 'This name was deleted recently and is kept for its former owner for a while.',
  InvalidName: 'Azure does not take this name.',
  SubscriptionIsDisabled: 'The subscription is disabled.',
  TooManyNamespaceInCurrentSubscription: 'The subscription has as many namespaces as it may have.',
}

/** Reasons that another name does not help with. */
const SUBSCRIPTION_REASONS: readonly string[] = ['SubscriptionIsDisabled', 'TooManyNamespaceInCurrentSubscription']

/** Refuses a name that a namespace in another group of the subscription has. */
export const refuseNameElsewhere = (name: string, subscriptionId: string, group: string): Refusal => ({
  what: `Can't create namespace ${name}`,
  because: `Resource group ${group} of this subscription has a namespace of that name. Names are unique over all of Azure.`,
  waysOut: [
    { text: 'use the one that exists', edit: { resourceGroup: group } },
    { text: 'use another name', edit: { namespace: nameWith(name, subscriptionId.slice(0, 8)) } },
  ],
})

/** Refuses a name that Azure does not give us. */
export const refuseTakenName = (
  name: string,
  subscriptionId: string,
  check: Extract<NameCheck, { available: false }>,
): Refusal => ({
  what: `Can't create namespace ${name}`,
  because: BECAUSE[check.reason] ?? check.message,
  waysOut: SUBSCRIPTION_REASONS.includes(check.reason)
    ? [{ text: 'use another subscription, or have this one fixed' }]
    : [{ text: 'use another name', edit: { namespace: nameWith(name, subscriptionId.slice(0, 8)) } }],
  link: QUOTAS_LINK,
})
