import type { Call, Cloud, NamespaceRef } from './cloud.ts'
import type { WriteStep } from './step.ts'
import { sendDelete } from './send-delete.ts'

/** The one request of a step. */
export function sendWrite(cloud: Cloud, at: NamespaceRef, step: WriteStep, call: Call): Promise<void> {
  const { target, write } = step
  const hub = { ...at, hub: 'hub' in target ? target.hub : target.name }
  const consumerGroup = { ...hub, consumerGroup: target.name }
  switch (write.op) {
    case 'register-provider':
      return cloud.registerProvider(call)
    case 'create-group':
      return cloud.createGroup(at.group, write, call)
    case 'create-namespace':
      return cloud.createNamespace(at, write.body, call)
    case 'update-namespace':
      return cloud.updateNamespace(at, write.changes, call)
    case 'create-hub':
      return cloud.createHub(hub, write.body, call)
    case 'update-hub':
      return cloud.updateHub(hub, write.changes, call)
    case 'create-consumer-group':
      return cloud.createConsumerGroup(consumerGroup, write.body, call)
    case 'update-consumer-group':
      return cloud.updateConsumerGroup(consumerGroup, write.body, call)
    case 'put-rule':
      return cloud.putRule({ ...hub, rule: target.name }, write.rights, call)
    case 'assign-role':
      return cloud.assignRole(hub, write.grant, call)
    case 'delete':
      return sendDelete(cloud, at, target, call)
  }
}
