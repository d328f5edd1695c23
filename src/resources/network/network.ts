import { parseIpRule, parseSubnetId } from '../../inputs/network.ts'
import { INPUTS } from '../../inputs/table.ts'
import { NETWORK_LIMITS } from '../../lib/limits.ts'
import { repetitionsIn, sameName } from '../../lib/names.ts'
import { oneOf } from '../../lib/parser.ts'
import { problemAt, type Branch, type List } from '../../wanted/node.ts'
import { choice, list, object, text, toggle, type TreeOf } from '../../wanted/shape.ts'
import type { Problem } from '../../lib/errors.ts'
import type { Rule, RuleInput } from '../judge.ts'
import { settingOf, type Setting } from '../setting.ts'

/** What happens to a client that no rule names. */
const DEFAULT_ACTIONS = ['Allow', 'Deny'] as const
type DefaultAction = (typeof DEFAULT_ACTIONS)[number]

const SUBNET_EXAMPLE =
  '/subscriptions/8c1d2e3f-0000-0000-0000-000000000000/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/train'
const SUBNET_ID = text('resource id of a subnet', parseSubnetId, [SUBNET_EXAMPLE])

const SUBNET = object(
  'a subnet',
  {
    id: SUBNET_ID,
    ignoreMissingServiceEndpoint: toggle(
      'true: the rule is made even if the subnet has no service endpoint for Event Hubs yet',
    ),
  },
  { required: ['id'] },
)

/** The keys of a manifest for the network rule set. https://learn.microsoft.com/azure/event-hubs/network-security */
export const NETWORK = object('who may reach the namespace; rules that are not listed stay', {
  defaultAction: choice(
    'what happens to a client that no rule names: Deny if rules are listed',
    oneOf<DefaultAction>('a default action', DEFAULT_ACTIONS),
    DEFAULT_ACTIONS,
  ),
  trustedServices: toggle(INPUTS.trustedServices.help),
  ipRules: list(
    'IP addresses and ranges that may connect',
    text('an address or a range', parseIpRule, [INPUTS.allowIp.example]),
  ),
  subnets: list('subnets of virtual networks that may connect', {
    kind: 'choice',
    help: 'the id of a subnet, or more about it',
    short: SUBNET_ID,
    long: SUBNET,
    key: 'id',
  } as const),
  removeOthers: toggle('true: IP rules and subnets that are not listed are removed'),
})
export type WantedNetwork = TreeOf<typeof NETWORK>

export interface SubnetRule {
  /** Resource id. */
  readonly id: string
  readonly ignoreMissingServiceEndpoint: boolean
}

/** The network rule set of a namespace. */
export interface NetworkActual {
  readonly defaultAction: string
  readonly trustedServices: boolean
  readonly ipRules: readonly string[]
  readonly subnets: readonly SubnetRule[]
}
/** Every namespace has a rule set. A new one lets everybody in. */
export const OPEN_NETWORK: NetworkActual = {
  defaultAction: 'Allow',
  trustedServices: false,
  ipRules: [],
  subnets: [],
}

/** What was asked for. Listed rules are added to those that are there. */
export interface NetworkSpec {
  readonly defaultAction: Setting<DefaultAction>
  readonly trustedServices: Setting<boolean>
  readonly ipRules: readonly string[]
  readonly subnets: readonly WantedSubnet[]
  /** Also removes the rules that are not listed. */
  readonly removeOthers: boolean
}
export interface WantedSubnet {
  readonly id: string
  readonly ignoreMissingServiceEndpoint: Setting<boolean>
}

/** Undefined if nothing was said. Rules without a default action mean Deny. */
export function networkSpec(wanted: WantedNetwork | undefined): NetworkSpec | undefined {
  if (!wanted) return undefined
  const ipRules = (wanted.ipRules?.items ?? []).map(({ value }) => value)
  const subnets = (wanted.subnets?.items ?? []).map(({ id, ignoreMissingServiceEndpoint }) => ({
    id: id?.value ?? '',
    ignoreMissingServiceEndpoint: settingOf(ignoreMissingServiceEndpoint, false),
  }))
  const isDenyImplied = !wanted.defaultAction && ipRules.length + subnets.length > 0
  return {
    defaultAction: isDenyImplied
      ? { value: 'Deny', given: true }
      : settingOf<DefaultAction>(wanted.defaultAction, 'Allow'),
    trustedServices: settingOf(wanted.trustedServices, false),
    ...{ ipRules, subnets },
    removeOthers: wanted.removeOthers?.value ?? false,
  }
}

