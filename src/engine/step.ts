import type { RuleWrite } from '../resources/access-rule.ts'
import type { ConsumerGroupWrite } from '../resources/consumer-group.ts'
import type { GrantWrite } from '../resources/grant.ts'
import type { HubWrite } from '../resources/hub/plan.ts'
import type { NamespaceWrite } from '../resources/namespace/plan.ts'
import type { GroupWrite } from '../resources/resource-group.ts'
import type * as Any from '../resources/step.ts'

/** Every kind of write that `apply` can send. */
export type Write =
  GroupWrite | NamespaceWrite | HubWrite | ConsumerGroupWrite | RuleWrite | GrantWrite | { readonly op: 'delete' }

export type CreateStep = Any.CreateStep<Write>
export type UpdateStep = Any.UpdateStep<Write>
export type WriteStep = Any.WriteStep<Write>
export type Step = Any.Step<Write>
export type Part = Any.Part<Write>
