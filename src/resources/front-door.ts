import { DEFAULTS } from '../inputs/defaults.ts'
import { missing, type Given } from '../inputs/given.ts'
import type { GrantSpec } from '../inputs/grant-parsers.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import { parseUserMetadata } from '../inputs/parsers.ts'
import { LIMITS, LOOSEST_LIMITS, type LiveTier } from '../lib/limits.ts'
import type { Failure, Problem } from '../lib/errors.ts'
import { choiceFor } from '../sizing/enough.ts'
import { tierFor } from '../sizing/size.ts'
import { layerOf } from '../wanted/layer.ts'
import { layOver } from '../wanted/merge.ts'
import { isUnread, type Branch, type Leaf, type List } from '../wanted/node.ts'
import { fromInput, choice, object, text, type TreeOf } from '../wanted/shape.ts'
import {
  accessRule,
  accessRuleSpecs,
  namedRulesRule,
  NAMED_RULES,
  ruleChoice,
  type AccessRuleSpec,
  type RuleChoice,
  type RulesActual,
  savedRules,
} from './access-rule/access-rule.ts'
import { captureRule, switchedOnByName } from './capture/capture.ts'
import { consumerGroupRule, type ConsumerGroupActual, type WantedGroups } from './consumer-group.ts'
import { grantRule, namespaceGrants, savedGrants, type RoleAssignmentActual } from './grant.ts'
import { HUBS, hubsOf, hubSpecs, type HubSpec, type HubActual } from './hub/hub.ts'
import { savedHub, type SavedHub } from './hub/saved.ts'
import { HUB_RULES } from './hub/rules.ts'
import type { RuleInput, Rule } from './judge.ts'
import { loadRule } from './load/load.ts'
import { carriedRule, defaultsFor, hasLoad, toSize } from './load/sized.ts'
import { defaultNamespaceName } from './namespace/name.ts'
import {
  NAMESPACE,
  NAMESPACE_RULES,
  namespaceSpec,
  TAG_RULES,
  type NamespaceSpec,
  type NamespaceActual,
  localAuthDisabledAfter,
} from './namespace/namespace.ts'
import { savedNamespace, type SavedNamespace } from './namespace/saved.ts'
import {
  NETWORK,
  networkRule,
  networkSpec,
  savedNetwork,
  type NetworkActual,
  type NetworkSpec,
  type SavedNetwork,
} from './network/network.ts'
import { TARGET } from './resource-group.ts'
import { nameKeyOf } from '../lib/names.ts'
import type { Text } from '../lib/phrase.ts'

/** The keys of a manifest and of each environment in it. */
export const FRONT_DOOR = object(
  'an environment',
  {
    ...TARGET,
    ...NAMESPACE,
    network: NETWORK,
    access: choice(INPUTS.access.help, INPUTS.access.parse, INPUTS.access.choices!),
    policy: fromInput(INPUTS.policy),
    userMetadata: text('user metadata of consumer groups that do not set it', parseUserMetadata),
    ...NAMED_RULES,
    ...HUBS,
  },
  { either: ['access', 'policy'] },
)

/** The tree of wanted resources. The last four keys are only flags. */
export type Wanted = TreeOf<typeof FRONT_DOOR> &
  Branch<{
    readonly resetCapacity: Leaf<boolean>
    readonly kafka: Leaf<boolean>
    readonly removeIdentity: List<Leaf<string>>
    readonly consumerGroups: NonNullable<WantedGroups>
  }>

/** A layer that could not be read, so that it may have had any key. */
export const UNREAD: Wanted = { origin: { kind: 'answer' }, text: '', unread: Object.keys(FRONT_DOOR.keys) }

/**
 * Merges flags, variables and answers with a manifest. Values that could not be read, the `problems`, are not reported as
 * missing.
 */
export function wantedOf(given: Given, manifest?: Wanted, problems: readonly Problem[] = []): Wanted {
  const said = layerOf(given, problems) as Wanted
  const layer = said.capture ? { ...said, capture: switchedOnByName(said.capture) } : said
  return manifest ? layOver(layer, manifest, FRONT_DOOR, 'decides') : layer
}

