import { nameKeyOf, sameName } from '../../lib/names.ts'
import type { Change, Note, Part, Target } from '../step.ts'
import { networkAfter, OPEN_NETWORK, type NetworkActual, type NetworkSpec, type SubnetRule } from './network.ts'

export type NetworkWrite = { readonly op: 'put-network-rules'; readonly spec: NetworkSpec }

interface NamespaceOfRules {
  readonly name: string
  /** Whether this run makes it. */
  readonly isNew: boolean
}

/** Plans the network rule set. Only what was said is compared. */
export function planNetwork(
  spec: NetworkSpec | undefined,
  live: NetworkActual | undefined,
  { name, isNew }: NamespaceOfRules,
): Part<NetworkWrite> {
  if (!spec) return { steps: [], notes: [] }
  const target: Target = { kind: 'network-rules', name }
  const before = live ?? OPEN_NETWORK
  const after = networkAfter(spec, before)
  const changes = changesOf(before, after)
  const unread =
    !isNew && live === undefined ? ['cannot be read with these rights: compared with an open rule set'] : []
  const notes = [...unread, ...notesOf(spec, before, after, isNew)].map((text): Note => ({ target, text }))
  const write = { op: 'put-network-rules', spec } as const
  if (changes.length === 0) return { steps: [{ action: 'keep', target, details: networkWords(after) }], notes }
  if (isNew) return { steps: [{ action: 'create', target, details: networkWords(after), write }], notes }
  return { steps: [{ action: 'update', target, changes, write }], notes }
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

/** `vnet/train` of the resource id of a subnet. */
const subnetName = (id: string): string =>
  id
    .split('/')
    .slice(-3)
    .join('/')
    .replace(/\/subnets\//i, '/')

const counted = (count: number, noun: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`]

/** `Deny by default`, `2 IP rules`, `1 subnet`, `trusted services`. */
const networkWords = ({ defaultAction, trustedServices, ipRules, subnets }: NetworkActual): readonly string[] => [
  `${defaultAction} by default`,
  ...counted(ipRules.length, 'IP rule'),
  ...counted(subnets.length, 'subnet'),
  ...(trustedServices ? ['trusted services'] : []),
]

const MOST_NAMED = 3

function notesOf(spec: NetworkSpec, before: NetworkActual, after: NetworkActual, isNew: boolean): readonly string[] {
  const others = [
    ...after.ipRules.filter((ip) => !spec.ipRules.includes(ip)),
    ...after.subnets
      .filter(({ id }) => !spec.subnets.some((one) => sameName(one.id, id)))
      .map(({ id }) => subnetName(id)),
  ]
  const isListed = spec.ipRules.length + spec.subnets.length > 0
  const hidden = others.length - MOST_NAMED
  const names = others.slice(0, MOST_NAMED).join(', ') + (hidden > 0 ? ` and ${hidden} more` : '')
  return [
    ...(isListed && others.length > 0 ? [`rules that were not asked for stay: ${names}`] : []),
    ...(!isNew && isDenying(after) && !isDenying(before)
      ? ['clients from addresses that no rule names are cut off, and so is a portal in a browser there']
      : []),
    ...(after.defaultAction === 'Deny' && !isDenying(after)
      ? ['without an IP rule or a subnet, Azure lets everybody in, also with the default action Deny']
      : []),
  ]
}

/**
 * Whether the firewall is on. Azure needs a rule for it.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering
 */
const isDenying = ({ defaultAction, ipRules, subnets }: NetworkActual): boolean =>
  defaultAction === 'Deny' && ipRules.length + subnets.length > 0

/** How clients can reach a namespace. */
export interface Reach {
  readonly publicNetworkAccess: string
  /** Private endpoints that are approved. */
  readonly privateEndpoints: number
  readonly minimumTls: string | undefined
}

/** What a client has to do to connect, if an address and a key are not enough. One line each. */
export function reachWords(
  { publicNetworkAccess: access, privateEndpoints, minimumTls }: Reach,
  network: NetworkActual | undefined,
): readonly string[] {
  const endpoints = counted(privateEndpoints, 'private endpoint')[0]
  return [
    ...(access === 'Disabled' && endpoints === undefined
      ? ['public network access is disabled and there is no private endpoint: nobody can connect until one is made']
      : []),
    ...(access === 'Disabled' && endpoints !== undefined
      ? [`public network access is disabled: clients connect from the networks of its ${endpoints}`]
      : []),
    ...(access === 'SecuredByPerimeter'
      ? ['public network access is secured by a network security perimeter: clients need an access rule of it']
      : []),
    ...(access !== 'Disabled' && endpoints !== undefined
      ? [`has ${endpoints}: in their networks the host name has to resolve to the private address`]
      : []),
    ...(access !== 'Disabled' && network && isDenying(network)
      ? [`its firewall lets in only ${guestsOf(network)}`]
      : []),
    ...(minimumTls === '1.3' ? ['clients need TLS 1.3'] : []),
  ]
}

const guestsOf = ({ ipRules, subnets, trustedServices }: NetworkActual): string => {
  const ips = ipRules.length <= MOST_NAMED ? ipRules : counted(ipRules.length, 'IP rule')
  const nets =
    subnets.length <= MOST_NAMED
      ? subnets.map(({ id }) => `subnet ${subnetName(id)}`)
      : counted(subnets.length, 'subnet')
  const all = [...ips, ...nets, ...(trustedServices ? ['trusted services of Azure'] : [])]
  return all.length === 1 ? all[0]! : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}
