import { INPUTS } from '../inputs/table.ts'
import { fromInput } from '../wanted/shape.ts'
import type { Tags } from './namespace/namespace.ts'
import { owned, tagWords } from './namespace/tags.ts'
import type { Part, Target } from './step.ts'

/** What is sent for it. */
export type GroupWrite =
  { readonly op: 'register-provider' } | { readonly op: 'create-group'; readonly location: string; readonly tags: Tags }

/** Where: what a manifest says of the subscription and what is in it. */
export const TARGET = {
  subscription: fromInput(INPUTS.subscription),
  tenant: fromInput(INPUTS.tenant),
  resourceGroup: fromInput(INPUTS.resourceGroup),
  location: fromInput(INPUTS.location),
  namespace: fromInput(INPUTS.namespace),
} as const

export interface ProviderActual {
  /** `Registered`, `NotRegistered`, `Registering`, ...; undefined when it may not be read. */
  readonly state: string | undefined
  /** Normalised names of the regions that offer namespaces; empty when not known. */
  readonly locations: readonly string[]
}

export interface GroupActual {
  readonly name: string
  readonly location: string
  readonly provisioningState: string
  readonly tags: Tags
}

const PROVIDER = 'Microsoft.EventHub'

/** A subscription meets Event Hubs for the first time: the resource provider has to be registered. */
export function planProvider({ state }: ProviderActual): Part<GroupWrite> {
  if (state === undefined || state === 'Registered') return { steps: [], notes: [] }
  const target: Target = { kind: 'provider', name: PROVIDER }
  return {
    steps: [{ action: 'create', target, details: ['register'], write: { op: 'register-provider' } }],
    notes: [],
  }
}

/** An existing group is used as it is, whatever its region and tags. */
export function planGroup(
  wanted: { readonly name: string; readonly location: string; readonly tags: Tags },
  live: GroupActual | undefined,
): Part<GroupWrite> {
  const target: Target = { kind: 'group', name: live?.name ?? wanted.name }
  if (live) return { steps: [{ action: 'keep', target, details: [live.location] }], notes: [] }
  const { location, tags } = wanted
  const write = { op: 'create-group', location, tags: owned(tags) } as const
  return { steps: [{ action: 'create', target, details: [location, ...tagWords(tags)], write }], notes: [] }
}
