import { once } from 'node:events'
import { Failure } from '../lib/errors.ts'
import { EXIT, exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { localConnection } from '../run/local-connection.ts'
import { interruptionOf, type Session } from '../run/session.ts'
import { problemsError } from '../run/settle.ts'
import { spellerAt } from '../run/speller.ts'
import { spelledFailure } from '../ui/spell.ts'

/** Prints the events of a hub of the embedded Azure as JSON lines. */
export async function localTail(session: Session): Promise<ExitCode> {
  const { inputs, deps, stop, args } = session
  if (session.problems.length > 0) throw problemsError(session, session.problems)
  const connection = await localConnection(session, args[0])
  const [{ openConsumer }, { targetOf }, { tailHub }, { dataError }] = await Promise.all([
    import('../data/open-clients.ts'),
    import('../data/connection-target.ts'),
    import('../data/tail-hub.ts'),
    import('../data/failure.ts'),
  ])
  const target = targetOf(connection, { webSockets: false, env: deps.env })
  const consumerGroup = inputs.readThrough?.value ?? DEFAULT_CONSUMER_GROUP
  const consumer = openConsumer(connection, consumerGroup, { target, userAgent: `ml-ingest/${deps.version}` })
  const follow = inputs.follow?.value ?? false
  const reader = readerGone(session)
  try {
    await tailHub(consumer, {
      partition: inputs.partition?.texts[0],
      from: inputs.from?.value ?? { kind: follow ? 'end' : 'start' },
      follow,
      nowMs: deps.clock.now(),
      signal: AbortSignal.any([stop, reader.signal]),
      write: async (line) => {
        if (!deps.stdout.write(`${line}\n`)) await once(deps.stdout, 'drain', { signal: reader.signal })
      },
    })
  } catch (error) {
    if (reader.signal.aborted) return EXIT.ok
    const interruption = interruptionOf(session)
    if (interruption) return exitCodeOf(interruption)
    throw error instanceof Failure
      ? error
      : spelledFailure(
          dataError(error, { connection, target, doing: 'read', consumerGroup }),
          spellerAt(session, connection),
        )
  } finally {
    reader.stopWatching()
    await consumer.close()
  }
  return EXIT.ok
}

/** Whoever reads stdout has seen enough, as in `| head -1`: nothing is left to do. */
function readerGone({ deps: { stdout } }: Session) {
  const gone = new AbortController()
  const onError = () => gone.abort()
  stdout.once('error', onError)
  return { signal: gone.signal, stopWatching: () => void stdout.removeListener('error', onError) }
}
