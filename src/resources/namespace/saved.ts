import { OWNERSHIP_TAG } from '../../inputs/defaults.ts'
import { parseTagName, parseTagValue } from '../../inputs/parsers.ts'
import { LIMITS, NETWORK_LIMITS, offersCapacity, TAG_LIMITS, type LiveTier } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import type { Text } from '../../lib/phrase.ts'
import { savedIdentities } from '../identity.ts'
import { needed, saved, type Saved } from '../setting.ts'
import { mostTags, type NamespaceActual, type NamespaceSpec, type Tags } from './namespace.ts'
import { isOwnershipTag } from './tags.ts'

/** A namespace in a saved manifest. */
export interface SavedNamespace {
  readonly name: string
  readonly tier: LiveTier
  readonly values: Readonly<Record<string, Saved>>
  readonly dropped: readonly string[]
  readonly identities: Saved<readonly string[]>
  readonly tags: Tags
  /** What a manifest cannot say. */
  readonly notSaved: readonly Text[]
}

/** The namespace after a run. */
export function savedNamespace(wanted: NamespaceSpec, live: NamespaceActual | undefined): SavedNamespace {
  const tier = wanted.tier.given ? wanted.tier.value : (live?.tier ?? wanted.tier.value)
  const capacity = saved(wanted.capacity, live?.capacity, (units) => offersCapacity(LIMITS[tier], units))
  const { tags, notSaved } = savedTags(wanted.tags, live?.tags ?? {})
  return {
    name: live?.name ?? wanted.name,
    tier,
    values: {
      tier: needed(tier),
      ...(capacity.isNeeded ? { capacity } : {}),
      autoInflateMax: saved(wanted.autoInflateMax, live?.autoInflateMax, (most) => most > 0),
      disableLocalAuth: saved(wanted.localAuthDisabled, live?.localAuthDisabled, (isOff) => isOff),
      minimumTls: savedTls(wanted, live),
      publicNetworkAccess: saved<string>(
        wanted.publicNetworkAccess,
        live?.publicNetworkAccess,
        (access) => access !== 'Enabled',
      ),
      zoneRedundant: {
        value: wanted.zoneRedundant ?? live?.zoneRedundant ?? false,
        isNeeded: wanted.zoneRedundant !== undefined || (live && live.zoneRedundant !== (tier === 'Premium')) === true,
      },
    },
    dropped: capacity.isNeeded ? [] : ['capacity'],
    identities: savedIdentities(wanted.identity, live?.identities ?? []),
    tags,
    notSaved: [...retiredTls(live), ...(live?.unmanaged ?? []), ...notSaved],
  }
}

function savedTls({ minimumTls }: NamespaceSpec, live: NamespaceActual | undefined): Saved<string> {
  const { value, isNeeded } = saved<string>(minimumTls, live?.minimumTls, (one) => one > NETWORK_LIMITS.minimumTls)
  return { value, isNeeded: isNeeded && value >= NETWORK_LIMITS.minimumTls }
}

/** Azure makes no namespace with TLS 1.0 or 1.1 any more, so a file with that would make none elsewhere. */
const retiredTls = (live: NamespaceActual | undefined): readonly Text[] =>
  live?.minimumTls !== undefined && live.minimumTls < NETWORK_LIMITS.minimumTls
    ? [`the minimum TLS version ${live.minimumTls}, which no new namespace can have`]
    : []

/** The wanted tags and the others, except our own. */
function savedTags(wanted: Tags, live: Tags): Pick<SavedNamespace, 'tags' | 'notSaved'> {
  const others = Object.entries(live).filter(
    ([name, value]) => !isOwnershipTag(name, value) && !Object.keys(wanted).some((one) => sameName(one, name)),
  )
  const sayable = others.filter(([name, value]) => parseTagName(name).ok && parseTagValue(value).ok)
  const names = [...Object.keys(wanted), ...sayable.map(([name]) => name)]
  const kept = sayable.slice(0, Math.max(0, mostTags(names) - Object.keys(wanted).length))
  const left = others.filter((tag) => !kept.includes(tag)).map(([name]) => name)
  return {
    tags: { ...wanted, ...Object.fromEntries(kept) },
    notSaved: left.map((name) => `tag ${name}, ${sayable.some(([one]) => one === name) ? TOO_MANY : UNSAYABLE}`),
  }
}
const UNSAYABLE = 'which looks like it holds a key'
const TOO_MANY = `because ${OWNERSHIP_TAG.name} takes a place of ${TAG_LIMITS.count}`
