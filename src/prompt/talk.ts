import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { Requests } from '../engine/gate.ts'
import type { Clock } from '../lib/clock.ts'
import { type Problem, isAzureFailure } from '../lib/errors.ts'
import type { Given } from '../inputs/given.ts'
import type { Prompter } from './prompter.ts'

/** What the simplest questions need. */
export interface Asker {
  readonly prompter: Prompter
}

/** What questions need. */
export interface Talk extends Asker {
  readonly gate: Requests
  readonly catalog: Catalog
  readonly cloudFor: (subscriptionId: string) => Cloud
  /** Shows a value that needs no question: `Location  westeurope`. */
  readonly row: (label: string, value: string) => void
  /** Does the work, and shows what it waits for. Only between questions. */
  readonly waiting: <T>(text: string, work: () => Promise<T>) => Promise<T>
  /** Shows a sentence. */
  readonly note: (text: string) => void
  /** On the embedded Azure, which has no sign-in and only one subscription. */
  readonly local: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface AskOptions extends Talk {
  readonly given: Given
  /** Problems of the given values. Each leads to a question that shows the problem. */
  readonly problems: readonly Problem[]
}

/** Sends a request without retries, because a person is waiting. */
export const askAzure = <T>({ gate }: Talk, request: (call: Call) => Promise<T>): Promise<T> =>
  gate.run(request, { once: true })

/** Waits for a result that loads in the background. Undefined if it cannot be read; the user then types a name. */
export type Loading<T> = () => Promise<T | undefined>

/** Starts a request in the background, see `loadResult`. */
export const load = <T>(talk: Talk, what: string, request: (call: Call) => Promise<T>): Loading<T> =>
  loadResult(talk, what, askAzure(talk, request))

/** Shows an error as a note when the result is needed, but throws it if the sign-in failed. */
export function loadResult<T>(talk: Talk, what: string, work: Promise<T>): Loading<T> {
  const settled = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  let told = false
  return async () => {
    const result = await talk.waiting(`Reading ${what}`, () => untilAborted(settled, talk.signal))
    if ('value' in result) return result.value
    if (!isAzureFailure(result.error) || [undefined, 401].includes(result.error.azure.status)) throw result.error
    if (!told) talk.note(`Can't read ${what} (${result.error.azure.code ?? result.error.message}).`)
    told = true
    return undefined
  }
}

/** Rejects with the signal's reason as soon as it fires. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Aborts the work after `ms` and answers undefined. */
export async function within<T>(
  ms: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  try {
    return await Promise.race([work(both), clock.sleep(ms, both).then(() => undefined)])
  } finally {
    over.abort()
  }
}
