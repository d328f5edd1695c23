import * as consumerGroups from '@azure/arm-eventhub/api/consumerGroups'
import * as hubs from '@azure/arm-eventhub/api/eventHubs'
import * as namespaces from '@azure/arm-eventhub/api/namespaces'
import * as providers from '@azure/arm-resources/api/providers'
import * as groups from '@azure/arm-resources/api/resourceGroups'
import { listByResourceGroup } from '@azure/arm-resources/api/resources'
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
import type { ArmClients } from './arm-clients.ts'
import { armPath, type ArmRest, type ArmRequest } from './arm-rest.ts'
import { namespaceChangesBody, newHubBody, newNamespaceBody } from './bodies.ts'
import { EVENT_HUBS_PROVIDER, GROUPS_API_VERSION, LOCKS_API_VERSION, STORAGE_API_VERSION } from './clouds.ts'
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
import type { NewestVersion } from './newest-version.ts'
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
  readonly clients: ArmClients
  readonly rest: ArmRest
  readonly version: NewestVersion
  readonly translator: Translator
  readonly dataSuffix: string
}

/** The port on the Azure SDK. One request a method (lists: one a page; `update...` of a whole resource: two). */
export class AzureCloud implements Cloud {
  readonly #parts: AzureCloudParts
  readonly #whole: WholeResource

  constructor(parts: AzureCloudParts) {
    this.#parts = parts
    this.#whole = new WholeResource(parts.rest, parts.version)
  }

  async readProvider(call: Call): Promise<ProviderActual> {
    const { clients, translator } = this.#parts
    try {
      return await translator.run('read the provider registration', call, async () =>
        toProvider(await clients.resources(call, (api) => providers.get(api, EVENT_HUBS_PROVIDER))),
      )
    } catch (error) {
      const mayNot = isAzureFailure(error) && error.code === 'access' && error.azure.status === 403
      if (mayNot) return { state: undefined, locations: [] }
      throw error
    }
  }

  async readGroup(group: string, call: Call): Promise<GroupActual | undefined> {
    const { clients, translator } = this.#parts
    return translator.find(`read resource group ${group}`, call, async () =>
      toGroup(await clients.resources(call, (api) => groups.get(api, group))),
    )
  }

  async readNamespace({ group, namespace }: NamespaceRef, call: Call): Promise<NamespaceActual | undefined> {
    const { clients, translator, dataSuffix } = this.#parts
    return translator.find(`read namespace ${namespace}`, call, async () =>
      toNamespace(await clients.eventHubs(call, (api) => namespaces.get(api, group, namespace)), dataSuffix),
    )
  }

  async listHubs({ group, namespace }: NamespaceRef, call: Call): Promise<readonly HubActual[] | undefined> {
    const { clients, translator } = this.#parts
    return translator.find(`list the hubs of namespace ${namespace}`, call, () =>
      clients.eventHubs(call, (api) => collect(hubs.listByNamespace(api, group, namespace), toHub)),
    )
  }

  async listConsumerGroups(
    { group, namespace, hub }: HubRef,
    call: Call,
  ): Promise<readonly ConsumerGroupActual[] | undefined> {
    const { clients, translator } = this.#parts
    return translator.find(`list the consumer groups of hub ${hub}`, call, () =>
      clients.eventHubs(call, (api) =>
        collect(consumerGroups.listByEventHub(api, group, namespace, hub), toConsumerGroup),
      ),
    )
  }

  async readRule({ group, namespace, hub, rule }: RuleRef, call: Call): Promise<RuleActual | undefined> {
    const { clients, translator } = this.#parts
    return translator.find(`read rule ${rule}`, call, async () =>
      toRule(
        await clients.eventHubs(call, (api) =>
          hub === undefined
            ? namespaces.getAuthorizationRule(api, group, namespace, rule)
            : hubs.getAuthorizationRule(api, group, namespace, hub, rule),
        ),
      ),
    )
  }

  async listRules(
    { group, namespace, hub }: NamespaceRef & { readonly hub?: string },
    call: Call,
  ): Promise<readonly RuleActual[] | undefined> {
    const { clients, translator } = this.#parts
    return translator.find(`list the rules of ${hub ?? namespace}`, call, () =>
      clients.eventHubs(call, (api) =>
        collect(
          hub === undefined
            ? namespaces.listAuthorizationRules(api, group, namespace)
            : hubs.listAuthorizationRules(api, group, namespace, hub),
          toRule,
        ),
      ),
    )
  }

