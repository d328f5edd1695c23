import type { Spec } from './spec.ts'
import type { NameCheck } from './shapes.ts'
import type { ApplicablePlan, RefusedPlan } from '../engine/plan.ts'
import type { Refusal, Step } from './step.ts'
import { namespaceNameWith } from './second-namespace.ts'

/** Reasons of https://learn.microsoft.com/rest/api/eventhub/namespaces/check-name-availability */
const BECAUSE: Readonly<Record<string, string>> = {
  NameInUse: 'Somebody in Azure has this name, or had it until recently; names are unique over all subscriptions.',
  NameInLockdown: 'This name was deleted recently and is kept for its former owner for a while.',
  InvalidName: 'Azure does not take this name.',
  SubscriptionIsDisabled: 'The subscription is disabled.',
  TooManyNamespaceInCurrentSubscription: 'The subscription has as many namespaces as it may have.',
}

/** Reasons that no other name gets around. */
const HOPELESS: readonly string[] = ['SubscriptionIsDisabled', 'TooManyNamespaceInCurrentSubscription']

/** The plan with the creation of its namespace refused: Azure would not let us have the name. */
export function refuseTakenName(
  planned: ApplicablePlan,
  spec: Spec,
  check: Extract<NameCheck, { available: false }>,
): RefusedPlan {
  const { name } = spec.namespace
  const refusal: Refusal = {
    what: `Can't create namespace ${name}`,
    because: BECAUSE[check.reason] ?? check.message,
    waysOut: HOPELESS.includes(check.reason)
      ? [{ text: 'use another subscription, or have this one put right' }]
      : [
          {
            text: 'use another name',
            edit: { namespace: namespaceNameWith(name, spec.subscriptionId.slice(0, 8)) },
          },
        ],
    link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas',
  }
  const steps = planned.steps.map((step): Step =>
    step.target.kind === 'namespace'
      ? { action: 'refuse', target: step.target, changes: [], refusals: [refusal] }
      : step,
  )
  return { outcome: 'refused', steps, notes: planned.notes }
}
