import { nameKeyOf, sameName } from '../../src/lib/names.ts'
import type { LiveTier } from '../../src/lib/limits.ts'
import type { GrantSpec } from '../../src/inputs/grant-parsers.ts'
import { type Right, ruleKey, type RuleActual } from '../../src/resources/access-rule/access-rule.ts'
import { judge, wantedOf, type Known, type Spec } from '../../src/resources/front-door.ts'
import { type Actual, rulesInQuestion } from '../../src/engine/actual.ts'
import type { CaptureActual, StorageAccountActual } from '../../src/resources/capture/capture.ts'
import type { ConsumerGroupActual } from '../../src/resources/consumer-group.ts'
import type { GroupActual, ProviderActual } from '../../src/resources/resource-group.ts'
import type { HubActual } from '../../src/resources/hub/hub.ts'
import type { NamespaceActual } from '../../src/resources/namespace/namespace.ts'
import { networkAfter, OPEN_NETWORK, type NetworkActual } from '../../src/resources/network/network.ts'
import type { RoleAssignmentActual } from '../../src/resources/grant.ts'
import { isWrite, type Target } from '../../src/resources/step.ts'
import type { Step, WriteStep, Plan } from '../../src/engine/plan.ts'
import { checkHub, checkNamespace, refuse } from './azure-rules.ts'
import { givenBy } from './argv.ts'
import { toldOf } from './told.ts'

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555'
const HOME = ['-s', SUBSCRIPTION, '-g', 'rg', '-l', 'westeurope', '-n', 'ns-demo']

/** `--hub a --tier Premium` in words; texts with blanks are given as words. */
export const wordsOf = (line: string | readonly string[]): readonly string[] =>
  typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line

/** A spec for group `rg` and namespace `ns-demo` in westeurope, with these flags after. Throws on flags that are wrong. */
export const aSpec = (line: string | readonly string[] = '', known: Known = {}): Spec => specOf(homeWords(line), known)

/** The words that `aSpec` reads, for what is made of a command line. */
export const homeWords = (line: string | readonly string[] = ''): readonly string[] => [...HOME, ...wordsOf(line)]

export function specOf(words: readonly string[], known: Known = {}): Spec {
  const judged = judge(wantedOf(givenBy(words)), known)
  if (judged.ok) return judged.spec
  throw new Error(judged.problems.map(toldOf).join('\n'))
}

