import { DEFAULTS } from './defaults.ts'
import type { Inputs } from './inputs.ts'
import type { HubInput } from './parsers.ts'

/** The hubs asked for, or the one that is made when nobody says which. */
export function hubInputs(inputs: Inputs): readonly [HubInput, ...HubInput[]] {
  const [first, ...rest] = inputs.hub?.value ?? []
  return first ? [first, ...rest] : [{ name: DEFAULTS.hub, partitions: undefined, retentionHours: undefined }]
}
