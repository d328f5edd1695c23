import { runProblems } from '../inputs/contradictions.ts'
import { missing } from '../inputs/given.ts'
import { LOAD_INPUTS } from '../inputs/load.ts'
import type { Problem } from '../lib/errors.ts'
import { answerOf, type LoadAnswer } from '../resources/load/answer.ts'
import { hasLoad, toSize } from '../resources/load/sized.ts'
import { sizingProblems, type Wanted } from '../resources/front-door.ts'
import { costOf } from '../sizing/cost.ts'
import { chargedFor } from '../sizing/neighbours.ts'
import { askLoad } from '../run/ask.ts'
import { makingOf } from '../run/load-line.ts'
import { manifestEntryOf, spellerFor, withGiven, type Invocation } from '../run/invocation.ts'
import { problemsError } from '../run/problems-error.ts'
import { pricesFor } from '../run/prices.ts'
import { withInvocation, type Run } from '../run/run.ts'
import type { Prices } from '../sizing/prices.ts'
import { stringifyDocument } from '../ui/document.ts'
import type { ExitCode } from '../ui/exit.ts'
import { sizeDocument, type NeighbourCost, type SizeView } from '../ui/size/document.ts'
import { renderSize } from '../ui/size/render.ts'
import { canvasOf } from '../ui/text.ts'
import { isUnread, problemAt } from '../wanted/node.ts'

/** Tells what an expected load needs, without asking Azure. Writes nothing. */
export async function size(run: Run): Promise<ExitCode> {
  const { streams } = run
  const { io } = streams
  const invocation = await withLoad(run)
  const problems = problemsOf(invocation)
  if (problems.length > 0) throw problemsError({ streams, invocation }, problems)
  const answer = answerOf(invocation.wanted)
  const region = invocation.wanted.location?.value
  const prices = await pricesFor(withInvocation(run, invocation), { region })
  const view: SizeView = {
    answer,
    costs: costsOf(answer, prices),
    assumedRegion: region === undefined ? prices?.region : undefined,
    making: makingOf(invocation, answer),
    manifest: manifestEntryOf(invocation),
    speller: spellerFor(invocation),
  }
  const document = sizeDocument(view)
  io.out(io.json ? stringifyDocument(document) : renderSize(view, canvasOf(io, 'stdout'), { debug: io.debug }))
  return document.exitCode
}

const costsOf = ({ asked, neighbours }: LoadAnswer, prices: Prices | undefined): readonly NeighbourCost[] =>
  neighbours.map((one) => ({
    ...one,
    cost: one.size && prices ? costOf(chargedFor(asked, one.size, one.capture), prices) : null,
  }))

/** On a terminal, a load that nobody said is asked for, unless something else is wrong. */
async function withLoad(run: Run): Promise<Invocation> {
  const { invocation, streams } = run
  const { wanted, manifest, problems } = invocation
  const isAllThatLacks = problems.length === 0 && problemsOf(invocation).every(({ input }) => input in LOAD_INPUTS)
  if (!streams.io.canPrompt || manifest || hasLoad(toSize(wanted, undefined)) || !isAllThatLacks) return invocation
  return withGiven(invocation, await askLoad(run))
}

function problemsOf({ wanted, given, problems }: Invocation): readonly Problem[] {
  const unread = problems.filter(({ origin }) => origin?.kind !== 'file').map(({ input }) => input)
  return [
    ...[...sizingProblems(wanted), ...runProblems(given)].filter(({ input }) => !unread.includes(input)),
    ...(wanted.tier?.value === 'Dedicated'
      ? [problemAt('tier', wanted.tier, 'cannot be sized: what a cluster carries is not published')]
      : []),
    ...(isLoadSaid(wanted) ? [] : [missing('eventsPerSecond')]),
    ...problems,
  ]
}

/** Whether a load was said, even one that could not be read or is not complete: then that is the problem. */
const isLoadSaid = (wanted: Wanted): boolean =>
  wanted.load !== undefined ||
  wanted.hubs?.items.some(({ load }) => load !== undefined) === true ||
  ['load', 'hubs'].some((key) => isUnread(wanted, key))
