import type { EventHubManagementContext } from '@azure/arm-eventhub/api'
import { listByEventHub } from '@azure/arm-eventhub/api/consumerGroups'
import * as hubs from '@azure/arm-eventhub/api/eventHubs'
import * as namespaces from '@azure/arm-eventhub/api/namespaces'
import type { ResourceManagementContext } from '@azure/arm-resources/api'
import { get as getProvider } from '@azure/arm-resources/api/providers'
import { get as getGroup } from '@azure/arm-resources/api/resourceGroups'
import { listByResourceGroup } from '@azure/arm-resources/api/resources'
import type { Call, Cloud, HubRef, Keys, LockActual, NamespaceRef, ResourceActual, RuleRef } from '../engine/cloud.ts'
import type { MetricsQuestion, MetricsRead } from '../engine/status/metrics.ts'
import { isAzureFailure } from '../lib/errors.ts'
import type { ApiVersions } from './api-versions.ts'
import { armPath, EVENT_HUBS_PROVIDER, type ArmClients, type ArmRest, type Query } from './arm-requests.ts'
import type { FailureTranslator } from './failures.ts'
import {
  toConsumerGroup,
  toGroup,
  toHub,
  toKeys,
  toLock,
  toNamespace,
  toNetwork,
  toProvider,
  toResource,
  toRule,
  toStorageAccount,
  type ArmLock,
  type ArmStorageAccount,
} from './mappers.ts'
import { METRICS, metricsQuery, toMetrics } from './metrics.ts'
import { ROLE_ASSIGNMENTS, toRoleAssignment, type ArmRoleAssignment } from './role-assignments.ts'
import type { GroupActual, ProviderActual } from '../resources/resource-group.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { NetworkActual } from '../resources/network/network.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { RuleActual } from '../resources/access-rule/access-rule.ts'
import type { RoleAssignmentActual } from '../resources/grant.ts'
import type { StorageAccountActual } from '../resources/capture/capture.ts'
import type { NameCheck } from '../resources/namespace/name.ts'

export interface AzureCloudParts {
  readonly clients: ArmClients
  readonly rest: ArmRest
  readonly versions: ApiVersions
  readonly translator: FailureTranslator
  readonly dataSuffix: string
}

/** No right to read it, or a tier without it. */
const UNREADABLE: readonly (number | undefined)[] = [400, 403]

/** A request with a function of the SDK. */
type EventHubsRequest<T> = (api: EventHubManagementContext) => Promise<T>
type ResourcesRequest<T> = (api: ResourceManagementContext) => Promise<T>

/** The part of `Cloud` that changes nothing. Each method sends one request, or one for each page of a list. */
export class AzureReader implements Pick<Cloud, Extract<keyof Cloud, `${'read' | 'list' | 'check'}${string}`>> {
  protected readonly parts: AzureCloudParts

  constructor(parts: AzureCloudParts) {
    this.parts = parts
  }

  async readProvider(call: Call): Promise<ProviderActual> {
    const { clients, translator } = this.parts
    try {
      return await translator.run('read the provider registration', call, async () =>
        toProvider(await clients.resources(call, (api) => getProvider(api, EVENT_HUBS_PROVIDER))),
      )
    } catch (error) {
      const isForbidden = isAzureFailure(error) && error.code === 'access' && error.azure.status === 403
      if (isForbidden) return { state: undefined, locations: [] }
      throw error
    }
  }

  async readGroup(group: string, call: Call): Promise<GroupActual | undefined> {
    return this.#findResources(`read resource group ${group}`, call, async (api) => toGroup(await getGroup(api, group)))
  }

  async readNamespace({ group, namespace }: NamespaceRef, call: Call): Promise<NamespaceActual | undefined> {
    return this.find(`read namespace ${namespace}`, call, async (api) =>
      toNamespace(await namespaces.get(api, group, namespace), this.parts.dataSuffix),
    )
  }

  async listNamespaces(call: Call): Promise<readonly NamespaceActual[]> {
    return this.run('list the namespaces of the subscription', call, (api) =>
      collect(namespaces.list(api), (one) => toNamespace(one, this.parts.dataSuffix)),
    )
  }

  async readNetworkRules({ group, namespace }: NamespaceRef, call: Call): Promise<NetworkActual | undefined> {
    try {
      return await this.find(`read the network rules of namespace ${namespace}`, call, async (api) =>
        toNetwork(await namespaces.getNetworkRuleSet(api, group, namespace)),
      )
    } catch (error) {
      if (isAzureFailure(error) && UNREADABLE.includes(error.azure.status)) return undefined
      throw error
    }
  }

  async listHubs({ group, namespace }: NamespaceRef, call: Call): Promise<readonly HubActual[] | undefined> {
    return this.find(`list the hubs of namespace ${namespace}`, call, (api) =>
      collect(hubs.listByNamespace(api, group, namespace), toHub),
    )
  }

  async listConsumerGroups(at: HubRef, call: Call): Promise<readonly ConsumerGroupActual[] | undefined> {
    return this.find(`list the consumer groups of hub ${at.hub}`, call, (api) =>
      collect(listByEventHub(api, at.group, at.namespace, at.hub), toConsumerGroup),
    )
  }

