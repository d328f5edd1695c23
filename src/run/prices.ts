import { Failure } from '../lib/errors.ts'
import type { Tier } from '../lib/limits.ts'
import { listPricesFor } from '../sizing/list-prices.ts'
import type { Prices } from '../sizing/prices.ts'
import type { Run } from './run.ts'
import { onRequestOf } from './sign-in.ts'
import { waitFor } from './wait.ts'

export interface Priced {
  /** Undefined asks for any region: the one that stands in for others. */
  readonly region: string | undefined
  /** Whose units must have a price; undefined if those of any tier will do. */
  readonly tier?: Tier
}

/**
 * The prices that a run shows: those of the list, or with `--prices live` those that Azure answers. Without an answer it says
 * so on stderr, and takes the list. Undefined if there are none, as for clouds that the list does not know.
 */
export async function pricesFor(run: Run, { region, tier }: Priced): Promise<Prices | undefined> {
  const { given } = run.invocation
  const cloud = given.cloud?.value ?? 'AzureCloud'
  const listed = cloud === 'AzureCloud' ? listPricesFor(region, given.currency?.value) : undefined
  if (given.prices?.value !== 'live') return listed
  if (cloud === 'AzureChinaCloud') return fallBack(run, 'Azure publishes none of this cloud there', listed)
  const question = {
    region: region ?? listPricesFor(undefined).region,
    currency: given.currency?.value ?? 'USD',
    tier,
  }
  const { deps, azure, streams } = run
  const { readRetailPrices, pricesHost } = await import('../azure/prices/retail-prices.ts')
  try {
    return await waitFor(run, 'Asking Azure for its prices', () =>
      readRetailPrices(question, {
        ...{ env: deps.env, clock: azure.clock, stop: azure.stop },
        ...{ userAgent: `ml-ingest/${deps.version}`, onRequest: onRequestOf(streams.io) },
      }),
    )
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'azure') throw error
    return fallBack(run, `${pricesHost(deps.env)} ${error.message}`, listed)
  }
}

function fallBack({ streams: { io } }: Run, reason: string, listed: Prices | undefined): Prices | undefined {
  const instead = listed ? `The cost is by the list of ${listed.asOf}.` : 'The cost is unknown.'
  io.note(`  No live prices: ${reason}. ${instead}`)
  return listed
}
