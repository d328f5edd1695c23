import { parseMs } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP, KEY_MAX } from '../lib/limits.ts'
import { bad, EMPTY, lengthProblem, ok, oneOf, wholeNumber, type Parser } from '../lib/parser.ts'
import { parsePerSecond } from '../lib/quantity.ts'
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

/** Events per second: `100/s`, `5k`, `6000/min`. The default unit is `/s`. */
const parseRate: Parser<number> = (text) => {
  const perSecond = parsePerSecond(text.replace(/\/m$/i, '/min')) ?? 0
  return perSecond > 0 && perSecond <= RATE_MAX
    ? ok(perSecond)
    : bad(`is not a rate: events per time, such as 100/s, 5k or 6000/min, up to ${RATE_MAX}/s`)
}

/** A stream of generated events. */
export const SAMPLES = ['clicks', 'iot', 'transactions'] as const
export type SampleName = (typeof SAMPLES)[number]

/** A field of a JSON body, and the value that it has to have. */
export interface Condition {
  /** `['user', 'id']` for `user.id`. */
  readonly path: readonly string[]
  readonly value: string
}

const parseField: Parser<readonly string[]> = (text) => {
  const path = text.split('.')
  return text === '' ? EMPTY : path.includes('') ? bad('is not a field, such as deviceId or device.id') : ok(path)
}

const parseCondition: Parser<Condition> = (text) => {
  const at = text.indexOf('=')
  const field = parseField(text.slice(0, Math.max(at, 0)))
  return field.ok
    ? ok({ path: field.value, value: text.slice(at + 1) })
    : bad('is not FIELD=VALUE, such as type=click or device.id=7')
}

const DURATION_MIN_MS = 1_000
const DURATION_MAX_MS = 300_000

const parseDuration: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const ms = parseMs(text)
  if (ms === undefined) return bad('is not a time, such as 30s or 2m')
  return ms < DURATION_MIN_MS || ms > DURATION_MAX_MS ? bad('is out of range: it is 1s to 5m') : ok(ms)
}

const parseKey: Parser<string> = (text) => lengthProblem('a partition key', text, KEY_MAX) ?? ok(text)

/** The limit of a hub in a dedicated cluster. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const PARTITIONS_MAX = 2048

const parseGroup: Parser<string> = (text) =>
  isDefaultConsumerGroup(text) ? ok(DEFAULT_CONSUMER_GROUP) : parseConsumerGroupName(text)

const COUNT_MAX = 1_000_000_000
const SEED_MAX = 2 ** 32 - 1

const SENT_COUNT = {
  help: 'end after so many events',
  defaultText: 'all; of a sample 1000, or with --rate no end until Ctrl-C',
}

const events = inputsOf('Events', { flagsOnly: true })

/** How to send and read events. */
export const EVENT_INPUTS = {
  readThrough: events.value({
    flags: '--consumer-group <name>',
    label: 'consumer group to read through',
    help: 'consumer group to read through',
    example: 'trainer',
    defaultText: 'the first one of the hub besides $Default',
    inCommand: {
      tail: { help: 'the same as --group', defaultText: DEFAULT_CONSUMER_GROUP },
      'local tail': { help: 'the same as --group', defaultText: DEFAULT_CONSUMER_GROUP },
    },
    parse: parseGroup,
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
  group: events.value({
    flags: '--group <name>',
    label: 'consumer group',
    help: 'consumer group to read through',
    example: 'trainer',
    default: DEFAULT_CONSUMER_GROUP,
    parse: parseGroup,
  }),
  keyPath: events.value({
    flags: '--key <field>',
    label: 'field of the partition key',
    help: 'field of each event that is its partition key; dots go deeper: device.id',
    example: 'deviceId',
    parse: parseField,
    format: (path) => path.join('.'),
  }),
  partitionKey: events.value({
    flags: '--partition-key <key>',
    help: 'one partition key for all events',
    example: 'device-7',
    parse: parseKey,
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
    help: 'events to send per second or minute: 100/s, 5k, 6000/min',
    example: '100/s',
    defaultText: 'as fast as possible',
    parse: parseRate,
  }),
  count: events.value({
    flags: '--count <n>',
    label: 'number of events',
    help: 'end after so many events',
    example: '1000',
    once: true,
    inCommand: { send: SENT_COUNT, 'local send': SENT_COUNT },
    parse: wholeNumber('a number of events', 1, COUNT_MAX),
  }),
  sample: events.value<SampleName>({
    flags: '--sample <name>',
    help: 'send generated events: clicks, iot or transactions',
    example: 'clicks',
    choices: SAMPLES,
    parse: oneOf('a sample', SAMPLES),
  }),
  seed: events.value({
    flags: '--seed <n>',
    label: 'seed of the sample',
    help: 'with --sample: the same seed makes the same events, at other times',
    example: '7',
    default: 1,
    parse: wholeNumber('a seed', 0, SEED_MAX),
  }),
  where: events.list<Condition>({
    flags: '--where <field=value>',
    label: 'condition',
    help: 'only events whose JSON body has this value; dots go deeper: device.id=7; repeatable, all must hold',
    example: 'type=click',
    parse: parseCondition,
    format: ({ path, value }) => `${path.join('.')}=${value}`,
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
