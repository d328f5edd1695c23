import type { Call } from '../engine/cloud.ts'
import { Failure } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { cloudErrorOf, failureOf } from './cloud-error.ts'
import type { AzureAnswer } from './azure-answer.ts'
import { NOT_ABSENCE } from './error-table.ts'
import type { RunContext } from './run-context.ts'

/** Carries out requests and puts their failures into the words of the port. */
export class Translator {
  readonly #run: RunContext
  readonly #clock: Clock

  constructor(run: RunContext, clock: Clock) {
    this.#run = run
    this.#clock = clock
  }

  /**
   * `label` completes "Failed to": `create hub clicks`. An abort is passed on as the signal's reason, at once, even where
   * the request underneath cannot be stopped (a sign-in tool at work).
   */
  async run<T>(label: string, call: Call, request: () => Promise<T>): Promise<T> {
    try {
      return await untilAborted(request, call.signal)
    } catch (error) {
      if (error instanceof Failure) throw error
      const failure = failureOf(error, this.#clock.now())
      throw failure ? cloudErrorOf(failure, label, this.#run, error) : error
    }
  }

  /** Like `run`, with undefined for what does not exist, its parents included. */
  async find<T>(label: string, call: Call, request: () => Promise<T>): Promise<T | undefined> {
    return this.run(label, call, async () => {
      try {
        return await request()
      } catch (error) {
        if (isAbsence(failureOf(error, this.#clock.now()))) return undefined
        throw error
      }
    })
  }
}

const isAbsence = (failure: AzureAnswer | undefined): boolean =>
  failure?.status === 404 && !failure.foreign && !NOT_ABSENCE.some((code) => code === failure.code)

async function untilAborted<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const done = new AbortController()
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: done.signal }),
  )
  try {
    return await Promise.race([request(), aborted])
  } finally {
    done.abort()
  }
}
