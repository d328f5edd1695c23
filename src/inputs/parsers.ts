import { bad, characters, EMPTY, ok, wholeNumber, oneOf, type Parsed, type Parser } from '../lib/parser.ts'
import { parseHours, parseMs } from '../lib/duration.ts'
import { holdsSecret } from '../lib/redact.ts'
import { suggest } from '../lib/suggest.ts'
import {
  DEFAULT_CONSUMER_GROUP,
  NAME_LIMITS,
  TAG_LIMITS,
  TIERS,
  USER_METADATA_MAX,
  type LiveTier,
} from '../lib/limits.ts'
import { REGIONS } from './regions.ts'

/** A key would be stored in the clear, and told to everybody who may look at the resource. Never says it again. */
const SECRET = bad('holds what looks like a key or a connection string, for everybody to read: leave it out')

export const parseTier: Parser<LiveTier> = oneOf<LiveTier>('a tier', TIERS, ['Dedicated'])

/** A name of 1 to `max` letters, digits, `.`, `-` and `_` that starts and ends with a letter or digit. */
const entityName = (noun: string, { min, max }: { readonly min: number; readonly max: number }): Parser<string> =>
  Object.assign(
    (text: string): Parsed<string> => {
      if (text === '') return EMPTY
      if (text.length < min || text.length > max)
        return bad(`has ${characters(text.length)}: ${noun} has ${min} to ${max}`)
      if (!/^[A-Za-z0-9._-]+$/.test(text))
        return bad(`holds a character that ${noun} cannot: letters, digits, . - and _ only`)
      if (!/^[A-Za-z0-9](.*[A-Za-z0-9])?$/.test(text)) return bad(`must start and end with a letter or digit`)
      return ok(text)
    },
    { accepts: { minLength: min, maxLength: max, pattern: '^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$' } },
  )

export const parseRuleName = entityName('an access rule name', NAME_LIMITS.rule)
export const parseHubName = entityName('a hub name', NAME_LIMITS.hub)
export const parseConsumerGroupName = entityName('a consumer group name', NAME_LIMITS.consumerGroup)

