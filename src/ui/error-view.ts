import { Failure, isAzureFailure, Interruption, type AzureDetail, type Problem } from '../lib/errors.ts'
import { exitCodeOf, type ExitCode } from './exit.ts'
import { redact } from '../lib/redact.ts'
import { plain } from './text.ts'
import { plainSpeller, type Speller } from './spell.ts'

/** What this program is, for bug reports. */
export interface About {
  readonly version: string
  /** Such as `v20.20.2`. */
  readonly node: string
  /** Such as `linux x64`. */
  readonly platform: string
  /** Where issues are filed: `https://github.com/owner/name/issues`. */
  readonly issuesUrl: string
}

/** An error as it is told, in text and in JSON alike. Free of secrets and of control characters. */
export interface ErrorView {
  readonly code: string
  readonly exitCode: ExitCode
  readonly message: string
  readonly why: readonly string[]
  /** The first line is prose, any further one a command to type. */
  readonly hint: string | undefined
  readonly azure: AzureDetail | undefined
  readonly problems: readonly Problem[]
  /** Only of bugs. */
  readonly stack: string | undefined
}

export function viewOf(error: unknown, about: About, speller: Speller = plainSpeller): ErrorView {
  if (error instanceof Failure) return cleaned(viewOfFailure(error, speller))
  if (error instanceof Interruption) return interrupted(error, speller)
  return bug(error, about)
}

const NOTHING = { why: [], hint: undefined, azure: undefined, problems: [], stack: undefined }

const viewOfFailure = (failure: Failure, { text }: Speller): ErrorView => ({
  code: failure.code,
  exitCode: exitCodeOf(failure),
  message: failure.message,
  why: failure.why.map(text),
  hint: failure.hint === undefined ? undefined : text(failure.hint),
  azure: failure.azure,
  problems: failure.problems,
  stack: undefined,
})

/** An interruption that reaches this place came before the first write. */
function interrupted(interruption: Interruption, { text }: Speller): ErrorView {
  const exitCode = exitCodeOf(interruption)
  if (interruption.kind !== 'timeout')
    return { ...NOTHING, code: 'cancelled', exitCode, message: 'Cancelled. Nothing was changed.' }
  const { cause } = interruption
  const waitedFor = isAzureFailure(cause) ? cause : undefined
  return cleaned({
    ...NOTHING,
    code: 'deadline',
    exitCode,
    message: "Can't go on: the time of --timeout is over. Nothing was changed.",
    why: waitedFor ? [`${waitedFor.message}, time and again.`, ...waitedFor.why.map(text)] : [],
    azure: waitedFor?.azure,
    hint: 'Give it more time: --timeout 30m',
  })
}

function bug(error: unknown, about: About): ErrorView {
  const title = `Unexpected error in ${about.version}`
  const body = `ml-ingest ${about.version}, Node ${about.node}, ${about.platform}`
  const link = `${about.issuesUrl}/new?title=${encodeURIComponent(title)}&body=${encodeURIComponent(body)}`
  return cleaned({
    ...NOTHING,
    code: 'bug',
    exitCode: exitCodeOf(error),
    message: `Unexpected error (this is a bug in ml-ingest ${about.version})`,
    why: [error instanceof Error ? `${error.name}: ${error.message}` : String(error)],
    hint: `Run it again with --debug to see where it comes from, and report it:\n${link}`,
    stack: error instanceof Error ? error.stack : undefined,
  })
}

const clean = (text: string): string => redact(plain(text))
const cleanLines = (text: string): string => text.split('\n').map(clean).join('\n')

/** Whoever answers chooses the words: also a code may hold what steers a terminal, or a key. */
const cleanedDetail = ({ code, message, ...others }: AzureDetail): AzureDetail => ({
  ...others,
  ...(code === undefined ? {} : { code: clean(code) }),
  ...(message === undefined ? {} : { message: clean(message) }),
})

function cleaned(view: ErrorView): ErrorView {
  return {
    ...view,
    message: clean(view.message),
    why: view.why.map(clean),
    hint: view.hint === undefined ? undefined : cleanLines(view.hint),
    azure: view.azure && cleanedDetail(view.azure),
    problems: view.problems.map((problem) => ({
      ...problem,
      flag: clean(problem.flag),
      message: clean(problem.message),
    })),
    stack: view.stack === undefined ? undefined : redact(view.stack),
  }
}
