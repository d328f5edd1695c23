import { listByEventHub } from '@azure/arm-eventhub/api/consumerGroups'
import * as hubs from '@azure/arm-eventhub/api/eventHubs'
import * as namespaces from '@azure/arm-eventhub/api/namespaces'
import { get as getProvider } from '@azure/arm-resources/api/providers'
import { get as getGroup } from '@azure/arm-resources/api/resourceGroups'
import { listByResourceGroup } from '@azure/arm-resources/api/resources'
import type { Call, Cloud, HubRef, LockActual, NamespaceRef, ResourceActual, RuleRef } from '../engine/cloud.ts'
import { isAzureFailure } from '../lib/errors.ts'
import type {
  ConsumerGroupActual,
  GroupActual,
  HubActual,
  Keys,
  NameCheck,
  NamespaceActual,
  ProviderActual,
  RoleAssignmentActual,
  RuleActual,
  StorageAccountActual,
} from '../resources/shapes.ts'
import { API_VERSIONS, type NewestVersion } from './api-versions.ts'
import { armPath, EVENT_HUBS_PROVIDER, type ArmClients, type ArmRest } from './arm-requests.ts'
import type { FailureTranslator } from './failures.ts'
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
import { ROLE_ASSIGNMENTS, toRoleAssignment, type ArmRoleAssignment } from './role-assignments.ts'

export interface AzureCloudParts {
  readonly clients: ArmClients
  readonly rest: ArmRest
  readonly version: NewestVersion
  readonly translator: FailureTranslator
  readonly dataSuffix: string
}

/** The part of the port that changes nothing. One request for each method, or for each page of a list. */
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
      const mayNot = isAzureFailure(error) && error.code === 'access' && error.azure.status === 403
      if (mayNot) return { state: undefined, locations: [] }
      throw error
    }
  }

  async readGroup(group: string, call: Call): Promise<GroupActual | undefined> {
    const { clients, translator } = this.parts
    return translator.find(`read resource group ${group}`, call, async () =>
      toGroup(await clients.resources(call, (api) => getGroup(api, group))),
    )
  }

  async readNamespace({ group, namespace }: NamespaceRef, call: Call): Promise<NamespaceActual | undefined> {
    const { clients, translator, dataSuffix } = this.parts
    return translator.find(`read namespace ${namespace}`, call, async () =>
      toNamespace(await clients.eventHubs(call, (api) => namespaces.get(api, group, namespace)), dataSuffix),
    )
  }

  async listHubs({ group, namespace }: NamespaceRef, call: Call): Promise<readonly HubActual[] | undefined> {
    const { clients, translator } = this.parts
    return translator.find(`list the hubs of namespace ${namespace}`, call, () =>
      clients.eventHubs(call, (api) => collect(hubs.listByNamespace(api, group, namespace), toHub)),
    )
  }

  async listConsumerGroups(
    { group, namespace, hub }: HubRef,
    call: Call,
  ): Promise<readonly ConsumerGroupActual[] | undefined> {
    const { clients, translator } = this.parts
    return translator.find(`list the consumer groups of hub ${hub}`, call, () =>
      clients.eventHubs(call, (api) => collect(listByEventHub(api, group, namespace, hub), toConsumerGroup)),
    )
  }

  async readRule({ group, namespace, hub, rule }: RuleRef, call: Call): Promise<RuleActual | undefined> {
    const { clients, translator } = this.parts
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
    const { clients, translator } = this.parts
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
    const { clients, translator } = this.parts
    return translator.find(`list the resources of ${group}`, call, () =>
      clients.resources(call, (api) => collect(listByResourceGroup(api, group), toResource)),
    )
  }

  /** Without a filter the list has the locks above the group too, and those inside it. */
  async listLocks(group: string, call: Call): Promise<readonly LockActual[] | undefined> {
    const { clients, rest, translator } = this.parts
    const path = armPath('subscriptions', clients.subscriptionId, 'resourceGroups', group, 'providers', ...LOCKS)
    return translator.find(`list the locks of ${group}`, call, async () =>
      (await rest.list<ArmLock>(path, API_VERSIONS.locks, call)).map(toLock),
    )
  }

  /** With this filter the list has the assignments at, above and below its scope. */
  async listRoleAssignments(
    { group, namespace }: NamespaceRef,
    principalId: string,
    call: Call,
  ): Promise<readonly RoleAssignmentActual[] | undefined> {
    const { clients, rest, translator } = this.parts
    const path = `${clients.namespacePath(group, namespace)}${armPath(...ROLE_ASSIGNMENTS)}`
    return translator.find(`list the roles of ${principalId}`, call, async () => {
      const filter = `principalId eq '${principalId}'`
      const found = await rest.list<ArmRoleAssignment>(path, API_VERSIONS.roleAssignments, call, filter)
      return found.flatMap((one) => toRoleAssignment(one) ?? [])
    })
  }

  /** An account in another subscription, or one that we may not read, may exist all the same: Capture can use it. */
  async readStorageAccount(id: string, call: Call): Promise<StorageAccountActual | undefined> {
    const { rest, translator } = this.parts
    const request = {
      method: 'GET',
      path: armPath(...id.split('/').slice(1)),
      apiVersion: API_VERSIONS.storageAccounts,
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
    const { clients, translator } = this.parts
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
    const { clients, translator } = this.parts
    return translator.run(`check the name ${name}`, call, async () => {
      const check = await clients.eventHubs(call, (api) => namespaces.checkNameAvailability(api, { name }))
      if (check.nameAvailable) return { available: true }
      return { available: false, reason: check.reason ?? 'None', message: check.message ?? '' }
    })
  }
}

const LOCKS = ['Microsoft.Authorization', 'locks'] as const

async function collect<From, To>(items: AsyncIterable<From>, map: (item: From) => To): Promise<readonly To[]> {
  const all: To[] = []
  for await (const item of items) all.push(map(item))
  return all
}
