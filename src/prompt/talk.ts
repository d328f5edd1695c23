import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { Requests } from '../engine/gate.ts'
import type { Clock } from '../lib/clock.ts'
import type { Problem } from '../lib/problem.ts'
import type { Given } from '../inputs/given.ts'
import type { Prompter } from './prompter.ts'
import { isAzureFailure } from '../lib/errors.ts'

/** What a row of questions needs. */
export interface Talk {
  readonly prompter: Prompter
  /** Where all requests go through. */
  readonly gate: Requests
  readonly catalog: Catalog
  readonly cloudFor: (subscriptionId: string) => Cloud
  /** Shows a fact that is not asked about: `Location  westeurope`. */
  readonly row: (label: string, value: string) => void
  /** Shows something worth knowing, one sentence. */
  readonly note: (text: string) => void
  /** On the embedded Azure: nobody signs in, and its one subscription is not worth a row. */
  readonly local: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface AskOptions extends Talk {
  readonly given: Given
  /** What is wrong with what was given: each opens its question, with the problem as its first error line. */
  readonly problems: readonly Problem[]
}

/** Asks Azure once: a person who waits is told of any trouble at once. */
export const askAzure = <T>({ gate }: Talk, request: (call: Call) => Promise<T>): Promise<T> =>
  gate.run(request, { once: true })

/** What was asked of Azure while a question is open. Undefined when it may not be read: the name is typed then. */
export type Loading<T> = () => Promise<T | undefined>

/**
 * Starts reading and lets the answer be collected later. A failure shows only then, as a note, once; what no typed name
 * can make up for (no sign-in) is thrown.
 */
export function load<T>(talk: Talk, what: string, work: Promise<T>): Loading<T> {
  const settled = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  let told = false
  return async () => {
    const result = await untilAborted(settled, talk.signal)
    if ('value' in result) return result.value
    if (!isAzureFailure(result.error) || result.error.azure.status === 401) throw result.error
    if (!told) talk.note(`Can't read ${what} (${result.error.azure.code ?? result.error.message}).`)
    told = true
    return undefined
  }
}

/** Rejects with the signal's reason as soon as it fires, whatever the work still does. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Undefined when the work takes longer than `ms`; it is told to stop then. */
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
