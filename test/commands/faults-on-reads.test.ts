import { describe, expect, test } from 'vitest'
import type { FaultKind } from '../../src/local/index.ts'
import { startTestAzure } from '../support/azure.ts'
import { documentOf, SMALL, SMALL_CREATE, stateOf, TARGET, unwrapped } from './support.ts'

/** What a command reads: how errors name it, and the request. */
const READS = [
  { read: 'read the provider registration', method: 'GET', path: /providers\/microsoft\.eventhub$/ },
  { read: 'read resource group rg-clicks', method: 'GET', path: /resourcegroups\/rg-clicks$/ },
  { read: 'read namespace ns-clicks-test', method: 'GET', path: /namespaces\/ns-clicks-test$/ },
  { read: 'read the network rules of namespace ns-clicks-test', method: 'GET', path: /networkrulesets\/default$/ },
  { read: 'list the hubs of namespace ns-clicks-test', method: 'GET', path: /\/eventhubs$/ },
  { read: 'list the consumer groups of hub clicks', method: 'GET', path: /\/consumergroups$/ },
  { read: 'read rule ml-ingest-send-listen', method: 'GET', path: /authorizationrules\/[^/]+$/ },
  { read: 'read the keys of rule ml-ingest-send-listen', method: 'POST', path: /\/listkeys$/ },
  { read: 'check the name ns-clicks-test', method: 'POST', path: /\/checknameavailability$/ },
] as const

/** Exit code of a fault that stays. */
const WHEN_IT_STAYS = {
  '401': 3,
  '403': 3,
  '409': 7,
  '429': 7,
  '500': 1,
  '502': 1,
  '503': 1,
  'in-transition': 7,
  reset: 1,
  mfa: 3,
} as const
/** Rights may not reach the provider, and those of an organisation may leave out the network rules. */
const mayBeForbidden = (read: string, kind: FaultKind): boolean => kind === '403' && /provider|network/.test(read)
/** One of each sort, for where the difference between the others was shown already. */
const SORTS: readonly FaultKind[] = ['401', '403', '429', '503', 'reset']
const KINDS = Object.keys(WHEN_IT_STAYS) as (keyof typeof WHEN_IT_STAYS)[]
const PASSES: readonly FaultKind[] = ['409', '429', '500', '502', '503', 'in-transition', 'reset']

const cases = READS.flatMap((read) => KINDS.map((kind) => ({ ...read, kind })))

describe('before the first write', () => {
  test.each(cases)('$kind for good when it is to $read', async ({ read, method, path, kind }) => {
    const azure = await startTestAzure()
    azure.arm.faults.add({ kind, method, path })
    const run = await azure.run([...SMALL_CREATE, '--timeout', '2m'])
    // A rule whose keys may not be read is not ours to complain about yet.
    if (mayBeForbidden(read, kind)) return expect(run.exitCode).toBe(0)
    if (['401', '403', 'mfa'].includes(kind) && read.includes('keys')) return expect(run.exitCode).toBe(6)
    expect(run).toMatchObject({ exitCode: WHEN_IT_STAYS[kind], stdout: '' })
    expect(unwrapped(run.stderr)).toContain(`Failed to ${read}`)
    if (WHEN_IT_STAYS[kind] === 7) expect(unwrapped(run.stderr)).toContain('the time limit (--timeout) was reached')
    expect(azure.writes()).toEqual([])
    azure.arm.faults.clear()
    expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0 })
  })

  test.each(cases.filter(({ kind }) => PASSES.includes(kind) && kind !== '500' && kind !== '502'))(
    '$kind once when it is to $read',
    async ({ method, path, kind }) => {
      const azure = await startTestAzure()
      azure.arm.faults.add({ kind, method, path, times: 1, retryAfterSeconds: 2 })
      expect(await azure.run(SMALL_CREATE)).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^Endpoint=sb:\S+\n$/) as string,
      })
    },
  )
})

describe('a success of another form than documented is told, and is no bug of ours', () => {
  const LISTS = [{}, { value: null }, { value: [null] }]

  test.each(READS)('when it is to $read', async ({ read, method, path }) => {
    for (const body of read.startsWith('list') ? LISTS : [null]) {
      const azure = await startTestAzure()
      azure.arm.faults.add({ kind: '409', method, path, reply: { status: 200, body } })
      const { exitCode, stderr } = await azure.run(SMALL_CREATE)
      expect(exitCode, stderr).toBe(read.includes('keys') ? 6 : 1)
      expect(unwrapped(stderr)).toMatch(/Failed to .* The answer of Azure has another form than documented: /)
      expect(stderr).toContain(`Failed to ${read}`)
    }
  })

  test.each([
    ['list the locks of rg-clicks', /\/locks$/],
    ['list the resources of rg-clicks', /\/resources$/],
    ['list the rules of ns-clicks-test', /ns-clicks-test\/authorizationrules$/],
  ])('when it is to %s before a deletion', async (read, path) => {
    const azure = await startTestAzure()
    expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0 })
    for (const body of LISTS) {
      azure.arm.faults.clear()
      azure.arm.faults.add({ kind: '409', method: 'GET', path, reply: { status: 200, body } })
      const { exitCode, stderr } = await azure.run(['delete', ...TARGET, '--dry-run'])
      expect({ exitCode, read: stderr.includes(`Failed to ${read}`) }, stderr).toEqual({ exitCode: 1, read: true })
    }
  })
})

