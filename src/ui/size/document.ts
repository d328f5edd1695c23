import type { LoadAnswer } from '../../resources/load/answer.ts'
import type { Cost } from '../../sizing/cost.ts'
import type { Neighbour } from '../../sizing/neighbours.ts'
import type { Size } from '../../sizing/size.ts'
import type { ManifestEntry, SizeDocument } from '../document-schema.ts'
import { EXIT } from '../exit.ts'
import type { Speller } from '../spell.ts'
import { changeWords, outcomeWords, rulesOf, valueWords, verdictOf, type ToldRule } from './words.ts'

/** What `size` answers. */
export interface SizeView {
  readonly answer: LoadAnswer
  /** The choice first. */
  readonly costs: readonly NeighbourCost[]
  /** The region of the prices, if nobody said one. */
  readonly assumedRegion: string | undefined
  readonly making: Making
  readonly manifest: ManifestEntry | undefined
  readonly speller: Speller
}

/** How to make what carries a load. */
export interface Making {
  /** Null if no namespace carries it, or if the manifest has to change first. */
  readonly command: string | null
  /** The keys of the manifest to change, and the flags besides: `hub orders: partitions: 20`. */
  readonly changes: readonly string[]
}

export interface NeighbourCost extends Neighbour {
  /** Null if it is not known, or there is no size that carries the load. */
  readonly cost: Cost | null
}

/** Whether no namespace carries the load as it was said. */
const isRefused = ({ remedy }: Pick<LoadAnswer, 'remedy'>): boolean =>
  remedy === 'dedicated' || remedy === 'without-order'

/** The document of `size`. */
export function sizeDocument({ answer, costs, making, manifest }: Omit<SizeView, 'speller'>): SizeDocument {
  const { choice, carrier, carried, values, uses, storage, variants, notPromised } = answer
  const refused = isRefused(answer)
  return {
    ...{ schemaVersion: 1, command: 'size', result: refused ? 'refused' : 'ok' },
    exitCode: refused ? EXIT.refused : EXIT.ok,
    ...(manifest ? { manifest } : {}),
    hubs: hubEntries(answer),
    choice: sizeEntry(choice),
    carries: carried,
    verdict: verdictOf(answer),
    reasons: values.map((one) => ({
      ...{ of: one.of, hub: one.hub ?? null, value: valueWords(one, answer), given: one.given, reason: one.reason },
      rule: ruleEntry(one.rule),
    })),
    uses: uses.map(({ at, units, uses: ways }) => ({
      ...{ at, units },
      uses: ways.map(({ way, needs, carries, percent }) => ({ of: way, needs, carries, percent })),
    })),
    storage: storage
      ? { needs: storage.needs ?? null, included: storage.included, percent: storage.percent ?? null }
      : null,
    variants: variants.map((variant) => {
      const { of, leadsTo } = variant
      return {
        ...{ of, text: changeWords(variant), outcome: outcomeWords(variant, carrier ?? choice, answer) },
        ...(typeof leadsTo === 'string'
          ? { leadsTo, size: null }
          : ({ leadsTo: 'larger', size: sizeEntry(leadsTo) } as const)),
      }
    }),
    costs: costs.map(({ tier, capture, isChoice, size, cost, obstacles, doubt, lacks }) => ({
      ...{ tier, capture, isChoice, cost, obstacles, lacks, doubt: doubt ?? null },
      size: size ? sizeEntry(size) : null,
    })),
    notPromised,
    rules: rulesOf(answer).map(ruleEntry),
    next: making.command,
    changes: making.changes,
    error: refused
      ? { code: 'refused', message: verdictOf(answer), why: [], hint: null, azure: null, missing: [], invalid: [] }
      : null,
  }
}

const hubEntries = ({ hubs, partitionUses }: LoadAnswer): SizeDocument['hubs'] =>
  partitionUses.flatMap(({ hub, partitions, percent }) => {
    const own = hubs.find(({ name }) => name === hub)
    if (!own?.load) return []
    const { eventsPerSecond, bytesPerEvent, peak, readers, workers, ordered, assumed } = own.load
    return [
      {
        ...{ name: hub, eventsPerSecond, bytesPerEvent, peak, readers, workers, ordered, partitions, assumed },
        retentionHours: own.cleanupPolicy.value === 'Compact' ? null : own.retentionHours.value,
        consumerGroups: own.consumerGroups.map(({ name }) => name),
        partitionPercent: percent,
      },
    ]
  })

const sizeEntry = ({ tier, capacity, autoInflateMax, partitions }: Size) => ({
  ...{ tier, capacity, autoInflateMax, partitions },
})

const ruleEntry = ({ text, link, asOf }: ToldRule) => ({ text: text ?? null, link, asOf: asOf ?? null })
