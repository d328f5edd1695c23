/** Azure's names differ in case only by spelling, not by identity. */
export const nameKeyOf = (name: string): string => name.toLowerCase()
export const sameName = (a: string, b: string): boolean => nameKeyOf(a) === nameKeyOf(b)

/** Where a name comes again, by position. */
export function repetitionsIn(names: readonly string[]): readonly number[] {
  const keys = names.map(nameKeyOf)
  const first = new Map<string, number>()
  for (const [i, key] of keys.entries()) if (!first.has(key)) first.set(key, i)
  return keys.flatMap((key, i) => (first.get(key) === i ? [] : [i]))
}
