import { list, toggle, value, type Field } from './field.ts'
import { parseDelay, parseHost, wholeNumber } from './parsers.ts'

const START = ['local start'] as const
const PORT_MAX = 65_535
/** https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide; plain TCP, as the official emulator. */
const AMQP_PORT = 5672

/** How the embedded Azure runs, and what it is told to get wrong. */
export const LOCAL_FIELDS = {
  detach: toggle({
    flags: '--detach',
    env: [],
    label: 'detach',
    help: 'leave it running in the background',
    section: 'Embedded Azure',
    commands: START,
  }),
  memory: toggle({
    flags: '--memory',
    env: [],
    label: 'memory',
    help: 'keep nothing on disk',
    section: 'Embedded Azure',
    commands: START,
  }),
  port: value({
    flags: '--port <n>',
    env: [],
    label: 'port',
    help: 'port of its Resource Manager',
    example: '8090',
    defaultText: 'any free one',
    section: 'Embedded Azure',
    commands: START,
    parse: wholeNumber('a port', 0, PORT_MAX),
  }),
  amqpPort: value({
    flags: '--amqp-port <n>',
    env: [],
    label: 'AMQP port',
    help: 'port that Event Hubs clients connect to; another free one when it is taken, or for 0',
    example: '0',
    default: AMQP_PORT,
    section: 'Embedded Azure',
    commands: START,
    parse: wholeNumber('a port', 0, PORT_MAX),
  }),
  host: value({
    flags: '--host <address>',
    env: [],
    label: 'host',
    help: 'address that Event Hubs clients connect to',
    example: '0.0.0.0',
    default: '127.0.0.1',
    section: 'Embedded Azure',
    commands: START,
    parse: parseHost,
  }),
  durable: toggle({
    flags: '--durable',
    env: [],
    label: 'durable',
    help: 'acknowledge events when they are on the disk itself: they survive a power cut, not only a crash',
    section: 'Embedded Azure',
    commands: START,
  }),
  latency: value({
    flags: '--latency <time>',
    env: [],
    label: 'latency',
    help: 'added to every answer',
    example: '40ms',
    section: 'Embedded Azure',
    commands: START,
    parse: parseDelay,
  }),
  provisioning: value({
    flags: '--provisioning <time>',
    env: [],
    label: 'provisioning time',
    help: 'how long a namespace is being created, updated or deleted',
    example: '60s',
    section: 'Embedded Azure',
    commands: START,
    parse: parseDelay,
  }),
  rateLimits: toggle({
    flags: '--rate-limits',
    env: [],
    label: 'rate limits',
    help: "throttle by Resource Manager's published limits",
    section: 'Embedded Azure',
    commands: START,
  }),
  fault: list<string>({
    flags: '--fault <fault>',
    env: [],
    label: 'fault',
    help: 'fail on purpose: KIND,method=PUT,path=eventhubs,skip=1,times=2,retry-after=5; repeatable',
    example: '429,method=PUT,times=2,retry-after=5',
    section: 'Embedded Azure',
    commands: START,
    parse: (text) => ({ ok: true, value: text }),
  }),
} satisfies Record<string, Field>
