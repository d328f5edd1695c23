import { inputsOf, type Input } from './input.ts'
import { parseDelay, parseHost, parsePath } from './parsers.ts'
import { ok, wholeNumber } from '../lib/parser.ts'

const PORT_MAX = 65_535
/** https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide. Plain TCP, like the official emulator. */
const AMQP_PORT = 5672

const local = inputsOf('Embedded Azure', { flagsOnly: true })

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
    default: AMQP_PORT,
    parse: wholeNumber('a port', 0, PORT_MAX),
  }),
  host: local.value({
    flags: '--host <address>',
    help: 'address for Event Hubs clients',
    example: '0.0.0.0',
    default: '127.0.0.1',
    parse: parseHost,
  }),
  durable: local.toggle({
    flags: '--durable',
    help: 'acknowledge events once they are on disk: they survive a power cut, not only a crash',
  }),
  latency: local.value({
    flags: '--latency <time>',
    help: 'delay of every response',
    example: '40ms',
    parse: parseDelay,
  }),
  provisioning: local.value({
    flags: '--provisioning <time>',
    label: 'provisioning time',
    help: 'time to create, update or delete a namespace',
    example: '60s',
    parse: parseDelay,
  }),
  rateLimits: local.toggle({
    flags: '--rate-limits',
    help: "throttle by Resource Manager's published limits",
  }),
  fault: local.list<string>({
    flags: '--fault <fault>',
    help: 'fail on purpose: KIND,method=PUT,path=eventhubs,skip=1,times=2,retry-after=5; repeatable',
    example: '429,method=PUT,times=2,retry-after=5',
    parse: ok,
  }),
} satisfies Record<string, Input>
