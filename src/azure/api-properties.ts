import { NO_IDENTITY } from '../inputs/identity.ts'
import { Failure } from '../lib/errors.ts'
import { NETWORK_LIMITS } from '../lib/limits.ts'

interface JsonObject {
  readonly [key: string]: unknown
}

/** A resource as Resource Manager sends and takes it. */
export interface Body extends JsonObject {
  readonly identity?: { readonly type?: unknown } | undefined
  readonly properties?: JsonObject
}

interface Property {
  /** The stable part of the first api-version that has it. */
  readonly since: string
  readonly words: string
  readonly isIn: (properties: JsonObject, body: Body) => boolean
}

const retentionOf = (properties: JsonObject): JsonObject => (properties['retentionDescription'] ?? {}) as JsonObject
const timestampOf = (properties: JsonObject): JsonObject =>
  (properties['messageTimestampDescription'] ?? {}) as JsonObject

/**
 * What older api-versions of Event Hubs drop without a word. What a new resource has anyway is not asked for.
 * https://learn.microsoft.com/azure/templates/microsoft.eventhub/change-log/namespaces
 */
const PROPERTIES: readonly Property[] = [
  {
    since: '2021-01-01',
    words: 'managed identities',
    isIn: (_, { identity }) => identity !== undefined && identity.type !== NO_IDENTITY,
  },
  {
    since: '2021-01-01',
    words: 'trusted services of the firewall',
    isIn: ({ trustedServiceAccessEnabled: isTrusted }) => isTrusted === true,
  },
  {
    since: '2021-11-01',
    words: 'switch for local authentication',
    isIn: ({ disableLocalAuth }) => disableLocalAuth === true,
  },
  {
    since: '2022-01-01',
    words: 'minimum TLS version',
    isIn: ({ minimumTlsVersion: version }) => version !== undefined && version !== NETWORK_LIMITS.minimumTls,
  },
  {
    since: '2022-01-01',
    words: 'public network access',
    isIn: ({ publicNetworkAccess: access }) => access !== undefined && access !== 'Enabled',
  },
  {
    since: '2022-10-01',
    words: 'tombstone retention time',
    isIn: (properties) => retentionOf(properties)['tombstoneRetentionTimeInHours'] !== undefined,
  },
  {
    since: '2024-05-01',
    words: 'cleanup policy DeleteOrCompact',
    isIn: (properties) => retentionOf(properties)['cleanupPolicy'] === 'DeleteOrCompact',
  },
  {
    since: '2024-05-01',
    words: 'timestamp types',
    isIn: (properties) => (timestampOf(properties)['timestampType'] ?? 'LogAppend') !== 'LogAppend',
  },
  {
    since: '2025-05-01',
    words: 'TLS 1.3',
    isIn: ({ minimumTlsVersion }) => minimumTlsVersion === '1.3',
  },
]

/**
 * Throws a `Failure` before a body is sent in an api-version that does not have all of it. What is in `current`, an answer in
 * the same version, is known.
 */
export function assertKnown(apiVersion: string, body: Body, current: Body = {}): void {
  const has = (one: Body, { isIn }: Property): boolean => isIn(one.properties ?? {}, one)
  const unknown = PROPERTIES.filter((one) => apiVersion < one.since && has(body, one) && !has(current, one))
  if (unknown.length === 0) return
  throw new Failure({
    code: 'refused',
    message: "Can't set what this cloud does not have",
    azure: { code: 'UnknownProperty' },
    why: [
      `Its newest api-version of Event Hubs, ${apiVersion}, has no ${unknown.map(({ words }) => words).join(', and no ')}.`,
    ],
    hint: 'Leave it out, and run the same command again.',
  })
}
