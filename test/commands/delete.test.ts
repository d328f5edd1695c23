import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
// Loaded lazily by the program; while a test loads it nothing else seems to happen, and its clock would run.
import '../../src/commands/delete.ts'
import { Interruption } from '../../src/lib/errors.ts'
import type { FaultKind, RequestRecord } from '../../src/local/index.ts'
import { copyState, type Namespace } from '../local/support/inside.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import {
  armGet,
  armSend,
  BIG_CREATE,
  documentOf,
  GROUP,
  GROUP_PATH,
  NAMESPACE,
  NAMESPACE_PATH,
  stateOf,
  SUBSCRIPTION_PATH,
  TARGET,
  unwrapped,
} from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Options = NonNullable<Parameters<typeof startTestAzure>[0]>

const AGREED = ['--confirm', NAMESPACE, '--yes']
const DELETE = ['delete', ...TARGET, ...AGREED]
const LOCKS = '/providers/Microsoft.Authorization/locks'

/** Where ml-ingest made three hubs with what is in them, alone in a group that it made. No test touches it. */
let made: TestAzure

beforeAll(async () => {
  const closing: (() => Promise<void>)[] = []
  made = await startTestAzure({}, (close) => void closing.push(close))
  expect(await made.run(BIG_CREATE)).toMatchObject({ exitCode: 0 })
  for (const close of closing) await close()
})

/** A copy of it, at the time at which it was done. */
async function startWithOurs(options: Options = {}): Promise<TestAzure> {
  const azure = await startTestAzure(options)
  azure.clock.advance(made.clock.now() - azure.clock.now())
  copyState(made.arm, azure.arm)
  return azure
}

const startWithForeign = (): Promise<TestAzure> =>
  startTestAzure({ seed: { namespaces: [{ group: GROUP, name: NAMESPACE, hubs: [{ name: 'clicks' }] }] } })

const isThere = async ({ arm }: TestAzure, path: string): Promise<boolean> => (await armGet(arm, path)) !== undefined
const deletesOf = (azure: TestAzure): readonly string[] =>
  azure.writes().map(({ method, path }) => `${method} ${path.split('?')[0]!.split('/').at(-1)}`)

async function lockAt(azure: TestAzure, scope: string, name = 'keep'): Promise<string> {
  const id = `${scope}${LOCKS}/${name}`
  const properties = { level: 'CanNotDelete', notes: 'ask the data team' }
  expect(await armSend(azure.arm, 'PUT', id, { properties })).toBe(201)
  azure.requests.length = 0
  return id
}

