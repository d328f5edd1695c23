import { inputsOf, type Input } from './input.ts'
import { parseDelay, parseHost, parsePath } from './parsers.ts'
import { parseStorageConnection, type StorageConnection } from '../lib/blob/storage-connection.ts'
import { ok, oneOf, wholeNumber, bad, EMPTY, type Parser } from '../lib/parser.ts'
import { Secret } from '../lib/secret.ts'

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
