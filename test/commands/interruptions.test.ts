import { describe, expect, test } from 'vitest'
import { Interruption } from '../../src/lib/errors.ts'
import type { RequestRecord } from '../../src/local/index.ts'
import { startTestAzure } from '../support/azure.ts'
import { BIG_CREATE, BIG_WRITES, documentOf, PLACE, SMALL, stateOf, TARGET, unwrapped } from './support.ts'

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const

const isHub = ({ method, path }: RequestRecord) => method === 'PUT' && /\/eventhubs\/\w+\?/.test(path)

/** An Azure, and a signal that comes with the first answer of that kind. */
async function interruptedAt(
  kind: Interruption['kind'],
  when: (record: RequestRecord) => boolean,
  provisioningMs = 120_000,
) {
  const stop = new AbortController()
  const azure = await startTestAzure({
    provisioningMs,
    onRequest: (record) => {
      if (when(record)) stop.abort(new Interruption(kind))
    },
  })
  return { azure, stop: stop.signal }
}

type Azure = Awaited<ReturnType<typeof startTestAzure>>

async function assertRunAgainFinishes(azure: Azure): Promise<void> {
  const again = await azure.run(BIG_CREATE)
  expect(again.exitCode, again.stderr).toBe(0)
  const clean = await startTestAzure()
  await clean.run(BIG_CREATE)
  expect(await stateOf(azure)).toEqual(await stateOf(clean))
}

describe.each(SIGNALS)('%s', (kind, exitCode) => {
  test('while reading: at once, nothing changed', async () => {
    const { azure, stop } = await interruptedAt(kind, ({ method }) => method === 'GET')
    const run = await azure.run(BIG_CREATE, { stop })
    expect(run).toEqual({ exitCode, stdout: '', stderr: '  Cancelled. Nothing was changed.\n' })
    expect(azure.writes()).toEqual([])
  })

  test.each([
    ['plan', ['plan', ...PLACE, ...SMALL]],
    ['show-connection', ['show-connection', ...TARGET, '--format', 'raw']],
  ])('while %s reads', async (_, argv) => {
    const { azure, stop } = await interruptedAt(kind, ({ method }) => method === 'GET')
    expect(await azure.run(argv, { stop })).toMatchObject({ exitCode, stdout: '' })
    const json = await azure.run([...argv.filter((word) => !['--format', 'raw'].includes(word)), '--json'], { stop })
    expect(json).toMatchObject({ exitCode, stderr: '' })
    expect(documentOf(json)).toMatchObject({ result: 'cancelled', error: { code: 'cancelled' } })
  })

  test('while a namespace is being created: Azure goes on with it, the rest is not started', async () => {
    const { azure, stop } = await interruptedAt(
      kind,
      ({ method, path }) => method === 'PUT' && path.includes('/namespaces/'),
    )
    const startedAt = azure.clock.now()
    const run = await azure.run(BIG_CREATE, { stop })
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(azure.clock.now() - startedAt).toBeLessThanOrEqual(6_000)
    expect(run.stderr).toContain('Stopping. Azure keeps working on what it accepted.')
    const told = unwrapped(run.stderr)
    expect(told).toContain('Done resource group rg-clicks')
    expect(told).toContain('Still running namespace ns-clicks-test')
    expect(told).toContain('Not started hub clicks')
    expect(run.stderr.trimEnd().split('\n').at(-1)).toContain('Run the same command again to finish.')
    await assertRunAgainFinishes(azure)
  })

  test('in the middle of the hubs: what was sent is waited for, nothing new starts, the lists hold every step once', async () => {
    const { azure, stop } = await interruptedAt(kind, isHub, 0)
    const run = await azure.run([...BIG_CREATE, '--json'], { stop })
    expect(run.exitCode).toBe(exitCode)
    const { changes, result, error } = documentOf(run)
    expect(result).toBe('partial')
    expect(error).toMatchObject({ hint: 'Run the same command again to finish.' })
    const states = changes.map(({ state }) => state)
    expect(states).toHaveLength(BIG_WRITES)
    // A slow machine may take more than five seconds of the manual clock to bring an answer.
    expect(states.filter((state) => state === 'done' || state === 'running').length).toBe(azure.writes().length)
    expect(states.filter((state) => state === 'not-started').length).toBe(BIG_WRITES - azure.writes().length)
    await assertRunAgainFinishes(azure)
  })

  test('after the last write, while the connection is read: all is made', async () => {
    let writes = 0
    const { azure, stop } = await interruptedAt(
      kind,
      ({ method }) => {
        if (method === 'PUT') writes++
        return writes === BIG_WRITES && method === 'GET'
      },
      0,
    )
    const run = await azure.run(BIG_CREATE, { stop })
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toContain('13 created')
    expect(unwrapped(run.stderr)).toContain(
      'Everything is made, but the connection could not be read The run was interrupted.',
    )
    expect(run.stderr).not.toContain('Nothing was changed')
    await assertRunAgainFinishes(azure)
  })
})

