import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/lib/secret.ts'
import type { Connection } from '../../src/engine/connection.ts'
import { formatSnippet } from '../../src/ui/connection/snippet.ts'
import { startTestBroker, type TestBroker } from '../local/amqp/support/local.ts'
import { present } from '../local/amqp/support/referee.ts'
import { startTlsFront, type TlsFront } from '../local/amqp/support/tls-front.ts'
import { sasConnection } from './samples.ts'
import { folderOfSuite } from '../support/temporary-folder.ts'

const PYTHON = '/usr/bin/python3'
const CAN_RUN = present(
  { what: 'azure.eventhub', probe: [PYTHON, '-c', 'import azure.eventhub'], from: "Debian's python3-azure" },
  { what: 'openssl', probe: ['openssl', 'version'], from: "Debian's openssl" },
)

interface Printed {
  readonly printed: readonly string[]
  readonly rows: readonly (readonly [partition: string, sequenceNumber: number, body: string])[]
}

describe.skipIf(!CAN_RUN)('with the official client for Python', { timeout: 60_000 }, () => {
  let broker: TestBroker
  let tls: TlsFront
  const folder = folderOfSuite()
  beforeAll(async () => {
    broker = await startTestBroker()
    tls = await startTlsFront(broker.broker.port, folder)
  })
  afterAll(async () => {
    tls.close()
    await broker.stop()
  })

  /** The connection, and its string as real Azure prints it. */
  function hubOf(name: string): { readonly connection: Connection; readonly string: string } {
    broker.directory.addHub(name)
    const string = broker
      .connectionString({ hub: name })
      .replace(`:${broker.broker.port}`, '')
      .replace('UseDevelopmentEmulator=true;', '')
    const { sign } = sasConnection()
    return {
      connection: sasConnection({
        hub: name,
        consumerGroups: [],
        sign: { ...sign, connectionString: new Secret(string) } as Connection['sign'],
      }),
      string,
    }
  }

  /** Runs it until it has printed that many lines, or to its end. */
  async function run(name: string, code: string, env: Readonly<Record<string, string>>, lines: number) {
    const file = join(folder, `${name}.py`)
    writeFileSync(file, code)
    const script = join(import.meta.dirname, 'run_program.py')
    const args = [script, file, String(tls.port), tls.certificate, String(lines), join(folder, `${name}.state`)]
    const child = spawn(PYTHON, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    await new Promise((resolve) => child.once('close', resolve))
    expect(stdout, stderr).toMatch(/^\{/)
    return JSON.parse(stdout) as Printed
  }

  it('python sends an event and reads it', async () => {
    const { connection, string } = hubOf('plain')
    const code = formatSnippet('python', connection, { string: 'EH', hub: 'EH_HUB' })
    const { printed } = await run('plain', code, { EH: string, EH_HUB: 'plain' }, 1)
    expect(printed).toEqual([expect.stringMatching(/^[0-3] \{"hello": "world"\}$/)])
  })

  it('python goes on where the last run stopped, where the environment names a container', async () => {
    const { connection, string } = hubOf('kept')
    const env = { EH: string, CHECKPOINT_CONTAINER: 'places', CHECKPOINT_STORAGE_CONNECTION_STRING: 'account' }
    const code = formatSnippet('python', connection, { string: 'EH' }).replace('"world"', '"first"')
    expect((await run('kept', code, env, 1)).printed).toEqual([expect.stringContaining('first')])
    const again = await run('kept', code.replace('"first"', '"second"'), env, 1)
    expect(again.printed).toEqual([expect.stringContaining('second')])
    const fresh = await run('kept', code.replace('"first"', '"third"'), { EH: string }, 3)
    expect(fresh.printed).toHaveLength(3)
  })

  it('ipynb sends, reads and makes rows, and stops by itself', async () => {
    const { connection, string } = hubOf('notebook')
    const { cells } = JSON.parse(formatSnippet('ipynb', connection, { string: 'EH' })) as {
      readonly cells: readonly { readonly id: string; readonly source: readonly string[] }[]
    }
    const code = ['settings', 'send', 'read', 'frame'].map((id) =>
      cells.find((cell) => cell.id === id)!.source.join(''),
    )
    const sooner = code.join('\n').replace('Timer(15,', 'Timer(4,')
    const { printed, rows } = await run('notebook', sooner, { EH: string }, 0)
    expect(printed).toEqual(['1 events'])
    expect(rows).toEqual([[expect.stringMatching(/^[0-3]$/), 0, '{"hello": "world"}']])
  })
})
