import { formatHours } from '../lib/duration.ts'
import { DEFAULTS } from './defaults.ts'
import { inputsOf, type Input } from './input.ts'
import { TIERS } from '../lib/limits.ts'
import { oneOf, wholeNumber } from '../lib/parser.ts'
import {
  parseConsumerGroup,
  parseHub,
  parsePartitions,
  parseRetention,
  parseRuleName,
  parseTag,
  parseTier,
  parseUserMetadata,
} from './parsers.ts'
import { formatGrant, parseGrant } from './grant-parsers.ts'

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-auto-inflate */
const AUTO_INFLATE_MAX = 40

export const ACCESS = ['send-listen', 'send', 'listen', 'manage'] as const
export type Access = (typeof ACCESS)[number]

/** Words that others use for the rights. None of them is accepted. */
const OTHER_WORDS_FOR_ACCESS: Readonly<Record<string, Access>> = {
  ...{
    read: 'listen',
    reader: 'listen',
    receive: 'listen',
    receiver: 'listen',
    consume: 'listen',
    subscribe: 'listen',
  },
  ...{ write: 'send', writer: 'send', sender: 'send', produce: 'send', publish: 'send' },
  ...{ 'read-write': 'send-listen', readwrite: 'send-listen', 'listen-send': 'send-listen', both: 'send-listen' },
  ...{ admin: 'manage', root: 'manage', owner: 'manage', all: 'manage' },
}

const namespace = inputsOf('Namespace')
/** For a command that makes no hub. */
const namedHub = (help: string, defaultText: string = DEFAULTS.hub) => ({ flags: '--hub <name>', help, defaultText })
const CAPTURED_HUB = namedHub('event hub whose files are read, also without --hub', 'the only one that is captured')

/** The embedded Azure tells what hubs it has, so that a hub need not be named there. */
const THE_ONLY_HUB = 'the only one there is'
const HUB_OR_ONLY = `${DEFAULTS.hub}; with --local ${THE_ONLY_HUB}`
const HUB_TO_SEND_TO = namedHub('event hub to send to, also without --hub', HUB_OR_ONLY)
const HUB_TO_READ = namedHub('event hub to read, also without --hub', HUB_OR_ONLY)

const hubs = inputsOf('Event hubs')
const access = inputsOf('Access')

