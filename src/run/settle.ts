import { isLocationMissing } from '../engine/plan.ts'
import type { Actual } from '../engine/actual.ts'
import { argvOf, quoteCommand } from '../inputs/argv.ts'
import { runProblems } from '../inputs/contradictions.ts'
import { missing, type Given, type GivenValue } from '../inputs/given.ts'
import type { Input } from '../inputs/input.ts'
import { isGuid } from '../inputs/parsers.ts'
import { INPUT_KEYS, INPUTS, longFlagOf, type InputKey } from '../inputs/table.ts'
import { Failure, type Problem } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import type { Answered } from '../prompt/wizard.ts'
import { redact } from '../lib/redact.ts'
import { judge, problemsOf, type Known, type Spec } from '../resources/front-door.ts'
import { action } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import { inputError } from '../ui/problems.ts'
import { row } from '../ui/text.ts'
import { leavesOf } from '../wanted/node.ts'
import { withGiven, type Invocation } from './invocation.ts'
import type { Run, Streams } from './run.ts'
import { knownBefore, signIn, type SignedIn } from './sign-in.ts'

/** Everything a run needs to know before it talks to Azure about resources. */
export interface Settled {
  /** With what was answered. */
  readonly invocation: Invocation
  readonly signedIn: SignedIn
  readonly spec: Spec
  /** Questions were asked: the run ends with the line that repeats it. */
  readonly asked: boolean
}

/** How a command fills its gaps. */
export interface Needs {
  /** Without a terminal the agreement has to be given beforehand. */
  readonly yes: boolean
  /** Asks a person for what is missing; left out by a command that has no questions. */
  readonly ask?: (signedIn: SignedIn, problems: readonly Problem[]) => Promise<Answered>
}
/**
 * Settles what is wanted: by questions where a person can answer them and did not agree beforehand (`--yes`), otherwise
 * from what was given, with every problem listed at once before anything is sent.
 */
export async function settle(run: Run, needs: Needs): Promise<Settled> {
  const { invocation, streams } = run
  const known = knownBefore(invocation)
  const problems = allProblems(run, known, needs)
  const canAsk = streams.io.canPrompt && !invocation.given.yes?.value && !invocation.manifest
  if (needs.ask && canAsk && !problems.some(blocksQuestions)) {
    const signedIn = await signIn(run)
    const invalid = problems.filter((problem) => problem.kind === 'invalid')
    const { given, ...answered } = await needs.ask(signedIn, invalid)
    return finish(run, signedIn, { given, known: { ...known, ...answered }, asked: true })
  }
  if (problems.length > 0) throw problemsError(run, problems)
  return finish(run, await signIn(run), { given: invocation.given, known, asked: false })
}

/** What is needed to reach Azure at all, or is no question: no other question can come before it is right. */
const NEEDED_FIRST: readonly string[] = [
  ...(['auth', 'cloud', 'tenant', 'local', 'data', 'file', 'env', 'save', 'timeout'] satisfies InputKey[]),
]
const blocksQuestions = ({ kind, input }: Problem): boolean => kind === 'invalid' && NEEDED_FIRST.includes(input)

/** Everything that can be said against a run before it starts. */
export const problemsBefore = (run: Run): readonly Problem[] =>
  allProblems(run, knownBefore(run.invocation), { yes: false })

/** What is wrong with what was given, then what is missing. An input that could not be read is not missing too. */
function allProblems({ invocation, streams }: Run, known: Known, needs: Needs): readonly Problem[] {
  const { given, wanted, problems } = invocation
  const unread = problems.filter(({ origin }) => origin?.kind !== 'file').map(({ input }) => input)
  const found = [...problemsOf(wanted, known), ...runProblems(given)]
  return [
    ...found.filter(({ input }) => !unread.includes(input)),
    ...(needs.yes && !streams.io.canPrompt && !given.yes?.value && !unread.includes('yes') ? [missing('yes')] : []),
    ...problems,
  ]
}

interface Found {
  readonly given: Given
  readonly known: Known
  readonly asked: boolean
}

async function finish(run: Run, signedIn: SignedIn, { given, known, asked }: Found): Promise<Settled> {
  const answered = withGiven(run.invocation, given)
  const invocation = await withSubscriptionId(run, signedIn, answered)
  const judged = judge(invocation.wanted, known)
  const problems = judged.ok ? runProblems(given) : judged.problems
  if (!judged.ok || problems.length > 0) throw problemsError({ ...run, invocation }, problems)
  tellInputs(run.streams, invocation)
  return { invocation, signedIn, spec: judged.spec, asked }
}

/** The error that lists problems, with a command line that would do. */
export function problemsError(
  { invocation, streams }: Pick<Run, 'invocation' | 'streams'>,
  problems: readonly Problem[],
): Failure {
  const gaps = problems.filter((problem) => problem.kind === 'missing')
  const words = gaps.flatMap((gap) => {
    const input: Input = INPUTS[gap.input as InputKey]
    const example = gap.example ?? (input.kind === 'switch' ? undefined : input.example)
    return [longFlagOf(input), ...(example === undefined ? [] : [example])]
  })
  const example = quoteCommand([...argvOf(invocation.command, invocation.given), ...words], invocation.shell)
  return inputError(problems, { whyNoPrompt: streams.io.whyNoPrompt, ...(gaps.length > 0 ? { example } : {}) })
}

/** Something that has to be made needs a region; only reading shows whether anything names one. */
export function assertLocation(run: Run, { invocation, spec }: Settled, actual: Actual): void {
  if (isLocationMissing(spec, actual)) throw problemsError({ ...run, invocation }, [missing('location')])
}

/** A subscription given by its name, by its id: the names made from it are the same either way. */
async function withSubscriptionId({ azure }: Run, { catalog }: SignedIn, invocation: Invocation): Promise<Invocation> {
  const { subscription } = invocation.wanted
  if (!subscription || isGuid(subscription.value)) return invocation
  const { value: name } = subscription
  const all = await azure.gate.run((call) => catalog.listSubscriptions(call))
  const [found, ...others] = all.filter((one) => sameName(one.name, name))
  if (found && others.length === 0)
    return { ...invocation, wanted: { ...invocation.wanted, subscription: { ...subscription, value: found.id } } }
  throw new Failure({
    code: 'access',
    message: `Can't find ${found ? 'one' : 'a'} subscription named ${name}`,
    why: [
      found
        ? `Several have this name: ${[found, ...others].map((one) => one.id).join(', ')}`
        : 'This account sees no subscription of that name.',
    ],
    hint: say`Give its id: ${action({ do: 'list-subscriptions' })}`,
  })
}

/** Each input with where it comes from, for people who want to know why a run did what it did. */
function tellInputs({ io }: Streams, { given, wanted }: Invocation): void {
  if (!io.debug) return
  const typed = INPUT_KEYS.flatMap((key) => {
    const one: GivenValue<unknown> | undefined = given[key]
    if (!one) return []
    const words = redact(one.texts.join(', ')) || String(one.value)
    return row(INPUTS[key].label, `${words}  (${one.variable ?? one.source})`, io.width, 22)
  })
  const inFile = leavesOf(wanted).flatMap(({ origin, text, value }) =>
    origin.kind === 'file'
      ? row(
          origin.path,
          `${redact(text) || String(value)}  (${origin.file}:${origin.line}:${origin.column})`,
          io.width,
          22,
        )
      : [],
  )
  if (typed.length + inFile.length > 0) io.note([...typed, ...inFile].join('\n'))
}