describe('the whole namespace', () => {
  test('is shown, deleted, waited for, and the empty group goes too', async () => {
    const azure = await startWithOurs({ provisioningMs: 40_000 })
    const startedAt = azure.clock.now()
    const run = await azure.run(DELETE)
    expect(run).toMatchObject({ exitCode: 0, stdout: '' })
    const said = unwrapped(run.stderr)
    expect(said).toContain('hub clicks: 4 partitions, retention 24h, consumer groups audit, trainer, access rule')
    expect(said).toContain('including those of the last minutes. Azure cannot tell how many there are.')
    expect(said).toContain(`delete namespace ${NAMESPACE}: still deleting (30s)`)
    expect(said).toContain('2 deleted (')
    expect(deletesOf(azure)).toEqual([`DELETE ${NAMESPACE}`, `DELETE ${GROUP}`])
    expect(azure.clock.now() - startedAt).toBeGreaterThanOrEqual(80_000)
    expect(await isThere(azure, GROUP_PATH)).toBe(false)
  })

  test('done again is nothing to do, with exit 0 and no write', async () => {
    const azure = await startWithOurs()
    await azure.run(DELETE)
    azure.requests.length = 0
    const run = await azure.run(DELETE)
    expect(run).toMatchObject({ exitCode: 0, stdout: '' })
    expect(unwrapped(run.stderr)).toContain(
      `Nothing to delete: namespace ${NAMESPACE} is not there. No write was sent.`,
    )
    expect(azure.writes()).toEqual([])
    expect(documentOf(await azure.run([...DELETE, '--json']))).toMatchObject({ command: 'delete', result: 'unchanged' })
  })

  test('as a document', async () => {
    const azure = await startWithOurs()
    const document = documentOf(await azure.run([...DELETE, '--json']))
    expect(document).toMatchObject({
      command: 'delete',
      result: 'changed',
      target: { resourceGroup: GROUP, namespace: NAMESPACE },
      changes: [
        { kind: 'namespace', name: NAMESPACE, action: 'delete', state: 'done' },
        { kind: 'group', name: GROUP, action: 'delete', state: 'done' },
      ],
      error: null,
    })
    expect(document.changes[0]!.details).toHaveLength(4)
  })

  test('of the embedded subscription by default names', async () => {
    const azure = await startTestAzure()
    await azure.run(['create', '-l', 'westeurope', '--yes'])
    const { target } = documentOf(await azure.run(['delete', '--dry-run', '--json']))
    expect(await azure.run(['delete', '--confirm', target!.namespace, '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await isThere(azure, `${SUBSCRIPTION_PATH}/resourceGroups/${target!.resourceGroup}`)).toBe(false)
  })
})

describe('agreement', () => {
  test('off a terminal: what is missing is listed at once, before anything is sent', async () => {
    const azure = await startWithOurs()
    const run = await azure.run(['delete', ...TARGET, '--consumer-group', '$Default', '--timeout', 'soon', '--json'])
    const { error } = documentOf(run)
    expect(run.exitCode).toBe(2)
    expect(error?.missing.map(({ flag, example }) => [flag, example])).toEqual([
      ['-y, --yes', null],
      ['--confirm <namespace>', NAMESPACE],
    ])
    expect(error?.invalid.map(({ flag }) => flag)).toEqual(['--timeout soon', '--consumer-group $Default'])
    expect(error?.hint).toContain(`--confirm ${NAMESPACE}`)
    expect(azure.requests).toEqual([])
  })

  test.each([
    ['--yes alone', ['--yes'], 'confirmed name'],
    ['--confirm alone', ['--confirm', NAMESPACE], 'confirmation'],
  ])('%s is not enough', async (_, words, input) => {
    const azure = await startWithOurs()
    const run = await azure.run(['delete', ...TARGET, ...words, '--json'])
    expect([run.exitCode, documentOf(run).error?.missing.map((one) => one.input)]).toEqual([2, [input]])
    expect(azure.requests).toEqual([])
  })

  test('a mistyped name: exit 2, nothing sent', async () => {
    const azure = await startWithOurs()
    const run = await azure.run(['delete', ...TARGET, '--confirm', 'ns-clicks-tset', '--yes'])
    expect([run.exitCode, azure.requests]).toEqual([2, []])
    expect(unwrapped(run.stderr)).toContain(`--confirm ns-clicks-tset is not the namespace of this run, ${NAMESPACE}`)
  })

  test('a dry run needs none, and writes nothing', async () => {
    const azure = await startWithOurs()
    const run = await azure.run(['delete', ...TARGET, '--dry-run'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toMatch(/^- delete +namespace +ns-clicks-test$/m)
    expect(documentOf(await azure.run(['delete', ...TARGET, '--dry-run', '--json'])).result).toBe('planned')
    expect(azure.writes()).toEqual([])
  })

  test.each([
    [
      '--hub and a group without a hub',
      ['--hub', 'clicks', '--consumer-group', 'trainer'],
      'needs its hub, such as clicks/trainer',
    ],
    ['--hub and a group in it', ['--hub', 'clicks', '--consumer-group', 'Clicks/trainer'], 'contradicts --hub Clicks'],
    ['$Default', ['--consumer-group', 'clicks/$Default'], 'cannot be deleted: every hub has it'],
  ])('%s', async (_, words, why) => {
    const azure = await startWithOurs()
    const run = await azure.run([...DELETE, ...words])
    expect([run.exitCode, azure.requests]).toEqual([2, []])
    expect(unwrapped(run.stderr)).toContain(why)
  })
})

describe('a namespace that is not ours', () => {
  test.each([[], ['--hub', 'clicks']])('is refused in a dry run, %j', async (...words) => {
    const azure = await startWithForeign()
    const before = await stateOf(azure)
    const run = await azure.run(['delete', ...TARGET, ...words, '--dry-run', '--json'])
    expect(run.exitCode).toBe(4)
    const { result, error, changes } = documentOf(run)
    expect([result, error?.message]).toEqual(['refused', expect.stringContaining('was not made by ml-ingest')])
    expect(changes[0]!.refusals[0]!.waysOut[0]!.command).toContain(`--confirm ${NAMESPACE}`)
    expect([azure.writes(), await stateOf(azure)]).toEqual([[], before])
  })

  test('goes when it is named; its group, not ours either, stays', async () => {
    const azure = await startWithForeign()
    const run = await azure.run(DELETE)
    expect(run.exitCode).toBe(0)
    expect(unwrapped(run.stderr)).toContain(`note namespace ${NAMESPACE} was not made by ml-ingest`)
    expect(unwrapped(run.stderr)).toContain(`Kept resource group ${GROUP} (not made by ml-ingest)`)
    expect(deletesOf(azure)).toEqual([`DELETE ${NAMESPACE}`])
    expect([await isThere(azure, NAMESPACE_PATH), await isThere(azure, GROUP_PATH)]).toEqual([false, true])
  })
})

describe('a group that holds anything else', () => {
  const NEIGHBOUR = `${GROUP_PATH}/providers/Microsoft.EventHub/namespaces/ns-neighbour`
  const putNeighbour = ({ arm }: TestAzure) =>
    armSend(arm, 'PUT', NEIGHBOUR, { location: 'westeurope', sku: { name: 'Standard' } })

  test('stays, and what it holds is told', async () => {
    const azure = await startWithOurs()
    await putNeighbour(azure)
    const run = await azure.run(DELETE)
    expect(run.exitCode).toBe(0)
    expect(unwrapped(run.stderr)).toContain(
      `Kept resource group ${GROUP} (holds ns-neighbour (Microsoft.EventHub/namespaces))`,
    )
    expect(deletesOf(azure).slice(1)).toEqual([`DELETE ${NAMESPACE}`])
    expect(await isThere(azure, NEIGHBOUR)).toBe(true)
  })

  /** Ours, and somebody who puts a namespace into the group with the first answer of that kind. */
  async function startWithIntruder(when: (record: RequestRecord) => boolean): Promise<TestAzure> {
    let ours = undefined as Namespace | undefined
    const azure: TestAzure = await startWithOurs({
      onRequest: (record) => {
        if (!ours || !when(record)) return
        const neighbour: Namespace = { ...ours, name: 'ns-neighbour' }
        azure.arm.store.change(({ namespaces }) => void namespaces.set(neighbour.name, neighbour))
      },
    })
    ours = azure.arm.store.state.namespaces.get(NAMESPACE)
    return azure
  }

  test('that came in the meantime stays too: the group is looked at right before it would go', async () => {
    const azure = await startWithIntruder(({ method, path }) => method === 'DELETE' && path.includes('/namespaces/'))
    const run = await azure.run(DELETE)
    expect(run.exitCode).toBe(6)
    expect(unwrapped(run.stderr)).toContain('Something was put into it meanwhile: ns-neighbour. It was left as it is.')
    expect(deletesOf(azure)).not.toContain(`DELETE ${GROUP}`)
    expect([await isThere(azure, NEIGHBOUR), await isThere(azure, NAMESPACE_PATH)]).toEqual([true, false])
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 0 })
    expect(await isThere(azure, NEIGHBOUR)).toBe(true)
  })

  test('is looked for again before each try', async () => {
    const azure = await startWithIntruder(({ method, status }) => method === 'DELETE' && status === 503)
    azure.arm.faults.add({ kind: '503', method: 'DELETE', path: /resourceGroups\/rg-clicks$/i, times: 1 })
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 6 })
    expect(deletesOf(azure)).toEqual([`DELETE ${NAMESPACE}`, `DELETE ${GROUP}`])
    expect(await isThere(azure, NEIGHBOUR)).toBe(true)
  })
})

describe('a lock', () => {
  test.each([
    ['the subscription', SUBSCRIPTION_PATH],
    ['the group', GROUP_PATH],
    ['the namespace', NAMESPACE_PATH],
    ['a hub', `${NAMESPACE_PATH}/eventhubs/views`],
  ])('on %s: exit 4 before anything is written, with the command that removes it', async (_, scope) => {
    const azure = await startWithOurs()
    const id = await lockAt(azure, scope)
    const run = await azure.run(DELETE)
    expect([run.exitCode, azure.writes()]).toEqual([4, []])
    expect(run.stderr).toContain(`curl -X DELETE -H 'Authorization: Bearer x' '${azure.arm.endpoint}${id}?api-version=`)
    expect(unwrapped(run.stderr)).toContain('Lock keep (CanNotDelete) forbids it. Its notes say: ask the data team')
    expect(await armSend(azure.arm, 'DELETE', id)).toBe(200)
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 0 })
  })

  test('on another hub does not keep this one', async () => {
    const azure = await startWithOurs()
    await lockAt(azure, `${NAMESPACE_PATH}/eventhubs/views`)
    expect(await azure.run([...DELETE, '--hub', 'clicks'])).toMatchObject({ exitCode: 0 })
  })

  test('that may not be read is honoured by Azure, and explained', async () => {
    const azure = await startWithOurs()
    await lockAt(azure, GROUP_PATH)
    azure.arm.faults.add({ kind: '403', method: 'GET', path: LOCKS })
    const run = await azure.run(DELETE)
    expect(run.exitCode).toBe(4)
    expect(unwrapped(run.stderr)).toContain('may be locked: this account may not read locks')
    expect(unwrapped(run.stderr)).toContain(`A lock on resource group ${GROUP} forbids it.`)
    const locks = `${azure.arm.endpoint}${GROUP_PATH}/providers/Microsoft.Authorization/locks`
    expect(run.stderr).toContain(`curl -H 'Authorization: Bearer x' '${locks}?api-version=`)
    expect(run.stderr).toContain(`curl -X DELETE -H 'Authorization: Bearer x' '${locks}/NAME?api-version=`)
    expect(await isThere(azure, NAMESPACE_PATH)).toBe(true)
  })
})

