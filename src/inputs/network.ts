import { NO_IDENTITY, parseIdentity } from './identity.ts'
import { inputsOf, type Input } from './input.ts'
import { NETWORK_LIMITS, TLS_VERSIONS, type TlsVersion } from '../lib/limits.ts'
import { sameName } from '../lib/names.ts'
import { bad, EMPTY, ok, type Parser } from '../lib/parser.ts'
import { suggest } from '../lib/suggest.ts'

/** Who may reach the namespace, in Azure's words. https://learn.microsoft.com/azure/event-hubs/network-security */
const PUBLIC_NETWORK_ACCESS = {
  enabled: 'Enabled',
  disabled: 'Disabled',
  'secured-by-perimeter': 'SecuredByPerimeter',
} as const
export type PublicNetworkAccess = (typeof PUBLIC_NETWORK_ACCESS)[keyof typeof PUBLIC_NETWORK_ACCESS]
export const PUBLIC_NETWORK_ACCESS_WORDS = Object.keys(PUBLIC_NETWORK_ACCESS) as (keyof typeof PUBLIC_NETWORK_ACCESS)[]

/** The word of a flag, or Azure's own. */
const parsePublicNetworkAccess: Parser<PublicNetworkAccess> = (text) => {
  const typed = text.trim()
  if (typed === '') return EMPTY
  const word = PUBLIC_NETWORK_ACCESS_WORDS.find(
    (one) => sameName(one, typed) || sameName(PUBLIC_NETWORK_ACCESS[one], typed),
  )
  if (word) return ok(PUBLIC_NETWORK_ACCESS[word])
  const meant = suggest(typed, PUBLIC_NETWORK_ACCESS_WORDS)
  const help = meant ? ` Did you mean ${meant}?` : ''
  return bad(`is not a public network access.${help} It can be ${PUBLIC_NETWORK_ACCESS_WORDS.join(', ')}`)
}

/** In the form of the flag. A value that Azure may add later stays as it is. */
export const formatPublicNetworkAccess = (access: string): string =>
  PUBLIC_NETWORK_ACCESS_WORDS.find((word) => PUBLIC_NETWORK_ACCESS[word] === access) ?? access

const parseTlsVersion: Parser<TlsVersion> = (text) => {
  const typed = text.trim()
  const version = TLS_VERSIONS.find((one) => one === typed)
  if (version) return ok(version)
  return typed === '' ? EMPTY : bad(`is not a TLS version: it can be ${TLS_VERSIONS.join(', ')}`)
}

const isIPv4 = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => String(Number(part)) === part && +part < 256)
/** The shortest form of an IPv6 address; undefined for anything else. */
const shortIPv6 = (text: string): string | undefined =>
  text.includes(':') && URL.canParse(`http://[${text}]/`)
    ? new URL(`http://[${text}]/`).hostname.slice(1, -1)
    : undefined

/** An address or a range: `203.0.113.7`, `203.0.113.0/24`. A range of one address is read as the address. */
export const parseIpRule: Parser<string> = (text) => {
  const typed = text.trim().toLowerCase()
  if (typed === '') return EMPTY
  const [words = '', bits, ...more] = typed.split('/')
  const address = isIPv4(words) ? words : shortIPv6(words)
  if (address === undefined || more.length > 0)
    return bad('is not an IP address or range, such as 203.0.113.7 or 203.0.113.0/24')
  const most = isIPv4(words) ? 32 : 128
  if (bits === undefined) return ok(address)
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return bad(`has a range that is not /0 to /${most}`)
  return ok(Number(bits) === most ? address : `${address}/${Number(bits)}`)
}

/** Azure's text of a rule in the form that `parseIpRule` gives. */
export function canonicalIpRule(text: string): string {
  const parsed = parseIpRule(text)
  return parsed.ok ? parsed.value : text
}

const SUBNET_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i

export const parseSubnetId: Parser<string> = (text) => {
  const id = text.trim().replace(/\/+$/, '')
  if (id === '') return EMPTY
  const form =
    '/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Network/virtualNetworks/NETWORK/subnets/SUBNET'
  return SUBNET_ID.test(id) ? ok(id) : bad(`is not the resource id of a subnet: ${form}`)
}

const parseIdentityToRemove: Parser<string> = (text) => {
  const parsed = parseIdentity(text)
  return text.trim() === '' || (parsed.ok && parsed.value !== NO_IDENTITY)
    ? parsed
    : bad('is neither SystemAssigned nor the resource id of a user-assigned identity')
}

const network = inputsOf('Network')
const namespace = inputsOf('Namespace')

/** What organisations require of a namespace: TLS, who may reach it, and its managed identities. */
export const NETWORK_INPUTS = {
  identity: namespace.list({
    at: 'identity',
    flags: '--identity <identity>',
    rare: true,
    help: 'managed identity of the namespace: SystemAssigned or the id of a user-assigned one; others stay; None removes all; repeatable',
    example: 'SystemAssigned',
    parse: parseIdentity,
  }),
  removeIdentity: namespace.list({
    at: 'removeIdentity',
    flags: '--remove-identity <identity>',
    rare: true,
    help: 'take a managed identity away from the namespace; repeatable',
    example: 'SystemAssigned',
    parse: parseIdentityToRemove,
  }),
  minimumTls: network.value({
    at: 'minimumTls',
    flags: '--minimum-tls <version>',
    rare: true,
    label: 'minimum TLS version',
    help: 'lowest TLS version that clients may use; 1.0 and 1.1 only where a namespace still has them',
    example: '1.2',
    choices: TLS_VERSIONS,
    default: NETWORK_LIMITS.minimumTls,
    parse: parseTlsVersion,
  }),
  publicNetworkAccess: network.value<PublicNetworkAccess>({
    at: 'publicNetworkAccess',
    flags: '--public-network-access <access>',
    rare: true,
    help: 'whether clients may connect over the internet; disabled: only through private endpoints; secured-by-perimeter: as a network security perimeter says',
    example: 'disabled',
    choices: PUBLIC_NETWORK_ACCESS_WORDS,
    default: 'Enabled',
    defaultText: 'enabled',
    parse: parsePublicNetworkAccess,
    format: formatPublicNetworkAccess,
  }),
  allowIp: network.list({
    at: 'network.ipRules',
    flags: '--allow-ip <cidr>',
    rare: true,
    label: 'IP rule',
    help: 'IP address or range that may connect; what no rule names is refused; other rules stay; repeatable',
    example: '203.0.113.0/24',
    parse: parseIpRule,
  }),
  trustedServices: network.toggle({
    at: 'network.trustedServices',
    flags: '--trusted-services',
    rare: true,
    help: 'let trusted services of Azure through the firewall of the namespace',
  }),
} satisfies Record<string, Input>
