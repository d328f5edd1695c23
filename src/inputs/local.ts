import { list, toggle, value, type Input } from './input.ts'
import { parseDelay, parseHost, parsePath } from './parsers.ts'
import { wholeNumber } from '../lib/parser.ts'

const PORT_MAX = 65_535
/** https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide; plain TCP, as the official emulator. */
const AMQP_PORT = 5672

/** How the embedded Azure runs, and what it is told to get wrong. */
export const LOCAL_INPUTS = {
  detach: toggle({
    flags: '--detach',
    env: [],
    label: 'detach',
    help: 'leave it running in the background',
    section: 'Embedded Azure',
  }),
  config: value({
    flags: '--config <file>',
    env: [],
    label: 'configuration',
    help: "make what the Config.json of the official Event Hubs emulator names, with the emulator's own key",
    example: 'Config.json',
    section: 'Embedded Azure',
    parse: parsePath,
  }),
  memory: toggle({
    flags: '--memory',
    env: [],
    label: 'memory',
    help: 'keep nothing on disk',
    section: 'Embedded Azure',
  }),
  port: value({
    flags: '--port <n>',
    env: [],
    label: 'port',
    help: 'port of its Resource Manager',
    example: '8090',
    defaultText: 'any free one',
    section: 'Embedded Azure',
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
    parse: parseHost,
  }),
  durable: toggle({
    flags: '--durable',
    env: [],
    label: 'durable',
    help: 'acknowledge events when they are on the disk itself: they survive a power cut, not only a crash',
    section: 'Embedded Azure',
  }),
  latency: value({
    flags: '--latency <time>',
    env: [],
    label: 'latency',
    help: 'added to every answer',
    example: '40ms',
    section: 'Embedded Azure',
    parse: parseDelay,
  }),
  provisioning: value({
    flags: '--provisioning <time>',
    env: [],
    label: 'provisioning time',
    help: 'how long a namespace is being created, updated or deleted',
    example: '60s',
    section: 'Embedded Azure',
    parse: parseDelay,
  }),
  rateLimits: toggle({
    flags: '--rate-limits',
    env: [],
    label: 'rate limits',
    help: "throttle by Resource Manager's published limits",
    section: 'Embedded Azure',
  }),
  fault: list<string>({
    flags: '--fault <fault>',
    env: [],
    label: 'fault',
    help: 'fail on purpose: KIND,method=PUT,path=eventhubs,skip=1,times=2,retry-after=5; repeatable',
    example: '429,method=PUT,times=2,retry-after=5',
    section: 'Embedded Azure',
    parse: (text) => ({ ok: true, value: text }),
  }),
} satisfies Record<string, Input>
