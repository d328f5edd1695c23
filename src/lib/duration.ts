const HOURS_PER_UNIT: Readonly<Record<string, number>> = { h: 1, d: 24 }
const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Reads `24h` or `7d` as hours; undefined for any other text. */
export function parseHours(text: string): number | undefined {
  const match = /^(\d{1,6})([hd])$/i.exec(text.trim())
  if (!match) return undefined
  return Number(match[1]) * HOURS_PER_UNIT[match[2]!.toLowerCase()]!
}

/** `36h`, or `2d` for whole days from two days on. */
export function formatHours(hours: number): string {
  return hours >= 48 && hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`
}

/** Reads `40ms`, `30s`, `15m` or `1h` as milliseconds; undefined for any other text. */
export function parseMs(text: string): number | undefined {
  const match = /^(\d{1,6})(ms|[smh])$/i.exec(text.trim())
  if (!match) return undefined
  return Number(match[1]) * MS_PER_UNIT[match[2]!.toLowerCase()]!
}

/** Elapsed time in seconds, and in minutes from two minutes on. */
export function formatElapsed(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)}s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds}s`
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`
}
