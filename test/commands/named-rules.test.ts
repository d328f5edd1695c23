import { describe, expect, test } from 'vitest'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FaultKind } from '../../src/local/index.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { aFolderWith, armGet, armSend, documentOf, GROUP, NAMESPACE, NAMESPACE_PATH, unwrapped } from './support.ts'

const RULES = 'authorizationRules'
const HUB_PATH = `${NAMESPACE_PATH}/eventhubs/clicks`
const AGREED = ['--yes', '--no-connection']
const HEAD = `version: 1
resourceGroup: ${GROUP}
location: westeurope
namespace: ${NAMESPACE}
`
const FILE = `${HEAD}accessRules:
  - {name: producer, rights: [Send]}
  - {name: viewer, rights: [Listen]}
hubs:
  - {name: clicks, consumerGroups: [], accessRules: [{name: audit, rights: [Listen]}]}
`

/** The rules of the namespace or of a hub, with their rights, as Azure lists them; without the root rule. */
async function rulesAt({ arm }: TestAzure, path: string): Promise<Readonly<Record<string, string>>> {
  const { value } = JSON.parse((await armGet(arm, `${path}/${RULES}`))!) as {
    readonly value: readonly { readonly name: string; readonly properties: { readonly rights: readonly string[] } }[]
  }
  const own = value.filter(({ name }) => name !== 'RootManageSharedAccessKey')
  return Object.fromEntries(own.map(({ name, properties: { rights } }) => [name, rights.join(' ')]))
}

