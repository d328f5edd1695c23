import { createHmac } from 'node:crypto'
import { realClock, type Clock } from '../../../../src/lib/clock.ts'
import type { Directory, LocalHub, LocalRule } from '../../../../src/local/hubs/directory.ts'
import {
  appendEvents,
  readEvents,
  type AppendRequest,
  type AppendResult,
  type LocalEvent,
  type ReadRequest,
} from '../../../../src/local/hubs/events.ts'
import type { HubsOptions } from '../../../../src/local/hubs/hubs.ts'
import { type HubStats, statsOf } from '../../../../src/local/hubs/hub-stats.ts'
import { startDataPlane } from '../../../../src/local/process/data-plane.ts'
import { newFolder, removeFolder } from '../../../support/folder.ts'

export const NAMESPACE = 'test-ns'
export const HUB = 'clicks'

/** A control plane of a few lines, changed by hand. */
export class TestDirectory implements Directory {
  #hubs: LocalHub[] = []
  #rules: LocalRule[] = []
  #listeners = new Set<() => void>()
  #createdAt = Date.parse('2026-01-01T00:00:00Z')
  readonly noLocalAuth = new Set<string>()
  readonly noKafka = new Set<string>()

  rules = (): readonly LocalRule[] => this.#rules
  hubs = (): readonly LocalHub[] => this.#hubs
  hub = (namespace: string, name: string): LocalHub | undefined =>
    this.#hubs.find((hub) => same(hub.namespace, namespace) && same(hub.name, name))
  localAuthDisabled = (namespace: string): boolean => this.noLocalAuth.has(namespace)
  hasKafka = (namespace: string): boolean => !this.noKafka.has(namespace)
  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  addHub(name: string, fields: Partial<LocalHub> = {}): LocalHub {
    const hub: LocalHub = {
      namespace: NAMESPACE,
      name,
      partitionCount: 4,
      status: 'Active',
      retentionHours: 24,
      isCompacted: false,
      timestampType: 'LogAppend',
      maxMessageBytes: 1_048_576,
      createdAt: this.#createdAt++,
      consumerGroups: ['$Default', 'second'],
      ...fields,
    }
    this.#hubs.push(hub)
    this.#changed()
    return hub
  }

  changeHub(name: string, fields: Partial<LocalHub>): void {
    this.#hubs = this.#hubs.map((hub) => (same(hub.name, name) ? { ...hub, ...fields } : hub))
    this.#changed()
  }

  removeHub(name: string): void {
    this.#hubs = this.#hubs.filter((hub) => !same(hub.name, name))
    this.#changed()
  }

  addRule(name: string, rights: LocalRule['rights'], fields: Partial<LocalRule> = {}): LocalRule {
    const namespace = fields.namespace ?? NAMESPACE
    const primaryKey = createHmac('sha256', namespace)
      .update(`${name}${fields.hub ?? ''}`)
      .digest('base64')
    const rule: LocalRule = { namespace, name, rights, primaryKey, secondaryKey: `second-${primaryKey}`, ...fields }
    this.#rules.push(rule)
    this.#changed()
    return rule
  }

  changeRule(name: string, fields: Partial<LocalRule>): void {
    this.#rules = this.#rules.map((rule) => (rule.name === name ? { ...rule, ...fields } : rule))
    this.#changed()
  }

  removeRule(name: string): void {
    this.#rules = this.#rules.filter((rule) => rule.name !== name)
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The data plane on ports of its own, and what a program can do with the hubs themselves. */
export interface Broker {
  readonly port: number
  readonly kafkaPort: number
  stats(): { readonly connections: number; readonly hubs: readonly HubStats[] }
  appendEvents(request: AppendRequest): Promise<AppendResult>
  readEvents(request: ReadRequest): AsyncIterable<LocalEvent>
  close(): Promise<void>
}

export interface BrokerOptions extends HubsOptions {
  readonly host?: string
  /** Of AMQP. */
  readonly port?: number
  readonly kafkaRange?: 'full' | 'azure'
}

export async function startBroker({ port, ...options }: BrokerOptions): Promise<Broker> {
  const plane = await startDataPlane({
    ...options,
    ports: { ...(port !== undefined && { amqp: port }), kafka: 0 },
  })
  const { hubs, listeners } = plane
  const portOf = (wanted: 'amqp' | 'kafka') => listeners.find(({ protocol }) => protocol === wanted)!.port
  return {
    port: portOf('amqp'),
    kafkaPort: portOf('kafka'),
    stats: () => ({ connections: plane.connections(), hubs: statsOf(hubs) }),
    appendEvents: (request) => appendEvents(hubs, request),
    readEvents: (request) => readEvents(hubs, request),
    close: () => plane.close(),
  }
}

export interface TestBroker {
  readonly broker: Broker
  readonly directory: TestDirectory
  readonly lines: string[]
  readonly folder: string | undefined
  /** For the namespace's rule with all rights, and one hub unless told otherwise. */
  connectionString(options?: { hub?: string | null; rule?: LocalRule }): string
  /** Closes it and removes its files. */
  stop(): Promise<void>
}

export interface TestBrokerOptions {
  readonly mode?: 'disk' | 'memory'
  readonly folder?: string
  readonly directory?: TestDirectory
  readonly clock?: Clock
  readonly options?: Partial<BrokerOptions>
}

/** A broker on a free port with one hub, `clicks`, of four partitions. */
export async function startTestBroker(setup: TestBrokerOptions = {}): Promise<TestBroker> {
  const lines: string[] = []
  const folder = setup.mode === 'memory' ? undefined : (setup.folder ?? newFolder())
  const directory = setup.directory ?? testDirectory()
  const broker = await startBroker({
    directory,
    clock: setup.clock ?? realClock,
    storage: folder === undefined ? 'memory' : { folder },
    port: 0,
    log: (line) => lines.push(line),
    ...setup.options,
  })
  return {
    broker,
    directory,
    lines,
    folder,
    connectionString: ({ hub = HUB, rule = directory.rules()[0]! } = {}) =>
      connectionString(broker.port, rule, hub ?? undefined),
    stop: async () => {
      await broker.close()
      if (folder !== undefined && setup.folder === undefined) await removeFolder(folder)
    },
  }
}

export function testDirectory(): TestDirectory {
  const directory = new TestDirectory()
  directory.addRule('RootManageSharedAccessKey', ['Listen', 'Send', 'Manage'])
  directory.addHub(HUB)
  return directory
}

const connectionString = (port: number, rule: LocalRule, hub: string | undefined): string =>
  [
    `Endpoint=sb://localhost:${port}`,
    `SharedAccessKeyName=${rule.name}`,
    `SharedAccessKey=${rule.primaryKey}`,
    'UseDevelopmentEmulator=true',
    ...(hub === undefined ? [] : [`EntityPath=${hub}`]),
  ].join(';')

/** A shared access signature as the clients make them. */
export function sasToken(resource: string, keyName: string, key: string, expiresAtMs: number): string {
  const sr = encodeURIComponent(resource)
  const se = Math.floor(expiresAtMs / 1_000)
  const sig = createHmac('sha256', key).update(`${sr}\n${se}`).digest('base64')
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}&skn=${keyName}`
}
