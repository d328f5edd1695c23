import type { EventHubManagementClient } from '@azure/arm-eventhub'
import type { ResourceManagementClient } from '@azure/arm-resources'
import type {
  Call,
  Cloud,
  ConsumerGroupRef,
  HubRef,
  LockActual,
  NamespaceRef,
  ResourceActual,
  RuleRef,
} from '../engine/cloud.ts'
import type {
  ConsumerGroupActual,
  ConsumerGroupBody,
  GroupActual,
  HubActual,
  HubChanges,
  Keys,
  NameCheck,
  NamespaceActual,
  NamespaceChanges,
  NewHub,
  NewNamespace,
  ProviderActual,
  RoleAssignmentActual,
  RuleActual,
  StorageAccountActual,
  Tags,
} from '../resources/shapes.ts'
import { isAzureFailure } from '../lib/errors.ts'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import type { Right } from '../resources/spec.ts'
import { armPath, type ArmRest } from './arm-rest.ts'
import { namespaceChangesBody, newHubBody, newNamespaceBody } from './bodies.ts'
import {
  EVENT_HUBS_PROVIDER,
  GROUPS_API_VERSION,
  LOCKS_API_VERSION,
  NAMESPACE_API_VERSION,
  STORAGE_API_VERSION,
} from './clouds.ts'
import {
  toConsumerGroup,
  toGroup,
  toHub,
  toKeys,
  toLock,
  toNamespace,
  toProvider,
  toResource,
  toRule,
  toStorageAccount,
  type ArmLock,
  type ArmStorageAccount,
} from './mappers.ts'
import { mergeConsumerGroup, mergeHub } from './merge.ts'
import {
  ROLE_ASSIGNMENTS,
  ROLE_ASSIGNMENTS_API_VERSION,
  roleAssignmentBody,
  roleAssignmentName,
  toRoleAssignment,
  type ArmRoleAssignment,
} from './role-assignments.ts'
import type { Translator } from './translate.ts'
import { WholeResource } from './whole-resource.ts'

export interface AzureCloudParts {
  readonly subscriptionId: string
  readonly eventHubs: EventHubManagementClient
  readonly resources: ResourceManagementClient
  readonly rest: ArmRest
  readonly translator: Translator
  readonly dataSuffix: string
}

/** The port on the Azure SDK. One request a method (lists: one a page; `update...` of a whole resource: two). */
export class AzureCloud implements Cloud {
  readonly #parts: AzureCloudParts
  readonly #whole: WholeResource

  constructor(parts: AzureCloudParts) {
    this.#parts = parts
    this.#whole = new WholeResource(parts.rest)
  }

  async readProvider(call: Call): Promise<ProviderActual> {
    const { resources, translator } = this.#parts
    try {
      return await translator.run('read the provider registration', call, async () =>
        toProvider(await resources.providers.get(EVENT_HUBS_PROVIDER, optionsOf(call))),
      )
    } catch (error) {
      const mayNot = isAzureFailure(error) && error.code === 'access' && error.azure.status === 403
      if (mayNot) return { state: undefined, locations: [] }
      throw error
    }
  }

  async readGroup(group: string, call: Call): Promise<GroupActual | undefined> {
    const { resources, translator } = this.#parts
    return translator.find(`read resource group ${group}`, call, async () =>
      toGroup(await resources.resourceGroups.get(group, optionsOf(call))),
    )
  }

  async readNamespace({ group, namespace }: NamespaceRef, call: Call): Promise<NamespaceActual | undefined> {
    const { eventHubs, translator, dataSuffix } = this.#parts
    return translator.find(`read namespace ${namespace}`, call, async () =>
      toNamespace(await eventHubs.namespaces.get(group, namespace, optionsOf(call)), dataSuffix),
    )
  }

  async listHubs({ group, namespace }: NamespaceRef, call: Call): Promise<readonly HubActual[] | undefined> {
    const { eventHubs, translator } = this.#parts
    return translator.find(`list the hubs of namespace ${namespace}`, call, () =>
      collect(eventHubs.eventHubs.listByNamespace(group, namespace, optionsOf(call)), toHub),
    )
  }

