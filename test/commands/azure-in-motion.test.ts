import { describe, expect, test } from 'vitest'
import type { Seed } from '../../src/local/index.ts'
import { startTestAzure } from '../support/azure.ts'
import {
  armSend,
  BIG_CREATE,
  BIG_WRITES,
  documentOf,
  GROUP,
  GROUP_PATH,
  NAMESPACE,
  PLACE,
  SMALL,
  SMALL_CREATE,
  stateOf,
  TARGET,
  unwrapped,
} from './support.ts'

const CONNECTION = expect.stringMatching(/^Endpoint=sb:\S+\n$/) as string

type SeedNamespace = NonNullable<Seed['namespaces']>[number]

const found = (state: 'Creating' | 'Updating' | 'Deleting', ms: number, more: Partial<SeedNamespace> = {}) => ({
  namespaces: [{ group: GROUP, name: NAMESPACE, transition: { state, ms }, ...more }],
})

describe('a namespace that somebody else is working on', () => {
  test.each(['Creating', 'Updating'] as const)('%s for minutes: waited for, then used as it is', async (state) => {
    const azure = await startTestAzure({ seed: found(state, 250_000, { tags: { team: 'other' } }) })
    const startedAt = azure.clock.now()
    const run = await azure.run(SMALL_CREATE)
    expect(run).toMatchObject({ exitCode: 0, stdout: CONNECTION })
    expect(run.stderr).toContain(`Waiting for namespace ${NAMESPACE}: ${state}`)
    expect(azure.clock.now() - startedAt).toBeGreaterThanOrEqual(250_000)
    expect(
      azure.writes().map(({ path }) => /\/(eventhubs|consumergroups|authorizationRules)\/[^/]+\?/.exec(path)?.[1]),
    ).toEqual(['eventhubs', 'consumergroups', 'authorizationRules'])
    expect((await stateOf(azure))['namespaces']).toMatchObject([{ tags: { team: 'other' } }])
  })

  test('Deleting: waited for, then made anew', async () => {
    const azure = await startTestAzure({ seed: found('Deleting', 90_000, { tags: { team: 'other' } }) })
    expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0, stdout: CONNECTION })
    expect((await stateOf(azure))['namespaces']).toMatchObject([{ tags: { 'created-by': 'ml-ingest' } }])
  })

  test('longer than the time limit: exit 7, nothing written, and what was waited for is said', async () => {
    const azure = await startTestAzure({ seed: found('Creating', 900_000) })
    const run = await azure.run([...SMALL_CREATE, '--timeout', '2m'])
    expect(run).toMatchObject({ exitCode: 7, stdout: '' })
    expect(run.stderr).toContain(`Waiting for namespace ${NAMESPACE}: Creating`)
    expect(run.stderr).toContain('Nothing was changed')
    expect(azure.writes()).toEqual([])
  })

  test('plan does not wait, and says that it may change', async () => {
    const azure = await startTestAzure({ seed: found('Updating', 900_000) })
    const run = await azure.run(['plan', ...TARGET, ...SMALL])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(unwrapped(run.stdout)).toContain('is Updating now')
  })

  test('plan of one that is being deleted is to make it anew, which is no match', async () => {
    const azure = await startTestAzure({ seed: found('Deleting', 900_000, { hubs: [{ name: 'clicks' }] }) })
    const run = await azure.run(['plan', ...TARGET, ...SMALL, '--exit-code', '--json'])
    expect(run.exitCode).toBe(5)
    const document = documentOf(run)
    expect(document.notes).toEqual([
      {
        ...{ kind: 'namespace', name: NAMESPACE, hub: null },
        text: 'is being deleted now: create waits until it is gone, then makes it again',
      },
    ])
    expect(document.changes.map(({ kind, action }) => `${action} ${kind}`)).toEqual([
      ...['none group', 'create namespace', 'create hub', 'create consumer-group', 'create rule'],
    ])
    expect(unwrapped((await azure.run(['plan', ...TARGET, ...SMALL])).stdout)).not.toContain('Nothing to do')
  })

  test('plan of a group that is being deleted is to make all of it anew', async () => {
    const seed = { namespaces: [{ group: GROUP, name: NAMESPACE }] }
    const azure = await startTestAzure({ provisioningMs: 120_000, seed })
    await armSend(azure.arm, 'DELETE', GROUP_PATH)
    const document = documentOf(await azure.run(['plan', ...PLACE, ...SMALL, '--exit-code', '--json']))
    expect(document).toMatchObject({
      exitCode: 5,
      notes: [{ kind: 'group' }, { kind: 'namespace' }],
    })
    expect(document.changes.every(({ action }) => action === 'create')).toBe(true)
  })

  test('NamespaceInTransition for over four minutes on every hub, without Retry-After', async () => {
    const azure = await startTestAzure()
    let stopAt = Infinity
    azure.arm.faults.add({ kind: 'in-transition', method: 'PUT', path: '/eventhubs/' })
    void azure.clock.sleep(260_000).then(() => {
      stopAt = azure.clock.now()
      azure.arm.faults.clear()
    })
    expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0, stdout: CONNECTION })
    expect(azure.clock.now()).toBeGreaterThanOrEqual(stopAt)
    const refused = azure.requests.filter(({ method, status }) => method === 'PUT' && status === 429)
    expect(refused.length).toBeLessThan(20)
  })
})

