import * as consumerGroups from '@azure/arm-eventhub/api/consumerGroups'
import * as hubs from '@azure/arm-eventhub/api/eventHubs'
import * as namespaces from '@azure/arm-eventhub/api/namespaces'
import { register } from '@azure/arm-resources/api/providers'
import { createOrUpdate as createOrUpdateGroup } from '@azure/arm-resources/api/resourceGroups'
import type { Call, Cloud, ConsumerGroupRef, HubRef, Keys, NamespaceRef, RuleRef } from '../engine/cloud.ts'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import { isAzureFailure } from '../lib/errors.ts'
import type { ApiVersions } from './api-versions.ts'
import { assertKnown, type Body } from './api-properties.ts'
import { armPath, EVENT_HUBS_PROVIDER, type ArmRequest, type ArmRest } from './arm-requests.ts'
import { AzureReader, type AzureCloudParts } from './azure-reader.ts'
import {
  groupProperties,
  mergeConsumerGroup,
  mergeHub,
  mergeNetwork,
  namespaceChangesBody,
  newHubBody,
  newNamespaceBody,
} from './bodies.ts'
import { toKeys } from './mappers.ts'
import { ROLE_ASSIGNMENTS, roleAssignmentBody, roleAssignmentName } from './role-assignments.ts'
import type { NamespaceChanges, NewNamespace, Tags } from '../resources/namespace/namespace.ts'
import type { NetworkSpec } from '../resources/network/network.ts'
import type { HubChanges, NewHub } from '../resources/hub/hub.ts'
import type { ConsumerGroupBody } from '../resources/consumer-group.ts'
import type { Right } from '../resources/access-rule/access-rule.ts'
import { randomUUID } from 'node:crypto'

/**
 * `Cloud` on the Azure SDK. Each method sends one request; updates of hubs, consumer groups and network rules send two. A
 * new hub that is closed for senders takes three.
 */
export class AzureCloud extends AzureReader implements Cloud {
  readonly #whole: WholeResource

  constructor(parts: AzureCloudParts) {
    super(parts)
    this.#whole = new WholeResource(parts.rest, parts.versions)
  }

  async registerProvider(call: Call): Promise<void> {
    const { clients, translator } = this.parts
    await translator.run(`register ${EVENT_HUBS_PROVIDER}`, call, () =>
      clients.resources(call, (api) => register(api, EVENT_HUBS_PROVIDER)),
    )
  }

  async createGroup(
    group: string,
    { location, tags }: { readonly location: string; readonly tags: Tags },
    call: Call,
  ): Promise<void> {
    const { clients, translator } = this.parts
    await translator.run(`create resource group ${group}`, call, () =>
      clients.resources(call, (api) => createOrUpdateGroup(api, group, { location, tags: { ...tags } })),
    )
  }

  /** The SDK's `createOrUpdate` sends a GET after the PUT, and its failure would hide that Azure accepted the namespace. */
  async createNamespace({ group, namespace }: NamespaceRef, body: NewNamespace, call: Call): Promise<void> {
    await this.parts.translator.run(`create namespace ${namespace}`, call, () =>
      this.#sendToNamespace(group, namespace, { method: 'PUT', body: newNamespaceBody(body) }, call),
    )
  }

  async updateNamespace({ group, namespace }: NamespaceRef, changes: NamespaceChanges, call: Call): Promise<void> {
    await this.parts.translator.run(`update namespace ${namespace}`, call, () =>
      this.#sendToNamespace(group, namespace, { method: 'PATCH', body: namespaceChangesBody(changes) }, call),
    )
  }

  async updateNetworkRules({ group, namespace }: NamespaceRef, spec: NetworkSpec, call: Call): Promise<void> {
    const { clients, translator } = this.parts
    const path = clients.namespacePath(group, namespace, 'networkRuleSets', 'default')
    await translator.run(`write the network rules of namespace ${namespace}`, call, () =>
      this.#whole.update(path, (current) => mergeNetwork(current, spec), call),
    )
  }

  /** Azure refuses a new hub with the state SendDisabled, so that one is made Active first. */
  async createHub(at: HubRef, { status, ...body }: NewHub, call: Call): Promise<void> {
    const { group, namespace, hub } = at
    const first = newHubBody(status && status !== 'SendDisabled' ? { ...body, status } : body)
    await this.run(`create hub ${hub}`, call, (api) => {
      assertKnown(api.apiVersion!, { properties: { ...first } })
      return hubs.createOrUpdate(api, group, namespace, hub, first)
    })
    if (status === 'SendDisabled') await this.updateHub(at, { status }, call)
  }

  async updateHub({ group, namespace, hub }: HubRef, changes: HubChanges, call: Call): Promise<void> {
    const { clients, translator } = this.parts
    const path = clients.namespacePath(group, namespace, 'eventhubs', hub)
    await translator.run(`update hub ${hub}`, call, () =>
      this.#whole.update(path, (current) => mergeHub(current, changes), call),
    )
  }

  async createConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void> {
    const { group, namespace, hub, consumerGroup } = at
    await this.run(`create consumer group ${consumerGroup}`, call, (api) =>
      consumerGroups.createOrUpdate(api, group, namespace, hub, consumerGroup, groupProperties(body)),
    )
  }

  async updateConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void> {
    const { group, namespace, hub, consumerGroup } = at
    const { clients, translator } = this.parts
    const path = clients.namespacePath(group, namespace, 'eventhubs', hub, 'consumergroups', consumerGroup)
    await translator.run(`update consumer group ${consumerGroup}`, call, () =>
      this.#whole.update(path, (current) => mergeConsumerGroup(current, body), call),
    )
  }