describe('hubs and consumer groups', () => {
  test('go by name, and nothing else does', async () => {
    const azure = await startWithOurs()
    const words = ['--hub', 'VIEWS', '--consumer-group', 'clicks/audit', '--consumer-group', 'orders/gone']
    const run = await azure.run([...DELETE, ...words])
    expect(run.exitCode).toBe(0)
    expect([...deletesOf(azure)].sort()).toEqual(['DELETE audit', 'DELETE views'])
    const said = unwrapped(run.stderr)
    expect(said).toContain('note consumer group orders/gone is not there')
    expect(said).toContain('Clients that use the consumer group can no longer read.')
    expect(said).toContain(`Kept namespace ${NAMESPACE} (hubs clicks, orders)`)
    const { hubs, hubContents } = await stateOf(azure)
    expect(hubs).toMatchObject([{ name: 'clicks' }, { name: 'orders' }])
    expect(hubContents).toMatchObject([
      [[{ name: '$Default' }, { name: 'trainer' }], [{}]],
      [[{ name: '$Default' }, { name: 'trainer' }], [{}]],
    ])
  })

  test('of one name in several hubs are not guessed', async () => {
    const azure = await startWithOurs()
    const run = await azure.run([...DELETE, '--consumer-group', 'trainer'])
    expect([run.exitCode, azure.writes()]).toEqual([4, []])
    expect(run.stderr).toMatch(/^ +npx ml-ingest delete .*--consumer-group views\/trainer$/m)
    expect(await azure.run([...DELETE, '--consumer-group', 'audit'])).toMatchObject({ exitCode: 0 })
  })

  test('are read in one wave when they are named', async () => {
    const azure = await startWithOurs()
    await azure.run([...DELETE, '--hub', 'clicks'])
    const first = azure.requests.findIndex(({ method }) => method === 'DELETE')
    expect(first).toBe(8)
  })

  test('of the environment and of a manifest are not taken for those to delete', async () => {
    const cwd = temporaryFolder()
    const manifest = `version: 1\nresourceGroup: ${GROUP}\nnamespace: ${NAMESPACE}\nhubs:\n  - name: clicks\n`
    writeFileSync(join(cwd, 'ml-ingest.yaml'), manifest)
    const azure = await startWithOurs()
    const run = await azure.run(['delete', '--dry-run'], { cwd, env: { ML_INGEST_HUB: 'views' } })
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toMatch(/^- delete +namespace/m)
    const hub = await azure.run(['delete', '--hub', 'views', ...AGREED], { cwd })
    expect(hub.exitCode, hub.stderr).toBe(0)
    expect(deletesOf(azure)).toEqual(['DELETE views'])
  })
})

