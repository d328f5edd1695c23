import { EXIT, type ExitCode } from '../ui/exit.ts'
import { formatFor } from '../run/format-for.ts'
import { assertOutput, giveConnections, tellCi } from '../run/give-connections.ts'
import { readConnections } from '../run/read-connections.ts'
import type { Session } from '../run/session.ts'

/** How to connect to the hubs. Asks Azure for state and keys in one wave, and writes nothing there. */
export async function showConnection(session: Session): Promise<ExitCode> {
  const format = formatFor(session)
  await assertOutput(session)
  const { connections } = await readConnections(session)
  await tellCi(session, connections, false)
  await giveConnections(session, connections, format)
  return EXIT.ok
}