/** The namespace, its hubs and consumer groups, and the access rule. */
export const RESOURCE_INPUTS = {
  tier: namespace.value({
    at: 'tier',
    flags: '--tier <tier>',
    prompt: 'Tier?',
    help: 'Basic, Standard or Premium; Dedicated for an existing namespace in a cluster',
    example: 'Standard',
    choices: TIERS,
    default: DEFAULTS.tier,
    parse: parseTier,
  }),
  capacity: namespace.value({
    at: 'capacity',
    flags: '--capacity <units>',
    prompt: 'Capacity?',
    help: 'throughput units, processing units on Premium; the floor when auto-inflate is on',
    example: '2',
    default: DEFAULTS.capacity,
    parse: wholeNumber('capacity', 1, 40),
  }),
  autoInflateMax: namespace.value({
    at: 'autoInflateMax',
    flags: '--auto-inflate-max <units>',
    label: 'auto-inflate maximum',
    prompt: 'Auto-inflate maximum?',
    help: 'let Azure raise the capacity up to this; 0 = off (Standard only)',
    example: '10',
    default: DEFAULTS.autoInflateMax,
    parse: wholeNumber('the auto-inflate maximum', 0, AUTO_INFLATE_MAX),
  }),
  resetCapacity: namespace.toggle({
    at: 'resetCapacity',
    flags: '--reset-capacity',
    rare: true,
    label: 'capacity reset',
    help: 'lower an inflated namespace back to --capacity',
  }),
  kafka: namespace.toggle({
    at: 'kafka',
    flags: '--kafka',
    rare: true,
    label: 'Kafka endpoint',
    help: 'require a Kafka endpoint: every tier but Basic has one',
  }),
  tag: namespace.list({
    at: 'tags',
    flags: '--tag <name=value>',
    rare: true,
    help: 'tag of the namespace and of a new resource group; other tags stay; repeatable',
    example: 'team=vision',
    parse: parseTag,
    format: ({ name, value: text }) => `${name}=${text}`,
  }),
  hub: hubs.list({
    at: 'hubs',
    flags: '--hub <name[:partitions[:retention]]>',
    prompt: 'Hub?',
    help: 'event hub; repeatable',
    inCommand: {
      'show-connection': namedHub('event hub to connect to; repeatable'),
      verify: namedHub('event hub to test; repeatable'),
      status: namedHub('event hub to show, also without --hub; repeatable', 'all of the namespace'),
      send: HUB_TO_SEND_TO,
      'local send': { ...HUB_TO_SEND_TO, defaultText: THE_ONLY_HUB },
      tail: HUB_TO_READ,
      'local tail': { ...HUB_TO_READ, defaultText: THE_ONLY_HUB },
      open: namedHub('event hub whose page is opened, also without --hub', 'the page of the namespace'),
      'rotate-key': namedHub('event hub whose key is renewed'),
      'capture ls': CAPTURED_HUB,
      'capture cat': CAPTURED_HUB,
    },
    example: 'clicks:8:48h',
    defaultText: DEFAULTS.hub,
    parse: parseHub,
  }),
  partitions: hubs.value({
    at: 'partitions',
    flags: '--partitions <n>',
    prompt: 'Partitions?',
    help: 'partitions of each hub, unless --hub gives them; fixed on Basic and Standard',
    example: '8',
    default: DEFAULTS.partitions,
    parse: parsePartitions,
  }),
  retention: hubs.value({
    at: 'retention',
    flags: '--retention <time>',
    prompt: 'Retention?',
    help: 'retention of each hub, unless --hub gives it: 24h, 7d',
    example: '48h',
    default: DEFAULTS.retentionHours,
    defaultText: formatHours(DEFAULTS.retentionHours),
    parse: parseRetention,
    format: formatHours,
  }),
  consumerGroup: hubs.list({
    at: 'consumerGroups',
    flags: '--consumer-group <[hub/]name>',
    noneFlag: '--no-consumer-group',
    prompt: 'Consumer group?',
    help: 'consumer group of this hub, or of each hub; $Default is always there; repeatable',
    example: 'clicks/trainer',
    defaultText: DEFAULTS.consumerGroup,
    parse: parseConsumerGroup,
  }),
  userMetadata: hubs.value({
    at: 'userMetadata',
    flags: '--user-metadata <text>',
    rare: true,
    help: 'user metadata of the consumer groups',
    example: 'Feature pipeline of team vision',
    default: DEFAULTS.userMetadata,
    parse: parseUserMetadata,
  }),
  access: access.value<Access>({
    at: 'access',
    flags: '--access <rights>',
    help: 'rights of the connection: a rule ml-ingest-<rights> on the hub; manage is the root key of the namespace',
    inCommand: {
      'rotate-key': {
        help: 'rule whose key is renewed: ml-ingest-<rights> of the hub; manage is the root key of the namespace',
      },
      send: { defaultText: 'the least of them that is there and may send' },
      tail: { defaultText: 'the least of them that is there and may listen' },
    },
    example: 'listen',
    choices: ACCESS,
    default: DEFAULTS.access,
    parse: oneOf('an access', ACCESS, { otherWords: OTHER_WORDS_FOR_ACCESS }),
  }),
  policy: access.value({
    at: 'policy',
    flags: '--policy <name>',
    label: 'access rule',
    help: 'use this existing rule of the hub or the namespace instead',
    example: 'pipeline-send',
    parse: parseRuleName,
  }),
} satisfies Record<string, Input>

const STAGES = ['1', '2'] as const

/** Data roles, keys that are renewed, and access without keys. */
export const ACCESS_INPUTS = {
  grant: access.list({
    at: 'grants',
    flags: '--grant <id:role>',
    rare: true,
    help: 'give a data role on each hub: OBJECT_ID:sender, receiver or owner, and :User or :Group if it is not a service principal; with @namespace at the end, on the namespace; repeatable',
    example: '8c1d2e3f-0000-0000-0000-000000000000:sender',
    parse: parseGrant,
    format: formatGrant,
  }),
  disableLocalAuth: access.toggle({
    at: 'disableLocalAuth',
    flags: '--disable-local-auth',
    rare: true,
    label: 'no keys',
    help: 'accept no keys: clients sign in with Microsoft Entra, and no access rule is made for them',
  }),
  stage: access.value<(typeof STAGES)[number]>({
    flags: '--stage <n>',
    env: [],
    help: '1 renews the secondary key, 2 the primary',
    example: '1',
    choices: STAGES,
    defaultText: 'on a terminal both, with a question before each',
    parse: oneOf('a stage', STAGES),
  }),
} satisfies Record<string, Input>
