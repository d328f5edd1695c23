import { expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import { documentOf, NAMESPACE, PLACE, SMALL, SMALL_CREATE, unwrapped } from './support.ts'

const isPutOfNamespace = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'PUT' && path.includes(`/namespaces/${NAMESPACE}?`)

const CONNECTION = expect.stringMatching(/^Endpoint=sb:\S+\n$/) as string

test('two creates at the same moment both end with the same connection', async () => {
  const azure = await startTestAzure({ provisioningMs: 70_000, latencyMs: 40 })
  const [one, two] = await Promise.all([azure.run(SMALL_CREATE), azure.run(SMALL_CREATE)])
  expect(one).toMatchObject({ exitCode: 0, stdout: CONNECTION })
  expect(two).toMatchObject({ exitCode: 0, stdout: one.stdout })
  expect(azure.requests.filter((one) => isPutOfNamespace(one) && one.status === 201)).toHaveLength(1)
  expect(one.stderr + two.stderr).not.toContain('use another name')
})

test.each([0, 30, 60, 90, 200, 700, 900])('one that starts %i ms after the other', async (afterMs) => {
  const azure = await startTestAzure({ provisioningMs: 70_000, latencyMs: 40 })
  const first = azure.run(SMALL_CREATE)
  await azure.clock.sleep(afterMs)
  const second = await azure.run([...SMALL_CREATE, '--json'])
  expect(second.exitCode, second.stdout + second.stderr).toBe(0)
  expect(await first).toMatchObject({ exitCode: 0, stdout: CONNECTION })
  expect(azure.requests.filter((one) => isPutOfNamespace(one) && one.status === 201)).toHaveLength(1)
})

test('another run that makes the namespace differently is planned for, not written over', async () => {
  const azure = await startTestAzure({ provisioningMs: 70_000, latencyMs: 40 })
  const [one, two] = await Promise.all([
    azure.run([...SMALL_CREATE, '--tag', 'team=one', '--json']),
    azure.run([...SMALL_CREATE, '--tag', 'owner=two', '--json']),
  ])
  expect([one.exitCode, two.exitCode]).toEqual([0, 0])
  const plan = documentOf(
    await azure.run(['plan', ...PLACE, ...SMALL, '--tag', 'team=one', '--tag', 'owner=two', '--json']),
  )
  expect(plan.result).toBe('unchanged')
})

test('plan and create agree about a name that another group has', async () => {
  const azure = await startTestAzure({ seed: { namespaces: [{ group: 'rg-other', name: NAMESPACE }] } })
  const plan = await azure.run(['plan', ...PLACE, ...SMALL])
  const create = await azure.run(SMALL_CREATE)
  expect([plan.exitCode, create.exitCode]).toEqual([4, 4])
  for (const text of [plan.stdout, create.stderr])
    expect(unwrapped(text)).toContain('Resource group rg-other of this subscription has a namespace of that name')
  expect(azure.writes()).toEqual([])
})

test('plan says that it did not ask whether a new name is free', async () => {
  const azure = await startTestAzure()
  const { notes } = documentOf(await azure.run(['plan', ...PLACE, ...SMALL, '--json']))
  expect(notes.map(({ text }) => text)).toEqual([expect.stringContaining('name not checked')])
})
