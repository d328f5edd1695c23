import { formatPublicNetworkAccess, type PublicNetworkAccess } from '../../inputs/network.ts'
import { NETWORK_LIMITS } from '../../lib/limits.ts'
import { refuseIdentityRemoval, type CapturedHubs } from '../capture/removal.ts'
import { identityChange, identityWords } from '../identity.ts'
import type { Refusal } from '../step.ts'
import { secondNamespace } from './name.ts'
import { NO_DELTA, type NamespaceActual, type NamespaceDelta, type NamespaceSpec } from './namespace.ts'

const TLS_LINK = 'https://learn.microsoft.com/azure/event-hubs/transport-layer-security-enforce-minimum-version'

/** Plans the lowest TLS version that clients may use. */
export function planTls(spec: NamespaceSpec, live: NamespaceActual): NamespaceDelta {
  const { minimumTls } = spec
  if (!minimumTls.given || minimumTls.value === live.minimumTls) return NO_DELTA
  const refusal = refuseTls(spec, live)
  const isHigher = live.minimumTls !== undefined && minimumTls.value > live.minimumTls
  return {
    changes: [{ field: 'minimum TLS version', from: live.minimumTls ?? null, to: minimumTls.value }],
    send: { minimumTls: minimumTls.value },
    refusals: refusal ? [refusal] : [],
    notes:
      isHigher && minimumTls.value !== '1.3'
        ? [`clients that speak an older TLS than ${minimumTls.value} are cut off`]
        : [],
  }
}

/** Azure takes 1.0 and 1.1 only where a namespace has them. */
export function refuseTls({ name, minimumTls }: NamespaceSpec, live: NamespaceActual | undefined): Refusal | undefined {
  const { value } = minimumTls
  if (!minimumTls.given || value >= NETWORK_LIMITS.minimumTls || value === live?.minimumTls) return undefined
  const now = live?.minimumTls === undefined ? '' : ` This one has ${live.minimumTls}.`
  return {
    what: `Can't set the minimum TLS version of namespace ${live?.name ?? name} to ${value}`,
    because: `Azure has retired TLS 1.0 and 1.1: only a namespace that has them can keep them.${now}`,
    waysOut: [{ text: `use ${NETWORK_LIMITS.minimumTls}`, edit: { minimumTls: NETWORK_LIMITS.minimumTls } }],
    link: TLS_LINK,
  }
}

const CUT_OFF: Readonly<Record<PublicNetworkAccess, readonly string[]>> = {
  Enabled: [],
  Disabled: ['clients that connect over the internet are cut off'],
  SecuredByPerimeter: ['clients that its network security perimeter does not let in are cut off'],
}

/** Plans who may connect over the internet. */
export function planPublicAccess({ publicNetworkAccess }: NamespaceSpec, live: NamespaceActual): NamespaceDelta {
  const { given, value } = publicNetworkAccess
  if (!given || value === live.publicNetworkAccess) return NO_DELTA
  const [from, to] = [live.publicNetworkAccess, value].map(formatPublicNetworkAccess)
  return {
    ...NO_DELTA,
    changes: [{ field: 'public network access', from: from!, to: to! }],
    send: { publicNetworkAccess: value },
    notes: CUT_OFF[value],
  }
}

/** https://learn.microsoft.com/azure/reliability/reliability-event-hubs */
export function planZones(spec: NamespaceSpec, live: NamespaceActual): NamespaceDelta {
  const { zoneRedundant } = spec
  if (zoneRedundant === undefined || zoneRedundant === live.zoneRedundant) return NO_DELTA
  const isSpread = live.zoneRedundant
  return {
    ...NO_DELTA,
    changes: [{ field: 'zone redundancy', from: live.zoneRedundant, to: zoneRedundant }],
    refusals: [
      {
        what: `Can't switch zone redundancy of namespace ${live.name} ${zoneRedundant ? 'on' : 'off'}`,
        because: `It is ${isSpread ? 'spread over' : 'not spread over'} availability zones, which is decided when a namespace is made.`,
        waysOut: [
          { text: `say zoneRedundant: ${isSpread} in the manifest, or leave it out` },
          { text: 'make a second namespace', edit: secondNamespace(spec, live, isSpread ? 'one-zone' : 'zones') },
        ],
        link: 'https://learn.microsoft.com/azure/reliability/reliability-event-hubs',
      },
    ],
  }
}

/** Plans the managed identities. What signs in with an identity that is taken away stops working. */
export function planIdentity({ identity }: NamespaceSpec, live: NamespaceActual, hubs: CapturedHubs): NamespaceDelta {
  const change = identityChange(identity, live.identities)
  if (!change) return NO_DELTA
  return {
    changes: [{ field: 'identity', from: identityWords(live.identities), to: identityWords(change.identities) }],
    send: { identity: change },
    refusals: refuseIdentityRemoval(identity, change.gone, hubs),
    notes: change.gone.length > 0 ? [`Capture and encryption that use ${identityWords(change.gone)} stop working`] : [],
  }
}
