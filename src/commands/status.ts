import type { Status } from '../engine/status/status.ts'
import { invalid } from '../inputs/given.ts'
import { askTarget } from '../run/ask.ts'
import { openCheckpointStore } from '../run/checkpoint-store.ts'
import { spellerFor } from '../run/invocation.ts'
import { problemsError } from '../run/problems-error.ts'
import { withInvocation, type Run } from '../run/run.ts'
import { settle } from '../run/settle.ts'
import { StatusReader } from '../run/status/read-status.ts'
import { storageOf } from '../run/storage.ts'
import { whileReading } from '../run/wait.ts'
import { stringifyDocument } from '../ui/document.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { spelledFailure } from '../ui/spell.ts'
import { statusDocument } from '../ui/status/document.ts'
import { renderStatus } from '../ui/status/render.ts'
import { watchScreen } from '../ui/status/watch.ts'
import { canvasOf } from '../ui/text.ts'

/** Between two readings of `--watch`. */
const WATCH_EVERY_MS = 5_000

/** Shows whether a namespace, its hubs and their readers are all right. */
export async function status(opened: Run): Promise<ExitCode> {
  const { io } = opened.streams
  const { given } = opened.invocation
  if (given.watch?.value && (io.json || !io.stdout.isTTY)) throw problemsError(opened, [...opened.invocation.problems, noWatch(opened)])
  const isLocal = given.local?.value ?? false
  const run = isLocal ? await (await import('../run/local-azure.ts')).withNamespaceFound(opened) : opened
  const settled = await settle(run, { yes: false, ask: askTarget(run, 'status') })
  const { checkpoints } = settled.invocation.given
  const store = checkpoints && (await openCheckpointStore(run, settled, checkpoints.value, storageOf(given)))
  const reader = new StatusReader(run, settled, store)
  const read = async () => {
    try {
      return await reader.read()
    } catch (error) {
      throw spelledFailure(error, spellerFor(settled.invocation))
    }
  }
  const speller = spellerFor(settled.invocation)
  const last = given.watch?.value ? await watch(run, read) : await whileReading(run, read)
}
