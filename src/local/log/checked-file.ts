import { crc32c } from '../../lib/crc32c.ts'
import type { Folder } from './files.ts'

/** Values in a small file of JSON with a checksum. `format` is that of the values. */
export interface CheckedFile {
  readonly name: string
  readonly format: number
}

/**
 * The values; undefined where there is no file. When it is damaged, or missing although `isExpected`, `log` is told
 * `consequence`.
 */
export function readChecked(
  folder: Folder,
  { name, format }: CheckedFile,
  {
    log,
    consequence,
    isExpected = false,
  }: { readonly log: (line: string) => void; readonly consequence: string; readonly isExpected?: boolean },
): unknown {
  const text = folder.readText(name)
  if (text === undefined) {
    if (isExpected) log(`${folder.pathOf(name)} is missing: ${consequence}`)
    return undefined
  }
  try {
    const read = JSON.parse(text) as Record<string, unknown>
    if (read['format'] === format && read['crc32c'] === checkOf(read['values'])) return read['values']
  } catch {
    // Told below.
  }
  log(`${folder.pathOf(name)} is damaged: ${consequence}`)
  return undefined
}

/** `unsynced` may lose the last changes in a power cut, and takes microseconds. */
export function writeChecked(
  folder: Folder,
  { name, format }: CheckedFile,
  values: unknown,
  sync: 'synced' | 'unsynced' = 'synced',
): void {
  folder.writeText(name, JSON.stringify({ format, crc32c: checkOf(values), values }), sync)
}

const checkOf = (values: unknown): number => crc32c(Buffer.from(JSON.stringify(values) ?? ''))
