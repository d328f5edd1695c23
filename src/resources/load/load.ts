import { DEFAULTS } from '../../inputs/defaults.ts'
import { USUAL_LOAD } from '../../inputs/load.ts'
import { input } from '../../inputs/refer.ts'
import { INPUTS } from '../../inputs/table.ts'
import type { Problem } from '../../lib/errors.ts'
import { say, type Reference } from '../../lib/phrase.ts'
import { formatBinarySize } from '../../lib/quantity.ts'
import type { Load } from '../../sizing/load.ts'
import { layOver } from '../../wanted/merge.ts'
import { isUnread, nameOfInput, problemAt, type Branch, type List, type Node } from '../../wanted/node.ts'
import { fromInput, integer, object, toggle, type TreeOf } from '../../wanted/shape.ts'
import type { Rule, RuleInput } from '../judge.ts'

export const LOAD = object(
  'the load that is expected: sizes what nobody said, and checks what somebody said',
  {
    eventsPerSecond: fromInput(INPUTS.eventsPerSecond),
    eventSize: fromInput(INPUTS.eventSize),
    throughput: { ...fromInput(INPUTS.throughput), help: 'instead of eventsPerSecond: 20MB/s, 2TB/day' },
    peak: fromInput(INPUTS.peak),
    readers: integer(INPUTS.readers.help, INPUTS.readers.parse),
    workers: integer(INPUTS.workers.help, INPUTS.workers.parse),
    ordered: toggle(INPUTS.ordered.help),
  },
  { either: ['eventsPerSecond', 'throughput'] },
)
export type WantedLoad = TreeOf<typeof LOAD>

/**
 * The load of one hub, merged with the load for all hubs; undefined if neither was given. A hub in one order has one worker,
 * however many the others have.
 */
export function mergedLoad(own: WantedLoad | undefined, forAll: WantedLoad | undefined): WantedLoad | undefined {
  if (!own || !forAll) return own ?? forAll
  const below = own.ordered?.value && !own.workers ? { ...forAll, workers: undefined } : forAll
  return layOver(own, below, LOAD, 'extends')
}

/**
 * The load of one hub; undefined if nobody said how much comes in. Without a number of readers it is that of the consumer
 * groups.
 */
export function loadOf(
  own: WantedLoad | undefined,
  forAll: WantedLoad | undefined,
  consumerGroups: number,
): Load | undefined {
  const wanted = mergedLoad(own, forAll)
  if (!wanted || !hasRate(wanted)) return undefined
  const { eventSize, peak, readers, workers } = wanted
  const ordered = wanted.ordered?.value ?? false
  const bytesPerEvent = eventSize?.value ?? USUAL_LOAD.bytesPerEvent
  return {
    eventsPerSecond: wanted.eventsPerSecond?.value ?? (wanted.throughput?.value ?? 0) / bytesPerEvent,
    bytesPerEvent,
    peak: peak?.value ?? USUAL_LOAD.peak,
    readers: readers?.value ?? Math.max(1, consumerGroups),
    workers: ordered ? 1 : (workers?.value ?? DEFAULTS.partitions),
    ordered,
    assumed: [
      ...(eventSize ? [] : (['bytesPerEvent'] as const)),
      ...(peak ? [] : (['peak'] as const)),
      ...(readers ? [] : (['readers'] as const)),
      ...(workers || ordered ? [] : (['workers'] as const)),
    ],
  }
}

const hasRate = ({ eventsPerSecond, throughput }: WantedLoad): boolean => Boolean(eventsPerSecond ?? throughput)

export interface WantedWithLoad extends Branch {
  readonly load?: WantedLoad | undefined
  readonly hubs?: List<{ readonly load?: WantedLoad | undefined } & Node> | undefined
}

/**
 * Checks the load of each hub. A problem with the load for all hubs is reported once. That one needs no rate if a hub has its
 * own.
 */
export const loadRule: Rule<WantedWithLoad> = (given) => {
  const { hubs, load } = given.wanted
  const items = hubs?.items ?? []
  const isCompletedByHub = items.some(({ load: own }) => own && hasRate(own))
  const all = items.map(({ load: own }) => mergedLoad(own, own || !isCompletedByHub ? load : undefined))
  const found = (all.length > 0 ? all : [load]).flatMap((one) => (one ? problemsOf(given, one) : []))
  const identities = found.map(({ origin, message }) => JSON.stringify([origin, message]))
  return found.filter((_, i) => identities.indexOf(identities[i]!) === i)
}

function problemsOf({ wanted, limits, tierWords }: RuleInput<WantedWithLoad>, load: WantedLoad): readonly Problem[] {
  const { eventsPerSecond, throughput, eventSize, workers, ordered } = load
  const first = LOAD_KEYS.find((key) => load[key])
  const mayBeGiven = ['eventsPerSecond', 'throughput'].some((key) => isUnread(load, key) || isUnread(wanted.load, key))
  const most = limits.maxEventBytes
  return [
    ...(first && !eventsPerSecond && !throughput && !mayBeGiven
      ? [
          problemAt(
            first,
            load[first],
            say`needs ${besides(load[first], 'eventsPerSecond')} or ${besides(load[first], 'throughput')}: how much comes in`,
          ),
        ]
      : []),
    ...(eventsPerSecond && throughput
      ? [
          problemAt(
            'throughput',
            throughput,
            say`contradicts ${nameOfInput('eventsPerSecond', eventsPerSecond)}. Give one of the two, and ${besides(throughput, 'eventSize')}`,
          ),
        ]
      : []),
    ...(eventSize && eventSize.value > most
      ? [problemAt('eventSize', eventSize, `is above ${formatBinarySize(most)}, the largest event on ${tierWords}`)]
      : []),
    ...(ordered?.value && workers && workers.value > 1
      ? [
          problemAt(
            'workers',
            workers,
            say`contradicts ${nameOfInput('ordered', ordered)}: events in one order are read by one worker`,
          ),
        ]
      : []),
  ]
}

/** How a text names another key of a load: by its flag, or as it stands beside this one in the manifest. */
const besides = (node: Node | undefined, key: LoadKey): string | Reference =>
  node?.origin.kind === 'file' ? key : input(key)

/** The keys of a load are those of its inputs. */
type LoadKey = keyof typeof LOAD.keys
const LOAD_KEYS = Object.keys(LOAD.keys) as readonly LoadKey[]
