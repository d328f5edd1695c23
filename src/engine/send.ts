import type { Call, Cloud, NamespaceRef } from './cloud.ts'
import type { WriteStep } from './plan.ts'
import { isInTransition } from './actual.ts'
import { Failure, PLAN_OUTDATED } from '../lib/errors.ts'
import { isOurs } from '../resources/namespace/tags.ts'
import { resourcesOutside } from './deletion.ts'
import { hubOf, type Target } from '../resources/step.ts'

/** Another run has made the namespace since this one planned to. */
export class Overtaken extends Error {}

/**
 * Whether the namespace of the step exists by now. A PUT would replace the settings that another run has given it.
 */
export const isMadeAlready = async (
  cloud: Cloud,
  at: NamespaceRef,
  { write }: WriteStep,
  call: Call,
): Promise<boolean> => write.op === 'create-namespace' && (await cloud.readNamespace(at, call)) !== undefined

/** Sends the request of a step. */
export function sendWrite(cloud: Cloud, at: NamespaceRef, step: WriteStep, call: Call): Promise<void> {
  const { target, write } = step
  const parent = hubOf(target)
  const hub = { ...at, hub: parent ?? target.name }
  const scope = parent === undefined ? at : hub
  switch (write.op) {
    case 'register-provider':
      return cloud.registerProvider(call)
    case 'create-group':
      return cloud.createGroup(at.group, write, call)
    case 'create-namespace':
      return cloud.createNamespace(at, write.body, call)
    case 'update-namespace':
      return cloud.updateNamespace(at, write.changes, call)
    case 'put-network-rules':
      return cloud.updateNetworkRules(at, write.spec, call)
    case 'create-hub':
      return cloud.createHub(hub, write.body, call)
    case 'update-hub':
      return cloud.updateHub(hub, write.changes, call)
    case 'create-consumer-group':
      return cloud.createConsumerGroup({ ...hub, consumerGroup: target.name }, write.body, call)
    case 'update-consumer-group':
      return cloud.updateConsumerGroup({ ...hub, consumerGroup: target.name }, write.body, call)
    case 'put-rule':
      return cloud.putRule({ ...scope, rule: target.name }, write.rights, call)
    case 'assign-role':
      return cloud.assignRole(scope, write.grant, call)
    case 'delete':
      return sendDelete(cloud, at, target, call)
  }
}

/** Succeeds if there is nothing to delete. */
function sendDelete(cloud: Cloud, at: NamespaceRef, target: Target, call: Call): Promise<void> {
  switch (target.kind) {
    case 'namespace':
      return deleteNamespace(cloud, at, call)
    case 'group':
      return deleteEmptyGroup(cloud, at, call)
    case 'hub':
      return cloud.deleteHub({ ...at, hub: target.name }, call)
    case 'consumer-group':
      return cloud.deleteConsumerGroup({ ...at, hub: target.hub, consumerGroup: target.name }, call)
    case 'provider':
    case 'network-rules':
    case 'rule':
    case 'role-assignment':
      throw new Error(`A ${target.kind} is never deleted`)
  }
}

/** Reads first, because after a lost answer the deletion may be running already. */
async function deleteNamespace(cloud: Cloud, at: NamespaceRef, call: Call): Promise<void> {
  const live = await cloud.readNamespace(at, call)
  if (live && live.provisioningState !== 'Deleting') await cloud.deleteNamespace(at, call)
}

/** Reads first, because Azure always deletes a group with everything in it. */
async function deleteEmptyGroup(cloud: Cloud, at: NamespaceRef, call: Call): Promise<void> {
  const [group, namespace, resources] = await Promise.all([
    cloud.readGroup(at.group, call),
    cloud.readNamespace(at, call),
    cloud.listResources(at.group, call),
  ])
  if (!group || isInTransition(group)) return
  const found = [...(namespace ? [namespace] : []), ...resourcesOutside(at, resources ?? [])]
  const names = found.map(({ name }) => name).join(', ')
  if (names !== '') throw groupNotDeleted(at, 'NotEmpty', `Something was put into it meanwhile: ${names}.`)
  if (!isOurs(group)) throw groupNotDeleted(at, 'NotOurs', 'It lost the tag that says ml-ingest made it.')
  await cloud.deleteGroup(at.group, call)
}

const groupNotDeleted = (at: NamespaceRef, code: string, why: string): Failure =>
  new Failure({
    code: 'refused',
    reason: PLAN_OUTDATED,
    message: `Failed to delete resource group ${at.group}`,
    azure: { code },
    why: [`${why} It was left as it is.`],
    hint: 'Run the same command again to see what is left.',
  })
