import {
  carries,
  choiceFor,
  enoughFor,
  isTooMuchInOrder,
  momentUses,
  mostUnits,
  partitionUses,
  startsWithEnough,
  type MomentUse,
  type PartitionUse,
} from '../../sizing/enough.ts'
import { neighboursOf, type Neighbour } from '../../sizing/neighbours.ts'
import { notPromised, type NotPromised } from '../../sizing/promises.ts'
import { shortageWords } from '../../sizing/reasons.ts'
import { hubLoadsOf, LARGEST_TIER, shortageOn, type Size, type ToSize } from '../../sizing/size.ts'
import { storageUse, type StorageUse } from '../../sizing/storage.ts'
import { variantsOf, type Variant } from '../../sizing/variants.ts'
import type { Branch, Leaf } from '../../wanted/node.ts'
import { hubSpecs, type HubSpec } from '../hub/hub.ts'
import { chosenValues, type ChosenValue } from './chosen.ts'
import { toSize, type WantedToSize } from './sized.ts'

/** What is answered for an expected load, but for the prices. */
export interface LoadAnswer {
  readonly asked: ToSize
  readonly choice: Size
  readonly hubs: readonly HubSpec[]
  readonly values: readonly ChosenValue[]
  /** Whether the choice carries the load. */
  readonly carried: boolean
  /** It does so once auto-inflate has raised the units: those it starts with are too few on average. */
  readonly raised: boolean
  /** Why it does not, if the tier is to blame. */
  readonly shortage: string | undefined
  /**
   * What carries it instead: another size, or the same load without one order. `largest`: it may be tried on the largest
   * namespace, because what is published is a range; `dedicated`: only a cluster carries it. Undefined if the choice does.
   */
  readonly remedy: Size | 'without-order' | 'largest' | 'dedicated' | undefined
  /** The choice, with its units raised if they have to be, or what carries the load instead. Undefined if no namespace does. */
  readonly carrier: Size | undefined
  readonly uses: readonly MomentUse[]
  readonly partitionUses: readonly PartitionUse[]
  readonly storage: StorageUse | undefined
  /** What would change the carrier. */
  readonly variants: readonly Variant[]
  readonly neighbours: readonly Neighbour[]
  readonly capture: boolean
  readonly notPromised: readonly NotPromised[]
}

type WantedToAnswer = WantedToSize & Branch<{ readonly kafka: Leaf<boolean> }>

/** A load is sized without a subscription. */
const NOWHERE = { subscriptionId: '', resourceGroup: '' }

/** Everything about a load that does not need Azure. The wanted resources are valid, and some hub has a load. */
export function answerOf(wanted: WantedToAnswer): LoadAnswer {
  const asked = toSize(wanted, undefined)
  const choice = choiceFor(asked)
  const hubs = hubSpecs(wanted, choice, NOWHERE)
  const shortage = shortageOn(asked, choice.tier)
  const remedy = carries(asked, choice) ? undefined : remedyFor(asked, choice)
  const raised = remedy === undefined && !startsWithEnough(asked, choice)
  const own = raised ? { ...choice, capacity: mostUnits(choice) } : choice
  const carrier = typeof remedy === 'string' ? undefined : (remedy ?? own)
  const capture = hubs.some((hub) => hub.capture?.enabled)
  return {
    ...{ asked, choice, hubs, capture },
    values: chosenValues(asked, choice, hubs),
    carried: remedy === undefined,
    raised,
    shortage: shortage && shortageWords(shortage, choice.tier),
    ...{ remedy, carrier },
    uses: momentUses(asked, choice),
    partitionUses: partitionUses(asked, choice),
    storage: choice.tier === 'Dedicated' ? undefined : storageUse(hubLoadsOf(asked), choice.tier, choice.capacity),
    variants: carrier ? variantsOf(asked, carrier) : [],
    neighbours: neighboursOf(asked, choice, capture),
    notPromised: notPromised(asked, choice, {
      kafka: wanted.kafka?.value ?? false,
      advised: remedy === 'largest' ? LARGEST_TIER : carrier?.tier,
    }),
  }
}

function remedyFor(asked: ToSize, choice: Size): LoadAnswer['remedy'] {
  if (isTooMuchInOrder(asked)) return 'without-order'
  const mayBeTried = shortageOn(asked, LARGEST_TIER)?.isSure === false
  return enoughFor(asked, choice.tier) ?? (mayBeTried ? 'largest' : 'dedicated')
}
