/** Azure ignores case in names. */
export const nameKeyOf = (name: string): string => name.toLowerCase()
export const sameName = (a: string, b: string): boolean => nameKeyOf(a) === nameKeyOf(b)

/** Whether Windows takes a name for a device in every folder. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
export const isDeviceName = (name: string): boolean =>
  /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])( *\.| *$)/i.test(name)

/** The positions of names that are already in the list before them. */
export function repetitionsIn(names: readonly string[]): readonly number[] {
  const seen = new Set<string>()
  return names.flatMap((name, i) => {
    const key = nameKeyOf(name)
    if (seen.has(key)) return [i]
    seen.add(key)
    return []
  })
}

export const findByName = <T extends { readonly name: string }>(all: readonly T[], name: string): T | undefined =>
  all.find((one) => sameName(one.name, name))
