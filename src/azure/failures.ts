import type { Call } from '../engine/cloud.ts'
import { Failure, type AzureDetail } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { input } from '../inputs/refer.ts'
import { say, type Text } from '../lib/phrase.ts'
import { redact } from '../lib/secret.ts'
import { ACCESS_ERRORS, CLAIMS_CHALLENGE } from './access-errors.ts'
import { readAnswer, tidy, type AzureAnswer } from './azure-answer.ts'
import type { Facts, KnownError, Wording } from './known-error.ts'
import { BY_STATUS, NETWORK_ERRORS, TEMPORARY_ERRORS } from './temporary-errors.ts'
import { REFUSALS } from './refusals.ts'
import { describeScope, ownerOf } from './scopes.ts'
import type { RunContext } from './sign-in-advice.ts'

/** For each code, entries with `when` come before those without. */
export const KNOWN_ERRORS: readonly KnownError[] = [
  ...ACCESS_ERRORS,
  ...REFUSALS,
  ...TEMPORARY_ERRORS,
  ...NETWORK_ERRORS,
]

/** Runs requests and turns their errors into a `Failure`. */
export class FailureTranslator {
  readonly #run: RunContext
  readonly #clock: Clock

  constructor(run: RunContext, clock: Clock) {
    this.#run = run
    this.#clock = clock
  }