  async listConsumerGroups(at: HubRef, call: Call): Promise<readonly ConsumerGroupActual[] | undefined> {
    const { eventHubs, translator } = this.#parts
    return translator.find(`list the consumer groups of hub ${at.hub}`, call, () =>
      collect(
        eventHubs.consumerGroups.listByEventHub(at.group, at.namespace, at.hub, optionsOf(call)),
        toConsumerGroup,
      ),
    )
  }

  async readRule({ group, namespace, hub, rule }: RuleRef, call: Call): Promise<RuleActual | undefined> {
    const { namespaces, eventHubs: hubs } = this.#parts.eventHubs
    return this.#parts.translator.find(`read rule ${rule}`, call, async () =>
      toRule(
        hub === undefined
          ? await namespaces.getAuthorizationRule(group, namespace, rule, optionsOf(call))
          : await hubs.getAuthorizationRule(group, namespace, hub, rule, optionsOf(call)),
      ),
    )
  }

  async listRules(
    at: NamespaceRef & { readonly hub?: string },
    call: Call,
  ): Promise<readonly RuleActual[] | undefined> {
    const { group, namespace, hub } = at
    const { namespaces, eventHubs: hubs } = this.#parts.eventHubs
    return this.#parts.translator.find(`list the rules of ${hub ?? namespace}`, call, () =>
      collect(
        hub === undefined
          ? namespaces.listAuthorizationRules(group, namespace, optionsOf(call))
          : hubs.listAuthorizationRules(group, namespace, hub, optionsOf(call)),
        toRule,
      ),
    )
  }

  async listResources(group: string, call: Call): Promise<readonly ResourceActual[] | undefined> {
    const { resources, translator } = this.#parts
    return translator.find(`list the resources of ${group}`, call, () =>
      collect(resources.resources.listByResourceGroup(group, optionsOf(call)), toResource),
    )
  }

  /** Without a filter the list holds the locks above the group and those in it as well. */
  async listLocks(group: string, call: Call): Promise<readonly LockActual[] | undefined> {
    const { subscriptionId, rest, translator } = this.#parts
    const path = armPath('subscriptions', subscriptionId, 'resourceGroups', group, 'providers', ...LOCKS)
    return translator.find(`list the locks of ${group}`, call, async () =>
      (await rest.list<ArmLock>(path, LOCKS_API_VERSION, call)).map(toLock),
    )
  }

  /** With this filter the list shows what is at, above and below its scope. */
  async listRoleAssignments(
    { group, namespace }: NamespaceRef,
    principalId: string,
    call: Call,
  ): Promise<readonly RoleAssignmentActual[] | undefined> {
    const path = `${this.#eventHubsPath(group, 'namespaces', namespace)}${armPath(...ROLE_ASSIGNMENTS)}`
    const { rest, translator } = this.#parts
    return translator.find(`list the roles of ${principalId}`, call, async () => {
      const filter = `principalId eq '${principalId}'`
      const found = await rest.list<ArmRoleAssignment>(path, ROLE_ASSIGNMENTS_API_VERSION, call, filter)
      return found.flatMap((one) => toRoleAssignment(one) ?? [])
    })
  }

  /** One in another subscription, or that is not ours to read, may well be there: Capture does not ask who looks. */
  async readStorageAccount(id: string, call: Call): Promise<StorageAccountActual | undefined> {
    const { rest, translator } = this.#parts
    const request = {
      method: 'GET',
      path: armPath(...id.split('/').slice(1)),
      apiVersion: STORAGE_API_VERSION,
    } as const
    try {
      return await translator.find(`read storage account ${id}`, call, async () =>
        toStorageAccount(JSON.parse(await rest.send(request, call)) as ArmStorageAccount),
      )
    } catch (error) {
      if (isAzureFailure(error) && !error.retryable) return { sku: undefined }
      throw error
    }
  }

  async readKeys({ group, namespace, hub, rule }: RuleRef, call: Call): Promise<Keys | undefined> {
    const { namespaces, eventHubs: hubs } = this.#parts.eventHubs
    return this.#parts.translator.find(`read the keys of rule ${rule}`, call, async () =>
      toKeys(
        hub === undefined
          ? await namespaces.listKeys(group, namespace, rule, optionsOf(call))
          : await hubs.listKeys(group, namespace, hub, rule, optionsOf(call)),
      ),
    )
  }

  async checkNamespaceName(name: string, call: Call): Promise<NameCheck> {
    const { eventHubs, translator } = this.#parts
    return translator.run(`check the name ${name}`, call, async () => {
      const check = await eventHubs.namespaces.checkNameAvailability({ name }, optionsOf(call))
      if (check.nameAvailable) return { available: true }
      return { available: false, reason: check.reason ?? 'None', message: check.message ?? '' }
    })
  }

  async registerProvider(call: Call): Promise<void> {
    const { resources, translator } = this.#parts
    await translator.run(`register ${EVENT_HUBS_PROVIDER}`, call, () =>
      resources.providers.register(EVENT_HUBS_PROVIDER, optionsOf(call)),
    )
  }

  async createGroup(
    group: string,
    { location, tags }: { readonly location: string; readonly tags: Tags },
    call: Call,
  ): Promise<void> {
    const { resources, translator } = this.#parts
    await translator.run(`create resource group ${group}`, call, () =>
      resources.resourceGroups.createOrUpdate(group, { location, tags: { ...tags } }, optionsOf(call)),
    )
  }

  /**
   * Not with the SDK's `beginCreateOrUpdate`: that polls once after the PUT and fails, although Azure accepted the
   * namespace, when this one GET does.
   */
  async createNamespace({ group, namespace }: NamespaceRef, body: NewNamespace, call: Call): Promise<void> {
    const path = this.#eventHubsPath(group, 'namespaces', namespace)
    const request = { method: 'PUT', path, apiVersion: NAMESPACE_API_VERSION, body: newNamespaceBody(body) } as const
    await this.#parts.translator.run(`create namespace ${namespace}`, call, () => this.#parts.rest.send(request, call))
  }

  async updateNamespace({ group, namespace }: NamespaceRef, changes: NamespaceChanges, call: Call): Promise<void> {
    const body = namespaceChangesBody(changes)
    const { eventHubs, translator } = this.#parts
    await translator.run(`update namespace ${namespace}`, call, () =>
      eventHubs.namespaces.update(group, namespace, body, optionsOf(call)),
    )
  }

  async createHub({ group, namespace, hub }: HubRef, body: NewHub, call: Call): Promise<void> {
    const { eventHubs, translator } = this.#parts
    await translator.run(`create hub ${hub}`, call, () =>
      eventHubs.eventHubs.createOrUpdate(group, namespace, hub, newHubBody(body), optionsOf(call)),
    )
  }

  async updateHub({ group, namespace, hub }: HubRef, changes: HubChanges, call: Call): Promise<void> {
    const path = this.#eventHubsPath(group, 'namespaces', namespace, 'eventhubs', hub)
    await this.#parts.translator.run(`update hub ${hub}`, call, () =>
      this.#whole.update(path, (current) => mergeHub(current, changes), call),
    )
  }

  async createConsumerGroup(at: ConsumerGroupRef, { userMetadata }: ConsumerGroupBody, call: Call): Promise<void> {
    const { eventHubs, translator } = this.#parts
    const body = { userMetadata }
    await translator.run(`create consumer group ${at.consumerGroup}`, call, () =>
      eventHubs.consumerGroups.createOrUpdate(at.group, at.namespace, at.hub, at.consumerGroup, body, optionsOf(call)),
    )
  }

  async updateConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void> {
    const { group, namespace, hub, consumerGroup } = at
    const path = this.#eventHubsPath(group, 'namespaces', namespace, 'eventhubs', hub, 'consumergroups', consumerGroup)
    await this.#parts.translator.run(`update consumer group ${consumerGroup}`, call, () =>
      this.#whole.update(path, (current) => mergeConsumerGroup(current, body), call),
    )
  }

  async putRule({ group, namespace, hub, rule }: RuleRef, rights: readonly Right[], call: Call): Promise<void> {
    const { namespaces, eventHubs: hubs } = this.#parts.eventHubs
    const body = { rights: [...rights] }
    await this.#parts.translator.run(`write rule ${rule}`, call, () =>
      hub === undefined
        ? namespaces.createOrUpdateAuthorizationRule(group, namespace, rule, body, optionsOf(call))
        : hubs.createOrUpdateAuthorizationRule(group, namespace, hub, rule, body, optionsOf(call)),
    )
  }

  async assignRole({ group, namespace, hub }: HubRef, grant: GrantSpec, call: Call): Promise<void> {
    const { subscriptionId, rest, translator } = this.#parts
    const scope = this.#eventHubsPath(group, 'namespaces', namespace, 'eventhubs', hub)
    const path = `${scope}${armPath(...ROLE_ASSIGNMENTS, roleAssignmentName(scope, grant))}`
    const body = roleAssignmentBody(subscriptionId, grant)
    const request = { method: 'PUT', path, apiVersion: ROLE_ASSIGNMENTS_API_VERSION, body } as const
    try {
      await translator.run(`give ${grant.principalId} the role ${grant.role}`, call, () => rest.send(request, call))
    } catch (error) {
      const isThere = isAzureFailure(error) && error.azure.code === 'RoleAssignmentExists'
      if (!isThere) throw error
    }
  }

  async renewKey({ group, namespace, hub, rule }: RuleRef, key: 'primary' | 'secondary', call: Call): Promise<Keys> {
    const { namespaces, eventHubs: hubs } = this.#parts.eventHubs
    const body = { keyType: key === 'primary' ? 'PrimaryKey' : 'SecondaryKey' }
    return this.#parts.translator.run(`renew the ${key} key of rule ${rule}`, call, async () =>
      toKeys(
        hub === undefined
          ? await namespaces.regenerateKeys(group, namespace, rule, body, optionsOf(call))
          : await hubs.regenerateKeys(group, namespace, hub, rule, body, optionsOf(call)),
      ),
    )
  }

  /** Not with the SDK's `beginDelete`, which polls on its own. */
  async deleteNamespace({ group, namespace }: NamespaceRef, call: Call): Promise<void> {
    const path = this.#eventHubsPath(group, 'namespaces', namespace)
    const request = { method: 'DELETE', path, apiVersion: NAMESPACE_API_VERSION } as const
    await this.#parts.translator.find(`delete namespace ${namespace}`, call, () => this.#parts.rest.send(request, call))
  }

  async deleteHub({ group, namespace, hub }: HubRef, call: Call): Promise<void> {
    const { eventHubs, translator } = this.#parts
    await translator.find(`delete hub ${hub}`, call, () =>
      eventHubs.eventHubs.delete(group, namespace, hub, optionsOf(call)),
    )
  }

  async deleteConsumerGroup(at: ConsumerGroupRef, call: Call): Promise<void> {
    const { eventHubs, translator } = this.#parts
    await translator.find(`delete consumer group ${at.consumerGroup}`, call, () =>
      eventHubs.consumerGroups.delete(at.group, at.namespace, at.hub, at.consumerGroup, optionsOf(call)),
    )
  }

  async deleteGroup(group: string, call: Call): Promise<void> {
    const { subscriptionId, rest, translator } = this.#parts
    const path = armPath('subscriptions', subscriptionId, 'resourceGroups', group)
    const request = { method: 'DELETE', path, apiVersion: GROUPS_API_VERSION } as const
    await translator.find(`delete resource group ${group}`, call, () => rest.send(request, call))
  }

  #eventHubsPath(group: string, ...rest: readonly string[]): string {
    const { subscriptionId } = this.#parts
    return armPath('subscriptions', subscriptionId, 'resourceGroups', group, 'providers', EVENT_HUBS_PROVIDER, ...rest)
  }
}

const LOCKS = ['Microsoft.Authorization', 'locks'] as const

const optionsOf = ({ signal }: Call): { abortSignal: AbortSignal } => ({ abortSignal: signal })

async function collect<From, To>(items: AsyncIterable<From>, map: (item: From) => To): Promise<readonly To[]> {
  const all: To[] = []
  for await (const item of items) all.push(map(item))
  return all
}
