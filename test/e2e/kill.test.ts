import type { ChildProcess } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { encodeState } from '../../src/local/arm/state-codec.ts'
import { ended, isWrite, sandbox, watchAzure, type WatchedAzure } from './sandbox.ts'

const GROUPS = ['clicks/trainer', 'clicks/audit', 'views/trainer', 'views/audit', 'logs/trainer']
const CREATE = [
  'create',
  ...['-g', 'rg-kill', '-n', 'ns-kill-7k2p', '-l', 'westeurope', '--tag', 'team=ml', '--tag', 'env=test', '--capacity', '2'],
  ...['--hub', 'clicks:8:48h', '--hub', 'views:2:7d', '--hub', 'logs'],
  ...GROUPS.flatMap((group) => ['--consumer-group', group]),
  ...['--user-metadata', 'Owner: the trainers', '--auto-inflate-max', '5', '--yes'],
]
/** Group, namespace, 3 hubs, 5 consumer groups, a rule on each hub. */
const WRITES = 13
/** Long enough for a run to find the namespace in Creating. */
const PROVISIONING_MS = 250

/** All that the embedded Azure holds, without what differs from run to run: keys and times. */
function stateOf({ arm }: WatchedAzure): unknown {
  return JSON.parse(encodeState(arm.store.state), (name, value: unknown) =>
    /^(primaryKey|secondaryKey|createdAt|updatedAt|until|operations)$/.test(name) ? undefined : value,
  )
}

describe.skipIf(process.platform === 'win32')('kill -9 after a write, then the same command', () => {
  const seen: number[] = []
  afterAll(() => expect(seen.length).toBe(WRITES))

  test.concurrent.each(Array.from({ length: WRITES }, (_, index) => index + 1))('write %i', async (cut) => {
    const { spawn, run } = sandbox()
    const whole = await watchAzure({ provisioningMs: PROVISIONING_MS })
    expect(await run(CREATE, { env: whole.env })).toMatchObject({ exitCode: 0 })

    let child: ChildProcess | undefined
    let writes = 0
    const azure = await watchAzure({
      provisioningMs: PROVISIONING_MS,
      onRequest: (record) => {
        if (isWrite(record) && ++writes === cut) child?.kill('SIGKILL')
      },
    })
    child = spawn(CREATE, { env: azure.env })
    expect((await ended(child)).exitCode).toBe(null)
    const again = await run(CREATE, { env: azure.env })
    expect(again).toMatchObject({ exitCode: 0 })
    expect(stateOf(azure)).toEqual(stateOf(whole))
    seen.push(cut)
  })
})
