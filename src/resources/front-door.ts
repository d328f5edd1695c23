import { DEFAULTS } from '../inputs/defaults.ts'
import { missing, type Given } from '../inputs/given.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import { parseUserMetadata } from '../inputs/parsers.ts'
import { LIMITS, LOOSEST_LIMITS, type LiveTier } from '../lib/limits.ts'
import type { Problem } from '../lib/errors.ts'
import { layerOf } from '../wanted/layer.ts'
import { layOver } from '../wanted/merge.ts'
import { isUnread, type Branch, type Leaf } from '../wanted/node.ts'
import { fromInput, choice, object, text, type TreeOf } from '../wanted/shape.ts'
import { accessRule, hubAccessRule, ruleChoice, type RuleChoice } from './access-rule.ts'
import { captureRule, switchedOnByName } from './capture/capture.ts'
import { consumerGroupRule, type ConsumerGroupActual, type WantedGroups } from './consumer-group.ts'
import { grantRule } from './grant.ts'
import { HUBS, hubsOf, hubSpecs, type HubSpec, type SavedHub, type HubActual, hubMade } from './hub/hub.ts'
import { HUB_RULES } from './hub/rules.ts'
import type { Case, Rule } from './judge.ts'
import { defaultNamespaceName } from './namespace/name.ts'
import {
  NAMESPACE,
  NAMESPACE_RULES,
  namespaceSpec,
  TAG_RULES,
  type NamespaceSpec,
  type SavedNamespace,
  type NamespaceActual,
  namespaceMade,
  localAuthDisabledAfter,
} from './namespace/namespace.ts'
import { TARGET } from './resource-group.ts'
import { nameKeyOf } from '../lib/names.ts'

/** What may be said for a whole manifest, and again for an environment. */
export const FRONT_DOOR = object(
  'an environment',
  {
    ...TARGET,
    ...NAMESPACE,
    access: choice(INPUTS.access.help, INPUTS.access.parse, INPUTS.access.choices!),
    policy: fromInput(INPUTS.policy),
    userMetadata: text('user metadata of consumer groups that do not say', parseUserMetadata),
    ...HUBS,
  },
  { either: ['access', 'policy'] },
)

/** The tree of what is wanted; some of it flags alone can say. */
export type Wanted = TreeOf<typeof FRONT_DOOR> &
  Branch<{
    readonly resetCapacity: Leaf<boolean>
    readonly kafka: Leaf<boolean>
    readonly consumerGroups: NonNullable<WantedGroups>
  }>

/** Of a layer that could not be read everything may have been said. */
export const UNREAD: Wanted = { origin: { kind: 'answer' }, text: '', unread: Object.keys(FRONT_DOOR.keys) }

/**
 * What flags, variables and answers say, over what a manifest says. `problems` are of values that could not be read, so
 * that nobody complains that they are missing.
 */
export function wantedOf(given: Given, manifest?: Wanted, problems: readonly Problem[] = []): Wanted {
  const said = layerOf(given, problems) as Wanted
  const layer = said.capture ? { ...said, capture: switchedOnByName(said.capture) } : said
  return manifest ? layOver(layer, manifest, FRONT_DOOR, 'decides') : layer
}

/** What is wanted, checked: nothing in it breaks a rule that can be known without asking Azure. */
export interface Spec {
  readonly subscriptionId: string
  readonly resourceGroup: string
  /** Normalised (`westeurope`); undefined when nobody said and what exists must tell. */
  readonly location: string | undefined
  /** Where new things go when neither the location nor the resource group says: only the embedded Azure has one. */
  readonly fallbackLocation?: string
  readonly namespace: NamespaceSpec
  readonly hubs: readonly [HubSpec, ...HubSpec[]]
  readonly rule: RuleChoice
}

/** What is known besides what is wanted. */
export interface Known {
  /** Tier of the namespace when it is known to exist; else the tier given, or the default, sets the limits. */
  readonly liveTier?: LiveTier
  /** Used when nobody named a subscription: the only one there is. */
  readonly subscriptionId?: string
  /** Where new things go when nothing says. */
  readonly fallbackLocation?: string
  /** On the embedded Azure, which takes what Azure checks elsewhere. */
  readonly isLocal?: boolean
}

export type Judged =
  { readonly ok: true; readonly spec: Spec } | { readonly ok: false; readonly problems: readonly Problem[] }