  async putRule({ group, namespace, hub, rule }: RuleRef, rights: readonly Right[], call: Call): Promise<void> {
    const body = { rights: [...rights] }
    await this.run(`write rule ${rule}`, call, (api) =>
      hub === undefined
        ? namespaces.createOrUpdateAuthorizationRule(api, group, namespace, rule, body)
        : hubs.createOrUpdateAuthorizationRule(api, group, namespace, hub, rule, body),
    )
  }

  async assignRole(
    { group, namespace, hub }: NamespaceRef & { readonly hub?: string },
    grant: GrantSpec,
    call: Call,
  ): Promise<void> {
    const { clients, rest, translator } = this.parts
    const scope = clients.namespacePath(group, namespace, ...(hub === undefined ? [] : ['eventhubs', hub]))
    const path = `${scope}${ROLE_ASSIGNMENTS}/${roleAssignmentName(scope, grant)}`
    const body = roleAssignmentBody(clients.subscriptionId, grant)
    const request = { method: 'PUT', path, api: 'roleAssignments', body } as const
    try {
      await translator.run(`give ${grant.principalId} the role ${grant.role}`, call, () => rest.send(request, call))
    } catch (error) {
      if (!isAzureFailure(error) || error.azure.code !== 'RoleAssignmentExists') throw error
    }
  }

  async renewKey({ group, namespace, hub, rule }: RuleRef, key: 'primary' | 'secondary', call: Call): Promise<Keys> {
    const body = { keyType: key === 'primary' ? 'PrimaryKey' : 'SecondaryKey' }
    return this.run(`renew the ${key} key of rule ${rule}`, call, async (api) =>
      toKeys(
        hub === undefined
          ? await namespaces.regenerateKeys(api, group, namespace, rule, body)
          : await hubs.regenerateKeys(api, group, namespace, hub, rule, body),
      ),
    )
  }

  /** The SDK's `$delete` would poll by itself. */
  async deleteNamespace({ group, namespace }: NamespaceRef, call: Call): Promise<void> {
    await this.parts.translator.find(`delete namespace ${namespace}`, call, () =>
      this.#sendToNamespace(group, namespace, { method: 'DELETE' }, call),
    )
  }

  async deleteHub({ group, namespace, hub }: HubRef, call: Call): Promise<void> {
    await this.find(`delete hub ${hub}`, call, (api) => hubs.$delete(api, group, namespace, hub))
  }

  async deleteConsumerGroup(at: ConsumerGroupRef, call: Call): Promise<void> {
    const { group, namespace, hub, consumerGroup } = at
    await this.find(`delete consumer group ${consumerGroup}`, call, (api) =>
      consumerGroups.$delete(api, group, namespace, hub, consumerGroup),
    )
  }

  async deleteGroup(group: string, call: Call): Promise<void> {
    const { clients, rest, translator } = this.parts
    const path = armPath('subscriptions', clients.subscriptionId, 'resourceGroups', group)
    const request = { method: 'DELETE', path, api: 'resources' } as const
    await translator.find(`delete resource group ${group}`, call, () => rest.send(request, call))
  }

  async #sendToNamespace(
    group: string,
    namespace: string,
    { method, body }: { readonly method: ArmRequest['method']; readonly body?: Body },
    call: Call,
  ): Promise<string> {
    const { clients, rest, versions } = this.parts
    const path = clients.namespacePath(group, namespace)
    return versions.ask('eventHubs', (apiVersion) => {
      if (body) assertKnown(apiVersion, body)
      return rest.sendIn(apiVersion, { method, path, ...(body && { body: JSON.stringify(body) }) }, call)
    })
  }
}

/**
 * Changes hubs and consumer groups with GET, merge and PUT, because they have no PATCH. It does not use the SDK's models,
 * which drop unknown properties and round large numbers. Azure has no ETag for these types, so a change by someone else
 * between the two requests would be lost; the PUT follows at once.
 */
export class WholeResource {
  readonly #rest: ArmRest
  readonly #versions: ApiVersions

  constructor(rest: ArmRest, versions: ApiVersions) {
    this.#rest = rest
    this.#versions = versions
  }

  /** Both requests use the same api-version, because an older PUT would drop properties of a newer GET. */
  async update(path: string, merge: (current: unknown) => unknown, call: Call): Promise<void> {
    const { text, apiVersion } = await this.#versions.ask('eventHubs', async (apiVersion) => ({
      text: await this.#rest.sendIn(apiVersion, { method: 'GET', path }, call),
      apiVersion,
    }))
    const json = parseLossless(text)
    const merged = merge(json.value)
    assertKnown(apiVersion, merged as Body, json.value as Body)
    await this.#rest.sendIn(apiVersion, { method: 'PUT', path, body: json.stringify(merged) }, call)
  }
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** JSON that keeps its numbers exactly. */
export interface LosslessJson {
  readonly value: unknown
  /** The JSON text of a value made from `value`. */
  stringify(value: unknown): string
}

/**
 * Parses JSON for a change. Numbers that JavaScript cannot represent (Azure sends 9223372036854775807) or would write
 * differently (`1.0`) become marked strings, which `stringify` turns back.
 */
export function parseLossless(text: string): LosslessJson {
  const mark = `${randomUUID()}:`
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"${mark}${token}"`,
  )
  const numbers = new RegExp(`"${mark}([^"]+)"`, 'g')
  return {
    value: JSON.parse(marked),
    stringify: (value) => JSON.stringify(value).replace(numbers, '$1'),
  }
}
