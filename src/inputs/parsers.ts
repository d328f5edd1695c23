import { accepting, bad, characters, EMPTY, lengthProblem, ok, wholeNumber, oneOf, type Parser } from '../lib/parser.ts'
import { parseHours, parseMs } from '../lib/duration.ts'
import { holdsSecret } from '../lib/secret.ts'
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

/** Azure would store the key in the clear and show it to every reader of the resource. */
const SECRET = bad('holds what looks like a key or a connection string, for everybody to read: leave it out')

export const parseTier: Parser<LiveTier> = oneOf<LiveTier>('a tier', TIERS, { alsoAccepted: ['Dedicated'] })

/** A name of letters, digits, `.`, `-` and `_` that starts and ends with a letter or digit. */
function entityName(noun: string, { min, max }: { readonly min: number; readonly max: number }): Parser<string> {
  const accepts = { minLength: min, maxLength: max, pattern: '^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$' }
  return accepting(accepts, (text) => {
    const wrongLength = lengthProblem(noun, text, max, min)
    if (wrongLength) return wrongLength
    if (!/^[A-Za-z0-9._-]+$/.test(text))
      return bad(`holds a character that ${noun} cannot: letters, digits, . - and _ only`)
    return /^[A-Za-z0-9](.*[A-Za-z0-9])?$/.test(text) ? ok(text) : bad(`must start and end with a letter or digit`)
  })
}

export const parseRuleName = entityName('an access rule name', NAME_LIMITS.rule)
export const parseHubName = entityName('a hub name', NAME_LIMITS.hub)
export const parseConsumerGroupName = entityName('a consumer group name', NAME_LIMITS.consumerGroup)

/** https://learn.microsoft.com/rest/api/servicebus/create-namespace */
export const parseNamespaceName = accepting<string>(
  {
    minLength: NAME_LIMITS.namespace.min,
    maxLength: NAME_LIMITS.namespace.max,
    pattern: '^(?!.*-([sS][bB]|[mM][gG][mM][tT])$)[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$',
  },
  (text) => {
    const { min, max } = NAME_LIMITS.namespace
    const wrongLength = lengthProblem('a namespace name', text, max, min)
    if (wrongLength) return wrongLength
    if (!/^[A-Za-z0-9-]+$/.test(text))
      return bad('holds a character that a namespace name cannot: letters, digits and - only')
    if (!/^[A-Za-z]/.test(text)) return bad('must start with a letter')
    if (text.endsWith('-')) return bad('must end with a letter or digit')
    const reserved = /-(sb|mgmt)$/i.exec(text)
    return reserved ? bad(`ends with ${reserved[0]}, which Azure keeps for itself`) : ok(text)
  },
)

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export const parseResourceGroupName = accepting<string>(
  { minLength: 1, maxLength: NAME_LIMITS.resourceGroup.max, pattern: '^[-A-Za-z0-9_.()]*[-A-Za-z0-9_()]$' },
  (text) => {
    const wrongLength = lengthProblem('a resource group name', text, NAME_LIMITS.resourceGroup.max)
    if (wrongLength) return wrongLength
    if (!/^[-\w.()]+$/.test(text)) {
      return bad('holds a character that a resource group name cannot: letters, digits, . - _ ( and ) only')
    }
    return text.endsWith('.') ? bad('must not end with a period') : ok(text)
  },
)

const SUBSCRIPTION_NAME_MAX = 64
/** An id or a name. */
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
 * Reads `West Europe` or `westeurope`. A name that differs by one letter from a known region is a typing mistake. Azure
 * checks any other name, because it may be a new region (`greececentral` is close to `francecentral`).
 */
