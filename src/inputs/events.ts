import { parseFieldName, parseFrom, parseGroupToRead, parseKey, parseRate } from './event-parsers.ts'
import { toggle, value, type Field } from './input.ts'
import { wholeNumber } from './parsers.ts'

const SEND = ['local send'] as const
const TAIL = ['local tail'] as const
/** Of a hub in a dedicated cluster. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const PARTITIONS_MAX = 2048

/** How events are sent and read. */
export const EVENT_FIELDS = {
  readThrough: value({
    flags: '--consumer-group <name>',
    env: [],
    label: 'consumer group to read through',
    help: 'consumer group to read through',
    example: 'trainer',
    defaultText: "the hub's first own one in verify, $Default in local tail",
    section: 'Events',
    commands: ['verify', ...TAIL],
    parse: parseGroupToRead,
  }),
  webSockets: toggle({
    flags: '--web-sockets',
    env: ['ML_INGEST_WEB_SOCKETS'],
    label: 'WebSockets',
    help: 'AMQP over WebSockets on port 443, through HTTPS_PROXY where it is set',
    section: 'Events',
    commands: ['verify'],
  }),
  key: value({
    flags: '--key <key>',
    env: [],
    label: 'partition key',
    help: 'partition key of all events',
    example: 'device-7',
    section: 'Events',
    commands: SEND,
    parse: parseKey,
  }),
  keyField: value({
    flags: '--key-field <name>',
    env: [],
    label: 'field of the partition key',
    help: 'field of each event that is its partition key',
    example: 'deviceId',
    section: 'Events',
    commands: SEND,
    parse: parseFieldName,
  }),
  partition: value({
    flags: '--partition <n>',
    env: [],
    label: 'partition',
    help: 'this partition alone',
    example: '0',
    section: 'Events',
    commands: [...SEND, ...TAIL],
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
    commands: SEND,
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
    commands: TAIL,
    parse: parseFrom,
  }),
  follow: toggle({
    flags: '--follow',
    env: [],
    label: 'follow',
    help: 'go on with what comes, until Ctrl-C',
    section: 'Events',
    commands: TAIL,
  }),
} satisfies Record<string, Field>
