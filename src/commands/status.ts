import type { Observed } from '../engine/status/assess.ts'
import type { Status } from '../engine/status/status.ts'
import { invalid } from '../inputs/given.ts'
import { Failure, type Problem } from '../lib/errors.ts'
import { askTarget } from '../run/ask.ts'
import { openCheckpointStore } from '../run/checkpoint-store.ts'
import { withHubNamed } from '../run/hub-named.ts'
import { spellerFor } from '../run/invocation.ts'
import { targetOf } from '../run/plan-view.ts'
import { interruptionOf, type Run, withInvocation } from '../run/run.ts'
import { settle } from '../run/settle.ts'
import { StatusReader } from '../run/status/read-status.ts'
import { storageOf } from '../run/storage.ts'
import { whileReading } from '../run/wait.ts'
import { stringifyDocument } from '../ui/document.ts'
import { exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { spelledFailure, type Speller } from '../ui/spell.ts'
import { statusDocument } from '../ui/status/document.ts'
import { renderStatus } from '../ui/status/render.ts'
import { watchFrame, watchScreen } from '../ui/status/watch.ts'
import { canvasOf } from '../ui/text.ts'

/** Between two readings of `--watch`. Azure measures once a minute; who has read how far changes meanwhile. */
const EVERY_MS = 10_000
const LOCAL_EVERY_MS = 2_000

/** Shows whether a namespace, its hubs and their readers are all right. */
export async function status(opened: Run): Promise<ExitCode> {
  const { io } = opened.streams
  const isLocal = opened.invocation.given.local?.value ?? false
  const problems = watchProblems(opened)
  const named = withInvocation(opened, withHubNamed(withProblems(opened, problems)))
  const run = isLocal
    ? await (await import('../run/local-azure.ts')).withNamespaceFound(named, { needsHub: false })
    : named
  const settled = await settle(run, { yes: false, ask: askTarget(run, 'status') })
  const { given } = settled.invocation
  const store =
    given.checkpoints && (await openCheckpointStore(run, settled, given.checkpoints.value, storageOf(given)))
  const reader = new StatusReader(run, settled, store)
  const speller = spellerFor(settled.invocation)
  const observe = async (): Promise<Observed> => {
    try {
      return await reader.observe()
    } catch (error) {
      throw spelledFailure(error, speller)
    }
  }
  const found = await reader.assess(await whileReading(run, observe))
  if (given.watch?.value) {
    const read = async () => reader.assess(await observe())
    return watch(run, found, { read, speller, everyMs: isLocal ? LOCAL_EVERY_MS : EVERY_MS })
  }
  const usesExitCode = given.exitCode?.value ?? false
  const document = statusDocument(found, { target: targetOf(settled.spec), speller, usesExitCode })
  if (io.json) io.out(stringifyDocument(document))
  else io.out(renderStatus(found, canvasOf(io, 'stdout'), { nowMs: run.azure.clock.now(), speller }))
  return document.exitCode
}

const withProblems = (run: Run, problems: readonly Problem[]): Run =>
  withInvocation(run, { ...run.invocation, problems: [...run.invocation.problems, ...problems] })

/** A screen that redraws needs a terminal, and ends with Ctrl-C alone. */
function watchProblems({ invocation: { given }, streams: { io } }: Run): readonly Problem[] {
  const { watch: asked, json, exitCode } = given
  if (!asked?.value) return []
  return [
    ...(json?.value ? [invalid('watch', asked, 'contradicts --json. Give one of the two')] : []),
    ...(exitCode?.value ? [invalid('watch', asked, 'contradicts --exit-code. Give one of the two')] : []),
    ...(io.stdout.isTTY || json?.value ? [] : [invalid('watch', asked, 'needs a terminal')]),
  ]
}

interface Watching {
  readonly read: () => Promise<Status>
  readonly speller: Speller
  readonly everyMs: number
}

/** Reads and redraws until an interruption. What fails after the first reading is told beside what was read last. */
async function watch(run: Run, first: Status, { read, speller, everyMs }: Watching): Promise<ExitCode> {
  const { clock, stop } = run.azure
  const screen = watchScreen(run.streams.io, stop)
  let [found, failing]: [Status, string | undefined] = [first, undefined]
  try {
    for (;;) {
      screen.draw(watchFrame(found, { failing, nowMs: clock.now(), speller }))
      await clock.sleep(everyMs, stop)
      try {
        found = await read()
        failing = undefined
      } catch (error) {
        if (stop.aborted || !(error instanceof Failure)) throw error
        failing = error.message
      }
    }
  } catch (error) {
    const interruption = interruptionOf(run.azure)
    // Ctrl-C is how it ends; a deadline is told.
    if (!interruption || interruption.kind === 'timeout') throw error
    return exitCodeOf(interruption)
  } finally {
    screen.close()
  }
}
