import { createHash } from 'node:crypto'
import type { Edits } from '../../inputs/refer.ts'
import { NAME_LIMITS } from '../../lib/limits.ts'
import { nameKeyOf } from '../../lib/names.ts'
import type { Refusal } from '../step.ts'
import type { NamespaceActual, NamespaceSpec } from './namespace.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The name of a namespace nobody named: unique to subscription and resource group, and the same on every run. */
export function defaultNamespaceName(subscriptionId: string, resourceGroup: string): string {
  const hash = createHash('sha256')
    .update(`${nameKeyOf(subscriptionId)}/${nameKeyOf(resourceGroup)}`)
    .digest()
  return `ml-ingest-${[...hash.subarray(0, 8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`
}

/** A name for another namespace: made from this one, never longer than a name may be. */
const nameWith = (name: string, suffix: string): string =>
  `${name.slice(0, NAME_LIMITS.namespace.max - suffix.length - 1)}-${suffix}`

/** What puts everything into another namespace, of the tier that the existing one has. */
export function secondNamespace(spec: NamespaceSpec, live: NamespaceActual | undefined, suffix: string): Edits {
  const isOpen = live && live.tier !== 'Dedicated' && !spec.tier.given
  return {
    namespace: nameWith(live?.name ?? spec.name, suffix),
    ...(isOpen ? { tier: live.tier } : {}),
  }
}

export type NameCheck =
  { readonly available: true } | { readonly available: false; readonly reason: string; readonly message: string }

/** Reasons of https://learn.microsoft.com/rest/api/eventhub/namespaces/check-name-availability */
const BECAUSE: Readonly<Record<string, string>> = {
  NameInUse: 'Somebody in Azure has this name, or had it until recently; names are unique over all subscriptions.',
  NameInLockdown: 'This name was deleted recently and is kept for its former owner for a while.',
  InvalidName: 'Azure does not take this name.',
  SubscriptionIsDisabled: 'The subscription is disabled.',
  TooManyNamespaceInCurrentSubscription: 'The subscription has as many namespaces as it may have.',
}

/** Reasons that no other name gets around. */
const HOPELESS: readonly string[] = ['SubscriptionIsDisabled', 'TooManyNamespaceInCurrentSubscription']

/** Azure does not let us have the name. */
export const refuseTakenName = (
  name: string,
  subscriptionId: string,
  check: Extract<NameCheck, { available: false }>,
): Refusal => ({
  what: `Can't create namespace ${name}`,
  because: BECAUSE[check.reason] ?? check.message,
  waysOut: HOPELESS.includes(check.reason)
    ? [{ text: 'use another subscription, or have this one put right' }]
    : [{ text: 'use another name', edit: { namespace: nameWith(name, subscriptionId.slice(0, 8)) } }],
  link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas',
})