  async readRule({ group, namespace, hub, rule }: RuleRef, call: Call): Promise<RuleActual | undefined> {
    return this.find(`read rule ${rule}`, call, async (api) =>
      toRule(
        hub === undefined
          ? await namespaces.getAuthorizationRule(api, group, namespace, rule)
          : await hubs.getAuthorizationRule(api, group, namespace, hub, rule),
      ),
    )
  }

  async listRules(
    { group, namespace, hub }: NamespaceRef & { readonly hub?: string },
    call: Call,
  ): Promise<readonly RuleActual[] | undefined> {
    return this.find(`list the rules of ${hub ?? namespace}`, call, (api) =>
      collect(
        hub === undefined
          ? namespaces.listAuthorizationRules(api, group, namespace)
          : hubs.listAuthorizationRules(api, group, namespace, hub),
        toRule,
      ),
    )
  }

  async listResources(group: string, call: Call): Promise<readonly ResourceActual[] | undefined> {
    return this.#findResources(`list the resources of ${group}`, call, (api) =>
      collect(listByResourceGroup(api, group), toResource),
    )
  }

  /** Without a filter, the list includes the locks above the group and those inside it. */
  async listLocks(group: string, call: Call): Promise<readonly LockActual[] | undefined> {
    const { clients, rest, translator } = this.parts
    const subscription = armPath('subscriptions', clients.subscriptionId)
    const locksOn = (scope: string, query?: Query) =>
      translator.find(`list the locks of ${group}`, call, async () => {
        const path = `${scope}/providers/Microsoft.Authorization/locks`
        return (await rest.list<ArmLock>(path, 'locks', call, query)).map(toLock)
      })
    const found = await locksOn(`${subscription}${armPath('resourceGroups', group)}`)
    return found ?? locksOn(subscription, { $filter: 'atScope()' })
  }

  /** Without a filter for the scope, the list includes the assignments above and below the namespace. */
  async listRoleAssignments(
    { group, namespace }: NamespaceRef,
    principalId: string | undefined,
    call: Call,
  ): Promise<readonly RoleAssignmentActual[] | undefined> {
    const { clients, rest, translator } = this.parts
    const path = `${clients.namespacePath(group, namespace)}${ROLE_ASSIGNMENTS}`
    const query = principalId === undefined ? undefined : { $filter: `principalId eq '${principalId}'` }
    return translator.find(`list the roles of ${principalId ?? namespace}`, call, async () =>
      (await rest.list<ArmRoleAssignment>(path, 'roleAssignments', call, query)).flatMap(
        (one) => toRoleAssignment(one) ?? [],
      ),
    )
  }

  /** Capture can also use an account that we may not read, for example in another subscription. */
  async readStorageAccount(id: string, call: Call): Promise<StorageAccountActual | undefined> {
    const { rest, translator } = this.parts
    const path = armPath(...id.split('/').slice(1))
    const request = { method: 'GET', path, api: 'storageAccounts' } as const
    try {
      return await translator.find(`read storage account ${id}`, call, async () =>
        toStorageAccount(JSON.parse(await rest.send(request, call)) as ArmStorageAccount),
      )
    } catch (error) {
      if (isAzureFailure(error) && !error.retryable) return { sku: undefined }
      throw error
    }
  }

  async readMetrics(
    { group, namespace }: NamespaceRef,
    question: MetricsQuestion,
    call: Call,
  ): Promise<MetricsRead | undefined> {
    const { clients, rest, translator } = this.parts
    const path = `${clients.namespacePath(group, namespace)}${METRICS}`
    const request = { method: 'GET', path, api: 'metrics', query: metricsQuery(question) } as const
    return translator.find(`read the metrics of namespace ${namespace}`, call, async () =>
      toMetrics(JSON.parse(await rest.send(request, call)), question),
    )
  }

  async readKeys({ group, namespace, hub, rule }: RuleRef, call: Call): Promise<Keys | undefined> {
    return this.find(`read the keys of rule ${rule}`, call, async (api) =>
      toKeys(
        hub === undefined
          ? await namespaces.listKeys(api, group, namespace, rule)
          : await hubs.listKeys(api, group, namespace, hub, rule),
      ),
    )
  }

  async checkNamespaceName(name: string, call: Call): Promise<NameCheck> {
    return this.run(`check the name ${name}`, call, async (api) => {
      const check = await namespaces.checkNameAvailability(api, { name })
      if (check.nameAvailable) return { available: true }
      return { available: false, reason: check.reason ?? 'None', message: check.message ?? '' }
    })
  }

  protected async run<T>(label: string, call: Call, request: EventHubsRequest<T>): Promise<T> {
    return this.parts.translator.run(label, call, () => this.parts.clients.eventHubs(call, request))
  }

  /** Like `run`, but answers undefined if the resource or its parent does not exist. */
  protected async find<T>(label: string, call: Call, request: EventHubsRequest<T>): Promise<T | undefined> {
    return this.parts.translator.find(label, call, () => this.parts.clients.eventHubs(call, request))
  }

  async #findResources<T>(label: string, call: Call, request: ResourcesRequest<T>): Promise<T | undefined> {
    return this.parts.translator.find(label, call, () => this.parts.clients.resources(call, request))
  }
}

/** Fetches all pages of a list. */
export async function collect<From, To>(items: AsyncIterable<From>, map: (item: From) => To): Promise<To[]> {
  const all: To[] = []
  for await (const item of items) all.push(map(item))
  return all
}
