/** `1,234,567`. */
export const formatCount = (n: number | string): string => Number(n).toLocaleString('en-US')

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `1.2 MB`; a KB has 1024 bytes. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}
