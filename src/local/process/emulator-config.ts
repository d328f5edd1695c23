import { LIMITS } from '../../lib/limits.ts'
import { NAMES } from '../arm/providers/eventhub/limits.ts'
import type { WantedHub, WantedNamespace } from '../arm/client.ts'

/**
 * The Config.json of the official Event Hubs emulator, as its documentation describes it: one namespace of a fixed
 * name, a literal key. https://learn.microsoft.com/azure/event-hubs/test-locally-with-event-hub-emulator
 */
const NAMESPACE = 'emulatorNs1'
const ROOT_KEY = 'SAS_KEY_VALUE'
/** Fixed there. https://learn.microsoft.com/azure/event-hubs/overview-emulator#usage-quotas */
const RETENTION_HOURS = 1
const TYPE = 'EventHub'
const GROUP = 'emulator-rg'

const { maxHubs: MOST_HUBS, maxPartitionsPerHub: MOST_PARTITIONS, maxConsumerGroups: MOST_GROUPS } = LIMITS.Premium

/**
 * A mistake and where it stands: `UserConfig.NamespaceConfig[0].Entities[1].PartitionCount`; empty for the whole file.
 */
export interface ConfigProblem {
  readonly path: string
  readonly message: string
}
export type ReadConfig =
  | { readonly ok: true; readonly namespace: WantedNamespace }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Reads the text of the file, or lists every mistake in it. Unknown keys are ignored. */
export function readEmulatorConfig(text: string): ReadConfig {
  const problems: ConfigProblem[] = []
  const reader = new Reader((path, message) => problems.push({ path, message }))
  const hubs = reader.hubsOf(text)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, namespace: { group: GROUP, name: NAMESPACE, hubs, rootKey: ROOT_KEY } }
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

class Reader {
  readonly #tell: (path: string, message: string) => void

  constructor(tell: (path: string, message: string) => void) {
    this.#tell = tell
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
    const path = 'UserConfig.NamespaceConfig'
    const namespaces = this.#array(config['NamespaceConfig'], path)
    if (!namespaces) return []
    if (namespaces.length !== 1) this.#tell(path, `has ${namespaces.length} entries: there must be one namespace`)
    const namespace = this.#object(namespaces[0], `${path}[0]`)
    return namespace ? this.#namespace(namespace, `${path}[0]`) : []
  }

  #namespace(namespace: Json, path: string): readonly WantedHub[] {
    this.#literal(namespace['Type'], `${path}.Type`, TYPE)
    this.#literal(namespace['Name'], `${path}.Name`, NAMESPACE)
    const entities = this.#array(namespace['Entities'], `${path}.Entities`) ?? []
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

  #literal(value: unknown, path: string, wanted: string): void {
    if (typeof value === 'string' && value.toLowerCase() === wanted.toLowerCase()) return
    this.#tell(
      path,
      value === undefined ? `is missing: it must be ${wanted}` : `is ${show(value)}: it must be ${wanted}`,
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