/** The wanted resources, after all checks that do not need Azure. */
export interface Spec {
  readonly subscriptionId: string
  /** On the embedded Azure. */
  readonly isLocal: boolean
  readonly resourceGroup: string
  /** Normalised (`westeurope`); undefined if not given, so that existing resources decide. */
  readonly location: string | undefined
  /** For new resources without a location or resource group. Only the embedded Azure has one. */
  readonly fallbackLocation?: string
  readonly namespace: NamespaceSpec
  /** Undefined if nothing was given. */
  readonly network: NetworkSpec | undefined
  readonly hubs: readonly [HubSpec, ...HubSpec[]]
  readonly rule: RuleChoice
  /** Named rules of the namespace. */
  readonly accessRules: readonly AccessRuleSpec[]
  /** Roles on the namespace. */
  readonly grants: readonly GrantSpec[]
}

/** What is known about the environment of the run. */
export interface Known {
  /** The tier of an existing namespace. */
  readonly liveTier?: LiveTier
  /** The only subscription there is, used if none was given. */
  readonly subscriptionId?: string
  readonly fallbackLocation?: string
  /** On the embedded Azure, which checks less than Azure. */
  readonly isLocal?: boolean
  /** The namespace is sure to be new, so that its load can be judged before Azure is asked. */
  readonly isNew?: boolean
}

export type Judged =
  { readonly ok: true; readonly spec: Spec } | { readonly ok: false; readonly problems: readonly Problem[] }

/** Makes the spec, or lists all problems. */
export function judge(wanted: Wanted, known: Known = {}): Judged {
  const subscriptionId = wanted.subscription?.value ?? known.subscriptionId
  const problems = problemsOf(wanted, known)
  if (subscriptionId === undefined || problems.length > 0) return { ok: false, problems }
  return { ok: true, spec: specOf(wanted, subscriptionId, known) }
}

/**
 * All problems with the wanted resources. The limits come from the given tier, the live one or the default. If the tier
 * could not be read, only values that no tier allows are problems.
 */
export function problemsOf(wanted: Wanted, known: Known = {}): readonly Problem[] {
  const isMissing = !wanted.subscription && known.subscriptionId === undefined && !isUnread(wanted, 'subscription')
  return [...(isMissing ? [missing('subscription')] : []), ...brokenRules(wanted, known)]
}

/** All problems except a missing subscription. */
export const brokenRules = (wanted: Wanted, known: Known = {}): readonly Problem[] =>
  broken(known.isNew ? [...RULES, carriedRule] : RULES, wanted, known)

/**
 * The problems with a load and the resources for it. A tier that carries too little is none: how much it carries is the
 * answer.
 */
export function sizingProblems(wanted: Wanted): readonly Problem[] {
  const asked = toSize(wanted, undefined)
  const isOutOfReach = asked.tier === undefined && tierFor(asked) === undefined
  return broken(RULES, wanted, isOutOfReach ? { liveTier: choiceFor(asked).tier } : {})
}

function broken(
  rules: readonly Rule<Wanted>[],
  wanted: Wanted,
  { liveTier, isLocal = false }: Known,
): readonly Problem[] {
  const isTierKnown = !isUnread(wanted, 'tier')
  const asked = toSize(wanted, liveTier)
  const size = defaultsFor(asked)
  const tier = isTierKnown ? size.tier : 'Dedicated'
  const reason = hasLoad(asked) ? 'which the load needs' : 'the default tier'
  const input: RuleInput<Wanted> = {
    wanted,
    tier,
    limits: isTierKnown ? LIMITS[tier] : LOOSEST_LIMITS,
    tierWords: !isTierKnown ? 'any tier' : wanted.tier || liveTier ? tier : `${tier}, ${reason}`,
    capacity: wanted.capacity?.value,
    ...{ asked, size, isLocal },
  }
  return rules.flatMap((rule) => rule(input))
}

const RULES: readonly Rule<Wanted>[] = [
  loadRule,
  ...NAMESPACE_RULES,
  networkRule,
  ...HUB_RULES,
  consumerGroupRule(hubsOf),
  namedRulesRule,
  captureRule,
  ...TAG_RULES,
  accessRule,
  grantRule,
]

