import type { Actual } from '../engine/actual.ts'
import type { Connection } from '../engine/connection.ts'
import { connectionsOf } from '../engine/connections.ts'
import { readActual } from '../engine/read-actual.ts'
import type { TargetCommand } from '../prompt/ask-target.ts'
import { spelledFailure } from '../ui/spell.ts'
import { askTarget } from './ask.ts'
import { spellerFor } from './invocation.ts'
import type { Run } from './run.ts'
import { settle, type Settled } from './settle.ts'

export interface ConnectionsRead {
  readonly settled: Settled
  readonly actual: Actual
  readonly connections: readonly Connection[]
}

/** The connections that are there, keys included: one wave of requests, none of which writes. */
export async function readConnections(run: Run, command: TargetCommand): Promise<ConnectionsRead> {
  const settled = await settle(run, { yes: false, ask: askTarget(run, command) })
  const { spec, signedIn } = settled
  const cloud = signedIn.cloudFor(spec.subscriptionId)
  const actual = await readActual(cloud, run.azure.gate, spec, { withKeys: true, forConnection: true })
  return { settled, actual, connections: connectionsFor(settled, actual) }
}

/** The connections of a run, from what was read. Throws where something is not there, with the command that makes it. */
export function connectionsFor({ spec, invocation }: Settled, actual: Actual): readonly Connection[] {
  const { given, command } = invocation
  try {
    return connectionsOf(spec, actual, {
      secondary: given.secondary?.value ?? false,
      doing: DOING[command.name] ?? 'show a connection',
      embedded: given.local?.value ?? false,
    })
  } catch (error) {
    throw spelledFailure(error, spellerFor(invocation))
  }
}

const DOING: Readonly<Record<string, string>> = {
  verify: 'try a connection',
  'rotate-key': 'renew a key',
}
