import { capitalized } from '../lib/phrase.ts'
import type { Clock } from '../lib/clock.ts'
import { isInTransition, type Provisioned } from './actual.ts'
import type { Cloud, NamespaceRef } from './cloud.ts'
import { Failure } from '../lib/errors.ts'
import type { Requests } from './gate.ts'

/** What ended just after a look is seen so much later at most, if Azure answers within a third of it. */
const LATEST_MS = 1_000
/** An accepted namespace may take a moment to become visible. */
const UNSEEN_MS = 40_000

export interface WaitOptions {
  readonly clock: Clock
  readonly stop: AbortSignal
  /** Called after each poll that finds it unfinished. */
  readonly onState: (state: string) => void
}

/**
 * Calls `look` about once a second until it answers true. Azure allows 25 reads a second over time. A look may come just
 * too early, and the next one takes its time too: both count. After a slow look it rests as long, a second at most.
 */
export async function poll(
  { clock, stop }: Pick<WaitOptions, 'clock' | 'stop'>,
  look: (waitedMs: number) => Promise<boolean | void>,
): Promise<void> {
  const startedAt = clock.now()
  for (;;) {
    const lookedAt = clock.now()
    if (await look(lookedAt - startedAt)) return
    const tookMs = clock.now() - lookedAt
    await clock.sleep(Math.max(LATEST_MS - 2 * tookMs, Math.min(tookMs, LATEST_MS)), stop)
  }
}

/** Waits until Azure has finished a namespace that we wrote. Throws a `Failure` when Azure gave up. */
export async function awaitNamespace(
  cloud: Cloud,
  gate: Requests,
  at: NamespaceRef,
  options: WaitOptions,
): Promise<void> {
  await poll(options, async (waitedMs) => {
    const live = await gate.run((call) => cloud.readNamespace(at, call))
    if (!live && waitedMs < UNSEEN_MS) return options.onState('not visible yet')
    if (live && isInTransition(live)) return options.onState(live.provisioningState)
    if (live?.provisioningState === 'Succeeded') return true
    if (!live) {
      const why = 'Azure accepted the namespace and then does not show it any more.'
      throw gaveUp(`Namespace ${at.namespace} is gone`, 'NotFound', why)
    }
    const state = live.provisioningState
    const why = `Azure accepted the namespace and then left it in state ${state}.`
    throw gaveUp(`Namespace ${at.namespace} ended in state ${state}`, state, why)
  })
}

const gaveUp = (message: string, code: string, why: string): Failure =>
  new Failure({
    code: 'azure',
    message,
    azure: { code },
    why: [why],
    hint: 'Look at the activity log of its resource group in the portal, then run the same command again.',
  })

/** How long an accepted deletion may be invisible. */
const UNCHANGED_MS = 120_000

/** Waits until a resource that we deleted is gone. Throws a `Failure` when Azure gave up. */
export async function awaitGone(
  what: string,
  read: () => Promise<Provisioned | undefined>,
  options: WaitOptions,
): Promise<void> {
  let hasBegun = false
  await poll(options, async (waitedMs) => {
    const live = await read()
    if (!live) return true
    const state = live.provisioningState
    hasBegun ||= isInTransition(live)
    if (!isInTransition(live) && (hasBegun || waitedMs >= UNCHANGED_MS)) {
      const why = `Azure agreed to delete it and then left it in state ${state}.`
      throw gaveUp(`${capitalized(what)} is still there`, state, why)
    }
    return options.onState(state)
  })
}

/** Waits until a namespace or group that someone else is changing is in a final state or gone. */
export async function awaitQuiet(read: () => Promise<Provisioned | undefined>, options: WaitOptions): Promise<void> {
  await poll(options, async () => {
    const live = await read()
    return live && isInTransition(live) ? options.onState(live.provisioningState) : true
  })
}

/**
 * Waits until the resource provider is registered.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
 */
export async function awaitProvider(cloud: Cloud, gate: Requests, options: WaitOptions): Promise<void> {
  await poll(options, async () => {
    const { state } = await gate.run((call) => cloud.readProvider(call))
    return state === 'Registered' ? true : options.onState(state ?? 'unknown')
  })
}
