import { DEFAULTS } from '../inputs/defaults.ts'
import { FIELDS } from '../inputs/table.ts'
import {
  DEFAULT_PRINCIPAL_TYPE,
  GRANT_ROLES,
  parsePrincipalId,
  parseRole,
  PRINCIPAL_TYPES,
} from '../inputs/grant-parsers.ts'
import {
  oneOf,
  parseEnvironmentName,
  parseHubName,
  parseConsumerGroupName,
  parsePartitions,
  parseRetention,
  parseRuleName,
  parseTagName,
  parseTagValue,
  parseUserMetadata,
  type Parsed,
  type Parser,
} from '../inputs/parsers.ts'
import { CLEANUP_POLICIES } from '../resources/spec.ts'
import type { ListShape, ObjectShape, ScalarShape, Shape } from './shape.ts'

const text = (help: string, parse: Parser<unknown>, examples?: readonly string[]): ScalarShape => ({
  kind: 'scalar',
  type: 'string',
  help,
  parse,
  ...(examples ? { examples } : {}),
})
const choice = (help: string, parse: Parser<unknown>, choices: readonly string[]): ScalarShape => ({
  ...text(help, parse),
  oneOf: choices,
})
const whole = (help: string, parse: Parser<unknown>): ScalarShape => ({ kind: 'scalar', type: 'integer', help, parse })
const toggle = (help: string): ScalarShape => ({ kind: 'scalar', type: 'boolean', help, parse: parseBoolean })
const list = (help: string, of: Shape, empty?: string): ListShape => ({
  kind: 'list',
  help,
  of,
  ...(empty ? { empty } : {}),
})

const parseBoolean: Parser<boolean> = (words) => {
  const known = ['true', 'false'].includes(words)
  return known ? { ok: true, value: words === 'true' } : { ok: false, message: 'is neither true nor false' }
}

type TextKey =
  | ('subscription' | 'tenant' | 'resourceGroup' | 'location' | 'namespace' | 'policy')
  | ('captureStorageAccount' | 'captureContainer' | 'captureInterval' | 'captureSize')
  | ('captureNameFormat' | 'captureIdentity')
/** A flag of the field table as a value of the manifest. */
const field = (key: TextKey): ScalarShape => text(FIELDS[key].help, FIELDS[key].parse, [FIELDS[key].example])

const RIGHTS = ['Send', 'Listen', 'Manage'] as const

const CONSUMER_GROUP: Shape = {
  kind: 'choice',
  help: 'a consumer group: its name, or an object with its user metadata',
  key: 'name',
  short: text('name of the consumer group', parseConsumerGroupName, ['trainer']),
  long: {
    kind: 'object',
    help: 'a consumer group',
    required: ['name'],
    keys: {
      name: text('name of the consumer group', parseConsumerGroupName, ['trainer']),
      userMetadata: text('what it is for', parseUserMetadata),
    },
  },
}

const ACCESS_RULE: ObjectShape = {
  kind: 'object',
  help: 'an authorization rule of the hub, besides the one that ml-ingest makes for the connection',
  required: ['name', 'rights'],
  keys: {
    name: text('name of the rule', parseRuleName, ['producer']),
    rights: list(
      'its rights',
      choice('a right', oneOf('a right', RIGHTS), RIGHTS),
      'is empty: a rule gives Send, Listen, or all three with Manage',
    ),
  },
}

const GRANT: ObjectShape = {
  kind: 'object',
  help: 'a data role for a user, a group or a service principal (a managed identity is one)',
  required: ['principalId', 'role'],
  keys: {
    principalId: text('its object id', parsePrincipalId, ['8c1d2e3f-0000-0000-0000-000000000000']),
    role: choice('what it may do', parseRole, GRANT_ROLES),
    principalType: choice(
      `what it is; ${DEFAULT_PRINCIPAL_TYPE} when nothing is said`,
      oneOf('a type of principal', PRINCIPAL_TYPES),
      PRINCIPAL_TYPES,
    ),
  },
}

