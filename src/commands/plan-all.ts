import { Interruption } from '../lib/errors.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { errorDocument, environmentsDocument, stringifyDocument } from '../ui/documents.ts'
import type { OutputDocument } from '../ui/document-types.ts'
import { renderError } from '../ui/render-error.ts'
import { viewOf } from '../ui/error-view.ts'
import { canvasOf } from '../ui/style.ts'
import { renderEnvironments, type Summary } from '../ui/render-summary.ts'
import { answerPlan } from './plan.ts'
import { inEnvironment, manifestEntryOf, spellerFor, type Invocation } from '../run/invocation.ts'
import type { Run } from '../run/run.ts'
import type { Streams } from '../run/streams.ts'
import { problemsError } from '../run/settle.ts'
import { invalid } from '../inputs/given.ts'
import { type Problem } from '../lib/problem.ts'

interface EnvironmentAnswer {
  readonly environment: string
  readonly exitCode: ExitCode
  readonly document: OutputDocument
  readonly summary: Summary
}

/** The plan of every environment of the manifest; one that cannot be read does not keep the others from being told. */
export async function planAll(run: Run): Promise<ExitCode> {
  const { invocation, streams } = run
  const problems = [...invocation.problems, ...contradictions(invocation)]
  if (problems.length > 0) throw problemsError(run, problems)
  const environments = invocation.manifest?.environments ?? []
  if (environments.length === 0) {
    throw problemsError(run, [invalid('allEnvs', undefined, 'needs a manifest with environments')])
  }
  const answers: EnvironmentAnswer[] = []
  try {
    for (const environment of environments) answers.push(await answerFor(run, environment))
  } finally {
    await summarize(streams, environments, answers)
  }
  const exitCode = worstOf(answers)
  if (streams.io.json) streams.io.out(stringifyDocument(environmentsDocument(exitCode, answers)))
  return exitCode
}

/** What would choose one of them, or make all of them one. */
const contradictions = ({ given }: Invocation): readonly Problem[] =>
  (['env', 'namespace'] as const)
    .filter((key) => given[key]?.source === 'flag')
    .map((key) => invalid(key, given[key], 'contradicts --all-envs. Give one of the two'))

async function answerFor(run: Run, environment: string): Promise<EnvironmentAnswer> {
  const { io, about } = run.streams
  const invocation = inEnvironment(run.invocation, environment)
  const speller = spellerFor(invocation)
  try {
    const { text, ...answer } = await answerPlan({ ...run, invocation })
    if (!io.json) io.out(`${environment}\n${text}\n`)
    return { environment, ...answer }
  } catch (error) {
    if (error instanceof Interruption) throw error
    if (!io.json)
      io.err(
        `${environment}\n${renderError(error, { canvas: canvasOf(io, 'stderr'), about, speller, debug: io.debug })}\n`,
      )
    const view = viewOf(error, about, speller)
    return {
      environment,
      exitCode: view.exitCode,
      document: errorDocument({ command: 'plan', error, about, manifest: manifestEntryOf(invocation), speller }),
      summary: { kind: 'error', error: view },
    }
  }
}

/** All environments on one page, also those that an interruption left out. */
const summarize = ({ ci }: Streams, environments: readonly string[], answers: readonly EnvironmentAnswer[]) =>
  ci.addSummary(() =>
    renderEnvironments(
      environments.map((environment) => ({
        environment,
        summary: answers.find((answer) => answer.environment === environment)?.summary ?? { kind: 'not-reached' },
      })),
    ),
  )

/** What a nightly job has to act upon first: an error, then a refusal, then changes that are pending. */
function worstOf(answers: readonly EnvironmentAnswer[]): ExitCode {
  const codes = answers.map((answer) => answer.exitCode)
  const error = codes.find((code) => code !== EXIT.ok && code !== EXIT.refused && code !== EXIT.pending)
  return error ?? codes.find((code) => code === EXIT.refused) ?? codes.find((code) => code === EXIT.pending) ?? EXIT.ok
}
