import { isInTransition } from '../resources/actual.ts'
import type { Call, Cloud, NamespaceRef, ResourceActual } from './cloud.ts'
import { Failure } from '../lib/errors.ts'
import { isOurs, othersThan } from './deletion.ts'
import type { Target } from '../resources/step.ts'

/** Deletes one thing. What is not there any more, at any level, is done. */
export function sendDelete(cloud: Cloud, at: NamespaceRef, target: Target, call: Call): Promise<void> {
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
    case 'rule':
    case 'role-assignment':
      throw new Error(`A ${target.kind} is never deleted`)
  }
}

/** Looks first: one that is going already, after an answer that was lost, is only waited for. */
async function deleteNamespace(cloud: Cloud, at: NamespaceRef, call: Call): Promise<void> {
  const live = await cloud.readNamespace(at, call)
  if (live && live.provisioningState !== 'Deleting') await cloud.deleteNamespace(at, call)
}

/** Looks first, every time: Azure deletes a group with whatever is in it, and cannot be told not to. */
async function deleteEmptyGroup(cloud: Cloud, at: NamespaceRef, call: Call): Promise<void> {
  const [group, namespace, resources] = await Promise.all([
    cloud.readGroup(at.group, call),
    cloud.readNamespace(at, call),
    cloud.listResources(at.group, call),
  ])
  if (!group || isInTransition(group)) return
  const others = othersThan(at, resources ?? [])
  if (namespace || others.length > 0) throw notEmpty(at, namespace ? [namespace, ...others] : others)
  if (!isOurs(group)) throw notOurs(at)
  await cloud.deleteGroup(at.group, call)
}

const notEmpty = (at: NamespaceRef, found: readonly Pick<ResourceActual, 'name'>[]): Failure =>
  left(at, 'NotEmpty', `Something was put into it meanwhile: ${found.map(({ name }) => name).join(', ')}.`)

const notOurs = (at: NamespaceRef): Failure => left(at, 'NotOurs', 'It lost the tag that says ml-ingest made it.')

const left = (at: NamespaceRef, code: string, why: string): Failure =>
  new Failure({
    code: 'refused',
    message: `Failed to delete resource group ${at.group}`,
    azure: { code },
    why: [`${why} It was left as it is.`],
    hint: 'Run the same command again to see what is left.',
  })
