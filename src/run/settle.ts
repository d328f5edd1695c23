import { locationIsOpen } from '../resources/plan-namespace.ts'
import type { Actual } from '../resources/actual.ts'
import { Failure } from '../lib/errors.ts'
import { redact } from '../lib/redact.ts'
import { argvOf, quoteCommand } from '../inputs/argv.ts'
import { FIELD_KEYS, FIELDS, longFlagOf, type FieldKey } from '../inputs/table.ts'
import { missing, placeOf, type Given, type InputProblem, type Inputs } from '../inputs/given.ts'
import type { LiveTier } from '../lib/limits.ts'
import { sameName } from '../lib/names.ts'
import { isGuid } from '../inputs/parsers.ts'
import type { Spec } from '../resources/spec.ts'
import { validate, type Known } from '../resources/validate.ts'
import { inputError } from '../ui/input-error.ts'
import { row } from '../ui/text.ts'
import { connect, knownBefore, type Connected } from './connect.ts'
import type { Session } from './session.ts'

/** Inputs that are whole, the spec they make, and where to. */
export interface Settled {
  readonly connected: Connected
  readonly inputs: Inputs
  readonly spec: Spec
  /** Questions were asked: the run ends with the line that repeats it. */
  readonly asked: boolean
}

/** How a command fills its gaps. */
export interface Needs {
  /** Off a terminal the agreement has to be given beforehand. */
  readonly yes: boolean
  /** Asks a person for what is missing; left out by a command that has no questions. */
  readonly ask?: (connected: Connected, problems: readonly InputProblem[]) => Promise<Answered>
}
export interface Answered {
  readonly inputs: Inputs
  readonly subscriptionId: string
  readonly liveTier?: LiveTier
}

/**
 * Settles what is wanted: by questions where a person can answer them and did not agree beforehand (`--yes`), otherwise
 * from what was given, with every problem listed at once before anything is sent.
 */
export async function settle(session: Session, needs: Needs): Promise<Settled> {
  const known = knownBefore(session)
  const problems = allProblems(session, known, needs)
  const canAsk = session.io.canPrompt && !session.inputs.yes?.value && !session.manifest
  if (needs.ask && canAsk && !problems.some(isOfTheWay)) {
    const connected = await connect(session)
    const { inputs, ...answered } = await needs.ask(
      connected,
      problems.filter((problem) => problem.kind === 'invalid'),
    )
    return finish(session, connected, inputs, answered, true)
  }
  if (problems.length > 0) throw problemsError(session, problems)
  return finish(session, await connect(session), session.inputs, known, false)
}

/** Needed to reach Azure at all, or not to be asked about: no question can come before it is right. */
const OF_THE_WAY: readonly FieldKey[] = ['auth', 'cloud', 'tenant', 'local', 'data', 'file', 'env', 'save', 'timeout']
const isOfTheWay = (problem: InputProblem): boolean => problem.kind === 'invalid' && OF_THE_WAY.includes(problem.key)

/** Everything that can be said against a run before it starts. */
export const problemsOf = (session: Session): readonly InputProblem[] =>
  allProblems(session, knownBefore(session), { yes: false })

/** What is wrong with what was given, then what is missing. A field that could not be read is not missing too. */
function allProblems(session: Session, known: Known, needs: Needs): readonly InputProblem[] {
  const unread = session.problems.map((problem) => problem.key)
  const validated = validate(session.inputs, { ...known, unread: [...unread, ...session.unread] })
  return [
    ...(validated.ok ? [] : validated.problems.filter((problem) => !unread.includes(problem.key))),
    ...(needs.yes && !session.io.canPrompt && !session.inputs.yes?.value && !unread.includes('yes')
      ? [missing('yes')]
      : []),
    ...session.problems,
  ]
}

/** Each input with where it comes from, for whoever has to find out why a run did what it did. */
function tellInputs({ io }: Session, inputs: Inputs): void {
  if (!io.debug) return
  const rows = FIELD_KEYS.flatMap((key) => {
    const given: Given<unknown> | undefined = inputs[key]
    if (!given) return []
    const place = placeOf(given)
    return row(FIELDS[key].label, `${redact(given.texts.join(', ')) || String(given.value)}  (${place})`, io.width, 22)
  })
  if (rows.length > 0) io.note(rows.join('\n'))
}

async function finish(
  session: Session,
  connected: Connected,
  given: Inputs,
  known: Known,
  asked: boolean,
): Promise<Settled> {
  const inputs = await withSubscriptionId(session, connected, given)
  const validated = validate(inputs, known)
  if (!validated.ok) throw problemsError(session, validated.problems)
  tellInputs(session, inputs)
  return { connected, inputs, spec: validated.spec, asked }
}

/** The error that lists problems, with a command line that would do. */
export function problemsError(
  session: Session,
  problems: readonly InputProblem[],
  given: Inputs = session.inputs,
): Failure {
  const gaps = problems.filter((problem) => problem.kind === 'missing')
  const words = gaps.flatMap((gap) => [longFlagOf(FIELDS[gap.key]), ...(gap.example ? [gap.example] : [])])
  const example = quoteCommand([...argvOf(session.command, given), ...words], shellOf(session))
  return inputError(problems, { whyNoPrompt: session.io.whyNoPrompt, ...(gaps.length > 0 ? { example } : {}) })
}

export const shellOf = (session: Session): 'posix' | 'windows' =>
  session.deps.platform === 'win32' ? 'windows' : 'posix'

/** What has to be made needs a place; only reading shows that nothing fills it in. */
export function assertPlace(session: Session, settled: Settled, actual: Actual): void {
  if (locationIsOpen(settled.spec, actual)) throw problemsError(session, [missing('location')], settled.inputs)
}

/** A subscription given by its name, by its id: the names made from it are the same either way. */
async function withSubscriptionId(session: Session, connected: Connected, inputs: Inputs): Promise<Inputs> {
  const given = inputs.subscription
  if (!given || isGuid(given.value)) return inputs
  const all = await connected.catalog.listSubscriptions({ signal: session.stop })
  const [found, ...others] = all.filter((one) => sameName(one.name, given.value))
  if (found && others.length === 0) return { ...inputs, subscription: { ...given, value: found.id } }
  throw new Failure({
    code: 'access',
    message: `Can't find ${found ? 'one' : 'a'} subscription named ${given.value}`,
    why: [
      found
        ? `Several have this name: ${[found, ...others].map((one) => one.id).join(', ')}`
        : 'This account sees no subscription of that name.',
    ],
    hint: 'Give its id: az account list --output table',
  })
}