  async listResources(group: string, call: Call): Promise<readonly ResourceActual[] | undefined> {
    const { clients, translator } = this.#parts
    return translator.find(`list the resources of ${group}`, call, () =>
      clients.resources(call, (api) => collect(listByResourceGroup(api, group), toResource)),
    )
  }

  /** Without a filter the list holds the locks above the group and those in it as well. */
  async listLocks(group: string, call: Call): Promise<readonly LockActual[] | undefined> {
    const { clients, rest, translator } = this.#parts
    const path = armPath('subscriptions', clients.subscriptionId, 'resourceGroups', group, 'providers', ...LOCKS)
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
    const path = `${this.#namespacePath(group, namespace)}${armPath(...ROLE_ASSIGNMENTS)}`
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
    const { clients, translator } = this.#parts
    return translator.find(`read the keys of rule ${rule}`, call, async () =>
      toKeys(
        await clients.eventHubs(call, (api) =>
          hub === undefined
            ? namespaces.listKeys(api, group, namespace, rule)
            : hubs.listKeys(api, group, namespace, hub, rule),
        ),
      ),
    )
  }

  async checkNamespaceName(name: string, call: Call): Promise<NameCheck> {
    const { clients, translator } = this.#parts
    return translator.run(`check the name ${name}`, call, async () => {
      const check = await clients.eventHubs(call, (api) => namespaces.checkNameAvailability(api, { name }))
      if (check.nameAvailable) return { available: true }
      return { available: false, reason: check.reason ?? 'None', message: check.message ?? '' }
    })
  }

  async registerProvider(call: Call): Promise<void> {
    const { clients, translator } = this.#parts
    await translator.run(`register ${EVENT_HUBS_PROVIDER}`, call, () =>
      clients.resources(call, (api) => providers.register(api, EVENT_HUBS_PROVIDER)),
    )
  }

  async createGroup(
    group: string,
    { location, tags }: { readonly location: string; readonly tags: Tags },
    call: Call,
  ): Promise<void> {
    const { clients, translator } = this.#parts
    await translator.run(`create resource group ${group}`, call, () =>
      clients.resources(call, (api) => groups.createOrUpdate(api, group, { location, tags: { ...tags } })),
    )
  }

