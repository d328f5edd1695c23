import type { ChildProcess } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/local/index.ts'
import { ended, isWrite, sandbox, stateOf, watchAzure } from './sandbox.ts'

const GROUPS = ['clicks/trainer', 'clicks/audit', 'views/trainer', 'views/audit', 'logs/trainer']
const CREATE = [
  'create',
  ...[
    '-g',
    'rg-kill',
    '-n',
    'ns-kill-7k2p',
    '-l',
    'westeurope',
    '--tag',
    'team=ml',
    '--tag',
    'env=test',
    '--capacity',
    '2',
  ],
  ...['--hub', 'clicks:8:48h', '--hub', 'views:2:7d', '--hub', 'logs'],
  ...GROUPS.flatMap((group) => ['--consumer-group', group]),
  ...['--user-metadata', 'Owner: the trainers', '--auto-inflate-max', '5', '--yes'],
]
/** Group, namespace, 3 hubs, 5 consumer groups, a rule on each hub. */
const WRITES = 13
/** Long enough for a run to find the namespace in Creating. */
const PROVISIONING_MS = 250

describe.skipIf(process.platform === 'win32')('kill -9 after a write, then the same command', () => {
  let expected: unknown
  beforeAll(async () => {
    const closing: (() => Promise<void>)[] = []
    const onFinished = (close: () => Promise<void>) => void closing.push(close)
    const whole = await watchAzure({ provisioningMs: PROVISIONING_MS }, onFinished)
    expect(await sandbox({ onFinished }).run(CREATE, { env: whole.env })).toMatchObject({ exitCode: 0 })
    expect(whole.writes()).toHaveLength(WRITES)
    expected = stateOf(whole)
    for (const close of closing) await close()
  })

  test.concurrent.for(Array.from({ length: WRITES }, (_, index) => index + 1))(
    'write %i',
    async (cut, { onTestFinished: onFinished }) => {
      const { spawn, run } = sandbox({ onFinished })
      const running: { child?: ChildProcess } = {}
      let writes = 0
      const onRequest = (record: RequestRecord) => {
        if (isWrite(record) && ++writes === cut) running.child?.kill('SIGKILL')
      }
      const azure = await watchAzure({ provisioningMs: PROVISIONING_MS, onRequest }, onFinished)
      running.child = spawn(CREATE, { env: azure.env })
      expect((await ended(running.child)).exitCode).toBe(null)
      expect(await run(CREATE, { env: azure.env })).toMatchObject({ exitCode: 0 })
      expect(stateOf(azure)).toEqual(expected)
      expect(await run(CREATE, { env: azure.env })).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining('No write was sent') as string,
      })
    },
  )
})
