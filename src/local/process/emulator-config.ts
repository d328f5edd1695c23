import { LIMITS, ROOT_RULE } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import { HUB_RULE } from '../constants.ts'
import { NAMES } from '../arm/providers/eventhub/limits.ts'
import { connectionString } from '../arm/providers/eventhub/rules.ts'
import type { WantedHub, WantedNamespace } from '../arm/provision.ts'
import type { LocalRecord } from './record.ts'

/**
 * The Config.json of the official Event Hubs emulator, as its documentation describes it: one namespace of a fixed
 * name, a literal key. https://learn.microsoft.com/azure/event-hubs/test-locally-with-event-hub-emulator
 * Whatever the file calls the namespace, it has this name here, because all that have this key must be one namespace.
 */
const NAMESPACE = 'emulatorNs1'
const ROOT_KEY = 'SAS_KEY_VALUE'
/** Fixed there. https://learn.microsoft.com/azure/event-hubs/overview-emulator#usage-quotas */
const RETENTION_HOURS = 1
const TYPE = 'EventHub'
const GROUP = 'emulator-rg'
/** https://learn.microsoft.com/azure/service-bus-messaging/test-locally-with-service-bus-emulator */
const SERVICE_BUS_KINDS = ['Queues', 'Topics']

const { maxHubs: MOST_HUBS, maxPartitionsPerHub: MOST_PARTITIONS, maxConsumerGroups: MOST_GROUPS } = LIMITS.Premium

/**
 * A mistake and where it stands: `UserConfig.NamespaceConfig[0].Entities[1].PartitionCount`; empty for the whole file.
 */
export interface ConfigProblem {
  readonly path: string
  readonly message: string
}
export type ReadConfig =
  | { readonly ok: true; readonly namespace: WantedNamespace; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Reads the text of the file, or lists every mistake in it. Unknown keys are ignored. */
export function readEmulatorConfig(text: string): ReadConfig {
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []
  const reader = new Reader(
    (path, message) => problems.push({ path, message }),
    (path, message) => warnings.push({ path, message }),
  )
  const hubs = reader.hubsOf(text)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, namespace: { group: GROUP, name: NAMESPACE, hubs, rootKey: ROOT_KEY }, warnings }
}

