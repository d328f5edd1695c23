import type { Leaf } from '../wanted/node.ts'

/**
 * A value and whether somebody gave it. What was given is compared with what exists and sent; what was not given only
 * fills in what has to be created, and is no opinion about what exists.
 */
export interface Setting<T> {
  readonly value: T
  readonly given: boolean
}

/** The setting of what somebody said, or of what holds when nobody did. */
export const settingOf = <T>(leaf: Leaf<T> | undefined, usual: T): Setting<T> =>
  leaf ? { value: leaf.value, given: true } : { value: usual, given: false }

/** What a saved manifest shall say of a key. */
export interface Saved<T = unknown> {
  readonly value: T
  /** False: nothing has to be said, unless the file says something else. */
  readonly isNeeded: boolean
}

/** What was said, or else what there is; needed when that is worth saying. */
export function saved<T>(setting: Setting<T>, live: T | undefined, isWorthSaying: (value: T) => boolean): Saved<T> {
  const value = setting.given ? setting.value : (live ?? setting.value)
  return { value, isNeeded: setting.given || isWorthSaying(value) }
}

export const needed = <T>(value: T): Saved<T> => ({ value, isNeeded: true })