test('a resource group that is being deleted is waited for, then made anew', async () => {
  const azure = await startTestAzure({
    provisioningMs: 120_000,
    seed: { namespaces: [{ group: GROUP, name: NAMESPACE }] },
  })
  expect(await armSend(azure.arm, 'DELETE', GROUP_PATH)).toBe(202)
  const run = await azure.run(SMALL_CREATE)
  expect(run).toMatchObject({ exitCode: 0, stdout: CONNECTION })
  expect(run.stderr).toMatch(/: Deleting/)
  expect(run.stderr).toContain('5 created')
})

test('an empty resource group that is being deleted', async () => {
  const azure = await startTestAzure({ provisioningMs: 120_000, seed: { groups: [{ name: GROUP }] } })
  await armSend(azure.arm, 'DELETE', GROUP_PATH)
  const run = await azure.run(SMALL_CREATE)
  expect(run.stderr).toContain(`Waiting for resource group ${GROUP}: Deleting`)
  expect(run).toMatchObject({ exitCode: 0, stdout: CONNECTION })
})

describe('a subscription that meets Event Hubs for the first time', () => {
  test('the provider is registered, once, before the namespace', async () => {
    const azure = await startTestAzure({ providerState: 'NotRegistered', provisioningMs: 45_000 })
    const run = await azure.run(SMALL_CREATE)
    expect(run).toMatchObject({ exitCode: 0, stdout: CONNECTION })
    expect(run.stderr).toContain('6 created')
    const [first, second, third] = azure
      .writes()
      .map(({ method, path }) => `${method} ${path.split('?')[0]!.split('/').at(-1)}`)
    expect([first, second].sort()).toEqual(['POST register', `PUT ${GROUP}`])
    expect(third).toBe(`PUT ${NAMESPACE}`)
  })

  test('no right to register: exit 6 or 3, and the command for whoever has it', async () => {
    const azure = await startTestAzure({ providerState: 'NotRegistered' })
    azure.arm.faults.add({ kind: '403', method: 'POST', path: '/register' })
    const run = await azure.run([...SMALL_CREATE, '--json'])
    expect(documentOf(run).changes.find(({ kind }) => kind === 'provider')).toMatchObject({ state: 'failed' })
    expect([3, 6]).toContain(run.exitCode)
    azure.arm.faults.clear()
    expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0 })
  })
})

test('Retry-After is kept to', async () => {
  const azure = await startTestAzure()
  azure.arm.faults.add({ kind: '429', method: 'PUT', path: '/eventhubs/clicks', times: 1, retryAfterSeconds: 47 })
  const run = await azure.run([...BIG_CREATE, '--json'])
  const document = documentOf(run)
  expect(document.changes).toHaveLength(BIG_WRITES)
  const clicks = document.changes.find(({ kind, name }) => kind === 'hub' && name === 'clicks')!
  expect(clicks.elapsedMs).toBeGreaterThanOrEqual(47_000)
  expect(clicks.elapsedMs).toBeLessThan(60_000)
})
