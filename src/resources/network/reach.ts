import { counted, listOf } from '../../lib/phrase.ts'
import { isDenying, subnetName, type NetworkActual } from './network.ts'

/** How clients can reach a namespace. */
interface Reach {
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
  const [endpoints] = counted(privateEndpoints, 'private endpoint')
  return [
    ...(access === 'Disabled' && endpoints === undefined
      ? ['public network access is disabled and there is no private endpoint: nobody can connect until one is made']
      : []),
    ...(access === 'Disabled' && endpoints !== undefined
      ? [`public network access is disabled: clients connect from the networks of its ${endpoints}`]
      : []),
    ...(access === 'SecuredByPerimeter'
      ? ['public network access is secured by a network security perimeter, which has to let clients in']
      : []),
    ...(access !== 'Disabled' && endpoints !== undefined
      ? [`has ${endpoints}: in their networks the host name has to resolve to the private address`]
      : []),
    ...(network && isDenying(network) ? firewallWords(access, network) : []),
    ...(minimumTls === '1.3' ? ['clients need TLS 1.3'] : []),
  ]
}

function firewallWords(access: string, network: NetworkActual): readonly string[] {
  if (access === 'SecuredByPerimeter') return []
  if (access === 'Disabled') return ['its network rules have no effect while public network access is disabled']
  const open = network.ipRules.find((ip) => EVERYBODY.includes(ip))
  return [open ? `its IP rule ${open} lets everybody in` : `its firewall lets in only ${guestsOf(network)}`]
}

const guestsOf = ({ ipRules, subnets, trustedServices }: NetworkActual): string => {
  const rules = listOf([...ipRules, ...subnets.map(({ id }) => `subnet ${subnetName(id)}`)])
  return trustedServices ? `${rules}, and trusted services of Azure` : rules
}

const EVERYBODY: readonly string[] = ['0.0.0.0/0', '::/0']