describe('rules that a manifest names', () => {
  test('are made on the namespace and on the hub, and stay as another tool leaves them until they are said', async () => {
    const azure = await startTestAzure()
    const cwd = await aFolderWith(FILE)
    const run = await azure.run(['create', '--yes', '--json'], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    const made = documentOf(run).changes.filter(({ kind }) => kind === 'rule')
    expect(made.map(({ hub, name, state, details }) => [hub, name, state, details])).toEqual([
      [null, 'producer', 'done', ['Send']],
      [null, 'viewer', 'done', ['Listen']],
      ['clicks', 'ml-ingest-send-listen', 'done', ['Send, Listen']],
      ['clicks', 'audit', 'done', ['Listen']],
    ])
    expect(await rulesAt(azure, NAMESPACE_PATH)).toEqual({ producer: 'Send', viewer: 'Listen' })
    azure.requests.length = 0
    expect((await azure.run(['create', ...AGREED], { cwd })).exitCode).toBe(0)
    expect(azure.writes()).toEqual([])

    const byOthers = { producer: ['Send', 'Listen'], theirs: ['Listen'] }
    for (const [name, rights] of Object.entries(byOthers))
      await armSend(azure.arm, 'PUT', `${NAMESPACE_PATH}/${RULES}/${name}`, { properties: { rights } })
    const silent = await aFolderWith(FILE.replace(/accessRules:\n.*\n.*\n/, ''))
    expect((await azure.run(['plan', '--exit-code'], { cwd: silent })).exitCode).toBe(0)
    expect((await azure.run(['create', ...AGREED], { cwd: silent })).exitCode).toBe(0)
    expect(await rulesAt(azure, NAMESPACE_PATH)).toMatchObject({ producer: 'Send Listen' })

    const planned = await azure.run(['plan', '--exit-code'], { cwd })
    expect(planned.exitCode).toBe(5)
    expect(unwrapped(planned.stdout)).toContain('access rule producer of namespace rights Send, Listen -> Send')
    azure.requests.length = 0
    expect((await azure.run(['create', ...AGREED], { cwd })).exitCode).toBe(0)
    expect(azure.writes().map(({ method, path }) => `${method} ${path.split('?')[0]!}`)).toEqual([
      `PUT ${NAMESPACE_PATH}/${RULES}/producer`,
    ])
    expect(await rulesAt(azure, NAMESPACE_PATH)).toEqual({ producer: 'Send', viewer: 'Listen', theirs: 'Listen' })
  })

  test.each(['producer', 'audit'])('are used by --policy in the run that makes them: %s', async (name) => {
    const azure = await startTestAzure()
    const cwd = await aFolderWith(FILE)
    const run = await azure.run(['create', '--yes', '--policy', name, '--json'], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    expect(documentOf(run).connections).toMatchObject([{ rule: name }])
    expect(await rulesAt(azure, HUB_PATH)).toEqual({ audit: 'Listen' })
    const shown = await azure.run(['show-connection', '--policy', name, '--json'], { cwd })
    expect(documentOf(shown).connections).toMatchObject([{ rule: name }])
  })

  test('are made where keys are refused, and none for the connection', async () => {
    const azure = await startTestAzure()
    const cwd = await aFolderWith(`${FILE}disableLocalAuth: true\n`)
    const run = await azure.run(['create', ...AGREED], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    expect(unwrapped(run.stderr)).toContain('the keys of access rules are refused')
    expect(await rulesAt(azure, NAMESPACE_PATH)).toEqual({ producer: 'Send', viewer: 'Listen' })
    expect(await rulesAt(azure, HUB_PATH)).toEqual({ audit: 'Listen' })
    expect((await azure.run(['plan', '--exit-code'], { cwd })).exitCode).toBe(0)
  })

  test('of an environment add to those of all, and win by name', async () => {
    const azure = await startTestAzure()
    const environments = `environments:
  prod: {accessRules: [{name: Viewer, rights: [Listen, Send]}, {name: deploy, rights: [Send]}]}
`
    const cwd = await aFolderWith(FILE + environments)
    expect((await azure.run(['create', '-e', 'prod', ...AGREED], { cwd })).exitCode).toBe(0)
    expect(await rulesAt(azure, NAMESPACE_PATH)).toEqual({ producer: 'Send', Viewer: 'Listen Send', deploy: 'Send' })
  })

  test('are saved to an environment where they differ from those of all', async () => {
    const azure = await startTestAzure()
    const cwd = await aFolderWith(`${FILE}environments:\n  prod: {capacity: 2}\n`)
    expect((await azure.run(['create', '-e', 'prod', ...AGREED], { cwd })).exitCode).toBe(0)
    const byOthers = { viewer: ['Listen', 'Send'], theirs: ['Send'] }
    for (const [name, rights] of Object.entries(byOthers))
      await armSend(azure.arm, 'PUT', `${NAMESPACE_PATH}/${RULES}/${name}`, { properties: { rights } })
    const other = await aFolderWith(
      `${FILE.replace(/ {2}- .name: viewer.*\n/, '')}environments:\n  prod: {capacity: 2}\n`,
    )
    const run = await azure.run(['create', '-e', 'prod', ...AGREED, '--save', join(cwd, 'ml-ingest.yaml')], {
      cwd: other,
    })
    expect(run.exitCode, run.stderr).toBe(0)
    const lines = (await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')).split('\n')
    expect(lines.find((line) => line.includes('prod:'))).toMatch(
      /accessRules: \[\s*\{ ?name: theirs, rights: \[ ?Send ?\] ?\}, \{ ?name: viewer, rights: \[ ?Listen, Send ?\] ?\}\s*\]/,
    )
    expect((await azure.run(['plan', '-e', 'prod', '--exit-code'], { cwd })).exitCode).toBe(0)
  })

  test('that do not fit beside those of others are refused before anything is written', async () => {
    const rules = Array.from({ length: 10 }, (_, i) => ({ name: `theirs-${i}`, rights: ['Send'] as const }))
    const namespaces = [{ group: GROUP, name: NAMESPACE, rules, hubs: [{ name: 'clicks' }] }]
    const azure = await startTestAzure({ seed: { namespaces } })
    const run = await azure.run(['create', ...AGREED], { cwd: await aFolderWith(FILE) })
    expect(run.exitCode).toBe(4)
    expect(unwrapped(run.stderr)).toContain('It would have 13 with RootManageSharedAccessKey')
    expect(azure.writes()).toEqual([])
  })
})

describe('a fault on what is set on the namespace', () => {
  const GRANT = ['--grant', 'aaaaaaaa-0000-4000-8000-000000000001:sender@namespace']
  const writes = [
    ['access rule producer of namespace', /ns-clicks-test\/authorizationrules\/producer$/i],
    [
      'role assignment aaaaaaaa-0000-4000-8000-000000000001:sender@namespace',
      /ns-clicks-test\/providers\/.*roleassignments/i,
    ],
  ] as const
  const kinds = [
    ...['409', '429', '500', '502', '503', 'in-transition', 'reset', 'hang-up-after-write'].map(
      (kind) => [kind, 0] as const,
    ),
    ...['401', '403'].map((kind) => [kind, 6] as const),
    ['locked', 4],
  ] as readonly (readonly [FaultKind, number])[]
  const cases = writes.flatMap(([step, path]) => kinds.map(([kind, exitCode]) => ({ step, path, kind, exitCode })))

  test.each(cases)('$kind on $step is told, and the next run finishes', async ({ step, path, kind, exitCode }) => {
    const azure = await startTestAzure()
    const cwd = await aFolderWith(FILE)
    azure.arm.faults.add({ kind, method: 'PUT', path, times: 1 })
    const run = await azure.run(['create', ...GRANT, ...AGREED], { cwd })
    expect(run.exitCode, run.stderr).toBe(exitCode)
    if (exitCode !== 0) expect(unwrapped(run.stderr)).toContain(step)
    expect((await azure.run(['create', ...GRANT, ...AGREED], { cwd })).exitCode).toBe(0)
    expect((await azure.run(['plan', ...GRANT, '--exit-code'], { cwd })).exitCode).toBe(0)
  })
})
