import { onTestFinished } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { startLocalArm, type LocalArm, LOCAL_SUBSCRIPTION, type RequestRecord } from '../../src/local/index.ts'
import { startDataPlane, type DataPlane, type Directory } from '../local/support/inside.ts'
import { runCli, type TestOptions, type TestRun } from './test-deps.ts'

export interface Plane {
  readonly arm: LocalArm
  readonly broker: DataPlane
  /** To Resource Manager, so far. */
  readonly requests: RequestRecord[]
  run(argv: readonly string[], options?: TestOptions): Promise<TestRun>
}

/**
 * Control plane and data plane in this process, in real time, with the command line pointed at them. `seenByBroker` makes
 * the data plane see something else than Resource Manager shows, as Azure does for a while after a change.
 */
export async function startPlane(seenByBroker: (directory: Directory) => Directory = (same) => same): Promise<Plane> {
  const requests: RequestRecord[] = []
  const arm = await startLocalArm({ dataPlanePort: () => broker.port, onRequest: (one) => requests.push(one) })
  const directory = seenByBroker(arm.directory)
  const broker: DataPlane = await startDataPlane(directory)
  onTestFinished(async () => {
    await broker.close()
    await arm.close()
  })
  const env = {
    ML_INGEST_ARM_ENDPOINT: arm.endpoint,
    AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId,
    AZURE_LOCATION: 'westeurope',
  }
  return {
    ...{ arm, broker, requests },
    run: (argv, options = {}) => runCli(argv, { clock: realClock, ...options, env: { ...env, ...options.env } }),
  }
}
