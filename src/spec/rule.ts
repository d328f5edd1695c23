import type { FieldKey } from './fields.ts'
import { invalid, writtenInput, type InputProblem, type Inputs } from './inputs.ts'
import { LIMITS, TIERS, type LiveTier, type TierLimits } from './limits.ts'

/** What a cross-field rule looks at. */
export interface World {
  readonly inputs: Inputs
  readonly tier: LiveTier
  readonly limits: TierLimits
  /** `Standard`, or `Standard, the default tier` when nobody said. */
  readonly tierWords: string
  /** Undefined when nobody said: what exists may have another than the default. */
  readonly capacity: number | undefined
}

export type Rule = (world: World) => readonly InputProblem[]

/** A problem with what was given for a field, or with one value (`text`) of several. */
export function about(world: World, key: FieldKey, message: string, text?: string): InputProblem {
  return invalid(key, writtenInput(key, world.inputs[key], text), message)
}

/** `. --tier Premium allows up to 100` for the first tier that takes what this one does not; nothing if none does. */
export function wherePossible(
  isEnough: (limits: TierLimits) => boolean,
  words: (limits: TierLimits) => string,
): string {
  const tier = TIERS.find((one) => isEnough(LIMITS[one]))
  return tier ? `. --tier ${tier} allows ${words(LIMITS[tier])}` : ''
}
