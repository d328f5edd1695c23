import { tailProblems } from '../inputs/contradictions.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { endedWith, openHub } from '../run/hub-connection.ts'
import { eventLines, type EventLines } from '../run/print-lines.ts'
import type { Run } from '../run/run.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'

/** After this long without an event, a person is told what the run waits for. */
const TELL_AFTER_MS = 1_000

/** Prints the events of a hub as JSON lines, or writes them to a file. */
export async function tail(run: Run): Promise<ExitCode> {
  const lines = await eventLines(run)
  try {
    return await tailInto(lines, run)
  } finally {
    await lines.close()
  }
}

async function tailInto(lines: EventLines, run: Run): Promise<ExitCode> {
  const { given } = run.invocation
  const { azure } = run
  const { io } = run.streams
  const { clock, stop } = azure
  const hub = await openHub(run, 'Listen', tailProblems(given))
  const { connection, options } = hub
  const [{ closeSoon, openConsumer }, { tailHub }] = await Promise.all([
    import('../data/open-clients.ts'),
    import('../data/tail-hub.ts'),
  ])
  const consumerGroup = (given.group ?? given.readThrough)?.value ?? DEFAULT_CONSUMER_GROUP
  const consumer = openConsumer(connection, consumerGroup, options)
  const follow = given.follow?.value ?? false
  let read = 0
  const began = new AbortController()
  if (follow && io.stderr.isTTY) {
    clock.sleep(TELL_AFTER_MS, AbortSignal.any([stop, began.signal])).then(
      () => io.note(`  Waiting for events in ${connection.hub} …  (Ctrl-C ends it)`),
      () => undefined,
    )
  }
  try {
    await tailHub(consumer, {
      partition: given.partition?.texts[0],
      from: given.from?.value ?? { kind: follow ? 'end' : 'start' },
      where: given.where?.value ?? [],
      count: given.count?.value,
      follow,
      nowMs: clock.now(),
      signal: AbortSignal.any([stop, lines.gone]),
      write: (line) => {
        began.abort()
        read++
        return lines.print(line)
      },
      warn: (line) => io.err(`  ${line}`),
    })
  } catch (error) {
    if (lines.gone.aborted) return EXIT.ok
    // Reading may have gone on for hours until it was ended or failed.
    if (read > 0) await lines.finish(read)
    return await endedWith(hub, error, { doing: 'read', consumerGroup })
  } finally {
    began.abort()
    await closeSoon(consumer)
  }
  if (read === 0 && io.stderr.isTTY) io.note(`  ${given.where ? 'No such event' : 'No event'} in ${connection.hub}.`)
  await lines.finish(read)
  return EXIT.ok
}
