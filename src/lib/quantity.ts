const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
const BYTES: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4 },
}
const SECONDS: Readonly<Record<string, number>> = {
  ...{ s: 1, sec: 1, second: 1, min: 60, minute: 60, h: 3_600, hour: 3_600, d: 86_400, day: 86_400 },
}

/**
 * A number with its unit: `1.2`, `m`. A comma groups thousands, as in `5,000`. What other people read as another number is
 * none: `0,500` and `20.000`, whose point groups thousands in half of Europe, and `20Mb`, which are bits.
 */
function splitNumber(text: string): { readonly value: number; readonly unit: string } | undefined {
  const match = /^(\d{1,15}|[1-9]\d{0,2}(?:([,_])\d{3})(?:\2\d{3}){0,3})(\.\d{1,6})?\s*([a-z]*)$/i.exec(text.trim())
  if (!match) return undefined
  const [, whole = '', , part = '', unit = ''] = match
  const mayGroup = unit === '' && /^[1-9]\d{0,2}$/.test(whole) && part.length === 4
  if (mayGroup || /^[KMGT]i?b$/.test(unit)) return undefined
  return { value: Number(whole.replaceAll(/[,_]/g, '') + part), unit: unit.toLowerCase() }
}

function amountIn(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const split = splitNumber(text)
  if (!split || !Object.hasOwn(units, split.unit)) return undefined
  return split.value * units[split.unit]!
}

/** What `read` finds in the text before `/s`, `/min`, `/h` or `/day`, for one second. */
function perSecond(text: string, read: (amount: string) => number | undefined): number | undefined {
  const [amount = '', time = 's', ...more] = text.trim().split('/')
  const word = time.trim().toLowerCase()
  const value = read(amount)
  return value === undefined || !Object.hasOwn(SECONDS, word) || more.length > 0 ? undefined : value / SECONDS[word]!
}

/**
 * Reads `5000`, `5,000`, `5k` or `1.2M`, and `20M/day`, `300/min` or `5k events/s` as a number for one second; undefined for
 * other texts.
 */
export const parsePerSecond = (text: string): number | undefined =>
  perSecond(text, (amount) => amountIn(amount.replace(/\s*events?\s*$/i, ''), MULTIPLES))

/** Reads `512`, `512B`, `1KB` (1,000 bytes) or `1KiB` (1,024 bytes) as bytes; undefined for other texts. */
export const parseByteCount = (text: string): number | undefined => amountIn(text, BYTES)

/** Reads `20MB/s` or `2TB/day` as bytes for one second; undefined for other texts. */
export const parseBytesPerSecond = (text: string): number | undefined =>
  perSecond(text, (amount) => (/[a-z]/i.test(amount) ? parseByteCount(amount) : undefined))

/** Whole numbers from 100 on, three digits from 1 on, two below: `1,234`, `12.5`, `0.05`. */
export const formatNumber = (n: number): string =>
  n.toLocaleString('en-US', n >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: n >= 1 ? 3 : 2 })

const NAMED_BYTES = [
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
] as const

/** `512 B`, `1 KB`, `7.5 MB`. A KB has 1,000 bytes, as in Azure's limits of throughput. */
export function formatByteCount(bytes: number): string {
  const [unit, size] = NAMED_BYTES.find(([, least]) => Math.round(bytes / (least / 1_000)) >= 1_000) ?? ['B', 1]
  return `${formatNumber(bytes / size)} ${unit}`
}

/** `256 KiB`, `1 MiB`: Azure's limits of the size of an event are powers of two. */
export const formatBinarySize = (bytes: number): string =>
  bytes >= 1024 ** 2 ? `${formatNumber(bytes / 1024 ** 2)} MiB` : `${formatNumber(bytes / 1024)} KiB`
