import { EXIT, Interruption, type ExitCode } from '../lib/errors.ts'
import { errorDocument, environmentsDocument, stringifyDocument } from '../ui/documents.ts'
import type { OutputDocument } from '../ui/document-types.ts'
import { renderError } from '../ui/render-error.ts'
import { viewOf } from '../ui/error-view.ts'
import { canvasOf } from '../ui/style.ts'
import { answerPlan, summarize } from './plan.ts'
import { inEnvironment, type Session } from './session.ts'
import { problemsError } from './settle.ts'
import { invalid } from '../spec/inputs.ts'

interface EnvironmentAnswer {
  readonly environment: string
  readonly exitCode: ExitCode
  readonly document: OutputDocument
}

/** The plan of every environment of the manifest; one that cannot be read does not keep the others from being told. */
export async function planAll(session: Session): Promise<ExitCode> {
  if (session.problems.length > 0) throw problemsError(session, session.problems)
  const environments = session.manifest?.environments ?? []
  if (environments.length === 0) {
    throw problemsError(session, [invalid('allEnvs', '--all-envs', 'needs a manifest with environments')])
  }
  const answers: EnvironmentAnswer[] = []
  for (const environment of environments) answers.push(await answerFor(session, environment))
  const exitCode = worstOf(answers)
  if (session.io.json) session.io.out(stringifyDocument(environmentsDocument(exitCode, answers)))
  return exitCode
}

async function answerFor(session: Session, environment: string): Promise<EnvironmentAnswer> {
  const { io, about } = session
  const own = await inEnvironment(session, environment)
  try {
    const { text, document, exitCode, planned } = await answerPlan(own)
    if (!io.json) io.out(`${environment}\n${text}\n`)
    await summarize(own, `Plan for ${environment}`, planned)
    return { environment, exitCode, document }
  } catch (error) {
    if (error instanceof Interruption) throw error
    if (!io.json)
      io.err(`${environment}\n${renderError(error, { canvas: canvasOf(io, 'stderr'), about, debug: io.debug })}\n`)
    return {
      environment,
      exitCode: viewOf(error, about).exitCode,
      document: errorDocument({ command: 'plan', error, about }),
    }
  }
}

/** What a nightly job has to act upon first: an error, then a refusal, then changes that are pending. */
function worstOf(answers: readonly EnvironmentAnswer[]): ExitCode {
  const codes = answers.map((answer) => answer.exitCode)
  const error = codes.find((code) => code !== EXIT.ok && code !== EXIT.refused && code !== EXIT.pending)
  return error ?? codes.find((code) => code === EXIT.refused) ?? codes.find((code) => code === EXIT.pending) ?? EXIT.ok
}
