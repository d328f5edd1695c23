import { list, toggle, value, type Field } from './field.ts'
import { parseDelay, wholeNumber } from './parsers.ts'

const START = ['local start'] as const
const PORT_MAX = 65_535

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
