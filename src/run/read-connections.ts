import type { Actual } from '../resources/actual.ts'
import type { Connection } from '../engine/connection.ts'
import { connectionsOf } from '../engine/connections.ts'
import { readActual } from '../engine/read-actual.ts'
import type { CommandName } from '../inputs/input.ts'
import { askTarget } from './ask.ts'
import { gateOf } from './observe.ts'
import type { Session } from './session.ts'
import { settle, type Settled } from './settle.ts'
import { spelledFailure } from '../ui/spell.ts'
import { spellerFor } from './speller.ts'

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
  return { settled, actual, connections: connectionsFor(session, settled, actual) }
}

/** The connections of this run, from what was read. Throws where something is not there, with the command that makes it. */
export function connectionsFor(session: Session, { spec, inputs }: Settled, actual: Actual): readonly Connection[] {
  try {
    return connectionsOf(spec, actual, {
      secondary: session.inputs.secondary?.value ?? false,
      doing: DOING[session.command] ?? 'show a connection',
      embedded: session.inputs.local?.value ?? false,
    })
  } catch (error) {
    throw spelledFailure(error, spellerFor(session, inputs))
  }
}

const DOING: Readonly<Partial<Record<CommandName, string>>> = {
  verify: 'try a connection',
  'rotate-key': 'renew a key',
}
