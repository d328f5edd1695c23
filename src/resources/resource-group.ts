import { INPUTS } from '../inputs/table.ts'
import { fromInput } from '../wanted/shape.ts'
import type { Tags } from './namespace/namespace.ts'
import { withOwnershipTag, tagWords } from './namespace/tags.ts'
import { partOf, type Part, type Target } from './step.ts'

export type GroupWrite =
  { readonly op: 'register-provider' } | { readonly op: 'create-group'; readonly location: string; readonly tags: Tags }

/** The keys of a manifest for the subscription and the names in it. */
export const TARGET = {
  subscription: fromInput(INPUTS.subscription),
  tenant: fromInput(INPUTS.tenant),
  resourceGroup: fromInput(INPUTS.resourceGroup),
  location: fromInput(INPUTS.location),
  namespace: fromInput(INPUTS.namespace),
} as const

export interface ProviderActual {
  /** `Registered`, `NotRegistered`, `Registering`, ...; undefined without permission to read it. */
  readonly state: string | undefined
  /** Normalised names of the regions that offer namespaces; empty if unknown. */
  readonly locations: readonly string[]
}

export interface GroupActual {
  readonly name: string
  readonly location: string
  readonly provisioningState: string
  readonly tags: Tags
}

/** A subscription that never used Event Hubs has to register its resource provider. */
export function planProvider({ state }: ProviderActual): Part<GroupWrite> {
  if (state === undefined || state === 'Registered') return { steps: [], notes: [] }
  const target: Target = { kind: 'provider', name: 'Microsoft.EventHub' }
  return partOf({ action: 'create', target, details: ['register'], write: { op: 'register-provider' } })
}

/** An existing group is used as it is, with any region and tags. */
export function planGroup(
  wanted: { readonly name: string; readonly location: string; readonly tags: Tags },
  live: GroupActual | undefined,
): Part<GroupWrite> {
  const target: Target = { kind: 'group', name: live?.name ?? wanted.name }
  if (live) return partOf({ action: 'keep', target, details: [live.location] })
  const { location, tags } = wanted
  const write = { op: 'create-group', location, tags: withOwnershipTag(tags) } as const
  return partOf({ action: 'create', target, details: [location, ...tagWords(tags)], write })
}
