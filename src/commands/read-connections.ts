import type { Actual } from '../engine/actual.ts'
import type { Connection } from '../engine/connection.ts'
import { connectionsOf } from '../engine/connections.ts'
import { readActual } from '../engine/read-actual.ts'
import { askTarget } from './ask.ts'
import { gateOf } from './observe.ts'
import type { Session } from './session.ts'
import { settle, type Settled } from './settle.ts'

export interface ConnectionsRead {
  readonly settled: Settled
  readonly actual: Actual
  readonly connections: readonly Connection[]
}

/** The connections that are there, keys included: one wave of requests, none of which writes. */
export async function readConnections(session: Session): Promise<ConnectionsRead> {
  const command = session.command === 'verify' ? 'verify' : 'show-connection'
  const settled = await settle(session, { yes: false, ask: askTarget(session, command) })
  const cloud = settled.connected.cloudFor(settled.spec.subscriptionId)
  const actual = await readActual(cloud, gateOf(session), settled.spec, { withKeys: true, forConnection: true })
  const connections = connectionsOf(settled.spec, actual, { secondary: session.inputs.secondary?.value ?? false })
  return { settled, actual, connections }
}
