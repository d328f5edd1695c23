import type { LocalHub } from '../../hubs/directory.ts'
import type { HubToCreate } from '../../hubs/hub-admin.ts'
import { KafkaError } from '../errors.ts'
import { NODE_ID } from '../partitions.ts'

/** Numbers of Kafka's admin clients: org.apache.kafka.clients.admin.ConfigEntry, its types and its sources. */
const TYPE = { boolean: 1, string: 2, int: 3, long: 5, list: 7 } as const
const SOURCE = { topic: 1, default: 5 } as const

interface Setting {
  readonly type: keyof typeof TYPE
  readonly of: (hub: LocalHub) => string
  /** What a value asks of a new hub; undefined for a value that it cannot have. Without it, a value changes nothing. */
  readonly ask?: (value: string) => Partial<HubToCreate> | undefined
}

const MS_PER_HOUR = 3_600_000
const POLICIES: Readonly<Record<string, HubToCreate['cleanupPolicy']>> = {
  delete: 'Delete',
  compact: 'Compact',
  'compact,delete': 'DeleteOrCompact',
}
const TIMESTAMPS: Readonly<Record<string, HubToCreate['timestampType']>> = {
  CreateTime: 'Create',
  LogAppendTime: 'LogAppend',
}

/** What a hub has, under Kafka's names. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  'cleanup.policy': {
    type: 'list',
    of: ({ isCompacted, retentionHours }) => {
      if (!isCompacted) return 'delete'
      return Number.isFinite(retentionHours) ? 'compact,delete' : 'compact'
    },
    ask: (value) => {
      const cleanupPolicy = POLICIES[value.split(',').sort().join(',')]
      return cleanupPolicy && { cleanupPolicy }
    },
  },
  'retention.ms': {
    type: 'long',
    of: ({ retentionHours }) => (Number.isFinite(retentionHours) ? String(retentionHours * MS_PER_HOUR) : '-1'),
    // A hub keeps events for whole hours.
    ask: (value) =>
      /^-?\d{1,15}$/.test(value) ? { retentionHours: Math.ceil(Number(value) / MS_PER_HOUR) } : undefined,
  },
  'message.timestamp.type': {
    type: 'string',
    of: ({ timestampType }) => (timestampType === 'Create' ? 'CreateTime' : 'LogAppendTime'),
    ask: (value) => {
      const timestampType = TIMESTAMPS[value]
      return timestampType && { timestampType }
    },
  },
  'max.message.bytes': { type: 'int', of: ({ maxMessageBytes }) => String(maxMessageBytes) },
  'retention.bytes': { type: 'long', of: () => '-1' },
  'compression.type': { type: 'string', of: () => 'producer' },
}

/**
 * What else Kafka lets a topic have: https://kafka.apache.org/documentation/#topicconfigs. It is about how brokers keep
 * their files and copies, which no client sees here; Kafka Streams and Connect ask for some of it.
 */
// prettier-ignore
const WITHOUT_EFFECT: readonly string[] = [
  'delete.retention.ms', 'file.delete.delay.ms', 'flush.messages', 'flush.ms', 'follower.replication.throttled.replicas',
  'index.interval.bytes', 'leader.replication.throttled.replicas', 'max.compaction.lag.ms', 'message.downconversion.enable',
  'message.format.version', 'message.timestamp.after.max.ms', 'message.timestamp.before.max.ms',
  'message.timestamp.difference.max.ms', 'min.cleanable.dirty.ratio', 'min.compaction.lag.ms', 'min.insync.replicas',
  'preallocate', 'segment.bytes', 'segment.index.bytes', 'segment.jitter.ms', 'segment.ms', 'unclean.leader.election.enable',
]

/** What settings ask of a new hub. Throws KafkaError with the name of one that is unknown or has no such value. */
export function askedBy(
  settings: readonly { readonly name: string; readonly value: string | null }[],
): Partial<HubToCreate> {
  let asked: Partial<HubToCreate> = {}
  for (const { name, value } of settings) {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined
    if (!setting && !WITHOUT_EFFECT.includes(name))
      throw new KafkaError('invalidConfig', `Unknown topic config name: ${name}`)
    if (!setting?.ask || value === null) continue
    const more = setting.ask(value)
    if (!more) throw new KafkaError('invalidConfig', `Invalid value ${value} for configuration ${name}`)
    asked = { ...asked, ...more }
  }
  return asked
}

/** The settings of a hub, as answers tell them. */
export const settingsOf = (hub: LocalHub) =>
  Object.entries(SETTINGS).map(([name, { type, of, ask }]) => told(name, TYPE[type], of(hub), ask !== undefined))

/** The few settings of the broker that clients act on. */
export const BROKER_SETTINGS = [
  told('broker.id', TYPE.int, String(NODE_ID), false),
  told('auto.create.topics.enable', TYPE.boolean, 'true', false),
]

/** Nobody changes a setting over Kafka once it is made. */
function told(name: string, configType: number, value: string, isMade: boolean) {
  const configSource = isMade ? SOURCE.topic : SOURCE.default
  return { name, value, readOnly: true, isSensitive: false, configType, configSource, isDefault: !isMade }
}