/** The rule set after a run. */
export function networkAfter(spec: NetworkSpec | undefined, live: NetworkActual): NetworkActual {
  if (!spec) return live
  const { defaultAction, trustedServices, removeOthers } = spec
  const kept = removeOthers ? OPEN_NETWORK : live
  const listed = spec.subnets.map(({ id, ignoreMissingServiceEndpoint: asked }): SubnetRule => {
    const found = live.subnets.find((one) => sameName(one.id, id))
    const ignored = asked.given || !found ? asked.value : found.ignoreMissingServiceEndpoint
    return { id: found?.id ?? id, ignoreMissingServiceEndpoint: ignored }
  })
  return {
    defaultAction: defaultAction.given ? defaultAction.value : live.defaultAction,
    trustedServices: trustedServices.given ? trustedServices.value : live.trustedServices,
    ipRules: [...kept.ipRules, ...spec.ipRules.filter((ip) => !kept.ipRules.includes(ip))],
    subnets: [...kept.subnets.filter(({ id }) => !listed.some((one) => sameName(one.id, id))), ...listed],
  }
}

/**
 * Whether the firewall is on. Azure needs a rule for it.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering
 */
export const isDenying = ({ defaultAction, ipRules, subnets }: NetworkActual): boolean =>
  defaultAction === 'Deny' && ipRules.length + subnets.length > 0

/** Whether it is as that of a new namespace: everybody is let in. */
export const isOpen = ({ defaultAction, trustedServices, ipRules, subnets }: NetworkActual): boolean =>
  defaultAction === OPEN_NETWORK.defaultAction && !trustedServices && ipRules.length + subnets.length === 0

/** `vnet/train` of the resource id of a subnet. */
export const subnetName = (id: string): string =>
  id
    .split('/')
    .slice(-3)
    .join('/')
    .replace(/\/subnets\//i, '/')

interface WithNetwork extends Branch {
  readonly network?: WantedNetwork | undefined
}

export const networkRule: Rule<WithNetwork> = (given) => {
  const { network } = given.wanted
  return network ? [...tierProblems(given, network), ...listProblems(network)] : []
}

/** Basic has no rules. What every namespace without them has may be said there too, as exports of Azure do. */
function tierProblems({ limits, tierWords }: RuleInput<WithNetwork>, network: WantedNetwork): readonly Problem[] {
  const { ipRules, subnets, defaultAction, trustedServices } = network
  const said = [...(ipRules?.items ?? []), ...(subnets?.items ?? [])]
  const isClosed = defaultAction?.value === 'Deny' || trustedServices?.value === true || said.length > 0
  if (limits.networkRules || !isClosed) return []
  const key = said.length > 0 || !trustedServices ? 'allowIp' : 'trustedServices'
  const node = network.origin.kind === 'file' ? network : (said[0] ?? trustedServices ?? network)
  return [problemAt(key, node, `is not possible on ${tierWords}: only Standard and Premium have network rules`)]
}

function listProblems({ ipRules, subnets }: WantedNetwork): readonly Problem[] {
  const ips = (ipRules?.items ?? []).map(({ value }) => value)
  const ids = (subnets?.items ?? []).map(({ id }) => id?.value ?? '')
  const { rules: most } = NETWORK_LIMITS
  const tooMany = (list: List<unknown> | undefined) =>
    (list?.items.length ?? 0) > most
      ? [problemAt('allowIp', list, `has ${list!.items.length} rules, above ${most}, the limit of a namespace`)]
      : []
  return [
    ...repetitionsIn(ips).map((i) => problemAt('allowIp', ipRules!.items[i], 'is given twice')),
    ...repetitionsIn(ids).map((i) => problemAt('allowIp', subnets!.items[i]!.id, 'is given twice')),
    ...tooMany(ipRules),
    ...tooMany(subnets),
  ]
}

/** The rule set in a saved manifest: what differs from that of a new namespace is needed. */
export const savedNetwork = (spec: NetworkSpec | undefined, live: NetworkActual | undefined) => {
  const after = networkAfter(spec, live ?? OPEN_NETWORK)
  const isAsked = (setting: Setting<unknown> | undefined): boolean => setting?.given ?? false
  const hasRules = after.ipRules.length + after.subnets.length > 0
  return {
    defaultAction: {
      value: after.defaultAction,
      isNeeded: isAsked(spec?.defaultAction) || hasRules || after.defaultAction !== OPEN_NETWORK.defaultAction,
    },
    trustedServices: {
      value: after.trustedServices,
      isNeeded: isAsked(spec?.trustedServices) || after.trustedServices,
    },
    ipRules: after.ipRules,
    subnets: after.subnets,
  }
}
export type SavedNetwork = ReturnType<typeof savedNetwork>
