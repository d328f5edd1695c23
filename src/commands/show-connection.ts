import { connectionsOf } from '../engine/connections.ts'
import { readActual } from '../engine/read-actual.ts'
import { EXIT, type ExitCode } from '../lib/errors.ts'
import { formatFor } from './format-for.ts'
import { giveConnections } from './give-connections.ts'
import { askTarget } from './ask.ts'
import { gateOf } from './observe.ts'
import type { Session } from './session.ts'
import { settle } from './settle.ts'

/** How to connect to the hubs. Asks Azure for state and keys in one wave, and writes nothing there. */
export async function showConnection(session: Session): Promise<ExitCode> {
  const format = formatFor(session)
  const settled = await settle(session, { yes: false, ask: askTarget(session, 'show-connection') })
  const cloud = settled.connected.cloudFor(settled.spec.subscriptionId)
  const actual = await readActual(cloud, gateOf(session), settled.spec, { withKeys: true })
  const connections = connectionsOf(settled.spec, actual, { secondary: session.inputs.secondary?.value ?? false })
  await giveConnections(session, connections, format)
  return EXIT.ok
}
