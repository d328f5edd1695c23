import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { startService } from '../../src/local/index.ts'
import { SERVICE_HOST as host } from '../commands/support.ts'
import { present } from '../local/amqp/support/referee.ts'
import { runCli } from '../support/test-deps.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const KCAT = { what: 'kcat', probe: ['kcat', '-V'], from: "Debian's kcat" } as const
const shell = promisify(execFile)

test.skipIf(!present(KCAT))('what the page lets kcat send, it lets a new group read', async () => {
  const page = await readFile(new URL('../../docs/local-kafka.md', import.meta.url), 'utf8')
  const [, send = '', read = ''] = /^(echo .*kcat .*)\n(kcat .*)$/m.exec(page) ?? []
  const cwd = temporaryFolder()
  const dataFolder = join(cwd, 'data')
  const service = await startService({
    ...{ host, clock: realClock, version: '1.2.3', dataFolder, log: () => undefined },
    dataPlane: { ports: { amqp: 0, kafka: 0 } },
  })
  onTestFinished(() => service.close())
  const run = (...argv: readonly string[]) =>
    runCli([...argv, '--local', '--hub', 'clicks', '--data', dataFolder], { clock: realClock, host, cwd })
  expect(await run('create', '--yes', '--no-connection')).toMatchObject({ exitCode: 0 })
  const settings = await run('show-connection', '--format', 'librdkafka')
  await writeFile(join(cwd, 'kafka.properties'), settings.stdout)

  await shell('sh', ['-c', send], { cwd })
  // Ends after the last event, where a person would press Ctrl-C.
  expect((await shell('sh', ['-c', `${read} -e`], { cwd })).stdout).toBe('hello\n')
})
