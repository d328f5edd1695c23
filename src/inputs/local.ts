import { inputsOf, type Input } from './input.ts'
import { parseDelay, parseHost, parsePath, isDefaultConsumerGroup, parseConsumerGroupName } from './parsers.ts'
import { parseStorageConnection, type StorageConnection } from '../lib/blob/storage-connection.ts'
import { ok, oneOf, wholeNumber, bad, EMPTY, lengthProblem, type Parser } from '../lib/parser.ts'
import { Secret } from '../lib/secret.ts'
import { parseMs } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'

const PORT_MAX = 65_535
/** https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide. Plain TCP, like the official emulator. */
const AMQP_PORT = 5672
/** The port of Kafka's own brokers and of the official emulator. https://kafka.apache.org/quickstart */
const KAFKA_PORT = 9092

const KAFKA_RANGES = ['full', 'azure'] as const
type KafkaRange = (typeof KAFKA_RANGES)[number]

/** https://learn.microsoft.com/azure/event-hubs/test-locally-with-event-hub-emulator */
const HEALTH_PORT = 5300

const SIZE_MIN = 1024 * 1024
const SIZE_UNITS: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 }

/** A number of bytes: `500MB`, `1.5GB`. */
const parseSize: Parser<number> = (text) => {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)\s*([kmgt]b)$/i.exec(text.trim())
  if (!match) return text.trim() === '' ? EMPTY : bad('is not a size, such as 500MB or 2GB')
  const bytes = Math.round(Number(match[1]) * SIZE_UNITS[match[2]!.toLowerCase()]!)
  return bytes >= SIZE_MIN ? ok(bytes) : bad('is too small: a partition holds at least 1MB')
}

/** Where files of Capture are that the settings send to a storage account. */
export interface StorageGiven {
  /** The name of the storage account in the settings. */
  readonly account: string
  readonly connection: StorageConnection
  /** As typed. */
  readonly words: Secret
}

/** `lake=UseDevelopmentStorage=true`. No message repeats what follows the name. */
const parseStorage: Parser<StorageGiven> = (text) => {
  const [words, account, connectionString = ''] = /^([a-z0-9]{3,24})=(\S+)$/.exec(text.trim()) ?? []
  if (account === undefined)
    return bad('is not NAME=CONNECTIONSTRING without spaces, where NAME is the name of a storage account')
  const read = parseStorageConnection(connectionString)
  return read.ok
    ? ok({ account, connection: read.value, words: new Secret(words!) })
    : bad(`for ${account} ${read.message}`)
}

const local = inputsOf('Embedded Azure', { flagsOnly: true })

const CAPTURED_STORAGE = { help: 'connection string to read that storage account with; repeatable' }

/** How the embedded Azure runs, and which faults it simulates. */
export const LOCAL_INPUTS = {
  detach: local.toggle({
    flags: '--detach',
    help: 'leave it running in the background',
  }),
  config: local.value({
    flags: '--config <file>',
    label: 'configuration',
    help: "make the hubs and consumer groups in a Config.json of the official Event Hubs emulator, with the emulator's key",
    example: 'Config.json',
    parse: parsePath,
  }),
  memory: local.toggle({
    flags: '--memory',
    help: 'keep nothing on disk',
  }),
  port: local.value({
    flags: '--port <n>',
    help: 'port of its Resource Manager',
    example: '8090',
    defaultText: 'any free port',
    parse: wholeNumber('a port', 0, PORT_MAX),
  }),
  amqpPort: local.value({
    flags: '--amqp-port <n>',
    label: 'AMQP port',
    help: 'port for Event Hubs clients; any free port if this one is taken or 0',
    example: '0',
    defaultText: `the port of the last start, else ${AMQP_PORT}`,
    parse: wholeNumber('a port', 0, PORT_MAX),
  }),
  kafkaPort: local.value({
    flags: '--kafka-port <n>',
    label: 'Kafka port',
    help: 'port for Kafka clients; any free port if this one is taken or 0',
    example: '0',
    defaultText: `the port of the last start, else ${KAFKA_PORT}`,
    parse: wholeNumber('a port', 0, PORT_MAX),
  }),
  kafkaRange: local.value<KafkaRange>({
    flags: '--kafka-range <range>',
    rare: true,
    label: 'range of Kafka',
    help: 'versions that are offered to Kafka clients: full, or those that were recorded of azure',
    example: 'azure',
    default: 'full',
    choices: KAFKA_RANGES,
    parse: oneOf('a range', KAFKA_RANGES),
  }),
  healthPort: local.value({
    flags: '--health-port <n>',
    rare: true,
    label: 'health port',
    help: "port for the official emulator's health check, GET /health; open with --config or with this",
    example: '5301',
    default: HEALTH_PORT,
    parse: wholeNumber('a port', 0, PORT_MAX),
  }),
  host: local.value({
    flags: '--host <address>',
    rare: true,
    help: 'address for Event Hubs clients',
    example: '0.0.0.0',
    default: '127.0.0.1',
    parse: parseHost,
  }),
  durable: local.toggle({
    flags: '--durable',
    rare: true,
    help: 'acknowledge events once they are on disk: they survive a power cut, not only a crash',
  }),
  maxPartitionSize: local.value({
    flags: '--max-partition-size <size>',
    rare: true,
    help: 'size at which a partition drops its oldest events',
    example: '2GB',
    defaultText: '1GB, or 64MB with --memory',
    parse: parseSize,
  }),
  enforceLimits: local.toggle({
    flags: '--enforce-limits',
    env: ['ML_INGEST_ENFORCE_LIMITS'],
    rare: true,
    label: 'limits of capacity',
    help: 'hold namespaces to their units: refuse what comes too fast, and let readers wait',
    inCommand: {
      create: { help: 'with --local: hold namespaces to their units, if this starts the embedded Azure' },
    },
  }),
  storage: local.list<StorageGiven>({
    flags: '--storage <name=string>',
    env: ['ML_INGEST_STORAGE'],
    rare: true,
    once: true,
    secret: true,
    label: 'storage of Capture',
    help: 'connection string of where the files of Capture of that storage account go, instead of a folder; repeatable',
    example: 'lake=UseDevelopmentStorage=true',
    // Connection strings hold commas, but no spaces.
    separator: /\s+/,
    inCommand: {
      create: {
        help: 'with --local: connection string of where the files of Capture of that storage account go, if this starts the embedded Azure; repeatable',
      },
      'capture ls': CAPTURED_STORAGE,
      'capture cat': CAPTURED_STORAGE,
    },
    parse: parseStorage,
  }),
  latency: local.value({
    flags: '--latency <time>',
    rare: true,
    help: 'delay of every response',
    example: '40ms',
    parse: parseDelay,
  }),
  provisioning: local.value({
    flags: '--provisioning <time>',
    rare: true,
    label: 'provisioning time',
    help: 'time to create, update or delete a namespace',
    example: '60s',
    parse: parseDelay,
  }),
  rateLimits: local.toggle({
    flags: '--rate-limits',
    rare: true,
    help: "throttle by Resource Manager's published limits",
  }),
  flush: local.toggle({
    once: true,
    flags: '--flush',
    label: 'end of the windows of Capture',
    help: 'end the open windows now, and print the files that this writes',
  }),
  fault: local.list<string>({
    flags: '--fault <fault>',
    help: 'fail on purpose: KIND,method=PUT,path=eventhubs,skip=1,times=2,retry-after=5; repeatable',
    example: '429,method=PUT,times=2,retry-after=5',
    parse: ok,
  }),
} satisfies Record<string, Input>

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
