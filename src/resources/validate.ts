import { captureInputOf, captureSpecOf } from './capture-inputs.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import type { FieldKey } from '../inputs/table.ts'
import { isSameGrant, type GrantSpec } from '../inputs/grant-parsers.ts'
import { missing, type Given, type InputProblem, type Inputs } from '../inputs/given.ts'
import { LIMITS, type LiveTier } from '../lib/limits.ts'
import { defaultNamespaceName } from './namespace-name.ts'
import { nameKeyOf } from '../lib/names.ts'
import { groupsByHub, hubInputs } from './hub-inputs.ts'
import { isDefaultConsumerGroup, type ConsumerGroupInput, type HubInput } from '../inputs/parsers.ts'
import { crossFieldProblems } from './rules.ts'
import type { ConsumerGroupSpec, HubSpec, RuleChoice, Setting, Spec } from './spec.ts'

/** What is known besides the inputs. */
export interface Known {
  /** Tier of the namespace when it is known to exist; else the tier given, or the default, sets the limits. */
  readonly liveTier?: LiveTier
  /** Used when nobody named a subscription: the only one there is. */
  readonly subscriptionId?: string
  /** Where new things go when nothing says. */
  readonly fallbackLocation?: string
  /** What was given and could not be read, which is told already. Only for finding problems: it makes no spec. */
  readonly unread?: readonly FieldKey[]
}

export type Validated =
  { readonly ok: true; readonly spec: Spec } | { readonly ok: false; readonly problems: readonly InputProblem[] }

/** Makes the spec, the only way to get one, or lists every problem there is. */
export function validate(inputs: Inputs, known: Known = {}): Validated {
  const subscriptionId = inputs.subscription?.value ?? known.subscriptionId
  const { unread = [] } = known
  const problems = crossFieldProblems(inputs, known.liveTier, unread)
  if (subscriptionId === undefined) {
    return { ok: false, problems: [...(unread.includes('subscription') ? [] : [missing('subscription')]), ...problems] }
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, spec: specOf(inputs, subscriptionId, known) }
}

function specOf(inputs: Inputs, subscriptionId: string, known: Known): Spec {
  const resourceGroup = inputs.resourceGroup?.value ?? DEFAULTS.resourceGroup
  const tier = setting<LiveTier>(inputs.tier, DEFAULTS.tier)
  const [first, ...rest] = hubInputs(inputs)
  const names = [first, ...rest].map(({ name }) => name)
  const groupsOf = consumerGroupsOf(inputs, names, inputs.tier?.value ?? known.liveTier ?? tier.value)
  const hub = (input: HubInput) => hubOf(input, inputs, groupsOf(input.name))
  return {
    subscriptionId,
    resourceGroup,
    location: inputs.location?.value,
    ...(known.fallbackLocation === undefined ? {} : { fallbackLocation: known.fallbackLocation }),
    namespace: {
      name: inputs.namespace?.value ?? defaultNamespaceName(subscriptionId, resourceGroup),
      tier,
      capacity: setting(inputs.capacity, DEFAULTS.capacity),
      autoInflateMax: setting(inputs.autoInflateMax, DEFAULTS.autoInflateMax),
      resetCapacity: inputs.resetCapacity?.value ?? false,
      kafka: inputs.kafka?.value ?? false,
      localAuthDisabled: setting(inputs.disableLocalAuth, false),
      tags: Object.fromEntries((inputs.tag?.value ?? []).map((tag) => [tag.name, tag.value])),
    },
    hubs: [hub(first), ...rest.map(hub)],
    rule: ruleOf(inputs),
  }
}

const setting = <T>(given: Given<T> | undefined, fallback: T): Setting<T> =>
  given ? { value: given.value, given: true } : { value: fallback, given: false }

function hubOf(input: HubInput, inputs: Inputs, consumerGroups: readonly ConsumerGroupSpec[]): HubSpec {
  const own = <T>(value: T | undefined): Given<T> | undefined =>
    value === undefined ? undefined : { value, source: 'flag', texts: [] }
  const retentionForAll = input.cleanupPolicy === 'Compact' ? undefined : inputs.retention
  return {
    name: input.name,
    partitions: setting(own(input.partitions) ?? inputs.partitions, DEFAULTS.partitions),
    retentionHours: setting(own(input.retentionHours) ?? retentionForAll, DEFAULTS.retentionHours),
    cleanupPolicy: setting(own(input.cleanupPolicy), 'Delete'),
    consumerGroups,
    accessRules: input.accessRules ?? [],
    grants: grantsOf(input, inputs),
    capture: captureSpecOf(captureInputOf(input, inputs)),
  }
}

/** Those for all hubs, and its own; who has a role by both has it once. */
function grantsOf(input: HubInput, inputs: Inputs): readonly GrantSpec[] {
  const own = input.grants ?? []
  const all = inputs.grant?.value ?? []
  return [...all.filter((grant) => !own.some((one) => isSameGrant(one, grant))), ...own]
}

/** What finds the consumer groups of a hub by its name. */
function consumerGroupsOf(
  inputs: Inputs,
  hubs: readonly string[],
  tier: LiveTier,
): (hub: string) => readonly ConsumerGroupSpec[] {
  const userMetadata = setting<string>(inputs.userMetadata, DEFAULTS.userMetadata)
  const specOfGroup = (group: ConsumerGroupInput): ConsumerGroupSpec => ({
    name: group.name,
    userMetadata: group.userMetadata === undefined ? userMetadata : { value: group.userMetadata, given: true },
    given: true,
  })
  if (inputs.consumerGroup) {
    const given = inputs.consumerGroup.value.filter((group) => !isDefaultConsumerGroup(group.name))
    const byHub = groupsByHub(given, hubs)
    return (hub) => (byHub.get(nameKeyOf(hub)) ?? []).map(specOfGroup)
  }
  if (LIMITS[tier].maxConsumerGroups <= 1) return () => []
  return () => [{ name: DEFAULTS.consumerGroup, userMetadata, given: false }]
}

function ruleOf(inputs: Inputs): RuleChoice {
  if (inputs.policy) return { kind: 'policy', name: inputs.policy.value }
  return { kind: 'access', access: inputs.access?.value ?? DEFAULTS.access, given: inputs.access !== undefined }
}
