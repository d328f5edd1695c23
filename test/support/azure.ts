import { onTestFinished } from 'vitest'
import {
  startLocalArm,
  type LocalArm,
  type LocalArmOptions,
  type RequestRecord,
  LOCAL_SUBSCRIPTION,
} from '../../src/local/index.ts'
import { ManualClock } from './manual-clock.ts'
import { runCli, type TestOptions, type TestRun } from './test-deps.ts'

export interface TestAzure {
  readonly arm: LocalArm
  readonly clock: ManualClock
  /** Every request so far; `clear` by setting length to 0. */
  readonly requests: RequestRecord[]
  /** Requests that change state: all but GET, HEAD and the POSTs that only ask. */
  writes(): readonly RequestRecord[]
  run(argv: readonly string[], options?: TestOptions): Promise<TestRun>
}

const ASKING = /\/(listKeys|checkNameAvailability)\?/i

/** The embedded Azure over HTTP with a clock that jumps, and the command line pointed at it. Closed with the test. */
export async function startTestAzure(
  options: Omit<LocalArmOptions, 'clock'> = {},
  onFinished: (close: () => Promise<void>) => void = onTestFinished,
): Promise<TestAzure> {
  const clock = new ManualClock({ autoAdvance: true })
  const requests: RequestRecord[] = []
  const onRequest = (record: RequestRecord) => {
    requests.push(record)
    options.onRequest?.(record)
  }
  const arm = await startLocalArm({ ...options, clock: clock.ofServer, onRequest })
  onFinished(() => arm.close())
  const env = { ML_INGEST_ARM_ENDPOINT: arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
  return {
    arm,
    clock,
    requests,
    writes: () =>
      requests.filter(
        ({ method, path }) => !['GET', 'HEAD'].includes(method) && !(method === 'POST' && ASKING.test(path)),
      ),
    run: (argv, more = {}) => runCli(argv, { clock, ...more, env: { ...env, ...more.env } }),
  }
}
