import { edit, input } from '../../inputs/refer.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS, type LiveTier } from '../../lib/limits.ts'
import { findByName, nameKeyOf, sameName } from '../../lib/names.ts'
import { say, type Text } from '../../lib/phrase.ts'
import { formatBinarySize, formatByteCount } from '../../lib/quantity.ts'
import { bytesIn } from '../../sizing/load.ts'
import { bytesOfPartitions, partitionsFor } from '../../sizing/partitions.ts'
import type { Spec } from '../front-door.ts'
import { formatPartitions, freeName, hubEdit } from '../hub/refusals.ts'
import { isTooMuchFor, type FittedHub, type Live } from './fit.ts'

export interface LiveWithGroups extends Live {
  /** By the key of the hub's name. */
  readonly consumerGroups: ReadonlyMap<string, readonly { readonly name: string }[]>
}

/** A hub, and where it will be. */
interface Place {
  readonly spec: Spec
  readonly live: LiveWithGroups
  readonly tier: LiveTier
  readonly hub: FittedHub
}

/** What of its load a hub does not carry, and what would carry it. */
export function hubFitNotes(spec: Spec, live: LiveWithGroups, tier: LiveTier, hub: FittedHub): readonly Text[] {
  const place = { spec, live, tier, hub }
  const { maxEventBytes } = LIMITS[tier]
  return [
    ...(hub.load.ordered ? orderNotes(hub) : partitionNotes(place)),
    ...readerNotes(place),
    ...(hub.load.bytesPerEvent > maxEventBytes
      ? [
          `an event of ${formatByteCount(hub.load.bytesPerEvent)} is above ${formatBinarySize(maxEventBytes)}, the largest on ${tier}`,
        ]
      : []),
  ]
}

/** Bytes that the hub takes in for one second, and that come in at the busiest. */
function bytesOf(hub: FittedHub) {
  const [takes, comes] = [bytesOfPartitions(hub.partitions), bytesIn(hub.load, 'peak')]
  const words = `in about ${formatByteCount(takes)}/s, and the load brings ${formatByteCount(comes)}/s at the busiest`
  return { isTooMuch: isTooMuchFor(hub), words }
}

function orderNotes(hub: FittedHub): readonly Text[] {
  if (hub.partitions > 1)
    return [
      say`has ${formatPartitions(hub.partitions)}, and events are in order within one only: send all of them with one partition key, or leave ${input('ordered')} out`,
    ]
  const { isTooMuch, words } = bytesOf(hub)
  return isTooMuch
    ? [
        say`one partition takes ${words}: Azure refuses what is above. Without ${input('ordered')} the load has more partitions, with the events of each key in order`,
      ]
    : []
}

function partitionNotes(place: Place): readonly Text[] {
  const { load, partitions } = place.hub
  const { isTooMuch, words } = bytesOf(place.hub)
  if (isTooMuch)
    return [
      say`${formatPartitions(partitions)} ${partitions === 1 ? 'takes' : 'take'} ${words}. ${wayToPartitions(place)}`,
    ]
  if (load.workers <= partitions || load.assumed.includes('workers')) return []
  return [
    say`${load.workers} workers share ${formatPartitions(partitions)}: each reads a partition of its own, so ${load.workers - partitions} have nothing to do. ${wayToPartitions(place)}`,
  ]
}

function wayToPartitions({ spec, live, tier, hub }: Place): Text {
  const { canAddPartitions, maxPartitionsPerHub } = LIMITS[tier]
  const partitions = partitionsFor(hub.load)
  const { name } = hub
  if (partitions > maxPartitionsPerHub)
    return `A hub on ${tier} has up to ${maxPartitionsPerHub}: spread the load over several hubs`
  const wanted = findByName(spec.hubs, name)!
  if (canAddPartitions || !live.hubs.some((one) => sameName(one.name, name)))
    return wanted.place === undefined
      ? say`${edit({ hub: hubEdit(wanted, { name, partitions }) })} carries it`
      : `partitions: ${partitions} of ${wanted.place} in the manifest carries it`
  const taken = [...spec.hubs, ...live.hubs].map((one) => one.name)
  const second = edit({ hub: hubEdit(wanted, { name: freeName(name, taken), partitions }) })
  return say`On ${tier} they are final: a new hub in its place, ${second}, carries it`
}

/** Readers that share a consumer group see a part of the events each. */
function readerNotes({ spec, live, tier, hub: { name, load } }: Place): readonly Text[] {
  const { maxConsumerGroups } = LIMITS[tier]
  if (load.readers > maxConsumerGroups)
    return [
      maxConsumerGroups === 1
        ? `${load.readers} readers share one consumer group: on ${tier} there is no other`
        : `${load.readers} readers need a consumer group each, and a hub on ${tier} has up to ${maxConsumerGroups}`,
    ]
  const wanted = findByName(spec.hubs, name)?.consumerGroups ?? []
  const there = live.consumerGroups.get(nameKeyOf(name)) ?? []
  const names = new Set([...wanted, ...there].map((group) => nameKeyOf(group.name)))
  const groups = names.add(nameKeyOf(DEFAULT_CONSUMER_GROUP)).size
  if (load.assumed.includes('readers') || load.readers <= groups) return []
  return [
    say`${load.readers} readers need a consumer group each, and there are ${groups} with ${DEFAULT_CONSUMER_GROUP}: name them with ${input('consumerGroup')}`,
  ]
}
