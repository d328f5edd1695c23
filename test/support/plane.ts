import { onTestFinished } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { startLocalArm, type LocalArm } from '../../src/local/arm/server.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/arm/world.ts'
import { startBroker, type Broker } from '../../src/local/broker/broker.ts'
import type { Directory } from '../../src/local/directory.ts'
import { runCli, type TestOptions, type TestRun } from './test-deps.ts'

export interface Plane {
  readonly arm: LocalArm
  readonly broker: Broker
  run(argv: readonly string[], options?: TestOptions): Promise<TestRun>
}

/**
 * Control plane and data plane in this process, in real time, with the command line pointed at them. `seenByBroker` makes
 * the data plane see something else than Resource Manager shows, as Azure does for a while after a change.
 */
export async function startPlane(seenByBroker: (directory: Directory) => Directory = (same) => same): Promise<Plane> {
  const arm = await startLocalArm({ dataPlanePort: () => broker.port })
  const directory = seenByBroker(arm.directory)
  const broker: Broker = await startBroker({
    ...{ directory, clock: realClock, storage: 'memory', port: 0, log: () => undefined },
  })
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
    arm,
    broker,
    run: (argv, options = {}) => runCli(argv, { clock: realClock, ...options, env: { ...env, ...options.env } }),
  }
}
