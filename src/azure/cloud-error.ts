import { Failure, type AzureDetail } from '../lib/errors.ts'
import { redact } from '../lib/redact.ts'
import { readFailure, tidy, type AzureAnswer } from './azure-answer.ts'
import { AZURE_ERRORS, BY_STATUS } from './error-table.ts'
import type { KnownError } from './known-error.ts'
import { NETWORK_ERRORS } from './network-errors.ts'
import { lockCommands, wordsOf, type RunContext } from './run-context.ts'
import { SIGN_IN_ERRORS } from './sign-in-errors.ts'

const TABLE: readonly KnownError[] = [...AZURE_ERRORS, ...SIGN_IN_ERRORS, ...NETWORK_ERRORS]

/** The shape of RestError; its class exists twice where CommonJS and ESM meet, so that `instanceof` would miss half. */
interface RestErrorLike extends Error {
  readonly code?: string
  readonly statusCode?: number
  readonly response?: Parameters<typeof readFailure>[0]
}

/**
 * Tells what a request failed with, or undefined when the error is none of Azure, Entra ID or the network: a bug, which
 * has to be seen as one.
 */
export function failureOf(error: unknown, nowMs: number): AzureAnswer | undefined {
  if (!(error instanceof Error)) return undefined
  const { name, message, code, response } = error as RestErrorLike
  if (name === 'AbortError') return { code: 'REQUEST_TIMEOUT', message: 'The request took too long.' }
  if (name === 'RestError' && response && response.status >= 400) return readFailure(response, nowMs)
  if (name === 'RestError' && response) return { ...readFailure(response, nowMs), foreign: true }
  const entra = /\b(AADSTS\d+)\b/.exec(message)?.[1]
  if (entra) return { code: entra, message: tidy(message) }
  const network = code ?? NETWORK_ERRORS.find((known) => message.includes(known.code))?.code
  const isSignIn = /^(AuthenticationError|AuthenticationRequiredError|CredentialUnavailableError)$/.test(name)
  if (name === 'RestError' || isSignIn || (network !== undefined && isNetworkCode(network)))
    return { code: network ?? name, message: tidy(message) }
  return undefined
}

/** Puts a failure into the words of the tables. `label` says what failed: `read namespace ns-demo`. */
export function cloudErrorOf(failure: AzureAnswer, label: string, run: RunContext, cause?: unknown): Failure {
  const known = findKnown(failure)
  const outcome = known ?? BY_STATUS[failure.code?.startsWith('AADSTS') ? 401 : (failure.status ?? 0)]
  const said = known && explain(known, failure.message, run)
  const hint = failure.foreign ? FOREIGN_HINT : (said?.hint ?? (outcome && fill(outcome.hint, wordsOf(run))))
  return new Failure({
    code: failure.foreign ? 'azure' : (outcome?.failure ?? 'azure'),
    message: `Failed to ${label}`,
    azure: detailOf(failure),
    why: said ? [said.why] : whyOf(failure),
    hint,
    retryable: failure.status === 429 || (outcome?.retryable ?? false),
    retryAfterMs: failure.retryAfterMs,
    cause: harmless(cause),
  })
}

const FOREIGN_HINT = 'Check the network, HTTPS_PROXY and NO_PROXY, and ML_INGEST_ARM_ENDPOINT.'

function findKnown({ code, message = '', foreign }: AzureAnswer): KnownError | undefined {
  if (foreign || code === undefined) return undefined
  return TABLE.find(
    (known) =>
      known.code.toLowerCase() === code.toLowerCase() && (known.when === undefined || known.when.test(message)),
  )
}

/** Azure's own words, where ours are missing. */
function whyOf(failure: AzureAnswer): readonly string[] {
  if (failure.foreign)
    return [`What answered is not Azure${failure.message === undefined ? '' : `: ${firstLine(failure.message)}`}`]
  const speaker =
    failure.status !== undefined || failure.code?.startsWith('AADSTS') ? 'Azure says' : 'The request failed'
  if (failure.message !== undefined) return `${speaker}: ${failure.message}`.split('\n')
  return [
    `Azure answered ${failure.status === undefined ? 'with an error' : `HTTP ${failure.status}`} and gave no reason.`,
  ]
}

function detailOf({ status, code, message, requestId, correlationId }: AzureAnswer): AzureDetail {
  const all = Object.entries({ status, code, message, requestId, correlationId })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}

type Words = Readonly<Record<string, string | undefined>>

/** What an entry of the tables says about a message of Azure. */
export function explain(known: KnownError, message: string | undefined, run: RunContext) {
  const words = { ...wordsOf(run), ...wordsOfMessage(known, message ?? '', run) }
  return { why: fill(known.why, words), hint: fill(known.hint, words) }
}

function wordsOfMessage(known: KnownError, message: string, run: RunContext): Words {
  const groups = known.extract?.exec(message)?.groups ?? {}
  const { scope: scopes, ...others } = groups
  // Several locks are told of in one breath: one after the other is removed.
  const [scope] = scopes?.split(',') ?? []
  if (scope === undefined) return others
  return { ...others, ...lockCommands(scope, run), scope: describeScope(scope), owner: ownerOf(scope) }
}

/** Replaces `{word}` and `{word|what to say without it}`. */
const fill = (text: string, words: Words): string =>
  text.replace(/\{(\w+)(?:\|([^}]*))?\}/g, (_, word: string, otherwise = '') => words[word] ?? (otherwise as string))

/** `/subscriptions/…/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/ns/eventhubs/h` -> `namespace ns`. */
function describeScope(scope: string): string {
  const namespace = /\/providers\/Microsoft\.EventHub\/namespaces\/([^/]+)/i.exec(scope)?.[1]
  return namespace === undefined ? ownerOf(scope) : `namespace ${namespace}`
}

function ownerOf(scope: string): string {
  const group = /\/resourceGroups\/([^/]+)/i.exec(scope)?.[1]
  return group === undefined ? 'the subscription' : `resource group ${group}`
}

const isNetworkCode = (code: string): boolean => NETWORK_ERRORS.some((known) => known.code === code)

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

/** The SDK's errors carry requests and bodies: what goes on is their redacted text and stack alone. */
function harmless(cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined
  const copy = new Error(redact(cause.message))
  copy.name = cause.name
  if (cause.stack !== undefined) copy.stack = redact(cause.stack)
  return copy
}
