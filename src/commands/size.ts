import { runProblems } from '../inputs/contradictions.ts'
import { missing, type Given } from '../inputs/given.ts'
import { LOAD_INPUTS } from '../inputs/load.ts'
import type { Edits } from '../inputs/refer.ts'
import type { Problem } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { answerOf, type LoadAnswer } from '../resources/load/answer.ts'
import { hasLoad, toSize } from '../resources/load/sized.ts'
import type { HubSpec } from '../resources/hub/hub.ts'
import { sizingProblems, type Wanted } from '../resources/front-door.ts'
import { costOf } from '../sizing/cost.ts'
import { LARGEST_TIER } from '../sizing/size.ts'
import { chargedFor } from '../sizing/neighbours.ts'
import { askLoad } from '../run/ask.ts'
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
  const view: SizeView = {
    answer,
    costs: costsOf(
      answer,
      await pricesFor(withInvocation(run, invocation), { region: invocation.wanted.location?.value }),
    ),
    command: commandFor(invocation, answer),
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

/** The command that makes what carries the load; null if nothing does. Numbers that are too small are replaced. */
function commandFor(invocation: Invocation, answer: LoadAnswer): string | null {
  const edits = editsFor(invocation.given, answer)
  return edits && spellerFor(invocation).command(edits, 'create')
}

function editsFor(given: Given, { remedy, asked, choice, hubs }: LoadAnswer): Edits | null {
  if (remedy === undefined) return {}
  if (remedy === 'dedicated') return null
  if (remedy === 'largest') return { tier: LARGEST_TIER, capacity: null, autoInflateMax: null }
  if (remedy === 'without-order') return given.ordered?.value ? { ordered: null } : null
  const isElsewhere = remedy.tier !== choice.tier
  const short = hubs.findIndex(({ partitions }, i) => partitions.given && remedy.partitions[i]! > partitions.value)
  return {
    ...(isElsewhere ? { tier: remedy.tier } : {}),
    ...(asked.capacity !== undefined && (isElsewhere || remedy.capacity > asked.capacity)
      ? { capacity: remedy.capacity }
      : {}),
    ...(asked.autoInflateMax && (isElsewhere || remedy.autoInflateMax > asked.autoInflateMax)
      ? { autoInflateMax: remedy.autoInflateMax }
      : {}),
    ...(short === -1 ? {} : partitionEdit(given, hubs[short]!, remedy.partitions[short]!)),
  }
}

/** The number goes where it was said: with the hub, or for all hubs. */
function partitionEdit(given: Given, { name, retentionHours }: HubSpec, partitions: number): Edits {
  const isOfHub = given.hub?.value.some((hub) => sameName(hub.name, name) && hub.partitions !== undefined)
  if (!isOfHub) return { partitions }
  const retention = retentionHours.given ? { retention: retentionHours.value } : {}
  return { hub: { of: name, name, partitions, ...retention } }
}
