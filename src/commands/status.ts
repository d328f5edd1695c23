import type { Status } from '../engine/status/status.ts'
import { invalid } from '../inputs/given.ts'
import { Failure, type Problem } from '../lib/errors.ts'
import { askTarget } from '../run/ask.ts'
import { openCheckpointStore } from '../run/checkpoint-store.ts'
import { spellerFor } from '../run/invocation.ts'
import { problemsError } from '../run/problems-error.ts'
import { targetOf } from '../run/plan-view.ts'
import { interruptionOf, type Run } from '../run/run.ts'
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
  const { streams, invocation } = opened
  const { io } = streams
  const problems = watchProblems(opened)
  if (problems.length > 0) throw problemsError(opened, [...invocation.problems, ...problems])
  const isLocal = invocation.given.local?.value ?? false
  const run = isLocal
    ? await (await import('../run/local-azure.ts')).withNamespaceFound(opened, { needsHub: false })
    : opened
  const settled = await settle(run, { yes: false, ask: askTarget(run, 'status') })
  const { given } = settled.invocation
  const store =
    given.checkpoints && (await openCheckpointStore(run, settled, given.checkpoints.value, storageOf(given)))
  const reader = new StatusReader(run, settled, store)
  const speller = spellerFor(settled.invocation)
  const read = async (): Promise<Status> => {
    try {
      return await reader.read()
    } catch (error) {
      throw spelledFailure(error, speller)
    }
  }
  if (given.watch?.value) return watch(run, { read, speller, everyMs: isLocal ? LOCAL_EVERY_MS : EVERY_MS })
  const found = await whileReading(run, read)
  const usesExitCode = given.exitCode?.value ?? false
  const document = statusDocument(found, { target: targetOf(settled.spec), speller, usesExitCode })
  if (io.json) io.out(stringifyDocument(document))
  else io.out(renderStatus(found, canvasOf(io, 'stdout'), { nowMs: run.azure.clock.now(), speller }))
  return document.exitCode
}

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
async function watch(run: Run, { read, speller, everyMs }: Watching): Promise<ExitCode> {
  const { clock, stop } = run.azure
  const { io } = run.streams
  let found = await whileReading(run, read)
  const screen = watchScreen(io, stop)
  const draw = (failing?: string) => screen.draw(watchFrame(found, { failing, nowMs: clock.now(), speller }))
  try {
    for (;;) {
      draw()
      await clock.sleep(everyMs, stop)
      try {
        found = await read()
      } catch (error) {
        if (stop.aborted || !(error instanceof Failure)) throw error
        draw(error.message)
        await clock.sleep(everyMs, stop)
      }
    }
  } catch (error) {
    const interruption = interruptionOf(run.azure)
    if (!interruption) throw error
    return exitCodeOf(interruption)
  } finally {
    screen.close()
  }
}
