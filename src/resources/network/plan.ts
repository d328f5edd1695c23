import { input } from '../../inputs/refer.ts'
import { LIMITS, NETWORK_LIMITS, type LiveTier } from '../../lib/limits.ts'
import { nameKeyOf, sameName } from '../../lib/names.ts'
import { counted, listOf, say } from '../../lib/phrase.ts'
import {
  MOVE_TO_STANDARD,
  partOf,
  refusalsIn,
  type Change,
  type Note,
  type Part,
  type Refusal,
  type Target,
} from '../step.ts'
import {
  isDenying,
  isOpen,
  networkAfter,
  OPEN_NETWORK,
  type NetworkActual,
  type NetworkSpec,
  subnetName,
  type SubnetRule,
} from './network.ts'

export type NetworkWrite = { readonly op: 'put-network-rules'; readonly spec: NetworkSpec }

interface NamespaceOfRules {
  readonly name: string
  /** Whether this run makes it. */
  readonly isNew: boolean
  /** After the run. */
  readonly tier: LiveTier
}

/** Plans the network rule set. Only what was said is compared. */
export function planNetwork(
  spec: NetworkSpec | undefined,
  live: NetworkActual | undefined,
  { name, isNew, tier }: NamespaceOfRules,
): Part<NetworkWrite> {
  if (!spec) return { steps: [], notes: [] }
  const target: Target = { kind: 'network-rules', name }
  const before = live ?? OPEN_NETWORK
  const after = networkAfter(spec, before)
  const changes = changesOf(before, after)
  if (isNew && changes.length === 0) return { steps: [], notes: [] }
  const refusals = changes.length === 0 ? [] : refusalsIn([refuseTier(after, name, tier), refuseCount(after, name)])
  if (refusals.length > 0) return partOf({ action: 'refuse', target, changes, refusals })
  const unread = !isNew && live === undefined ? ['cannot be read: compared with an open rule set'] : []
  const notes = [...unread, ...notesOf(spec, before, after, isNew)].map((text): Note => ({ target, text }))
  const write = { op: 'put-network-rules', spec } as const
  if (changes.length === 0) return { steps: [{ action: 'keep', target, details: networkWords(after) }], notes }
  if (isNew) return { steps: [{ action: 'create', target, details: networkWords(after), write }], notes }
  return { steps: [{ action: 'update', target, changes, write }], notes }
}

function refuseTier(after: NetworkActual, name: string, tier: LiveTier): Refusal | undefined {
  if (LIMITS[tier].networkRules || isOpen(after)) return undefined
  return {
    what: `Can't restrict the network of namespace ${name}`,
    because: `It is on ${tier}, which has no network rules. Standard and Premium have them.`,
    waysOut: [MOVE_TO_STANDARD, { text: say`leave out ${input('allowIp')}, ${input('trustedServices')} and network` }],
    link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering',
  }
}

function refuseCount({ ipRules, subnets }: NetworkActual, name: string): Refusal | undefined {
  const { rules: most } = NETWORK_LIMITS
  const tooMany = [...counted(ipRules.length, 'IP rule'), ...counted(subnets.length, 'subnet')]
  if (ipRules.length <= most && subnets.length <= most) return undefined
  return {
    what: `Can't put the rules given on namespace ${name}`,
    because: `It would have ${listOf(tooMany)}, and has at most ${most} of each.`,
    waysOut: [{ text: 'list fewer, join addresses to ranges, or remove the others with removeOthers in the manifest' }],
    link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering',
  }
}

function changesOf(before: NetworkActual, after: NetworkActual): readonly Change[] {
  const change = (field: string, from: Change['from'], to: Change['to']): readonly Change[] =>
    from === to ? [] : [{ field, from, to }]
  const ips = new Set([...before.ipRules, ...after.ipRules])
  const subnets = new Map([...before.subnets, ...after.subnets].map(({ id }) => [nameKeyOf(id), id]))
  const ipAction = (rules: readonly string[], ip: string) => (rules.includes(ip) ? 'Allow' : null)
  const subnetAction = (rules: readonly SubnetRule[], id: string) => {
    const found = rules.find((one) => sameName(one.id, id))
    return found ? (found.ignoreMissingServiceEndpoint ? 'Allow without service endpoint' : 'Allow') : null
  }
  return [
    ...change('default action', before.defaultAction, after.defaultAction),
    ...change('trusted services', before.trustedServices, after.trustedServices),
    ...[...ips].flatMap((ip) => change(`IP rule ${ip}`, ipAction(before.ipRules, ip), ipAction(after.ipRules, ip))),
    ...[...subnets.values()].flatMap((id) =>
      change(`subnet ${subnetName(id)}`, subnetAction(before.subnets, id), subnetAction(after.subnets, id)),
    ),
  ]
}

/** `Deny by default`, `IP rule 203.0.113.7`, `2 subnets`, `trusted services`. */
const networkWords = ({ defaultAction, trustedServices, ipRules, subnets }: NetworkActual): readonly string[] => [
  `${defaultAction} by default`,
  ...(ipRules.length > 0 ? [`${ipRules.length === 1 ? 'IP rule' : 'IP rules'} ${listOf(ipRules)}`] : []),
  ...counted(subnets.length, 'subnet'),
  ...(trustedServices ? ['trusted services'] : []),
]

function notesOf(spec: NetworkSpec, before: NetworkActual, after: NetworkActual, isNew: boolean): readonly string[] {
  const others = namesOf(after).filter((name) => !namesOf(spec).includes(name))
  const gone = namesOf(before).filter((name) => !namesOf(after).includes(name))
  const isListed = namesOf(spec).length > 0
  const isClosed = isDenying(after) && !isDenying(before)
  const isServiceGone = before.trustedServices && !after.trustedServices && isDenying(after)
  return [
    ...(isListed && others.length > 0 ? [`rules that were not asked for stay: ${listOf(others)}`] : []),
    ...(!isNew && isClosed
      ? ['clients from addresses that no rule names are cut off, and so is a portal in a browser there']
      : []),
    ...(gone.length > 0 && isDenying(after) ? [`clients of ${listOf(gone)} are cut off`] : []),
    ...(isServiceGone ? ['trusted services of Azure are cut off'] : []),
    ...(after.defaultAction === 'Deny' && !isDenying(after)
      ? ['without an IP rule or a subnet, Azure lets everybody in, also with the default action Deny']
      : []),
  ]
}

/** The addresses and subnets of rules, in short and in one case. */
const namesOf = ({ ipRules, subnets }: Pick<NetworkSpec | NetworkActual, 'ipRules' | 'subnets'>): readonly string[] => [
  ...ipRules,
  ...subnets.map(({ id }) => subnetName(nameKeyOf(id))),
]