describe('faults', () => {
  const STEPS = [
    { step: `namespace ${NAMESPACE}`, path: /\/namespaces\/[^/]+$/, argv: DELETE },
    { step: `resource group ${GROUP}`, path: /\/resourceGroups\/[^/]+$/i, argv: DELETE },
    { step: 'hub clicks', path: /\/eventhubs\/[^/]+$/, argv: [...DELETE, '--hub', 'clicks'] },
    {
      step: 'consumer group clicks/audit',
      path: /\/consumergroups\/[^/]+$/,
      argv: [...DELETE, '--consumer-group', 'clicks/audit'],
    },
  ] as const
  const KINDS: Readonly<Partial<Record<FaultKind, { readonly passes: boolean; readonly exitCode: number }>>> = {
    '401': { passes: false, exitCode: 3 },
    '403': { passes: false, exitCode: 3 },
    '409': { passes: true, exitCode: 7 },
    '429': { passes: true, exitCode: 7 },
    '500': { passes: true, exitCode: 1 },
    '502': { passes: true, exitCode: 1 },
    '503': { passes: true, exitCode: 1 },
    'in-transition': { passes: true, exitCode: 7 },
    locked: { passes: false, exitCode: 4 },
    policy: { passes: false, exitCode: 4 },
    mfa: { passes: false, exitCode: 3 },
    reset: { passes: true, exitCode: 1 },
  }
  const cases = STEPS.flatMap((one) => (Object.keys(KINDS) as FaultKind[]).map((kind) => ({ ...one, kind })))

  test.each(cases)('$kind once on $step', async ({ step, path, kind, argv }) => {
    const azure = await startWithOurs({ provisioningMs: 5_000 })
    azure.arm.faults.add({ kind, method: 'DELETE', path, times: 1 })
    const run = await azure.run(argv)
    if (KINDS[kind]!.passes) expect(run.exitCode, run.stderr).toBe(0)
    else {
      const { exitCode } = KINDS[kind]!
      expect(run.exitCode).toBe(step.startsWith('resource group') && exitCode !== 4 ? 6 : exitCode)
      expect(unwrapped(run.stderr)).toContain(`Failed to delete ${step}`)
    }
    expect(await azure.run(argv)).toMatchObject({ exitCode: 0 })
    if (argv === DELETE) expect(await isThere(azure, GROUP_PATH)).toBe(false)
  })

  test.each(cases)('$kind for good on $step', async ({ step, path, kind, argv }) => {
    const azure = await startWithOurs()
    azure.arm.faults.add({ kind, method: 'DELETE', path })
    const run = await azure.run([...argv, '--timeout', '5m'])
    const { exitCode } = KINDS[kind]!
    const afterOthers = step.startsWith('resource group') && ![4, 7].includes(exitCode)
    expect(run.exitCode, run.stderr).toBe(afterOthers ? 6 : exitCode)
    expect(unwrapped(run.stderr)).toContain(step)
    azure.arm.faults.clear()
    expect(await azure.run(argv)).toMatchObject({ exitCode: 0 })
  })

  test.each(STEPS)('an answer that is lost: $step is deleted once, and done', async ({ path, argv }) => {
    const azure = await startWithOurs({ provisioningMs: 30_000 })
    azure.arm.faults.add({ kind: 'hang-up-after-write', method: 'DELETE', path, times: 1 })
    const run = await azure.run(argv)
    expect(run.exitCode, run.stderr).toBe(0)
    const last = argv.at(-1) === '--yes' ? [`DELETE ${NAMESPACE}`, `DELETE ${GROUP}`] : undefined
    if (last) expect(deletesOf(azure)).toEqual(last)
  })

  test('gone by the hand of somebody else on the way: done', async () => {
    const azure = await startWithOurs({
      onRequest: ({ method, path }) => {
        if (method === 'GET' && path.includes('/locks?')) azure.arm.store.change(({ namespaces }) => namespaces.clear())
      },
    })
    expect(await azure.run([...DELETE, '--hub', 'clicks'])).toMatchObject({ exitCode: 0 })
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 0 })
  })

  test('Azure gives the deletion up: told as a failure, and run again finishes', async () => {
    let ours: Namespace | undefined
    const azure: TestAzure = await startWithOurs({
      provisioningMs: 60_000,
      onRequest: ({ method, path }) => {
        const isSeenGoing = ours && method === 'GET' && /namespaces\/[^/]+\?/.test(path) && azure.writes().length > 0
        if (isSeenGoing && azure.requests.length > 16)
          azure.arm.store.change(({ namespaces }) => void namespaces.set(NAMESPACE, ours!))
      },
    })
    ours = azure.arm.store.state.namespaces.get(NAMESPACE)
    const startedAt = azure.clock.now()
    const run = await azure.run(DELETE)
    expect(run.exitCode).toBe(1)
    expect(azure.clock.now() - startedAt).toBeLessThan(60_000)
    expect(unwrapped(run.stderr)).toContain('Azure agreed to delete it and then left it in state Succeeded.')
    ours = undefined
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 0 })
    expect(await isThere(azure, GROUP_PATH)).toBe(false)
  })
})

