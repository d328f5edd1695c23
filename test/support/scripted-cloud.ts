import type { Clock } from '../../src/lib/clock.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { Call, Cloud } from '../../src/engine/cloud.ts'
import type { Keys } from '../../src/engine/cloud.ts'
import { Failure } from '../../src/lib/errors.ts'
import type { Target } from '../../src/resources/step.ts'
import type { Write } from '../../src/engine/plan.ts'
import { aWorld, type World } from './worlds.ts'

/** `createHub clicks`, `readNamespace ns-demo`, `putRule clicks/ml-ingest-send`: a method and what it is about. */
export type CallName = string

export interface SeenCall {
  readonly name: CallName
  readonly atMs: number
}

/** An error as the adapter makes it. */
export const cloudError = (
  status: number | undefined,
  fields: { readonly code?: string; readonly retryAfterMs?: number; readonly retryable?: boolean } = {},
): Failure =>
  new Failure({
    message: `HTTP ${status ?? 'none'}`,
    azure: { ...(status === undefined ? {} : { status }), ...(fields.code === undefined ? {} : { code: fields.code }) },
    why: [],
    code: 'azure',
    retryable: fields.retryable ?? (status === undefined || status === 429 || status === 409 || status >= 500),
    ...(fields.retryAfterMs === undefined ? {} : { retryAfterMs: fields.retryAfterMs }),
  })

/** What a call gets in place of Azure's answer; `after` fails although the write was done, `hang` never answers. */
type Fault = Error | { readonly after: Error } | 'hang'

/**
 * A world behind the port. Each call takes `latencyMs`, and a namespace is in transition for `provisioningMs` after it was
 * written. `fail` puts errors in the way of calls; one that nothing meets fails the test by `unmet`.
 */
export class ScriptedCloud implements Cloud {
  world: World
  readonly calls: SeenCall[] = []
  /** Told of each call when it is made, with how many were before it. */
  onCall: (name: CallName, before: number) => void = () => undefined
  latencyMs = 0
  provisioningMs = 0
  underWay = 0
  mostUnderWay = 0
  readonly #clock: Clock
  readonly #startedAt: number
  #faults: { readonly match: RegExp; readonly queue: Fault[] }[] = []
  #finalAt = 0