describe('after the last write', () => {
  const again = cases.filter(({ read, kind }) => !read.startsWith('check') && SORTS.includes(kind))

  test.each(again)(
    '$kind for good when it is to $read: all is made, and the ending says what is missing',
    async (one) => {
      const { read, method, path, kind } = one
      const azure = await startTestAzure()
      // The wave before the first write reads everything once; of the namespace, apply itself reads twice more.
      const skip = read.includes('read namespace') ? 3 : 1
      azure.arm.faults.add({ kind, method, path, skip })
      const run = await azure.run([...SMALL_CREATE, '--timeout', '3m'])
      if (mayBeForbidden(read, kind)) return expect(run.exitCode).toBe(0)
      expect(run).toMatchObject({ exitCode: WHEN_IT_STAYS[kind] === 7 ? 7 : 6, stdout: '' })
      expect(run.stderr).toContain('5 created')
      expect(run.stderr).toContain('Everything is made, but the connection could not be read')
      expect(run.stderr).not.toMatch(/Nothing was changed/)
      expect(unwrapped(run.stderr)).toContain(`Failed to ${read}`)
      azure.arm.faults.clear()
      azure.requests.length = 0
      expect(await azure.run(SMALL_CREATE)).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^Endpoint=sb:/) as string,
      })
      expect(azure.writes()).toEqual([])
    },
  )

  test('the document says what is done and why the connection is not there', async () => {
    const azure = await startTestAzure()
    azure.arm.faults.add({ kind: '403', method: 'POST', path: 'listKeys' })
    const run = await azure.run([...SMALL_CREATE, '--json'])
    expect(documentOf(run)).toMatchObject({
      result: 'partial',
      exitCode: 6,
      connections: [],
      error: { code: 'partial', azure: { status: 403, code: 'AuthorizationFailed' } },
    })
    expect(documentOf(run).changes.map(({ state }) => state)).toEqual(Array(5).fill('done'))
  })

  test('what Azure does not show at once is looked for again', async () => {
    const azure = await startTestAzure()
    azure.arm.faults.add(
      { kind: '404-after-create', path: /authorizationrules/, times: 3 },
      { kind: '404-after-create', path: /namespaces\/[^/]+$/, times: 3 },
    )
    expect(await azure.run(SMALL_CREATE)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Endpoint=sb:/) as string,
    })
  })

  test.each([
    ['the rule', /authorizationrules/, 'Everything is made, but the connection could not be read'],
    ['the namespace', /namespaces\/[^/]+$/, 'Failed to create namespace ns-clicks-test'],
  ])('what Azure never shows: %s', async (_, path, sentence) => {
    const azure = await startTestAzure()
    azure.arm.faults.add({ kind: '404-after-create', path })
    const run = await azure.run(SMALL_CREATE)
    expect(run).toMatchObject({ exitCode: 6, stdout: '' })
    expect(unwrapped(run.stderr)).toContain(sentence)
    azure.arm.faults.clear()
    expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0 })
    expect((await stateOf(azure))['hubs']).toHaveLength(1)
  })
})

describe.each(['plan', 'show-connection'] as const)('%s', (command) => {
  const given =
    command === 'plan'
      ? ['plan', ...TARGET, ...SMALL]
      : ['show-connection', ...TARGET, '--hub', 'clicks', '--format', 'raw']
  const asked = cases.filter(
    ({ read, kind }) =>
      SORTS.includes(kind) && !read.startsWith('check') && (command === 'show-connection' || !read.includes('keys')),
  )

  test.each(asked)('$kind for good when it is to $read', async ({ read, method, path, kind }) => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    azure.arm.faults.add({ kind, method, path })
    const run = await azure.run([...given, '--timeout', '2m'])
    if (mayBeForbidden(read, kind)) return expect(run.exitCode).toBe(0)
    expect(run).toMatchObject({ exitCode: WHEN_IT_STAYS[kind], stdout: '' })
    expect(unwrapped(run.stderr)).toContain(`Failed to ${read}`)
  })
})