/** Makes the spec, the only way to get one, or lists every problem there is. */
export function judge(wanted: Wanted, known: Known = {}): Judged {
  const subscriptionId = wanted.subscription?.value ?? known.subscriptionId
  const problems = problemsOf(wanted, known)
  if (subscriptionId === undefined || problems.length > 0) return { ok: false, problems }
  return { ok: true, spec: specOf(wanted, subscriptionId, known) }
}

/**
 * Everything that is wrong with what is wanted, under the limits of the tier that is given, live, or else the default. Of a
 * tier that could not be read nothing is known, so that only what no tier allows is told.
 */
export function problemsOf(wanted: Wanted, known: Known = {}): readonly Problem[] {
  const isOpen = !wanted.subscription && known.subscriptionId === undefined && !isUnread(wanted, 'subscription')
  return [...(isOpen ? [missing('subscription')] : []), ...brokenRules(wanted, known)]
}

/** The rules that are broken, the subscription aside. */
export function brokenRules(wanted: Wanted, { liveTier, isLocal = false }: Known = {}): readonly Problem[] {
  const isTierKnown = !isUnread(wanted, 'tier')
  const tier = isTierKnown ? (wanted.tier?.value ?? liveTier ?? DEFAULTS.tier) : 'Dedicated'
  const given: Case<Wanted> = {
    wanted,
    tier,
    limits: isTierKnown ? LIMITS[tier] : LOOSEST_LIMITS,
    tierWords: !isTierKnown ? 'any tier' : wanted.tier || liveTier ? tier : `${tier}, the default tier`,
    capacity: wanted.capacity?.value,
    subscriptionId: wanted.subscription?.value,
    isLocal,
  }
  return RULES.flatMap((rule) => rule(given))
}

const RULES: readonly Rule<Wanted>[] = [
  ...NAMESPACE_RULES,
  ...HUB_RULES,
  consumerGroupRule(hubsOf),
  hubAccessRule,
  captureRule,
  ...TAG_RULES,
  accessRule,
  grantRule,
]

function specOf(wanted: Wanted, subscriptionId: string, known: Known): Spec {
  const resourceGroup = wanted.resourceGroup?.value ?? DEFAULTS.resourceGroup
  const tier = wanted.tier?.value ?? known.liveTier ?? DEFAULTS.tier
  return {
    subscriptionId,
    resourceGroup,
    location: wanted.location?.value,
    ...(known.fallbackLocation === undefined ? {} : { fallbackLocation: known.fallbackLocation }),
    namespace: namespaceSpec(wanted, wanted.namespace?.value ?? defaultNamespaceName(subscriptionId, resourceGroup)),
    hubs: hubSpecs(wanted, tier),
    rule: ruleChoice(wanted),
  }
}

/** What a manifest says to make the same again. */
export interface SavedFrontDoor {
  readonly resourceGroup: string
  readonly location: string | undefined
  readonly namespace: SavedNamespace
  readonly rule: RuleChoice
  readonly hubs: readonly SavedHub[]
}

/** What there is after a run. */
interface Made {
  readonly group: { readonly name: string } | undefined
  readonly namespace: NamespaceActual | undefined
  readonly hubs: readonly HubActual[]
  readonly consumerGroups: ReadonlyMap<string, readonly ConsumerGroupActual[]>
}

/**
 * The front door as it is after a run: what was said stays as it was said, the rest is what Azure has. A default that
 * nobody said and that Azure does not have is gone from it, so that planning it again finds nothing to do.
 */
export function frontDoorMade(spec: Spec, { group, namespace: live, hubs, consumerGroups }: Made): SavedFrontDoor {
  const namespace = namespaceMade(spec.namespace, live)
  return {
    resourceGroup: group?.name ?? spec.resourceGroup,
    location: live?.location ?? spec.location,
    namespace,
    rule: localAuthDisabledAfter(spec.namespace, live) ? unusedRule(spec.rule) : spec.rule,
    hubs: spec.hubs.map((hub) => hubMade(hub, hubs, consumerGroups.get(nameKeyOf(hub.name)), namespace.tier)),
  }
}

/** Where there are no keys, a rule that was named is not used. */
const unusedRule = (rule: RuleChoice): RuleChoice =>
  rule.kind === 'policy' ? { kind: 'access', access: DEFAULTS.access, given: false } : rule

/** Said for one run only, or about who signs in. */
const NOT_SAVED: readonly InputKey[] = ['tenant', 'kafka', 'resetCapacity']

/** The inputs that a saved manifest gives again. */
export const SAVED_KEYS: readonly InputKey[] = (Object.keys(INPUTS) as InputKey[]).filter(
  (key) => 'at' in INPUTS[key] && !NOT_SAVED.includes(key),
)