const CAPTURE: ObjectShape = {
  kind: 'object',
  help: 'the stream lands as Avro files in a storage account; needs storageAccount and container, or enabled: false',
  required: [],
  keys: {
    enabled: toggle('false: switched off; the files that it wrote stay'),
    storageAccount: field('captureStorageAccount'),
    container: field('captureContainer'),
    interval: field('captureInterval'),
    sizeLimit: field('captureSize'),
    archiveNameFormat: field('captureNameFormat'),
    skipEmptyArchives: toggle(FIELDS.captureSkipEmpty.help),
    identity: field('captureIdentity'),
  },
}

const HUB: ObjectShape = {
  kind: 'object',
  help: 'an event hub',
  required: ['name'],
  keys: {
    name: text('name of the hub', parseHubName, ['clicks']),
    partitions: whole('partitions; final on Basic and Standard', parsePartitions),
    retention: text('how long events are kept: 24h, 7d', parseRetention, ['48h']),
    cleanupPolicy: choice(
      'Delete drops old events, Compact keeps the newest of each key; final',
      oneOf('a cleanup policy', CLEANUP_POLICIES),
      CLEANUP_POLICIES,
    ),
    consumerGroups: list('its consumer groups, besides $Default', CONSUMER_GROUP),
    accessRules: list('its authorization rules', ACCESS_RULE),
    grants: list('who has a data role on it, besides those for all hubs', GRANT),
    capture: CAPTURE,
  },
}

/** What may be said for the whole file, and again for an environment. */
const FRONT_DOOR: Readonly<Record<string, Shape>> = {
  subscription: field('subscription'),
  tenant: field('tenant'),
  resourceGroup: field('resourceGroup'),
  location: field('location'),
  namespace: field('namespace'),
  tier: choice(FIELDS.tier.help, FIELDS.tier.parse, [...FIELDS.tier.choices!, 'Dedicated']),
  capacity: whole(FIELDS.capacity.help, FIELDS.capacity.parse),
  autoInflateMax: whole(FIELDS.autoInflateMax.help, FIELDS.autoInflateMax.parse),
  tags: {
    kind: 'map',
    key: parseTagName,
    help: 'tags of the namespace and of a new resource group; other tags stay',
    of: text('value of the tag', parseTagValue),
  },
  access: choice(FIELDS.access.help, FIELDS.access.parse, FIELDS.access.choices!),
  policy: field('policy'),
  disableLocalAuth: toggle('true: nobody is let in with a key, clients sign in with Microsoft Entra'),
  grants: list('who has a data role on every hub; an environment that says some says all', GRANT),
  partitions: whole('partitions of hubs that do not say', parsePartitions),
  retention: text('retention of hubs that do not say', parseRetention, ['24h']),
  userMetadata: text('user metadata of consumer groups that do not say', parseUserMetadata),
  capture: { ...CAPTURE, help: 'Capture of every hub; what a hub says itself is laid over it' },
  hubs: list('the event hubs', HUB, `is empty: name a hub, or leave the key out, which means ${DEFAULTS.hub}`),
}

const parseVersion: Parser<number> = Object.assign(
  (words: string): Parsed<number> =>
    words === '1' ? { ok: true, value: 1 } : { ok: false, message: 'is not a version that this ml-ingest reads: 1' },
  { accepts: { minimum: 1, maximum: 1 } },
)

export const MANIFEST: ObjectShape = {
  kind: 'object',
  help: 'What ml-ingest keeps in Azure: one namespace with its event hubs, per environment.',
  required: ['version'],
  keys: {
    version: whole('version of this form', parseVersion),
    ...FRONT_DOOR,
    environments: {
      kind: 'map',
      key: parseEnvironmentName,
      help: 'what differs in an environment, chosen with -e; tags are added, hubs are laid over those of the same name',
      of: { kind: 'object', help: 'an environment', required: [], keys: FRONT_DOOR },
    },
  },
}
