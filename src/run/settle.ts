import { isLocationMissing } from '../engine/plan.ts'
import type { Actual } from '../engine/actual.ts'
import type { Catalog, SubscriptionChoice } from '../engine/cloud.ts'
import { runProblems } from '../inputs/contradictions.ts'
import { invalid, missing, type Given, type GivenValue } from '../inputs/given.ts'
import { isGuid } from '../inputs/parsers.ts'
import { INPUT_KEYS, INPUTS, type InputKey } from '../inputs/table.ts'
import { Failure, type Problem } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import type { Answered } from '../prompt/wizard.ts'
import { redact } from '../lib/secret.ts'
import { judge, problemsOf, type Known, type Spec } from '../resources/front-door.ts'
import { action } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import { row } from '../ui/text.ts'
import { leavesOf } from '../wanted/node.ts'
import { withGiven, type Invocation } from './invocation.ts'
import { problemsError } from './problems-error.ts'
import type { Run, Streams } from './run.ts'
import { knownBefore, signIn, type SignedIn } from './sign-in.ts'
import { azureWords, waitFor, whileReading } from './wait.ts'

/** Complete and valid inputs of a run. */
export interface Settled {
  /** Includes the answers. */
  readonly invocation: Invocation
  readonly signedIn: SignedIn
  readonly spec: Spec
  /** Whether questions were asked. */
  readonly asked: boolean
}

export interface Needs {
  /** Without a terminal, `--yes` is required. */
  readonly yes: boolean
  /** A new resource group needs a region. */
  readonly location?: boolean
  /** Asks for missing inputs. */
  readonly ask?: (signedIn: SignedIn, problems: readonly Problem[]) => Promise<Answered>
}

/**
 * Completes the inputs of a run, with questions if there is a terminal and no `--yes`. Otherwise it throws a `Failure` with
 * all problems before anything is sent.
 */
export async function settle(run: Run, needs: Needs): Promise<Settled> {
  const { invocation, streams } = run
  const known = knownBefore(invocation)
  const problems = allProblems(run, known, needs)
  const canAsk = streams.io.canPrompt && !invocation.given.yes?.value && !invocation.manifest
  if (needs.ask && canAsk && !problems.some(blocksQuestions)) {
    const signedIn = await connect(run)
    const invalid = problems.filter((problem) => problem.kind === 'invalid')
    const { given, ...answered } = await needs.ask(signedIn, invalid)
    return finish(run, signedIn, { given, known: { ...known, ...answered }, asked: true })
  }
  if (problems.length > 0) throw problemsError(run, problems)
  return finish(run, await connect(run), { given: invocation.given, known, asked: false })
}

/** Signs in at the first request. */
export const connect = (run: Run): Promise<SignedIn> =>
  waitFor(run, `Connecting to ${azureWords(run)}`, () => signIn(run))

/** Inputs that have to be valid before the first question: without them Azure is out of reach, or they have no question. */
const NEEDED_FIRST: readonly string[] = [
  ...(['auth', 'cloud', 'tenant', 'local', 'data', 'file', 'env', 'save', 'timeout'] satisfies InputKey[]),
]
const blocksQuestions = ({ kind, input }: Problem): boolean => kind === 'invalid' && NEEDED_FIRST.includes(input)

/** All problems that can be found before anything is sent. */
export const problemsBefore = (run: Run): readonly Problem[] =>
  allProblems(run, knownBefore(run.invocation), { yes: false })

/**
 * Invalid inputs, then missing ones. An unreadable input is not missing too. A region that only a new resource group needs
 * is listed beside others, because Azure is not asked before they are known.
 */
function allProblems({ invocation, streams }: Run, known: Known, needs: Needs): readonly Problem[] {
  const { command, given, wanted, problems } = invocation
  const unread = problems.filter(({ origin }) => origin?.kind !== 'file').map(({ input }) => input)
  const found = [
    ...[...problemsOf(wanted, known), ...runProblems(given, command), ...subscriptionProblems(given, known)].filter(
      ({ input }) => !unread.includes(input),
    ),
    ...(needs.yes && !streams.io.canPrompt && !given.yes?.value && !unread.includes('yes') ? [missing('yes')] : []),
    ...problems,
  ]
  const lacksLocation = !wanted.location && known.fallbackLocation === undefined && !unread.includes('location')
  return needs.location && lacksLocation && found.some(({ kind }) => kind === 'missing')
    ? [...found, missing('location', { onlyIf: 'new group' })]
    : found
}

/** The embedded Azure has one subscription of its own. */
function subscriptionProblems({ subscription, local }: Given, { subscriptionId }: Known): readonly Problem[] {
  if (!local?.value || !subscription || subscriptionId === undefined) return []
  const isOwn = sameName(subscription.value, subscriptionId) || !isGuid(subscription.value)
  return isOwn ? [] : [invalid('subscription', subscription, 'contradicts --local: the embedded Azure has its own')]
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
  const problems = judged.ok ? runProblems(given, invocation.command) : judged.problems
  if (!judged.ok || problems.length > 0) throw problemsError({ streams: run.streams, invocation }, problems)
  tellInputs(run.streams, invocation)
  return { invocation, signedIn, spec: judged.spec, asked }
}

/** Throws a `Failure` if a new resource needs a region and none is known. */
export function assertLocation({ streams }: Run, { invocation, spec }: Settled, actual: Actual): void {
  if (isLocationMissing(spec, actual)) throw problemsError({ streams, invocation }, [missing('location')])
}

/** Replaces the name of a subscription by its id. */
async function withSubscriptionId(run: Run, { catalog }: SignedIn, invocation: Invocation): Promise<Invocation> {
  const { subscription } = invocation.wanted
  if (!subscription || isGuid(subscription.value)) return invocation
  const found = await whileReading(run, () => subscriptionNamed(run, catalog, subscription.value))
  return { ...invocation, wanted: { ...invocation.wanted, subscription: { ...subscription, value: found.id } } }
}

/** The only subscription of this name. Throws a `Failure` if there are none or several. */
export async function subscriptionNamed(
  { azure: { gate } }: Pick<Run, 'azure'>,
  catalog: Catalog,
  name: string,
): Promise<SubscriptionChoice> {
  const all = await gate.run((call) => catalog.listSubscriptions(call))
  const [found, ...others] = all.filter((one) => sameName(one.name, name))
  if (found && others.length === 0) return found
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

/** With `--debug`, shows each input and its source. */
function tellInputs({ io }: Streams, { given, wanted }: Invocation): void {
  if (!io.debug) return
  const typed = INPUT_KEYS.flatMap((key) => {
    const one: GivenValue<unknown> | undefined = given[key]
    if (!one) return []
    const words = redact(one.texts.join(', ')) || String(one.value)
    return row(INPUTS[key].label, `${words}  (${one.variable ?? one.source})`, io.width, 22)
  })
  const inFile = leavesOf(wanted).flatMap(({ origin, text, value }) => {
    if (origin.kind !== 'file') return []
    const words = redact(text) || String(value)
    return row(origin.path, `${words}  (${origin.file}:${origin.line}:${origin.column})`, io.width, 22)
  })
  if (typed.length + inFile.length > 0) io.note([...typed, ...inFile].join('\n'))
}
