import { edit } from '../inputs/refer.ts'
import { LIMITS, TIERS, type LiveTier, type TierLimits } from '../lib/limits.ts'
import { say, type Text } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'

/** What a rule looks at. */
export interface Case<W> {
  readonly wanted: W
  readonly tier: LiveTier
  readonly limits: TierLimits
  /** `Standard`, or `Standard, the default tier` when nobody said. */
  readonly tierWords: string
  /** Undefined when nobody said: what exists may have another than the default. */
  readonly capacity: number | undefined
  /** The subscription, where its id is known. */
  readonly subscriptionId: string | undefined
  /** On the embedded Azure, which takes what Azure checks elsewhere. */
  readonly isLocal: boolean
}

export type Rule<W> = (given: Case<W>) => readonly Problem[]

/** `. --tier Premium allows up to 100` for the first tier that takes what this one does not; nothing if none does. */
export function wherePossible(isEnough: (limits: TierLimits) => boolean, words: (limits: TierLimits) => string): Text {
  const tier = TIERS.find((one) => isEnough(LIMITS[one]))
  return tier ? say`. ${edit({ tier })} allows ${words(LIMITS[tier])}` : ''
}