/** https://learn.microsoft.com/rest/api/servicebus/create-namespace */
export const parseNamespaceName: Parser<string> = Object.assign(namespaceName, {
  accepts: {
    minLength: NAME_LIMITS.namespace.min,
    maxLength: NAME_LIMITS.namespace.max,
    pattern: '^(?!.*-([sS][bB]|[mM][gG][mM][tT])$)[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$',
  },
})
function namespaceName(text: string): Parsed<string> {
  const { min, max } = NAME_LIMITS.namespace
  if (text === '') return EMPTY
  if (text.length < min || text.length > max)
    return bad(`has ${characters(text.length)}: a namespace name has ${min} to ${max}`)
  if (!/^[A-Za-z0-9-]+$/.test(text))
    return bad('holds a character that a namespace name cannot: letters, digits and - only')
  if (!/^[A-Za-z]/.test(text)) return bad('must start with a letter')
  if (text.endsWith('-')) return bad('must end with a letter or digit')
  const reserved = /-(sb|mgmt)$/i.exec(text)
  return reserved ? bad(`ends with ${reserved[0]}, which Azure keeps for itself`) : ok(text)
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export const parseResourceGroupName: Parser<string> = Object.assign(resourceGroupName, {
  accepts: { minLength: 1, maxLength: NAME_LIMITS.resourceGroup.max, pattern: '^[-A-Za-z0-9_.()]*[-A-Za-z0-9_()]$' },
})
function resourceGroupName(text: string): Parsed<string> {
  const { max } = NAME_LIMITS.resourceGroup
  if (text === '') return EMPTY
  if (text.length > max) return bad(`has ${characters(text.length)}: a resource group name has 1 to ${max}`)
  if (!/^[-\w.()]+$/.test(text)) {
    return bad('holds a character that a resource group name cannot: letters, digits, . - _ ( and ) only')
  }
  return text.endsWith('.') ? bad('must not end with a period') : ok(text)
}

const SUBSCRIPTION_NAME_MAX = 64
/** An id, or a name to look up. */
export const parseSubscription: Parser<string> = (text) => {
  if (text.trim() === '') return EMPTY
  if (text.length > SUBSCRIPTION_NAME_MAX)
    return bad(`has ${characters(text.length)}: a subscription is an id or a name of up to ${SUBSCRIPTION_NAME_MAX}`)
  return /[\u0000-\u001f<>%&\\?/]/.test(text) ? bad('is neither a subscription id nor a name') : ok(text.trim())
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
export const isGuid = (text: string): boolean => GUID.test(text)

const DOMAIN = /^(?=.{3,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i
export const parseTenant: Parser<string> = (text) => {
  if (text.trim() === '') return EMPTY
  return isGuid(text) || DOMAIN.test(text) ? ok(text) : bad('is neither a tenant id nor a domain such as contoso.com')
}

const lettersOf = (region: string): string => region.replace(/\d+$/, '')
/**
 * `West Europe` and `westeurope` alike. One letter beside a known region is taken for a typing mistake; anything else is
 * Azure's to judge, which opens regions faster than this list is renewed (`greececentral` is close to `francecentral`).
 */
export const parseLocation: Parser<string> = (text) => {
  const name = text.toLowerCase().replaceAll(/\s+/g, '')
  if (name === '') return EMPTY
  if (!/^[a-z][a-z0-9]{1,49}$/.test(name)) return bad('is not a region: letters and digits only, such as westeurope')
  if (REGIONS.includes(name) || REGIONS.some((known) => lettersOf(known) === lettersOf(name))) return ok(name)
  const meant = suggest(name, REGIONS, { maxEdits: 1 })
  return meant ? bad(`is not a region. Did you mean ${meant}?`) : ok(name)
}

const RETENTION_MAX_HOURS = 2160
export const parseRetention: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const hours = parseHours(text)
  if (hours === undefined) return bad('is not a time: hours or days, such as 24h or 7d')
  if (hours < 1 || hours > RETENTION_MAX_HOURS) return bad('is out of range: retention is 1h to 90d')
  return ok(hours)
}

const PARTITIONS_MAX = 1024
export const parsePartitions = wholeNumber('partitions', 1, PARTITIONS_MAX)

/** `NAME[:PARTITIONS[:RETENTION]]` */
export interface HubInput {
  readonly name: string
  readonly partitions?: number
  /** In hours. */
  readonly retention?: number
}
export const parseHub: Parser<HubInput> = (text) => {
  const [name = '', partitions, retention, ...rest] = text.split(':')
  if (rest.length > 0) return bad('has too many parts: NAME[:PARTITIONS[:RETENTION]], such as clicks:8:48h')
  const parsedName = parseHubName(name)
  if (!parsedName.ok) return parsedName
  const parsedPartitions = partitions === undefined ? ok(undefined) : parsePartitions(partitions)
  if (!parsedPartitions.ok) return bad(`has a partition count that ${parsedPartitions.message}`)
  const parsedRetention = retention === undefined ? ok(undefined) : parseRetention(retention)
  if (!parsedRetention.ok) return bad(`has a retention that ${parsedRetention.message}`)
  return ok({
    name,
    ...(parsedPartitions.value === undefined ? {} : { partitions: parsedPartitions.value }),
    ...(parsedRetention.value === undefined ? {} : { retention: parsedRetention.value }),
  })
}

/** `[HUB/]NAME`; `$Default` parses, and is ignored later because each hub has it anyway. */
export interface ConsumerGroupInput {
  /** Undefined for a group of every hub. */
  readonly hub?: string
  readonly name: string
}
export const parseConsumerGroup: Parser<ConsumerGroupInput> = (text) => {
  const slash = text.indexOf('/')
  const hub = slash === -1 ? undefined : text.slice(0, slash)
  const name = text.slice(slash + 1)
  if (hub !== undefined) {
    const parsedHub = parseHubName(hub)
    if (!parsedHub.ok) return bad(`names a hub that ${parsedHub.message}`)
  }
  const ofHub = hub === undefined ? {} : { hub }
  if (isDefaultConsumerGroup(name)) return ok({ ...ofHub, name: DEFAULT_CONSUMER_GROUP })
  const parsed = parseConsumerGroupName(name)
  return parsed.ok ? ok({ ...ofHub, name }) : parsed
}
export const isDefaultConsumerGroup = (name: string): boolean =>
  name.toLowerCase() === DEFAULT_CONSUMER_GROUP.toLowerCase()

export const parseUserMetadata: Parser<string> = Object.assign(
  (text: string): Parsed<string> => {
    if (text.trim() === '') return EMPTY
    if (holdsSecret(text)) return SECRET
    return text.length > USER_METADATA_MAX
      ? bad(`has ${characters(text.length)}: user metadata has up to ${USER_METADATA_MAX}`)
      : ok(text)
  },
  { accepts: { minLength: 1, maxLength: USER_METADATA_MAX } },
)

export interface TagInput {
  readonly name: string
  readonly value: string
}
export const parseTag: Parser<TagInput> = (text) => {
  if (text === '') return EMPTY
  const equals = text.indexOf('=')
  if (equals === -1) return bad('is not a tag: NAME=VALUE, such as team=vision')
  const [name, value] = [text.slice(0, equals), text.slice(equals + 1)]
  if (name.trim() === '') return bad('has no name: NAME=VALUE, such as team=vision')
  const parsedName = parseTagName(name)
  if (!parsedName.ok) return bad(`has a name that ${parsedName.message}`)
  const parsedValue = parseTagValue(value)
  return parsedValue.ok ? ok({ name, value }) : bad(`has a value that ${parsedValue.message}`)
}

const { nameLength, valueLength, forbiddenInName } = TAG_LIMITS
const FORBIDDEN = [...forbiddenInName]

/** The name alone, where it is a key. */
export const parseTagName: Parser<string> = Object.assign(
  (text: string): Parsed<string> => {
    if (text.trim() === '') return EMPTY
    if (holdsSecret(text)) return SECRET
    if (text.length > nameLength) return bad(`has ${characters(text.length)}: a tag name has up to ${nameLength}`)
    return FORBIDDEN.some((one) => text.includes(one))
      ? bad(`holds one of ${FORBIDDEN.join(' ')}, which a tag name cannot have`)
      : ok(text)
  },
  { accepts: { minLength: 1, maxLength: nameLength, pattern: '^[^<>%&\\\\?/]*$' } },
)

/** The value alone, where the name stands elsewhere. */
export const parseTagValue: Parser<string> = Object.assign(
  (text: string): Parsed<string> => {
    if (holdsSecret(text)) return SECRET
    return text.length > valueLength
      ? bad(`has ${characters(text.length)}: a tag value has up to ${valueLength}`)
      : ok(text)
  },
  { accepts: { maxLength: valueLength } },
)

const TIMEOUT_MIN_MS = 1_000
const TIMEOUT_MAX_MS = 24 * 3_600_000
export const parseTimeout: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const ms = parseMs(text)
  if (ms === undefined) return bad('is not a time: such as 90s, 15m or 1h')
  return ms < TIMEOUT_MIN_MS || ms > TIMEOUT_MAX_MS ? bad('is out of range: the time limit is 1s to 24h') : ok(ms)
}

/** Zero or more of time, for what the embedded Azure is told to take. */
export const parseDelay: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const ms = parseMs(text)
  if (ms === undefined) return bad('is not a time: such as 40ms or 60s')
  return ms > TIMEOUT_MAX_MS ? bad('is out of range: it is up to 24h') : ok(ms)
}

/** An address to listen on: `127.0.0.1`, `::1`, `0.0.0.0` or a host name. */
export const parseHost: Parser<string> = (text) => {
  if (text.trim() === '') return EMPTY
  return /^[A-Za-z0-9.:-]{1,253}$/.test(text) ? ok(text) : bad('is not an address')
}

/** A key under `environments:` of a manifest. */
export const parseEnvironmentName: Parser<string> = Object.assign(
  (text: string): Parsed<string> => {
    if (text.trim() === '') return EMPTY
    return /^[\w.-]{1,64}$/.test(text) ? ok(text) : bad('is not an environment: letters, digits, . - and _ only')
  },
  { accepts: { minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.-]*$' } },
)

/** The name of an environment variable. */
export const parseVariableName: Parser<string> = (text) => {
  if (text === '') return EMPTY
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text)
    ? ok(text)
    : bad('is not a variable name: letters, digits and _, not starting with a digit')
}

export const parsePath: Parser<string> = (text) =>
  text === '' ? EMPTY : text.includes('\0') ? bad('is not a path: it holds a zero byte') : ok(text)
