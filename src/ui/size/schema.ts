import Type from 'typebox'
import {
  about,
  answer,
  COST,
  ERROR,
  exitCode,
  HUB_LOAD,
  list,
  MANIFEST,
  object,
  oneOf,
  orNull,
  part,
  text,
  USE,
  whole,
} from '../schema-parts.ts'

const RULE = part('rule', {
  text: orNull(text(), 'Null for a page that only says what cannot be promised'),
  link: text(),
  asOf: orNull(text(), 'Version of the page'),
})

const SIZED = part('sized', {
  tier: text(),
  capacity: whole('Units that are always there'),
  autoInflateMax: whole('0 means off'),
  partitions: list(whole(), 'Of each hub, in the order of the hubs'),
})

const REASON = object({
  of: oneOf(['tier', 'capacity', 'autoInflateMax', 'partitions', 'retention', 'consumerGroups']),
  hub: orNull(text(), 'Null for the namespace'),
  value: text('As people read it'),
  given: Type.Boolean(about('Somebody said it. Otherwise it follows from the load, or is usual.')),
  reason: text(),
  rule: RULE,
})

const MOMENT = object({
  at: oneOf(['mean', 'peak']),
  units: whole('The units that this is of: at the mean those that are always there, at the peak the most there can be'),
  uses: list(USE),
})

const COSTS = object({
  tier: text(),
  capture: Type.Boolean(about('Capture is paid for. On Premium it is included.')),
  isChoice: Type.Boolean(),
  size: orNull(SIZED, 'What carries the load on this tier; null if nothing does'),
  cost: orNull(COST, 'Null if it is not known, or nothing carries the load'),
  obstacles: list(text(), 'Why a namespace of this tier does not do'),
  doubt: orNull(text(), 'Why it may carry too little, although nothing that is published says that it does'),
  lacks: list(text(), 'What the tier does not have, although it carries the load'),
})

/** The answer of `size`. */
export const SIZE = answer('size', 'The answer of size. Inputs that are wrong are printed as a run document instead', {
  command: Type.Literal('size'),
  result: oneOf(['ok', 'refused'], 'refused: no namespace carries the load'),
  exitCode: exitCode(oneOf([0, 4])),
  manifest: Type.Optional(object(MANIFEST)),
  hubs: list(
    object({
      ...HUB_LOAD,
      retentionHours: orNull(Type.Number(), 'Null for a compacted hub'),
      assumed: list(oneOf(['bytesPerEvent', 'peak', 'readers', 'workers']), 'What nobody said'),
      consumerGroups: list(text(), 'Without $Default'),
      partitionPercent: Type.Number(about('Percent of what its partitions take in, at the busiest.')),
    }),
    'The hubs with a load, with the partitions of the choice',
  ),
  choice: SIZED,
  carries: Type.Boolean(about('The choice carries the load: no use at the busiest is above 100 percent.')),
  verdict: text('Whether it does, and what would, in a sentence'),
  reasons: list(REASON),
  uses: list(MOMENT, 'One entry for a steady load'),
  storage: orNull(
    object({
      needs: orNull(Type.Number(), 'Bytes; null if a hub is compacted'),
      included: Type.Number(about('Bytes. What is above is charged.')),
      percent: orNull(Type.Number()),
    }),
  ),
  variants: list(
    object({
      of: oneOf(['reader', 'events', 'peak', 'worker']),
      text: text(),
      leadsTo: oneOf(['same', 'larger', 'none'], 'same: nothing changes. none: no namespace carries it.'),
      size: orNull(SIZED, 'Null unless it is a larger one'),
      outcome: text(),
    }),
    'What would change the choice',
  ),
  costs: list(COSTS, 'The choice first, then its neighbours'),
  notPromised: list(object({ of: text(), text: text(), link: text() }), 'What the numbers cannot promise'),
  rules: list(RULE, 'The rules behind the answer, and their pages'),
  next: orNull(
    text(),
    'The command line that makes what carries the load; null if nothing does, or if the manifest has to change',
  ),
  changes: list(text(), 'What to change in the manifest, so that it carries the load'),
  error: orNull(ERROR, 'Why no namespace carries the load; null if one does'),
})
