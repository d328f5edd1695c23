import type { Clock } from '../lib/clock.ts'
import { isInTransition } from './actual.ts'
import type { Cloud, NamespaceRef } from './cloud.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { Failure } from '../lib/errors.ts'
import type { Requests } from './gate.ts'

const FIRST_POLL_MS = 1_000
const SLOWEST_POLL_MS = 5_000
/** A namespace that was accepted may take a moment to be seen. */
const UNSEEN_POLLS = 10

export interface WaitOptions {
  readonly clock: Clock
  readonly stop: AbortSignal
  /** Told after each look that found it unfinished. */
  readonly onState: (state: string) => void
}

/** Looks until a look finds something; looks less often the longer it takes. */
async function poll<T>(options: WaitOptions, look: () => Promise<T | undefined>): Promise<T> {
  for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * 1.5, SLOWEST_POLL_MS)) {
    const found = await look()
    if (found !== undefined) return found
    await options.clock.sleep(delayMs, options.stop)
  }
}

/** Waits until the namespace we wrote is finished. Throws a `Failure` when Azure gave up on it. */
export async function awaitNamespace(
  cloud: Cloud,
  gate: Requests,
  at: NamespaceRef,
  options: WaitOptions,
): Promise<void> {
  let unseen = 0
  await poll(options, async () => {
    const live = await gate.run((call) => cloud.readNamespace(at, call))
    if (!live && ++unseen <= UNSEEN_POLLS) return options.onState('not visible yet')
    if (live && isInTransition(live)) return options.onState(live.provisioningState)
    if (live?.provisioningState === 'Succeeded') return true
    throw failed(at.namespace, live)
  })
}

function failed(name: string, live: NamespaceActual | undefined): Failure {
  const end = live ? `left it in state ${live.provisioningState}` : 'does not show it any more'
  return new Failure({
    code: 'azure',
    message: live ? `Namespace ${name} ended in state ${live.provisioningState}` : `Namespace ${name} is gone`,
    azure: { code: live?.provisioningState ?? 'NotFound' },
    why: [`Azure accepted the namespace and then ${end}.`],
    hint: 'Look at the activity log of its resource group in the portal, then run the same command again.',
  })
}

/** Looks that may pass before something that Azure agreed to delete is seen to go. */
const UNCHANGED_POLLS = 24

/** Waits until what we deleted is gone. Throws a `Failure` when Azure gave up on it. */
export async function awaitGone(
  what: string,
  read: () => Promise<{ readonly provisioningState: string } | undefined>,
  options: WaitOptions,
): Promise<void> {
  let unchanged = 0
  let going = false
  await poll(options, async () => {
    const live = await read()
    if (!live) return true
    going ||= isInTransition(live)
    if (!isInTransition(live) && (going || ++unchanged > UNCHANGED_POLLS)) throw stillThere(what, live)
    return options.onState(live.provisioningState)
  })
}

const stillThere = (what: string, { provisioningState }: { readonly provisioningState: string }): Failure =>
  new Failure({
    code: 'azure',
    message: `${what.charAt(0).toUpperCase()}${what.slice(1)} is still there`,
    azure: { code: provisioningState },
    why: [`Azure agreed to delete it and then left it in state ${provisioningState}.`],
    hint: 'Look at the activity log of its resource group in the portal, then run the same command again.',
  })

/** Waits for a namespace or group that somebody else is changing; resolves when it is final or gone. */
export async function awaitQuiet(
  read: () => Promise<{ readonly provisioningState: string } | undefined>,
  options: WaitOptions,
): Promise<void> {
  await poll(options, async () => {
    const live = await read()
    return live && isInTransition(live) ? options.onState(live.provisioningState) : true
  })
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types */
export async function awaitProvider(cloud: Cloud, gate: Requests, options: WaitOptions): Promise<void> {
  await poll(options, async () => {
    const { state } = await gate.run((call) => cloud.readProvider(call))
    return state === 'Registered' ? true : options.onState(state ?? 'unknown')
  })
}
