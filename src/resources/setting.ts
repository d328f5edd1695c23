import type { Leaf } from '../wanted/node.ts'

/** A value, and whether it was given. A default is used for new resources, but never changes existing ones. */
export interface Setting<T> {
  readonly value: T
  readonly given: boolean
}

/** The setting of a given value, or of the default. */
export const settingOf = <T>(leaf: Leaf<T> | undefined, fallback: T): Setting<T> =>
  leaf ? { value: leaf.value, given: true } : { value: fallback, given: false }

/** The value after a run: what was not given stays as it is. */
export const valueAfter = <T>({ value, given }: Setting<T>, live: T | undefined): T => (given ? value : (live ?? value))

/** The value of a key in a saved manifest. */
export interface Saved<T = unknown> {
  readonly value: T
  /** If false, it is written only if the file has another value. */
  readonly isNeeded: boolean
}

/** The given value, or else the live one. */
export function saved<T>(setting: Setting<T>, live: T | undefined, needsSaving: (value: T) => boolean): Saved<T> {
  const value = valueAfter(setting, live)
  return { value, isNeeded: setting.given || needsSaving(value) }
}

export const needed = <T>(value: T): Saved<T> => ({ value, isNeeded: true })
