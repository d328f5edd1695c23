import { EXIT, type ExitCode } from '../ui/exit.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { endedWith, localConnection } from '../run/local-azure.ts'
import type { Run } from '../run/run.ts'
import { whileReading } from '../run/wait.ts'
import { linePrinter } from '../run/print-lines.ts'
import { problemsError } from '../run/problems-error.ts'

/** Prints the events of a hub of the embedded Azure as JSON lines. */
export async function localTail(run: Run): Promise<ExitCode> {
  const { invocation, streams, azure, deps } = run
  const { given, args, problems } = invocation
  const { clock, stop } = azure
  if (problems.length > 0) throw problemsError(run, problems)
  const connection = await whileReading(run, () => localConnection(run, args[0]))
  const [{ openConsumer }, { targetOf }, { tailHub }] = await Promise.all([
    import('../data/open-clients.ts'),
    import('../data/connection-target.ts'),
    import('../data/tail-hub.ts'),
  ])
  const target = targetOf(connection, { webSockets: false, env: deps.env })
  const consumerGroup = given.readThrough?.value ?? DEFAULT_CONSUMER_GROUP
  const consumer = openConsumer(connection, consumerGroup, { target, userAgent: `ml-ingest/${deps.version}` })
  const follow = given.follow?.value ?? false
  const printer = linePrinter(deps)
  try {
    await tailHub(consumer, {
      partition: given.partition?.texts[0],
      from: given.from?.value ?? { kind: follow ? 'end' : 'start' },
      follow,
      nowMs: clock.now(),
      signal: AbortSignal.any([stop, printer.gone]),
      write: printer.print,
      warn: (line) => streams.io.err(`  ${line}`),
    })
  } catch (error) {
    if (printer.gone.aborted) return EXIT.ok
    return await endedWith(run, error, { connection, target, doing: 'read', consumerGroup })
  } finally {
    printer.close()
    await consumer.close()
  }
  return EXIT.ok
}