describe('what somebody else is doing to it is waited for', () => {
  test.each(['Creating', 'Updating', 'Deleting'] as const)('%s', async (state) => {
    const tags = { 'created-by': 'ml-ingest' }
    const azure = await startTestAzure({
      seed: {
        groups: [{ name: GROUP, tags }],
        namespaces: [{ group: GROUP, name: NAMESPACE, tags, transition: { state, ms: 90_000 } }],
      },
    })
    const startedAt = azure.clock.now()
    const run = await azure.run(DELETE)
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stderr).toContain(`Waiting for namespace ${NAMESPACE}: ${state}`)
    expect(azure.clock.now() - startedAt).toBeGreaterThanOrEqual(90_000)
    expect(deletesOf(azure)).toEqual([...(state === 'Deleting' ? [] : [`DELETE ${NAMESPACE}`]), `DELETE ${GROUP}`])
  })

  test('NamespaceInTransition for minutes, without Retry-After', async () => {
    const azure = await startWithOurs()
    azure.arm.faults.add({ kind: 'in-transition', method: 'DELETE', path: '/namespaces/' })
    void azure.clock.sleep(260_000).then(() => azure.arm.faults.clear())
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 0 })
  })
})

describe('interrupted', () => {
  const interrupting = async (
    kind: Interruption['kind'],
    when: (method: string, path: string) => boolean,
  ): Promise<{ azure: TestAzure; stop: AbortSignal }> => {
    const stop = new AbortController()
    let armed = false
    const azure = await startWithOurs({
      provisioningMs: 60_000,
      onRequest: ({ method, path }) => {
        if (armed && when(method, path)) stop.abort(new Interruption(kind))
      },
    })
    armed = true
    return { azure, stop: stop.signal }
  }

  test('while reading: nothing changed', async () => {
    const { azure, stop } = await interrupting('SIGINT', (method) => method === 'GET')
    const run = await azure.run(DELETE, { stop })
    expect(run).toEqual({ exitCode: 130, stdout: '', stderr: '  Cancelled. Nothing was changed.\n' })
    expect(azure.writes()).toEqual([])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while the namespace goes: Azure goes on, and the next run finishes', async (kind, exitCode) => {
    const { azure, stop } = await interrupting(kind, (method) => method === 'DELETE')
    const startedAt = azure.clock.now()
    const run = await azure.run([...DELETE, '--json'], { stop })
    expect(azure.clock.now() - startedAt).toBeLessThanOrEqual(6_000)
    expect(run.exitCode).toBe(exitCode)
    const { result, changes } = documentOf(run)
    expect([result, changes.map(({ state }) => state)]).toEqual(['partial', ['running', 'not-started']])
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 0 })
    expect(deletesOf(azure)).toEqual([`DELETE ${NAMESPACE}`, `DELETE ${GROUP}`])
    expect(await isThere(azure, GROUP_PATH)).toBe(false)
  })

  test('by the time limit', async () => {
    const azure = await startWithOurs({ provisioningMs: 300_000 })
    const run = await azure.run([...DELETE, '--timeout', '1m'])
    expect(run.exitCode).toBe(7)
    expect(unwrapped(run.stderr)).toContain(`Still running namespace ${NAMESPACE}`)
    expect(await azure.run(DELETE)).toMatchObject({ exitCode: 0 })
    expect(await isThere(azure, GROUP_PATH)).toBe(false)
  })
})
