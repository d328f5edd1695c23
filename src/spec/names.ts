/** Azure's names differ in case only by spelling, not by identity. */
export const nameKeyOf = (name: string): string => name.toLowerCase()
export const sameName = (a: string, b: string): boolean => nameKeyOf(a) === nameKeyOf(b)

/** Names that come again, each once, in the spelling of the repetition. */
export function repeatedNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  const repeated = new Map<string, string>()
  for (const name of names) {
    if (seen.has(nameKeyOf(name))) repeated.set(nameKeyOf(name), name)
    seen.add(nameKeyOf(name))
  }
  return [...repeated.values()]
}
