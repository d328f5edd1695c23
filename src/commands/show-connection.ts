import { EXIT, type ExitCode } from '../ui/exit.ts'
import { assertOutput, formatFor, giveConnections, tellCi, readConnections } from '../run/connections.ts'
import type { Run } from '../run/run.ts'

/** Prints how to connect to the hubs. */
export async function showConnection(run: Run): Promise<ExitCode> {
  const format = formatFor(run)
  await assertOutput(run)
  const { connections } = await readConnections(run, 'show-connection', format)
  await tellCi(run.streams, connections, false)
  await giveConnections(run, connections, format)
  return EXIT.ok
}