  constructor(clock: Clock, world: World = aWorld()) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.world = world
  }

  /** The next calls whose name matches get these, one each; then all is well again. */
  fail(match: RegExp, ...faults: readonly Fault[]): this {
    this.#faults.push({ match, queue: [...faults] })
    return this
  }

  get unmet(): readonly string[] {
    return this.#faults.filter(({ queue }) => queue.length > 0).map(({ match }) => String(match))
  }

  namesOf(match: RegExp): readonly string[] {
    return this.calls.map((call) => call.name).filter((name) => match.test(name))
  }

  get writes(): readonly string[] {
    return this.namesOf(/^(create|update|put|register|assign|renew|delete)/)
  }

  async #call<T>(name: CallName, { signal }: Call, answer: () => T): Promise<T> {
    this.onCall(name, this.calls.length)
    this.calls.push({ name, atMs: this.#clock.now() - this.#startedAt })
    this.underWay++
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    try {
      signal.throwIfAborted()
      const fault = this.#faults.find(({ match, queue }) => match.test(name) && queue.length > 0)?.queue.shift()
      if (this.latencyMs > 0) await this.#clock.sleep(this.latencyMs, signal)
      else await Promise.resolve()
      if (fault === 'hang') await this.#clock.sleep(2 ** 31, signal)
      if (fault instanceof Error) throw fault
      const answered = answer()
      if (typeof fault === 'object') throw fault.after
      return answered
    } finally {
      this.underWay--
    }
  }

  #write(name: CallName, call: Call, target: Target, write: Write): Promise<void> {
    return this.#call(name, call, () => {
      const { namespace } = this.#seen()
      if (target.kind !== 'group' && namespace && namespace.provisioningState !== 'Succeeded') {
        if (namespace.provisioningState !== 'Failed') throw cloudError(429, { code: 'NamespaceInTransition' })
      }
      this.world = this.world.afterWrite({ target, write })
      if (target.kind === 'namespace') this.#finalAt = this.#clock.now() + this.provisioningMs
    })
  }

  #seen(): World {
    const { namespace } = this.world
    return namespace?.provisioningState === 'Succeeded' && this.#clock.now() < this.#finalAt
      ? this.world.withState('Creating')
      : this.world
  }

  readProvider = (call: Call) => this.#call('readProvider', call, () => this.world.provider)
  readGroup: Cloud['readGroup'] = (group, call) => this.#call(`readGroup ${group}`, call, () => this.world.group)
  readNamespace: Cloud['readNamespace'] = ({ namespace }, call) =>
    this.#call(`readNamespace ${namespace}`, call, () => this.#seen().namespace)
  listNamespaces = (call: Call) =>
    this.#call('listNamespaces', call, () => (this.#seen().namespace ? [this.#seen().namespace!] : []))
  readNetworkRules: Cloud['readNetworkRules'] = ({ namespace }, call) =>
    this.#call(`readNetworkRules ${namespace}`, call, () => this.world.network)
  listHubs: Cloud['listHubs'] = ({ namespace }, call) =>
    this.#call(`listHubs ${namespace}`, call, () => (this.world.namespace ? this.world.hubs : undefined))
  listConsumerGroups: Cloud['listConsumerGroups'] = ({ hub }, call) =>
    this.#call(`listConsumerGroups ${hub}`, call, () => this.world.groupsOf(hub))
  readRule: Cloud['readRule'] = ({ hub, rule }, call) =>
    this.#call(`readRule ${hub ?? ''}/${rule}`, call, () => this.world.ruleAt(hub, rule))
  readKeys: Cloud['readKeys'] = ({ hub, rule }, call) =>
    this.#call(`readKeys ${hub ?? ''}/${rule}`, call, () => (this.world.ruleAt(hub, rule) ? keysOf(rule) : undefined))
  checkNamespaceName: Cloud['checkNamespaceName'] = (name, call) =>
    this.#call(`checkNamespaceName ${name}`, call, () => ({ available: true as const }))

  registerProvider = (call: Call) =>
    this.#write('registerProvider', call, { kind: 'provider', name: 'Microsoft.EventHub' }, { op: 'register-provider' })
  createGroup: Cloud['createGroup'] = (name, body, call) =>
    this.#write(`createGroup ${name}`, call, { kind: 'group', name }, { op: 'create-group', ...body })
  createNamespace: Cloud['createNamespace'] = ({ namespace: name }, body, call) =>
    this.#write(`createNamespace ${name}`, call, { kind: 'namespace', name }, { op: 'create-namespace', body })
  updateNamespace: Cloud['updateNamespace'] = ({ namespace: name }, changes, call) =>
    this.#write(`updateNamespace ${name}`, call, { kind: 'namespace', name }, { op: 'update-namespace', changes })
  updateNetworkRules: Cloud['updateNetworkRules'] = ({ namespace: name }, spec, call) =>
    this.#write(`updateNetworkRules ${name}`, call, { kind: 'network-rules', name }, { op: 'put-network-rules', spec })
  createHub: Cloud['createHub'] = ({ hub: name }, body, call) =>
    this.#write(`createHub ${name}`, call, { kind: 'hub', name }, { op: 'create-hub', body })
  updateHub: Cloud['updateHub'] = ({ hub: name }, changes, call) =>
    this.#write(`updateHub ${name}`, call, { kind: 'hub', name }, { op: 'update-hub', changes })
  createConsumerGroup: Cloud['createConsumerGroup'] = ({ hub, consumerGroup: name }, body, call) =>
    this.#write(
      `createConsumerGroup ${hub}/${name}`,
      call,
      { kind: 'consumer-group', hub, name },
      { op: 'create-consumer-group', body },
    )
  updateConsumerGroup: Cloud['updateConsumerGroup'] = ({ hub, consumerGroup: name }, body, call) =>
    this.#write(
      `updateConsumerGroup ${hub}/${name}`,
      call,
      { kind: 'consumer-group', hub, name },
      { op: 'update-consumer-group', body },
    )
  putRule: Cloud['putRule'] = ({ hub, rule: name }, rights, call) =>
    this.#write(`putRule ${hub ?? ''}/${name}`, call, { kind: 'rule', ...inHub(hub), name }, { op: 'put-rule', rights })

  listRoleAssignments: Cloud['listRoleAssignments'] = (_, principalId, call) =>
    this.#call(`listRoleAssignments ${principalId ?? ''}`, call, () => this.world.rolesOf(principalId))
  assignRole: Cloud['assignRole'] = ({ hub }, grant, call) =>
    this.#write(
      `assignRole ${hub ?? ''}/${grant.role}`,
      call,
      { kind: 'role-assignment', ...inHub(hub), name: `${grant.principalId}:${grant.role}` },
      { op: 'assign-role', grant },
    )
  readStorageAccount: Cloud['readStorageAccount'] = (id, call) =>
    this.#call(`readStorageAccount ${id.split('/').at(-1)}`, call, () => this.world.storageAt(id))
  /** Set by a test that reads metrics. */
  metrics: Awaited<ReturnType<Cloud['readMetrics']>> = { series: [], failed: [] }
  readMetrics: Cloud['readMetrics'] = ({ namespace }, { metrics }, call) =>
    this.#call(`readMetrics ${namespace} ${metrics.join()}`, call, () => this.metrics)
  renewKey: Cloud['renewKey'] = ({ hub, rule }, key, call) =>
    this.#call(`renewKey ${hub ?? ''}/${rule} ${key}`, call, () => keysOf(rule))

  listRules: Cloud['listRules'] = ({ hub }, call) =>
    this.#call(`listRules ${hub ?? ''}`, call, () => this.world.rulesAt(hub))
  /** Set by a test that has more in the group than the namespace. */
  resources: Awaited<ReturnType<Cloud['listResources']>> = []
  listResources: Cloud['listResources'] = (group, call) =>
    this.#call(`listResources ${group}`, call, () => this.resources)
  locks: Awaited<ReturnType<Cloud['listLocks']>> = []
  listLocks: Cloud['listLocks'] = (group, call) => this.#call(`listLocks ${group}`, call, () => this.locks)

  deleteGroup: Cloud['deleteGroup'] = (name, call) =>
    this.#write(`deleteGroup ${name}`, call, { kind: 'group', name }, { op: 'delete' })
  deleteNamespace: Cloud['deleteNamespace'] = ({ namespace: name }, call) =>
    this.#write(`deleteNamespace ${name}`, call, { kind: 'namespace', name }, { op: 'delete' })
  deleteHub: Cloud['deleteHub'] = ({ hub: name }, call) =>
    this.#write(`deleteHub ${name}`, call, { kind: 'hub', name }, { op: 'delete' })
  deleteConsumerGroup: Cloud['deleteConsumerGroup'] = ({ hub, consumerGroup: name }, call) =>
    this.#write(`deleteConsumerGroup ${hub}/${name}`, call, { kind: 'consumer-group', hub, name }, { op: 'delete' })
}

const keysOf = (rule: string): Keys => ({
  primaryKey: new Secret(`${rule}-primary`),
  secondaryKey: new Secret(`${rule}-secondary`),
  primaryConnectionString: new Secret(`Endpoint=sb://ns-demo;${rule}-primary`),
  secondaryConnectionString: new Secret(`Endpoint=sb://ns-demo;${rule}-secondary`),
  host: 'ns-demo.servicebus.windows.net',
})

const inHub = (hub: string | undefined): { readonly hub?: string } => (hub === undefined ? {} : { hub })
