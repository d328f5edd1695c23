import { toggle, value, type Input } from './input.ts'
import { wholeNumber, type Parser } from '../lib/parser.ts'
import { parseMs } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { isDefaultConsumerGroup, parseConsumerGroupName } from './parsers.ts'

/** Where reading starts. */
export type From =
  | { readonly kind: 'start' | 'end' }
  /** Milliseconds since the Unix epoch. */
  | { readonly kind: 'time'; readonly atMs: number }
  /** So long before now. */
  | { readonly kind: 'ago'; readonly ms: number }

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i

/** `start`, `end`, a time such as `2026-11-23T10:00Z`, or how long ago: `15m`. */
const parseFrom: Parser<From> = (text) => {
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
const parseRate: Parser<number> = (text) => {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(?:\/([smh]))?$/i.exec(text.trim())
  const perSecond = match ? Number(match[1]) / SECONDS_PER[match[2]?.toLowerCase() ?? 's']! : 0
  if (!match || perSecond <= 0 || perSecond > RATE_MAX)
    return { ok: false, message: `is not a rate: events per time, such as 100/s or 6000/m, up to ${RATE_MAX}/s` }
  return { ok: true, value: perSecond }
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const KEY_MAX = 128

const parseKey: Parser<string> = (text) => {
  if (text === '') return { ok: false, message: 'is empty' }
  return text.length > KEY_MAX
    ? { ok: false, message: `has ${text.length} characters: a partition key has 1 to ${KEY_MAX}` }
    : { ok: true, value: text }
}

const parseFieldName: Parser<string> = (text) =>
  text === '' ? { ok: false, message: 'is empty' } : { ok: true, value: text }

/** A consumer group to read through; `$Default` is one. */
const parseGroupToRead: Parser<string> = (text) =>
  isDefaultConsumerGroup(text) ? { ok: true, value: DEFAULT_CONSUMER_GROUP } : parseConsumerGroupName(text)

/** Of a hub in a dedicated cluster. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const PARTITIONS_MAX = 2048

/** How events are sent and read. */
export const EVENT_INPUTS = {
  readThrough: value({
    flags: '--consumer-group <name>',
    env: [],
    label: 'consumer group to read through',
    help: 'consumer group to read through',
    example: 'trainer',
    defaultText: "the hub's first own one in verify, $Default in local tail",
    section: 'Events',
    parse: parseGroupToRead,
  }),
  webSockets: toggle({
    flags: '--web-sockets',
    env: ['ML_INGEST_WEB_SOCKETS'],
    label: 'WebSockets',
    help: 'AMQP over WebSockets on port 443, through HTTPS_PROXY where it is set',
    section: 'Events',
  }),
  key: value({
    flags: '--key <key>',
    env: [],
    label: 'partition key',
    help: 'partition key of all events',
    example: 'device-7',
    section: 'Events',
    parse: parseKey,
  }),
  keyField: value({
    flags: '--key-field <name>',
    env: [],
    label: 'field of the partition key',
    help: 'field of each event that is its partition key',
    example: 'deviceId',
    section: 'Events',
    parse: parseFieldName,
  }),
  partition: value({
    flags: '--partition <n>',
    env: [],
    label: 'partition',
    help: 'this partition alone',
    example: '0',
    section: 'Events',
    parse: wholeNumber('a partition', 0, PARTITIONS_MAX - 1),
  }),
  rate: value({
    flags: '--rate <n/s>',
    env: [],
    label: 'rate',
    help: 'send so many events in a time: 100/s, 6000/m',
    example: '100/s',
    defaultText: 'as fast as it goes',
    section: 'Events',
    parse: parseRate,
  }),
  from: value({
    flags: '--from <where>',
    env: [],
    label: 'start of reading',
    help: 'start, end, a time such as 2026-11-23T10:00Z, or how long ago: 15m',
    example: '15m',
    defaultText: 'start; with --follow end',
    section: 'Events',
    parse: parseFrom,
  }),
  follow: toggle({
    flags: '--follow',
    env: [],
    label: 'follow',
    help: 'go on with what comes, until Ctrl-C',
    section: 'Events',
  }),
} satisfies Record<string, Input>