function specOf(wanted: Wanted, subscriptionId: string, known: Known): Spec {
  const resourceGroup = wanted.resourceGroup?.value ?? DEFAULTS.resourceGroup
  const size = defaultsFor(toSize(wanted, known.liveTier))
  return {
    subscriptionId,
    isLocal: known.isLocal ?? false,
    resourceGroup,
    location: wanted.location?.value,
    ...(known.fallbackLocation === undefined ? {} : { fallbackLocation: known.fallbackLocation }),
    namespace: namespaceSpec(
      wanted,
      wanted.namespace?.value ?? defaultNamespaceName(subscriptionId, resourceGroup),
      size,
    ),
    network: networkSpec(wanted.network),
    hubs: hubSpecs(wanted, size, { subscriptionId, resourceGroup }),
    rule: ruleChoice(wanted),
    accessRules: accessRuleSpecs(wanted.accessRules),
    grants: namespaceGrants(wanted.grants),
  }
}

/** What `--save` writes, to make the same again. */
export interface SavedFrontDoor {
  readonly resourceGroup: string
  readonly location: string | undefined
  readonly namespace: SavedNamespace
  readonly network: SavedNetwork
  readonly rule: RuleChoice
  readonly hubs: readonly SavedHub[]
  /** Named rules of the namespace. */
  readonly accessRules: readonly AccessRuleSpec[]
  /** Roles on the namespace. */
  readonly grants: readonly GrantSpec[]
  /** What exists and a manifest cannot say, one short phrase each: `user metadata of clicks/old, which …`. */
  readonly notSaved: readonly Text[]
}

/** The live resources after a run. */
interface Made extends RulesActual {
  readonly group: { readonly name: string } | undefined
  readonly namespace: NamespaceActual | undefined
  readonly network: NetworkActual | undefined
  readonly hubs: readonly HubActual[]
  readonly consumerGroups: ReadonlyMap<string, readonly ConsumerGroupActual[]>
  readonly roleAssignments: readonly RoleAssignmentActual[]
  readonly rolesUnread?: Failure
}

/**
 * The front door after a run: given values, and for the rest the live ones. Defaults that Azure does not have are left out,
 * so that a plan of the saved manifest has no changes.
 */
export function savedFrontDoor(spec: Spec, made: Made): SavedFrontDoor {
  const { group, namespace: live, network, roleAssignments } = made
  const namespace = savedNamespace(spec.namespace, live)
  const areKeysOff = localAuthDisabledAfter(spec.namespace, live)
  const choice = areKeysOff ? undefined : spec.rule
  const said = [spec, ...spec.hubs].flatMap(({ grants }) => grants)
  const rules = savedRules(undefined, spec.accessRules, made, choice)
  const grants = savedGrants(undefined, spec.grants, roleAssignments, said)
  const hubs = spec.hubs.map((hub) => {
    const inHub = {
      hubs: made.hubs,
      groups: made.consumerGroups.get(nameKeyOf(hub.name)),
      rules: savedRules(hub.name, hub.accessRules, made, choice),
      grants: savedGrants(hub.name, hub.grants, roleAssignments, said),
      identities: namespace.identities.value,
    }
    return savedHub(hub, inHub, namespace.tier)
  })
  return {
    resourceGroup: group?.name ?? spec.resourceGroup,
    location: live?.location ?? spec.location,
    namespace,
    network: savedNetwork(spec.network, network),
    rule: areKeysOff ? unusedRule(spec.rule) : spec.rule,
    accessRules: rules.rules,
    grants: grants.grants,
    hubs,
    notSaved: [
      ...namespace.notSaved,
      ...(live && !network && LIMITS[live.tier].networkRules
        ? ['network rules, which cannot be read with these rights']
        : []),
      ...rules.notSaved,
      ...grants.notSaved,
      ...(made.rolesUnread ? [`roles that others gave: ${made.rolesUnread.message}`] : []),
      ...hubs.flatMap((hub) => hub.notSaved),
    ],
  }
}

/** Without keys, a named rule is not used. */
const unusedRule = (rule: RuleChoice): RuleChoice =>
  rule.kind === 'policy' ? { kind: 'access', access: DEFAULTS.access, given: false } : rule

/** Inputs for one run only, and for the sign-in. */
const NOT_SAVED: readonly InputKey[] = ['tenant', 'kafka', 'resetCapacity', 'removeIdentity']

/** The inputs that a saved manifest contains. */
export const SAVED_KEYS: readonly InputKey[] = (Object.keys(INPUTS) as InputKey[]).filter(
  (key) => 'at' in INPUTS[key] && !NOT_SAVED.includes(key),
)