  /**
   * `label` completes "Failed to": `create hub clicks`. After an abort it rejects at once with the signal's reason, even if
   * the request itself cannot be stopped, such as a sign-in tool.
   */
  async run<T>(label: string, call: Call, request: () => Promise<T>): Promise<T> {
    try {
      return await untilAborted(request, call.signal)
    } catch (error) {
      if (error instanceof Failure) throw error
      const answer = answerOf(error, this.#clock.now())
      if (answer) throw failureOf(answer, label, this.#run, error)
      throw error instanceof TypeError || error instanceof SyntaxError ? unreadable(error, label) : error
    }
  }

  /** Like `run`, but answers undefined if the resource or its parent does not exist. */
  async find<T>(label: string, call: Call, request: () => Promise<T>): Promise<T | undefined> {
    return this.run(label, call, async () => {
      try {
        return await request()
      } catch (error) {
        if (isAbsence(answerOf(error, this.#clock.now()))) return undefined
        throw error
      }
    })
  }
}

/** Codes of a 404 that means a wrong request, not a missing resource. */
const NOT_ABSENCE: readonly (string | undefined)[] = [
  ...['SubscriptionNotFound', 'InvalidSubscriptionId', 'InvalidResourceType', 'InvalidResourceNamespace'],
  'NoRegisteredProviderFound',
]

const isAbsence = (answer: AzureAnswer | undefined): boolean =>
  answer?.status === 404 && !answer.foreign && !NOT_ABSENCE.includes(answer.code)

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

/** The shape of RestError. `instanceof` does not work, because its CommonJS and ESM classes differ. */
interface RestErrorLike extends Error {
  readonly code?: string
  readonly statusCode?: number
  readonly response?: Parameters<typeof readAnswer>[0]
  readonly request?: { readonly url: string }
}

/** The answer of Azure, Entra ID or the network. Undefined for any other error, which is then a bug. */
export function answerOf(error: unknown, nowMs: number): AzureAnswer | undefined {
  if (!(error instanceof Error)) return undefined
  const { name, message, code, response, request } = error as RestErrorLike
  if (name === 'AbortError') return { code: 'REQUEST_TIMEOUT', message: 'The request took too long.' }
  if (name === 'RestError' && response && response.status >= 400) return readAnswer(response, nowMs)
  if (name === 'RestError' && response) return { ...readAnswer(response, nowMs), foreign: true }
  const entra = /\b(AADSTS\d+)\b/.exec(message)?.[1]
  if (entra) return { code: entra, message: tidy(message) }
  const network = code ?? NETWORK_ERRORS.find((known) => message.includes(known.code))?.code
  const isSignIn = /^(AuthenticationError|AuthenticationRequiredError|CredentialUnavailableError)$/.test(name)
  if (name === 'RestError' || isSignIn || NETWORK_ERRORS.some((known) => known.code === network))
    return { code: network ?? name, message: tidy(message), ...(request ? { url: request.url } : {}) }
  return undefined
}

/** The `Failure` for an answer. `label` completes "Failed to": `read namespace ns-demo`. */
export function failureOf(answer: AzureAnswer, label: string, run: RunContext, cause?: unknown): Failure {
  const known = findKnown(answer)
  const outcome = known ?? BY_STATUS[answer.code?.startsWith('AADSTS') ? 401 : (answer.status ?? 0)]
  const facts = factsOf(known, answer, run)
  return new Failure({
    code: answer.foreign ? 'azure' : (outcome?.failure ?? 'azure'),
    message: `Failed to ${label}`,
    azure: detailOf(answer),
    why: known ? whyOf(known, facts) : azuresOwnWords(answer),
    hint: answer.foreign ? FOREIGN_HINT : outcome && textOf(outcome.hint, facts),
    retryable: answer.status === 429 || (outcome?.retryable ?? false),
    retryAfterMs: answer.retryAfterMs,
    cause: redactedCause(cause),
  })
}

/** For a success of another shape than documented, over which the SDK or a mapper stumbled: a list without a value. */
const unreadable = (error: Error, label: string): Failure =>
  new Failure({
    code: 'azure',
    message: `Failed to ${label}`,
    azure: {},
    why: [`The answer of Azure has another form than documented: ${tidy(error.message)}`],
    hint: say`Run it again. If it stays so, report it with what ${input('debug')} shows.`,
    cause: redactedCause(error),
  })

const FOREIGN_HINT = 'Check the network, HTTPS_PROXY and NO_PROXY, and ML_INGEST_ARM_ENDPOINT.'

function findKnown({ code, message = '', foreign, challenge }: AzureAnswer): KnownError | undefined {
  if (challenge) return CLAIMS_CHALLENGE
  if (foreign || code === undefined) return undefined
  return KNOWN_ERRORS.find(
    (known) =>
      known.code.toLowerCase() === code.toLowerCase() && (known.when === undefined || known.when.test(message)),
  )
}

/** For errors that are in no table. */
function azuresOwnWords(answer: AzureAnswer): readonly string[] {
  const { status, code, message, foreign } = answer
  if (foreign) return [`What answered is not Azure${message === undefined ? '' : `: ${message.split('\n')[0]}`}`]
  const speaker = status !== undefined || code?.startsWith('AADSTS') ? 'Azure says' : 'The request failed'
  if (message !== undefined) return `${speaker}: ${message}`.split('\n')
  return [`Azure answered ${status === undefined ? 'with an error' : `HTTP ${status}`} and gave no reason.`]
}

function detailOf({ status, code, message, requestId, correlationId }: AzureAnswer): AzureDetail {
  const all = Object.entries({ status, code, message, requestId, correlationId })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}

const textOf = <T extends Text | readonly Text[]>(wording: Wording<T>, facts: Facts): T =>
  typeof wording === 'function' ? wording(facts) : wording

const whyOf = ({ why }: KnownError, facts: Facts): readonly Text[] => [textOf(why, facts)].flat()

/** The texts of a table entry for a message of Azure. */
export function explain(known: KnownError, message: string, run: RunContext) {
  const facts = factsOf(known, { message }, run)
  return { why: whyOf(known, facts), hint: textOf(known.hint, facts) }
}

function factsOf(known: KnownError | undefined, answer: AzureAnswer, run: RunContext): Facts {
  const { message, url, violations, versions, challenge } = answer
  const { scopeId: scopeIds, ...found } = known?.extract?.exec(message ?? '')?.groups ?? {}
  // Azure lists all locked scopes; the hint is about the first.
  const scopeId = scopeIds?.split(',')[0]
  const { host, origin } = new URL(url ?? run.target.url)
  return {
    ...{ run, host, endpoint: url === undefined ? run.target.url : origin, proxy: run.proxyFor?.(host) },
    ...{ tenant: run.tenantId, subscription: run.subscriptionId, violations, versions, challenge },
    ...found,
    ...(scopeId === undefined ? {} : { scopeId, scope: describeScope(scopeId), owner: ownerOf(scopeId) }),
  }
}

/** Keeps only the redacted text and stack, because the SDK's errors contain requests and bodies. */
function redactedCause(cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined
  const copy = new Error(redact(cause.message))
  copy.name = cause.name
  if (cause.stack !== undefined) copy.stack = redact(cause.stack)
  return copy
}