  /**
   * Not with the SDK's `createOrUpdate`: that polls once after the PUT and fails, although Azure accepted the namespace,
   * when this one GET does.
   */
  async createNamespace({ group, namespace }: NamespaceRef, body: NewNamespace, call: Call): Promise<void> {
    await this.#parts.translator.run(`create namespace ${namespace}`, call, () =>
      this.#sendToNamespace(group, namespace, { method: 'PUT', body: newNamespaceBody(body) }, call),
    )
  }

  async updateNamespace({ group, namespace }: NamespaceRef, changes: NamespaceChanges, call: Call): Promise<void> {
    await this.#parts.translator.run(`update namespace ${namespace}`, call, () =>
      this.#sendToNamespace(group, namespace, { method: 'PATCH', body: namespaceChangesBody(changes) }, call),
    )
  }

  async createHub({ group, namespace, hub }: HubRef, body: NewHub, call: Call): Promise<void> {
    const { clients, translator } = this.#parts
    await translator.run(`create hub ${hub}`, call, () =>
      clients.eventHubs(call, (api) => hubs.createOrUpdate(api, group, namespace, hub, newHubBody(body))),
    )
  }

  async updateHub({ group, namespace, hub }: HubRef, changes: HubChanges, call: Call): Promise<void> {
    const path = this.#namespacePath(group, namespace, 'eventhubs', hub)
    await this.#parts.translator.run(`update hub ${hub}`, call, () =>
      this.#whole.update(path, (current) => mergeHub(current, changes), call),
    )
  }

  async createConsumerGroup(at: ConsumerGroupRef, { userMetadata }: ConsumerGroupBody, call: Call): Promise<void> {
    const { group, namespace, hub, consumerGroup } = at
    const { clients, translator } = this.#parts
    await translator.run(`create consumer group ${consumerGroup}`, call, () =>
      clients.eventHubs(call, (api) =>
        consumerGroups.createOrUpdate(api, group, namespace, hub, consumerGroup, { userMetadata }),
      ),
    )
  }

  async updateConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void> {
    const { group, namespace, hub, consumerGroup } = at
    const path = this.#namespacePath(group, namespace, 'eventhubs', hub, 'consumergroups', consumerGroup)
    await this.#parts.translator.run(`update consumer group ${consumerGroup}`, call, () =>
      this.#whole.update(path, (current) => mergeConsumerGroup(current, body), call),
    )
  }

  async putRule({ group, namespace, hub, rule }: RuleRef, rights: readonly Right[], call: Call): Promise<void> {
    const { clients, translator } = this.#parts
    const body = { rights: [...rights] }
    await translator.run(`write rule ${rule}`, call, () =>
      clients.eventHubs(call, (api) =>
        hub === undefined
          ? namespaces.createOrUpdateAuthorizationRule(api, group, namespace, rule, body)
          : hubs.createOrUpdateAuthorizationRule(api, group, namespace, hub, rule, body),
      ),
    )
  }

  async assignRole({ group, namespace, hub }: HubRef, grant: GrantSpec, call: Call): Promise<void> {
    const { clients, rest, translator } = this.#parts
    const scope = this.#namespacePath(group, namespace, 'eventhubs', hub)
    const path = `${scope}${armPath(...ROLE_ASSIGNMENTS, roleAssignmentName(scope, grant))}`
    const body = roleAssignmentBody(clients.subscriptionId, grant)
    const request = { method: 'PUT', path, apiVersion: ROLE_ASSIGNMENTS_API_VERSION, body } as const
    try {
      await translator.run(`give ${grant.principalId} the role ${grant.role}`, call, () => rest.send(request, call))
    } catch (error) {
      const isThere = isAzureFailure(error) && error.azure.code === 'RoleAssignmentExists'
      if (!isThere) throw error
    }
  }

  async renewKey({ group, namespace, hub, rule }: RuleRef, key: 'primary' | 'secondary', call: Call): Promise<Keys> {
    const { clients, translator } = this.#parts
    const body = { keyType: key === 'primary' ? 'PrimaryKey' : 'SecondaryKey' }
    return translator.run(`renew the ${key} key of rule ${rule}`, call, async () =>
      toKeys(
        await clients.eventHubs(call, (api) =>
          hub === undefined
            ? namespaces.regenerateKeys(api, group, namespace, rule, body)
            : hubs.regenerateKeys(api, group, namespace, hub, rule, body),
        ),
      ),
    )
  }

  /** Not with the SDK's `$delete`, which polls on its own. */
  async deleteNamespace({ group, namespace }: NamespaceRef, call: Call): Promise<void> {
    await this.#parts.translator.find(`delete namespace ${namespace}`, call, () =>
      this.#sendToNamespace(group, namespace, { method: 'DELETE' }, call),
    )
  }

  async deleteHub({ group, namespace, hub }: HubRef, call: Call): Promise<void> {
    const { clients, translator } = this.#parts
    await translator.find(`delete hub ${hub}`, call, () =>
      clients.eventHubs(call, (api) => hubs.$delete(api, group, namespace, hub)),
    )
  }

  async deleteConsumerGroup(at: ConsumerGroupRef, call: Call): Promise<void> {
    const { group, namespace, hub, consumerGroup } = at
    const { clients, translator } = this.#parts
    await translator.find(`delete consumer group ${consumerGroup}`, call, () =>
      clients.eventHubs(call, (api) => consumerGroups.$delete(api, group, namespace, hub, consumerGroup)),
    )
  }

  async deleteGroup(group: string, call: Call): Promise<void> {
    const { clients, rest, translator } = this.#parts
    const path = armPath('subscriptions', clients.subscriptionId, 'resourceGroups', group)
    const request = { method: 'DELETE', path, apiVersion: GROUPS_API_VERSION } as const
    await translator.find(`delete resource group ${group}`, call, () => rest.send(request, call))
  }

  async #sendToNamespace(
    group: string,
    namespace: string,
    request: Pick<ArmRequest, 'method' | 'body'>,
    call: Call,
  ): Promise<string> {
    const { rest, version } = this.#parts
    const path = this.#namespacePath(group, namespace)
    return version.ask((apiVersion) => rest.send({ ...request, path, apiVersion }, call))
  }

  #namespacePath(group: string, namespace: string, ...below: readonly string[]): string {
    const { subscriptionId } = this.#parts.clients
    const above = ['subscriptions', subscriptionId, 'resourceGroups', group, 'providers', EVENT_HUBS_PROVIDER]
    return armPath(...above, 'namespaces', namespace, ...below)
  }
}

const LOCKS = ['Microsoft.Authorization', 'locks'] as const

async function collect<From, To>(items: AsyncIterable<From>, map: (item: From) => To): Promise<readonly To[]> {
  const all: To[] = []
  for await (const item of items) all.push(map(item))
  return all
}
