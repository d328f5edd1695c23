import { edit } from '../inputs/refer.ts'
import { LIMITS, TIERS, type LiveTier, type TierLimits } from '../lib/limits.ts'
import { say, type Text } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'
import type { Size, ToSize } from '../sizing/size.ts'

/** What a rule checks. */
export interface RuleInput<W> {
  readonly wanted: W
  readonly tier: LiveTier
  readonly limits: TierLimits
  /** `Standard`, or `Standard, the default tier` if none was given. */
  readonly tierWords: string
  /** Undefined if none was given: an existing namespace may have another than the default. */
  readonly capacity: number | undefined
  readonly asked: ToSize
  /** The values of what nobody said among them. */
  readonly size: Size
  /** On the embedded Azure, which has more defaults and takes more than Azure. */
  readonly isLocal: boolean
}

export type Rule<W> = (given: RuleInput<W>) => readonly Problem[]

/** `. --tier Premium allows up to 100` for the first tier with a high enough limit, if there is one. */
export function tierThatAllows(isEnough: (limits: TierLimits) => boolean, words: (limits: TierLimits) => string): Text {
  const tier = TIERS.find((one) => isEnough(LIMITS[one]))
  return tier ? say`. ${edit({ tier })} allows ${words(LIMITS[tier])}` : ''
}
