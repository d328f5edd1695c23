import { describe, expect, test } from 'vitest'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { startTestAzure } from '../support/azure.ts'
import { Capture, testDeps } from '../support/test-deps.ts'
import { PLACE, SMALL, SMALL_CREATE, TARGET } from './support.ts'

/** A stream that takes nothing. */
class Broken extends Capture {
  readonly #code: string

  constructor(code: string) {
    super()
    this.#code = code
  }

  override _write(_chunk: Buffer | string, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    done(Object.assign(new Error(`${this.#code}: no more, write`), { code: this.#code }))
  }
}

const SHOW = ['show-connection', ...TARGET, '--hub', 'clicks']
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['--help', ['--help']],
  ['--version', ['--version']],
  ['plan --help', ['plan', '--help']],
  ['completion bash', ['completion', 'bash']],
  ['complete', ['complete', '--', 'pl']],
  ['plan', ['plan', ...PLACE, ...SMALL]],
  ['plan --json', ['plan', ...PLACE, ...SMALL, '--json']],
  ['plan --exit-code', ['plan', ...PLACE, '--hub', 'other', '--exit-code']],
  ['create', SMALL_CREATE],
  ['create --json', [...SMALL_CREATE, '--json']],
  ['show-connection', [...SHOW, '--format', 'raw']],
  ['delete --dry-run', ['delete', ...TARGET, '--dry-run']],
  ['local status', ['local', 'status']],
]

describe('stdout that fails', () => {
  async function run(argv: readonly string[], code: string) {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const env = { ML_INGEST_ARM_ENDPOINT: azure.arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
    const stdout = new Broken(code)
    const deps = { ...testDeps({ clock: azure.clock, env }), stdout }
    const exitCode = await main(argv, deps)
    return { exitCode, stderr: deps.stderr.text, listeners: stdout.listenerCount('error') }
  }

  test.each(LINES)('%s: ends with one line and exit code 1', async (_, argv) => {
    const { exitCode, stderr, listeners } = await run(argv, 'ENOSPC')
    expect({ exitCode, listeners }).toEqual({ exitCode: 1, listeners: 0 })
    expect(stderr.split('\n').slice(-2)).toEqual(["Can't write to stdout: ENOSPC: no more, write", ''])
    expect(stderr.match(/ENOSPC/g)).toHaveLength(1)
    expect(stderr).not.toMatch(/this is a bug|\n +at /)
  })

  test('an error keeps its exit code', async () => {
    const { exitCode, stderr } = await run(['plan', '--tier', 'x', '--json'], 'ENOSPC')
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: "Can't write to stdout: ENOSPC: no more, write\n" })
  })

  test.each(LINES)('%s: a reader that closed the pipe is no failure', async (_, argv) => {
    const { exitCode, stderr } = await run(argv, 'EPIPE')
    expect(exitCode).toBe(argv.includes('--exit-code') ? 5 : 0)
    expect(stderr).not.toContain('EPIPE')
  })
})
