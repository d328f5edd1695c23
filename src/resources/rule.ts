import { longFlagOf, FIELDS, type FieldKey } from '../inputs/table.ts'
import { invalidPart, nodeOf, type InputProblem, type Inputs, type Part } from '../inputs/given.ts'
import { LIMITS, TIERS, type LiveTier, type TierLimits } from '../lib/limits.ts'

/** What a cross-field rule looks at. */
export interface World {
  readonly inputs: Inputs
  /** What somebody gave and could not be read, which is told already: no rule complains that it is not there. */
  readonly unread: readonly FieldKey[]
  readonly tier: LiveTier
  readonly limits: TierLimits
  /** `Standard`, or `Standard, the default tier` when nobody said. */
  readonly tierWords: string
  /** Undefined when nobody said: what exists may have another than the default. */
  readonly capacity: number | undefined
}

export type Rule = (world: World) => readonly InputProblem[]

/** A problem with what was given for a field, or with a part of it. */
export const about = (world: World, key: FieldKey, message: string, part?: Part): InputProblem =>
  invalidPart(key, world.inputs[key], message, part)

/** How another input is called: by its flag, or by its key where a manifest says it. */
export const nameOfInput = ({ inputs }: World, key: FieldKey): string =>
  (inputs[key]?.source === 'manifest' ? nodeOf(inputs[key])?.at.path : undefined) ?? longFlagOf(FIELDS[key])

/** Whether something in this part of a manifest could not be read, so that what is missing there is no mistake of its own. */
export const isBroken = (world: World, key: FieldKey, part?: Part): boolean =>
  nodeOf(world.inputs[key], part)?.isBroken ?? false

/** `. --tier Premium allows up to 100` for the first tier that takes what this one does not; nothing if none does. */
export function wherePossible(
  isEnough: (limits: TierLimits) => boolean,
  words: (limits: TierLimits) => string,
): string {
  const tier = TIERS.find((one) => isEnough(LIMITS[one]))
  return tier ? `. --tier ${tier} allows ${words(LIMITS[tier])}` : ''
}
