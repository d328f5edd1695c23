import { isAzureFailure } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { refuseNameElsewhere, refuseTakenName } from '../resources/namespace/name.ts'
import type { Refusal } from '../resources/step.ts'
import type { Cloud, NamespaceRef } from './cloud.ts'
import type { Requests } from './gate.ts'

/** The name of a new namespace. */
export interface NewName {
  readonly cloud: Cloud
  readonly gate: Requests
  readonly at: NamespaceRef
  readonly subscriptionId: string
}

/** What is found about the name of a new namespace. */
export type NameFound =
  | { readonly kind: 'free' }
  /** Azure was not asked whether it is free. */
  | { readonly kind: 'unchecked' }
  /** The target group has the namespace by now: another run has made it. */
  | { readonly kind: 'here' }
  | { readonly kind: 'taken'; readonly refusal: Refusal }

/** Asks Azure whether the name is free, with a POST that changes nothing. */
export async function checkName(name: NewName): Promise<NameFound> {
  const { cloud, gate, at, subscriptionId } = name
  const check = await gate.run((call) => cloud.checkNamespaceName(at.namespace, call), { kind: 'writes' })
  if (check.available) return { kind: 'free' }
  if (await gate.run((call) => cloud.readNamespace(at, call))) return { kind: 'here' }
  const found = await lookForName(name)
  return found.kind === 'taken'
    ? found
    : { kind: 'taken', refusal: refuseTakenName(at.namespace, subscriptionId, check) }
}

/** Looks for the name in the subscription. Sends only GET requests, so it cannot tell whether the name is free. */
export async function lookForName({ cloud, gate, at, subscriptionId }: NewName): Promise<NameFound> {
  const all = await gate
    .run((call) => cloud.listNamespaces(call))
    .catch((error: unknown) => {
      if (isAzureFailure(error) && error.azure.status === 403) return []
      throw error
    })
  const found = all.find(({ name }) => sameName(name, at.namespace))
  const group = /\/resourceGroups\/([^/]+)/i.exec(found?.id ?? '')?.[1]
  if (group === undefined || sameName(group, at.group)) return { kind: 'unchecked' }
  return { kind: 'taken', refusal: refuseNameElsewhere(at.namespace, subscriptionId, group) }
}
