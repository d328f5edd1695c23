import { Failure, isAzureFailure, Interruption, type AzureDetail } from '../lib/errors.ts'
import type { ErrorEntry } from './document-schema.ts'
import { redact } from '../lib/secret.ts'
import { plain } from './text.ts'
import { tellInvalid, tellMissing } from './problems.ts'
import { plainSpeller, type Speller } from './spell.ts'

/** Facts about this program, for bug reports. */
export interface About {
  readonly version: string
  /** The Node version, such as `v20.20.2`. */
  readonly node: string
  /** Such as `linux x64`. */
  readonly platform: string
  /** The page for issues: `https://github.com/owner/name/issues`. */
  readonly issuesUrl: string
}

/**
 * An error as both text and JSON show it, without secrets and control characters. The first line of its hint is prose.
 * Each further line is a command to type.
 */
export function viewOf(error: unknown, about: About, speller: Speller = plainSpeller): ErrorEntry {
  if (error instanceof Failure) return viewOfFailure(error, speller)
  if (error instanceof Interruption) return interrupted(error, speller)
  return bug(error, about)
}

const NOTHING = { why: [], hint: null, azure: null, missing: [], invalid: [] }

/** The same of an error that was expected. */
export const viewOfFailure = (failure: Failure, speller: Speller): ErrorEntry =>
  cleaned({
    code: failure.code,
    message: failure.message,
    why: failure.why.map(speller.text),
    hint: failure.hint === undefined ? null : speller.text(failure.hint),
    azure: azureEntry(failure.azure),
    missing: failure.problems.filter(({ kind }) => kind === 'missing').map((one) => tellMissing(one, speller)),
    invalid: failure.problems.filter(({ kind }) => kind === 'invalid').map((one) => tellInvalid(one, speller)),
  })

const azureEntry = (azure: AzureDetail | undefined): ErrorEntry['azure'] =>
  azure ? { status: null, code: null, message: null, requestId: null, correlationId: null, ...azure } : null

/** An interruption before the first write. For a later one the report sets its own message, why and hint. */
function interrupted(interruption: Interruption, { text }: Speller): ErrorEntry {
  if (interruption.kind !== 'timeout')
    return { code: 'cancelled', message: 'Cancelled. Nothing was changed.', ...NOTHING }
  const { cause } = interruption
  const waitedFor = isAzureFailure(cause) ? cause : undefined
  return cleaned({
    ...NOTHING,
    code: 'deadline',
    message: "Can't go on: the time limit (--timeout) was reached. Nothing was changed.",
    why: waitedFor ? [`${waitedFor.message}, several times.`, ...waitedFor.why.map(text)] : [],
    azure: azureEntry(waitedFor?.azure),
    hint: 'Give it more time with --timeout.',
  })
}

function bug(error: unknown, about: About): ErrorEntry {
  const title = `Unexpected error in ${about.version}`
  const body = `ml-ingest ${about.version}, Node ${about.node}, ${about.platform}`
  const link = `${about.issuesUrl}/new?title=${encodeURIComponent(title)}&body=${encodeURIComponent(body)}`
  return cleaned({
    ...NOTHING,
    code: 'bug',
    message: `Unexpected error (this is a bug in ml-ingest ${about.version})`,
    why: [error instanceof Error ? `${error.name}: ${error.message}` : String(error)],
    hint: `Run it again with --debug to see where it comes from, and report it:\n${link}`,
  })
}

const clean = (text: string): string => redact(plain(text))
const cleanOrNull = (text: string | null): string | null => (text === null ? null : clean(text))

/** Removes secrets and control characters. Any text from a server can contain them, even Azure's error code. */
function cleaned({ code, message, why, hint, azure, missing, invalid }: ErrorEntry): ErrorEntry {
  const cleanProblem = <T extends { flag: string; message: string }>(problem: T): T => ({
    ...problem,
    flag: clean(problem.flag),
    message: clean(problem.message),
  })
  return {
    code,
    message: clean(message),
    why: why.map(clean),
    hint: hint && hint.split('\n').map(clean).join('\n'),
    azure: azure && { ...azure, code: cleanOrNull(azure.code), message: cleanOrNull(azure.message) },
    missing: missing.map(cleanProblem),
    invalid: invalid.map(cleanProblem),
  }
}