describe('--timeout', () => {
  test('while a namespace is being created: exit 7 and the lists', async () => {
    const azure = await startTestAzure({ provisioningMs: 500_000 })
    const run = await azure.run([...BIG_CREATE, '--timeout', '90s'])
    expect(run).toMatchObject({ exitCode: 7, stdout: '' })
    const told = unwrapped(run.stderr)
    expect(told).toContain("Can't finish: the time limit (--timeout) was reached")
    expect(told).toContain('Still running namespace ns-clicks-test')
    await assertRunAgainFinishes(azure)
  })

  test('the document says deadline', async () => {
    const azure = await startTestAzure({ provisioningMs: 500_000 })
    const run = await azure.run([...BIG_CREATE, '--timeout', '90s', '--json'])
    const document = documentOf(run)
    expect(document).toMatchObject({ exitCode: 7, result: 'partial', error: { code: 'deadline' } })
    expect(document.changes.find(({ kind }) => kind === 'namespace')).toMatchObject({ state: 'running' })
  })

  test('a hub that Azure keeps refusing has failed, with the reason', async () => {
    const azure = await startTestAzure()
    azure.arm.faults.add({ kind: '409', method: 'PUT', path: '/eventhubs/views' })
    const run = await azure.run([...BIG_CREATE, '--timeout', '2m', '--json'])
    const document = documentOf(run)
    expect(document).toMatchObject({ exitCode: 7, result: 'partial', error: { code: 'deadline' } })
    expect(document.changes.find(({ kind, name }) => kind === 'hub' && name === 'views')).toMatchObject({
      state: 'failed',
      error: { azure: { status: 409, code: 'Conflict' } },
    })
    const inViews = document.changes.filter(({ hub }) => hub === 'views')
    expect(inViews.map(({ state }) => state)).toEqual(['not-started', 'not-started', 'not-started'])
    azure.arm.faults.clear()
    await assertRunAgainFinishes(azure)
  })
})

test('an answer that does not come within five seconds is not waited for', async () => {
  const stop = new AbortController()
  let stoppedAt = 0
  const azure = await startTestAzure({
    latencyMs: 9_000,
    onRequest: ({ path }) => {
      if (!/checkNameAvailability/i.test(path)) return
      void azure.clock.sleep(2_000).then(() => {
        stoppedAt = azure.clock.now()
        stop.abort(new Interruption('SIGINT'))
      })
    },
  })
  const run = await azure.run([...BIG_CREATE, '--json'], { stop: stop.signal })
  expect(run.exitCode).toBe(130)
  expect(azure.clock.now() - stoppedAt).toBe(5_000)
  const [group, ...rest] = documentOf(run).changes
  expect(group).toMatchObject({ kind: 'group', state: 'running' })
  expect(rest.every(({ state }) => state === 'not-started')).toBe(true)
})
