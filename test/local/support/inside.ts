import { realClock } from '../../../src/lib/clock.ts'
import type { Namespace } from '../../../src/local/arm/providers/eventhub/model.ts'
import type { LocalArm } from '../../../src/local/arm/local-arm.ts'
import { encodeState } from '../../../src/local/arm/core/state-codec.ts'
import type { Directory } from '../../../src/local/hubs/directory.ts'
import { type Broker, startBroker } from '../amqp/support/local.ts'

/** What tests of other rooms need from inside the embedded Azure; they use its door for all else. */
export { FAULT_KINDS } from '../../../src/local/arm/core/faults.ts'
export type { Directory, Namespace }
export type DataPlane = Broker

/** A data plane in memory, on a free port, that sees this directory. */
export const startDataPlane = (directory: Directory): Promise<DataPlane> =>
  startBroker({ directory, clock: realClock, storage: 'memory', port: 0, log: () => undefined })

/** Puts all that one Resource Manager holds into another one. */
export const copyState = (from: LocalArm, to: LocalArm): void =>
  to.store.change((state) => void Object.assign(state, structuredClone(from.store.state)))

/** All that a Resource Manager holds, as its state file would have it. */
export const stateText = ({ store }: LocalArm): string => encodeState(store.state)