export const parseLocation: Parser<string> = (text) => {
  const name = text.toLowerCase().replaceAll(/\s+/g, '')
  if (name === '') return EMPTY
  if (!/^[a-z][a-z0-9]{1,49}$/.test(name))
    return bad('is not a region: regions look like westeurope, with 2 to 50 letters and digits')
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

/** `[HUB/]NAME`. `$Default` is accepted, but ignored later, because each hub has it. */
export interface ConsumerGroupInput {
  /** Undefined for a group on every hub. */
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

export const parseUserMetadata = accepting<string>({ minLength: 1, maxLength: USER_METADATA_MAX }, (text) => {
  if (text.trim() === '') return EMPTY
  if (holdsSecret(text)) return SECRET
  return text.length > USER_METADATA_MAX
    ? bad(`has ${characters(text.length)}: user metadata has up to ${USER_METADATA_MAX}`)
    : ok(text)
})

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

export const parseTagName = accepting<string>(
  { minLength: 1, maxLength: nameLength, pattern: '^[^<>%&\\\\?/]*$' },
  (text) => {
    if (text.trim() === '') return EMPTY
    if (holdsSecret(text)) return SECRET
    if (text.length > nameLength) return bad(`has ${characters(text.length)}: a tag name has up to ${nameLength}`)
    return FORBIDDEN.some((one) => text.includes(one))
      ? bad(`holds one of ${FORBIDDEN.join(' ')}, which a tag name cannot have`)
      : ok(text)
  },
)

export const parseTagValue = accepting<string>({ maxLength: valueLength }, (text) => {
  if (holdsSecret(text)) return SECRET
  return text.length > valueLength
    ? bad(`has ${characters(text.length)}: a tag value has up to ${valueLength}`)
    : ok(text)
})

const TIMEOUT_MIN_MS = 1_000
const TIMEOUT_MAX_MS = 24 * 3_600_000
export const parseTimeout: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const ms = parseMs(text)
  if (ms === undefined) return bad('is not a time, such as 90s, 15m or 1h')
  return ms < TIMEOUT_MIN_MS || ms > TIMEOUT_MAX_MS ? bad('is out of range: the time limit is 1s to 24h') : ok(ms)
}

/** A delay of the embedded Azure, from zero. */
export const parseDelay: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const ms = parseMs(text)
  if (ms === undefined) return bad('is not a time, such as 40ms or 60s')
  return ms > TIMEOUT_MAX_MS ? bad('is out of range: it is up to 24h') : ok(ms)
}

/** An address to listen on: `127.0.0.1`, `::1`, `0.0.0.0` or a host name. */
export const parseHost: Parser<string> = (text) => {
  if (text.trim() === '') return EMPTY
  return /^[A-Za-z0-9.:-]{1,253}$/.test(text) ? ok(text) : bad('is not an address')
}

/** A key under `environments:` of a manifest. */
export const parseEnvironmentName = accepting<string>(
  { minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.-]*$' },
  (text) => {
    if (text.trim() === '') return EMPTY
    return /^[\w.-]{1,64}$/.test(text) ? ok(text) : bad('is not an environment: letters, digits, . - and _ only')
  },
)

/** Variables that a shell or a program needs as they are, in any case. */
const RESERVED_VARIABLES = [
  ...['PATH', 'HOME', 'IFS', 'PWD', 'OLDPWD', 'SHELL', 'USER', 'LOGNAME', 'UID', 'EUID', 'PPID', 'PS1', 'ENV', 'TERM'],
  ...['BASH_ENV', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'PYTHONPATH', 'TMPDIR', 'LANG'],
  ...['STATUS', 'ARGV', 'PIPESTATUS', 'FISH_PID', 'HOSTNAME', 'VERSION', 'HISTORY', 'UMASK'],
  ...['TEMP', 'TMP', 'COMSPEC', 'PATHEXT', 'SYSTEMROOT', 'WINDIR', 'PSMODULEPATH', 'USERPROFILE', 'APPDATA'],
]

/** The name of an environment variable. */
export const parseVariableName: Parser<string> = (text) => {
  if (text === '') return EMPTY
  if (RESERVED_VARIABLES.includes(text.toUpperCase()))
    return bad('is a variable that shells and programs need as it is')
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text)
    ? ok(text)
    : bad('is not a variable name: letters, digits and _, not starting with a digit')
}

export const parsePath: Parser<string> = (text) =>
  text === '' ? EMPTY : text.includes('\0') ? bad('is not a path: it holds a zero byte') : ok(text)