/** The connection string that opens every hub of the file: that of the official emulator, with the port if needed. */
export function emulatorConnection({ listeners }: Pick<LocalRecord, 'listeners'>): string | undefined {
  const amqp = listeners.find(({ protocol }) => protocol === 'amqp')
  return amqp && connectionString(amqp.port, ROOT_RULE, ROOT_KEY, undefined)
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

type Tell = (path: string, message: string) => void

class Reader {
  readonly #tell: Tell
  readonly #warn: Tell

  constructor(tell: Tell, warn: Tell) {
    this.#tell = tell
    this.#warn = warn
  }

  hubsOf(text: string): readonly WantedHub[] {
    let root: unknown
    try {
      root = JSON.parse(text.replace(/^\uFEFF/, ''))
    } catch (error) {
      this.#tell('', `is not JSON: ${(error as Error).message}`)
      return []
    }
    const config = this.#object(isObject(root) ? root['UserConfig'] : undefined, 'UserConfig')
    if (!config) return []
    // https://github.com/Azure/azure-service-bus-emulator-installer, ServiceBus-Emulator/Config/Config.json
    const first: unknown = Array.isArray(config['Namespaces']) ? config['Namespaces'][0] : undefined
    if (isObject(first)) return this.#namespace(first, 'UserConfig.Namespaces[0]')
    const path = 'UserConfig.NamespaceConfig'
    const namespaces = this.#array(config['NamespaceConfig'], path)
    if (!namespaces) return []
    if (namespaces.length !== 1) this.#tell(path, `has ${namespaces.length} entries: there must be one namespace`)
    const namespace = this.#object(namespaces[0], `${path}[0]`)
    return namespace ? this.#namespace(namespace, `${path}[0]`) : []
  }

  #namespace(namespace: Json, path: string): readonly WantedHub[] {
    const kinds = SERVICE_BUS_KINDS.filter((kind) => namespace[kind] !== undefined)
    if (kinds.length > 0) {
      this.#tell(path, `has ${kinds.join(' and ')}: this is a file of the Service Bus emulator, not of Event Hubs`)
      return []
    }
    this.#checkType(namespace['Type'], `${path}.Type`)
    this.#checkName(namespace['Name'], `${path}.Name`)
    const entities = this.#array(namespace['Entities'], `${path}.Entities`)
    if (!entities) return []
    if (entities.length === 0) this.#warn(`${path}.Entities`, 'is empty: no hub is made')
    if (entities.length > MOST_HUBS)
      this.#tell(`${path}.Entities`, `has ${entities.length} hubs: there can be at most ${MOST_HUBS}`)
    this.#unique(entities, `${path}.Entities`)
    return entities.map((entity, i) => this.#hub(entity, `${path}.Entities[${i}]`))
  }

  #hub(value: unknown, path: string): WantedHub {
    const hub = this.#object(value, path) ?? undefined
    if (!hub) return { name: '', partitions: 1, retentionHours: RETENTION_HOURS, consumerGroups: [] }
    const groupsPath = `${path}.ConsumerGroups`
    const groups = hub['ConsumerGroups'] === undefined ? [] : (this.#array(hub['ConsumerGroups'], groupsPath) ?? [])
    if (groups.length >= MOST_GROUPS)
      this.#tell(
        groupsPath,
        `has ${groups.length} groups: a hub can have at most ${MOST_GROUPS}, and one of them is $Default`,
      )
    this.#unique(groups, groupsPath)
    const names = groups.map((group, i) => this.#groupName(group, `${groupsPath}[${i}]`))
    return {
      name: this.#name(hub['Name'], `${path}.Name`, NAMES.hub),
      partitions: this.#partitions(hub['PartitionCount'], `${path}.PartitionCount`),
      retentionHours: RETENTION_HOURS,
      rule: HUB_RULE,
      // Every hub has $Default anyway.
      consumerGroups: names.filter((name) => name.toLowerCase() !== '$default'),
    }
  }

  #groupName(value: unknown, path: string): string {
    const group = this.#object(value, path)
    if (!group) return ''
    const name = group['Name']
    return typeof name === 'string' && name.toLowerCase() === '$default'
      ? name
      : this.#name(name, `${path}.Name`, NAMES.consumerGroup)
  }

  /** The documentation writes it as a string in its examples. */
  #partitions(value: unknown, path: string): number {
    const count = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value
    const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST_PARTITIONS
    if (isCount) return count
    this.#tell(
      path,
      value === undefined ? 'is missing' : `is ${show(value)}: it must be a whole number from 1 to ${MOST_PARTITIONS}`,
    )
    return 1
  }

  #name(value: unknown, path: string, pattern: RegExp): string {
    if (typeof value === 'string' && pattern.test(value)) return value
    const rule = 'letters, digits, . - and _, with a letter or digit at both ends'
    this.#tell(path, value === undefined ? 'is missing' : `is ${show(value)}: a name has ${rule}`)
    return ''
  }

  #checkType(type: unknown, path: string): void {
    if (type === undefined) this.#warn(path, `is missing: ${TYPE} is taken`)
    else if (typeof type !== 'string' || !sameName(type, TYPE)) this.#tell(path, `is ${show(type)}: it must be ${TYPE}`)
  }

  #checkName(name: unknown, path: string): void {
    if (typeof name === 'string' && sameName(name, NAMESPACE)) return
    this.#warn(
      path,
      `${name === undefined ? 'is missing' : `is ${show(name)}`}: the namespace is called ${NAMESPACE} here`,
    )
  }

  #unique(entries: readonly unknown[], path: string): void {
    const seen = new Set<string>()
    entries.forEach((entry, i) => {
      const name = isObject(entry) && typeof entry['Name'] === 'string' ? entry['Name'].toLowerCase() : undefined
      if (name !== undefined && seen.has(name)) this.#tell(`${path}[${i}].Name`, 'is used twice')
      if (name !== undefined) seen.add(name)
    })
  }

  #object(value: unknown, path: string): Json | undefined {
    if (isObject(value)) return value
    this.#tell(path, value === undefined ? 'is missing' : `is ${show(value)}: it must be an object`)
    return undefined
  }

  #array(value: unknown, path: string): readonly unknown[] | undefined {
    if (Array.isArray(value)) return value as readonly unknown[]
    this.#tell(path, value === undefined ? 'is missing' : `is ${show(value)}: it must be an array`)
    return undefined
  }
}

const SHOWN_MAX = 40
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
