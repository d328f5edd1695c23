import { parseMs } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { isDefaultConsumerGroup, parseConsumerGroupName, type Parser } from './parsers.ts'

/** Where reading starts. */
export type From =
  | { readonly kind: 'start' | 'end' }
  /** Milliseconds since the Unix epoch. */
  | { readonly kind: 'time'; readonly atMs: number }
  /** So long before now. */
  | { readonly kind: 'ago'; readonly ms: number }

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i

/** `start`, `end`, a time such as `2026-11-23T10:00Z`, or how long ago: `15m`. */
export const parseFrom: Parser<From> = (text) => {
  const word = text.trim().toLowerCase()
  if (word === 'start' || word === 'end') return { ok: true, value: { kind: word } }
  const ago = parseMs(word)
  if (ago !== undefined) return { ok: true, value: { kind: 'ago', ms: ago } }
  const atMs = ISO_TIME.test(text.trim()) ? Date.parse(text.trim()) : NaN
  if (!Number.isNaN(atMs)) return { ok: true, value: { kind: 'time', atMs } }
  return { ok: false, message: 'is neither start, end, a time such as 2026-11-23T10:00Z, nor a time ago such as 15m' }
}

const RATE_MAX = 1_000_000
const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** Events per second: `100/s`, `6000/m`; without a unit it is per second. */
export const parseRate: Parser<number> = (text) => {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(?:\/([smh]))?$/i.exec(text.trim())
  const perSecond = match ? Number(match[1]) / SECONDS_PER[match[2]?.toLowerCase() ?? 's']! : 0
  if (!match || perSecond <= 0 || perSecond > RATE_MAX)
    return { ok: false, message: `is not a rate: events per time, such as 100/s or 6000/m, up to ${RATE_MAX}/s` }
  return { ok: true, value: perSecond }
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const KEY_MAX = 128

export const parseKey: Parser<string> = (text) => {
  if (text === '') return { ok: false, message: 'is empty' }
  return text.length > KEY_MAX
    ? { ok: false, message: `has ${text.length} characters: a partition key has 1 to ${KEY_MAX}` }
    : { ok: true, value: text }
}

export const parseFieldName: Parser<string> = (text) =>
  text === '' ? { ok: false, message: 'is empty' } : { ok: true, value: text }

/** A consumer group to read through; `$Default` is one. */
export const parseGroupToRead: Parser<string> = (text) =>
  isDefaultConsumerGroup(text) ? { ok: true, value: DEFAULT_CONSUMER_GROUP } : parseConsumerGroupName(text)
