import { parseMs } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { bad, EMPTY, lengthProblem, ok, wholeNumber, type Parser } from '../lib/parser.ts'
import { inputsOf, type Input } from './input.ts'
import { isDefaultConsumerGroup, parseConsumerGroupName } from './parsers.ts'

/** Where reading starts. */
export type From =
  | { readonly kind: 'start' | 'end' }
  /** Milliseconds since the Unix epoch. */
  | { readonly kind: 'time'; readonly atMs: number }
  /** This long before now. */
  | { readonly kind: 'ago'; readonly ms: number }

/** A moment, or how long before now it was. */
export type Moment = Extract<From, { readonly kind: 'time' | 'ago' }>

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i

function momentOf(text: string): Moment | undefined {
  const ago = parseMs(text.trim().toLowerCase())
  if (ago !== undefined) return { kind: 'ago', ms: ago }
  const atMs = ISO_TIME.test(text.trim()) ? Date.parse(text.trim()) : NaN
  return Number.isNaN(atMs) ? undefined : { kind: 'time', atMs }
}

const MOMENTS = 'a time such as 2026-11-23T10:00Z, nor a time ago such as 15m'

/** `start`, `end`, a time such as `2026-11-23T10:00Z`, or how long ago: `15m`. */
const parseFrom: Parser<From> = (text) => {
  const word = text.trim().toLowerCase()
  if (word === 'start' || word === 'end') return ok({ kind: word })
  const moment = momentOf(text)
  return moment ? ok(moment) : bad(`is neither start, end, ${MOMENTS}`)
}

const parseMoment: Parser<Moment> = (text) => {
  const moment = momentOf(text)
  return moment ? ok(moment) : bad(`is neither ${MOMENTS}`)
}

const RATE_MAX = 1_000_000
const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** Events per second: `100/s`, `6000/m`. The default unit is `/s`. */
const parseRate: Parser<number> = (text) => {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(?:\/([smh]))?$/i.exec(text.trim())
  const perSecond = match ? Number(match[1]) / SECONDS_PER[match[2]?.toLowerCase() ?? 's']! : 0
  return perSecond > 0 && perSecond <= RATE_MAX
    ? ok(perSecond)
    : bad(`is not a rate: events per time, such as 100/s or 6000/m, up to ${RATE_MAX}/s`)
}

const DURATION_MIN_MS = 1_000
const DURATION_MAX_MS = 300_000

const parseDuration: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const ms = parseMs(text)
  if (ms === undefined) return bad('is not a time, such as 30s or 2m')
  return ms < DURATION_MIN_MS || ms > DURATION_MAX_MS ? bad('is out of range: it is 1s to 5m') : ok(ms)
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const KEY_MAX = 128

const parseKey: Parser<string> = (text) => lengthProblem('a partition key', text, KEY_MAX) ?? ok(text)

/** The limit of a hub in a dedicated cluster. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const PARTITIONS_MAX = 2048

const events = inputsOf('Events', { flagsOnly: true })

/** How to send and read events. */
export const EVENT_INPUTS = {
  readThrough: events.value({
    flags: '--consumer-group <name>',
    label: 'consumer group to read through',
    help: 'consumer group to read through',
    example: 'trainer',
    defaultText: 'the first one of the hub besides $Default',
    inCommand: { 'local tail': { defaultText: '$Default' } },
    parse: (text) => (isDefaultConsumerGroup(text) ? ok(DEFAULT_CONSUMER_GROUP) : parseConsumerGroupName(text)),
  }),
  webSockets: events.toggle({
    flags: '--web-sockets',
    env: ['ML_INGEST_WEB_SOCKETS'],
    label: 'WebSockets',
    help: 'AMQP over WebSockets on port 443, through HTTPS_PROXY if it is set',
  }),
  byKafka: events.toggle({
    flags: '--kafka',
    label: 'Kafka',
    help: 'with a Kafka client, which reads without a consumer group',
  }),
  loadTest: events.toggle({
    flags: '--load',
    label: 'load test',
    help: 'send at the expected rate for a while, else at what the units take in, and say what came through',
  }),
  duration: events.value({
    flags: '--duration <time>',
    help: 'how long --load sends: 1s to 5m',
    example: '1m',
    default: 30_000,
    defaultText: '30s',
    parse: parseDuration,
  }),
  key: events.value({
    flags: '--key <key>',
    label: 'partition key',
    help: 'partition key of all events',
    example: 'device-7',
    parse: parseKey,
  }),
  keyField: events.value({
    flags: '--key-field <name>',
    label: 'field of the partition key',
    help: 'field of each event that is its partition key',
    example: 'deviceId',
    parse: (text) => (text === '' ? EMPTY : ok(text)),
  }),
  partition: events.value({
    flags: '--partition <n>',
    help: 'this partition only',
    example: '0',
    parse: wholeNumber('a partition', 0, PARTITIONS_MAX - 1),
  }),
  rate: events.value({
    flags: '--rate <n/s>',
    help: 'events to send per second or minute: 100/s, 6000/m',
    example: '100/s',
    defaultText: 'as fast as possible',
    parse: parseRate,
  }),
  from: events.value({
    flags: '--from <where>',
    label: 'start of reading',
    help: 'start, end, a time such as 2026-11-23T10:00Z, or how long ago: 15m',
    example: '15m',
    defaultText: 'start, or end with --follow',
    parse: parseFrom,
  }),
  since: events.value({
    flags: '--since <when>',
    label: 'start of the events',
    help: 'only what came since a time such as 2026-11-23T10:00Z, or so long ago: 15m',
    example: '15m',
    defaultText: 'the first event',
    parse: parseMoment,
  }),
  follow: events.toggle({
    flags: '--follow',
    help: 'keep reading new events until Ctrl-C',
  }),
} satisfies Record<string, Input>