export const STORAGE_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-lake/providers/Microsoft.Storage/storageAccounts/lake`

/** Capture into `lake/raw` with Azure's defaults. */
export const aCapture = (capture: Partial<CaptureActual> = {}): CaptureActual => ({
  storageAccount: STORAGE_ID,
  container: 'raw',
  intervalSeconds: 300,
  sizeLimitBytes: 314_572_800,
  archiveNameFormat: '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}',
  skipEmptyArchives: false,
  encoding: 'Avro',
  identity: 'None',
  ...capture,
})

interface HubState {
  readonly live: HubActual
  readonly groups: ReadonlyMap<string, ConsumerGroupActual>
  readonly rules: ReadonlyMap<string, RuleActual>
}

interface State {
  readonly provider: ProviderActual
  readonly group: GroupActual | undefined
  readonly namespace: NamespaceActual | undefined
  readonly network: NetworkActual
  readonly hubs: ReadonlyMap<string, HubState>
  readonly rules: ReadonlyMap<string, RuleActual>
  readonly roles: readonly RoleAssignmentActual[]
  readonly storage: ReadonlyMap<string, StorageAccountActual>
}

const added = <V>(map: ReadonlyMap<string, V>, name: string, value: V): ReadonlyMap<string, V> =>
  new Map([...map, [nameKeyOf(name), value]])

/** How a namespace is reached that nobody restricted. */
export const UNRESTRICTED = {
  minimumTls: '1.2',
  publicNetworkAccess: 'Enabled',
  zoneRedundant: false,
  identities: [],
  privateEndpoints: 0,
  unmanaged: [],
} as const satisfies Partial<NamespaceActual>

/**
 * What exists in a made-up Azure. `with...` puts things there and throws when Azure could not have them: then the test is
 * wrong. `after` does the writes of a plan as Azure would, and throws `AzureRefused` for what Azure would not do.
 */
export class World {
  readonly #state: State

  constructor(state: State) {
    this.#state = state
  }

  #with(changes: Partial<State>): World {
    return new World({ ...this.#state, ...changes })
  }

  withProvider(provider: Partial<ProviderActual>): World {
    return this.#with({ provider: { ...this.#state.provider, ...provider } })
  }

  withGroup(group: Partial<GroupActual> = {}): World {
    return this.#with({
      group: { name: 'rg', location: 'westeurope', provisioningState: 'Succeeded', tags: {}, ...group },
    })
  }

  /** Standard with 1 throughput unit, in a group of its own making, unless told otherwise. */
  withNamespace(namespace: Partial<NamespaceActual> = {}): World {
    if (this.#state.namespace) throw new Error('there is a namespace already')
    const name = namespace.name ?? 'ns-demo'
    const tier = namespace.tier ?? 'Standard'
    const made: NamespaceActual = {
      id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/${name}`,
      name,
      location: 'westeurope',
      provisioningState: 'Succeeded',
      tier,
      capacity: 1,
      autoInflateMax: 0,
      kafkaEnabled: tier !== 'Basic',
      localAuthDisabled: false,
      ...UNRESTRICTED,
      host: `${name}.servicebus.windows.net`,
      tags: {},
      ...namespace,
    }
    checkNamespace(made)
    const root: RuleActual = { name: 'RootManageSharedAccessKey', rights: ['Listen', 'Manage', 'Send'] }
    const here = this.#state.group ? this : this.withGroup()
    return here.#with({ namespace: made, rules: added(new Map<string, RuleActual>(), root.name, root) })
  }

  withHub(name: string, hub: Partial<Omit<HubActual, 'name'>> = {}): World {
    const made: HubActual = {
      ...{ name, partitions: 4, retentionHours: hub.cleanupPolicy === 'Compact' ? undefined : 24 },
      ...{ cleanupPolicy: 'Delete', tombstoneHours: undefined, status: 'Active', timestampType: 'LogAppend' },
      capture: undefined,
      unmanaged: [],
      ...hub,
    }
    const { hubs } = this.#state
    if (hubs.has(nameKeyOf(name))) throw new Error(`there is a hub ${name} already`)
    const tier = this.#namespace().tier
    const others = [...hubs.values()].map((other) => other.live)
    checkHub(tier, this.#namespace().capacity, others, made)
    const groups = added<ConsumerGroupActual>(new Map(), '$Default', { name: '$Default', userMetadata: undefined })
    return this.#with({ hubs: added(hubs, name, { live: made, groups, rules: new Map() }) })
  }

  withConsumerGroup(hub: string, name: string, userMetadata?: string): World {
    const state = this.#hub(hub)
    if (state.groups.has(nameKeyOf(name))) throw new Error(`hub ${hub} has a consumer group ${name} already`)
    return this.#withGroup(hub, { name, userMetadata })
  }

  #withGroup(hub: string, group: ConsumerGroupActual): World {
    const state = this.#hub(hub)
    const groups = added(state.groups, group.name, group)
    const most = { Basic: 1, Standard: 20, Premium: 100, Dedicated: 1000 }[this.#namespace().tier]
    if (groups.size > most) refuse(`hub ${hub} would have ${groups.size} consumer groups`)
    return this.#with({ hubs: added(this.#state.hubs, hub, { ...state, groups }) })
  }

  withRule(hub: string, name: string, rights: readonly Right[]): World {
    const state = this.#hub(hub)
    return this.#with({
      hubs: added(this.#state.hubs, hub, { ...state, rules: added(state.rules, name, { name, rights }) }),
    })
  }

  /** On a hub, or with `hub` undefined above all hubs. Throws where somebody has it already on that very scope. */
  withRole(role: RoleAssignmentActual): World {
    if (role.hub === undefined) this.#namespace()
    else this.#hub(role.hub)
    const isThere = this.#state.roles.some(
      (one) =>
        one.principalId === role.principalId &&
        one.role === role.role &&
        one.from === role.from &&
        one.hub === role.hub,
    )
    if (isThere) throw new Error('RoleAssignmentExists')
    return this.#with({ roles: [...this.#state.roles, role] })
  }

  /** Without a SKU it is somewhere that may not be read. */
  withStorageAccount(id: string = STORAGE_ID, account: StorageAccountActual = { sku: 'Standard_LRS' }): World {
    return this.#with({ storage: added(this.#state.storage, id, account) })
  }

  withNamespaceRule(name: string, rights: readonly Right[]): World {
    this.#namespace()
    return this.#with({ rules: added(this.#state.rules, name, { name, rights }) })
  }

  #namespace(): NamespaceActual {
    return this.#state.namespace ?? refuse('ParentResourceNotFound: there is no namespace')
  }

  #hub(name: string): HubState {
    this.#namespace()
    return this.#state.hubs.get(nameKeyOf(name)) ?? refuse(`ParentResourceNotFound: there is no hub ${name}`)
  }

  /** What `readActual` finds here for this spec, and with `forSave` for a manifest of it. */
  actual(spec: Spec, { forSave = false }: { readonly forSave?: boolean } = {}): Actual {
    const { provider, group, namespace, network, hubs, rules, roles, storage } = this.#state
    const accounts = spec.hubs.flatMap(({ capture }) =>
      capture?.enabled ? [nameKeyOf(capture.storageAccount.value)] : [],
    )
    const storageAccounts = new Map([...storage].filter(([key]) => accounts.includes(key)))
    const principals = [spec, ...spec.hubs].flatMap(({ grants }) => grants.map((grant) => grant.principalId))
    const isHere = namespace !== undefined && sameName(namespace.name, spec.namespace.name)
    const isGroupHere = group !== undefined && sameName(group.name, spec.resourceGroup)
    const nothing = {
      ...{
        namespace: undefined,
        network: undefined,
        hubs: [],
        consumerGroups: new Map(),
        rules: new Map(),
        keys: new Map(),
      },
      roleAssignments: [],
      storageAccounts,
    }
    if (!isHere || !isGroupHere) return { provider, group: isGroupHere ? group : undefined, ...nothing }
    const names = spec.hubs.map((hub) => hub.name)
    const listed = [
      ...(forSave || spec.accessRules.length > 0 ? [undefined] : []),
      ...spec.hubs.filter(({ accessRules }) => forSave || accessRules.length > 0).map(({ name }) => name),
    ]
    const wanted: readonly { readonly hub?: string; readonly rule: string }[] = [
      ...rulesInQuestion(spec.rule, names),
      ...listed.flatMap((hub) =>
        (this.rulesAt(hub) ?? []).map(({ name }) => ({ ...(hub === undefined ? {} : { hub }), rule: name })),
      ),
    ]
    return {
      ...{ provider, group, namespace, network, keys: new Map(), storageAccounts },
      roleAssignments: roles.filter((role) => forSave || principals.includes(role.principalId)),
      hubs: [...hubs.values()].map((hub) => hub.live),
      consumerGroups: new Map([...hubs].map(([key, hub]) => [key, [...hub.groups.values()]])),
      rules: new Map(
        wanted.flatMap(({ hub, rule }): [string, RuleActual][] => {
          const found = (hub === undefined ? rules : hubs.get(nameKeyOf(hub))?.rules)?.get(nameKeyOf(rule))
          return found ? [[ruleKey(hub, rule), found]] : []
        }),
      ),
    }
  }

  get namespace(): NamespaceActual | undefined {
    return this.#state.namespace
  }

  get tier(): LiveTier | undefined {
    return this.#state.namespace?.tier
  }

  /** Azure inflated the namespace on its own. */
  inflatedTo(capacity: number): World {
    const namespace = { ...this.#namespace(), capacity }
    checkNamespace(namespace)
    if (namespace.autoInflateMax === 0) throw new Error('auto-inflate is off')
    return this.#with({ namespace })
  }

  withState(provisioningState: string): World {
    return this.#with({ namespace: { ...this.#namespace(), provisioningState } })
  }

  get provider(): ProviderActual {
    return this.#state.provider
  }

  get group(): GroupActual | undefined {
    return this.#state.group
  }

  get hubs(): readonly HubActual[] {
    return [...this.#state.hubs.values()].map((hub) => hub.live)
  }

  get network(): NetworkActual | undefined {
    return this.#state.namespace && this.#state.network
  }

  withNetwork(network: Partial<NetworkActual>): World {
    return this.#with({ network: { ...this.#state.network, ...network } })
  }

  groupsOf(hub: string): readonly ConsumerGroupActual[] | undefined {
    const state = this.#state.hubs.get(nameKeyOf(hub))
    return state && [...state.groups.values()]
  }

  storageAt(id: string): StorageAccountActual | undefined {
    return this.#state.storage.get(nameKeyOf(id))
  }

  rolesOf(principalId: string | undefined): readonly RoleAssignmentActual[] {
    return this.#state.roles.filter((role) => principalId === undefined || role.principalId === principalId)
  }

  ruleAt(hub: string | undefined, rule: string): RuleActual | undefined {
    const rules = hub === undefined ? this.#state.rules : this.#state.hubs.get(nameKeyOf(hub))?.rules
    return rules?.get(nameKeyOf(rule))
  }

  rulesAt(hub: string | undefined): readonly RuleActual[] | undefined {
    const rules = hub === undefined ? this.#state.rules : this.#state.hubs.get(nameKeyOf(hub))?.rules
    return rules && [...rules.values()]
  }

  /** Azure writes to where Capture goes before it agrees. */
  #checkCapture({ capture }: { readonly capture?: CaptureActual | undefined }): void {
    if (!capture) return
    const found = this.storageAt(capture.storageAccount)
    if (!found || /^Premium/.test(found.sku ?? '')) refuse('the storage account cannot be captured into')
    if (found.exceptions && !found.exceptions.includes('AzureServices')) refuse('the firewall lets nobody in')
    if (capture.identity !== 'None') {
      const { identities } = this.#namespace()
      if (!identities.some((one) => sameName(one, capture.identity))) refuse('no such managed identity')
    } else if (found.refusesKeys || !capture.storageAccount.includes(SUBSCRIPTION)) refuse('a key does not do')
  }

  after(plan: Plan): World {
    if (plan.outcome === 'refused') throw new Error('a refused plan is not applied')
    return writesOf(plan).reduce<World>((world, step) => world.afterWrite(step), this)
  }

  /** Without one thing and what is in it. */
  without(target: Target): World {
    const { hubs } = this.#state
    const left = <V>(map: ReadonlyMap<string, V>, name: string) =>
      new Map([...map].filter(([key]) => key !== nameKeyOf(name)))
    switch (target.kind) {
      case 'group':
        return this.#with({ group: undefined, namespace: undefined, hubs: new Map(), rules: new Map() })
      case 'namespace':
        return this.#with({ namespace: undefined, hubs: new Map(), rules: new Map() })
      case 'hub':
        return this.#with({ hubs: left(hubs, target.name) })
      case 'consumer-group': {
        const hub = this.#hub(target.hub)
        return this.#with({ hubs: added(hubs, target.hub, { ...hub, groups: left(hub.groups, target.name) }) })
      }
      default:
        throw new Error(`a ${target.kind} is not deleted`)
    }
  }

  /** One write, done at once. */
  afterWrite({ target, write }: Pick<WriteStep, 'target' | 'write'>): World {
    switch (write.op) {
      case 'register-provider':
        return this.withProvider({ state: 'Registered' })
      case 'create-group':
        if (this.#state.group) refuse('a resource group that exists is not written')
        if (write.location === '') refuse('LocationRequired')
        return this.withGroup({ name: target.name, location: write.location, tags: write.tags })
      case 'create-namespace': {
        if (!this.#state.group) refuse('ResourceGroupNotFound')
        if (this.#state.provider.state !== 'Registered') refuse('MissingSubscriptionRegistration')
        return this.withNamespace({ name: target.name, ...write.body })
      }
      case 'update-namespace': {
        const { sku, identity, ...others } = write.changes
        const live = this.#namespace()
        const identities = identity?.identities ?? live.identities
        const namespace = { ...live, ...sku, ...others, identities, provisioningState: 'Succeeded' }
        checkNamespace(namespace, live)
        const hubs = [...this.#state.hubs.values()]
        const groups = hubs.some((hub) => hub.groups.size > 1)
        if (namespace.tier === 'Basic' && groups) refuse('Basic has no consumer groups')
        for (const { live: hub } of hubs) {
          const earlier = hubs
            .slice(
              0,
              hubs.findIndex((other) => other.live === hub),
            )
            .map((other) => other.live)
          checkHub(namespace.tier, namespace.capacity, earlier, hub)
        }
        return this.#with({ namespace: { ...namespace, kafkaEnabled: namespace.tier !== 'Basic' } })
      }
      case 'put-network-rules':
        if (this.#namespace().tier === 'Basic') refuse('Basic has no network rules')
        return this.#with({ network: networkAfter(write.spec, this.#state.network) })
      case 'create-hub': {
        const made = this.withHub(target.name, write.body)
        this.#checkCapture(write.body)
        return made
      }
      case 'update-hub': {
        const state = this.#hub(target.name)
        const { capture, ...others } = write.changes
        const captured =
          capture === undefined
            ? state.live.capture
            : capture === 'off'
              ? undefined
              : aCapture({ ...state.live.capture, ...capture })
        const live: HubActual = { ...state.live, ...others, capture: captured }
        const beside = [...this.#state.hubs.values()].map((hub) => hub.live).filter((hub) => hub !== state.live)
        checkHub(this.#namespace().tier, this.#namespace().capacity, beside, live, state.live)
        if (capture) this.#checkCapture(live)
        return this.#with({ hubs: added(this.#state.hubs, target.name, { ...state, live }) })
      }
      case 'create-consumer-group':
        if (target.kind !== 'consumer-group') throw new Error(`${write.op} for a ${target.kind}`)
        return this.withConsumerGroup(target.hub, target.name, write.body.userMetadata)
      case 'update-consumer-group': {
        if (target.kind !== 'consumer-group') throw new Error(`${write.op} for a ${target.kind}`)
        if (!this.#hub(target.hub).groups.has(nameKeyOf(target.name))) refuse('MessagingEntityNotFound')
        return this.#withGroup(target.hub, { name: target.name, userMetadata: write.body.userMetadata })
      }
      case 'put-rule':
        if (target.kind !== 'rule') throw new Error(`${write.op} for a ${target.kind}`)
        return target.hub === undefined
          ? this.withNamespaceRule(target.name, write.rights)
          : this.withRule(target.hub, target.name, write.rights)
      case 'assign-role':
        if (target.kind !== 'role-assignment') throw new Error(`${write.op} for a ${target.kind}`)
        return this.withRole({ ...roleOf(write.grant), hub: target.hub, from: write.grant.scope })
      case 'delete':
        return this.without(target)
    }
  }
}

export const writesOf = (plan: Plan): readonly WriteStep[] => {
  const steps: readonly Step[] = plan.steps
  return steps.filter(isWrite)
}

/** An empty subscription in which Event Hubs is registered. */
export const aWorld = (): World =>
  new World({
    provider: { state: 'Registered', locations: ['westeurope', 'northeurope', 'eastus'] },
    ...{ group: undefined, namespace: undefined, hubs: new Map(), rules: new Map(), roles: [], storage: new Map() },
    network: OPEN_NETWORK,
  })

const roleOf = ({ principalId, principalType, role }: GrantSpec) => ({ principalId, principalType, role })
