import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/local/index.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import {
  aFolder,
  armGet,
  armSend,
  GROUP,
  GROUP_PATH,
  NAMESPACE,
  NAMESPACE_PATH,
  PLACE,
  TARGET,
  unwrapped,
} from './support.ts'

const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'
const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'
const AGREED = ['--yes', '--no-connection']
const KEY = 'A'.repeat(43) + '='

/** Something else than the defaults, made by somebody else. */
async function anAdopted() {
  const azure = await startTestAzure()
  const cwd = await aFolder()
  const made = ['--hub', 'clicks:2:7d', '--consumer-group', 'trainer', '--capacity', '2']
  expect((await azure.run(['create', ...PLACE, ...made, ...AGREED], { cwd })).exitCode).toBe(0)
  return { azure, cwd, read: (name: string) => readFile(join(cwd, name), 'utf8') }
}

describe('what exists and was not said', () => {
  test('is saved as it is in Azure, never as a default', async () => {
    const { azure, cwd, read } = await anAdopted()
    expect(
      (await azure.run(['create', ...TARGET, '--hub', 'clicks', ...AGREED, '--save', 'a.yaml'], { cwd })).exitCode,
    ).toBe(0)
    const text = await read('a.yaml')
    for (const line of [
      'partitions: 2',
      'retention: 7d',
      '- trainer',
      'location: westeurope',
      'tier: Standard',
      'capacity: 2',
    ])
      expect(text).toContain(line)
    expect(text).not.toContain('ml-data-consumer-group')
    azure.requests.length = 0
    expect((await azure.run(['plan', '-f', 'a.yaml', '--exit-code'], { cwd })).exitCode).toBe(0)
    expect((await azure.run(['create', '-f', 'a.yaml', ...AGREED], { cwd })).exitCode).toBe(0)
    expect(azure.writes()).toEqual([])
  })

  test('a hub without consumer groups stays one, where a file that says nothing would give it the default one', async () => {
    const azure = await startTestAzure()
    const cwd = await aFolder()
    const create = ['create', ...PLACE, '--hub', 'clicks', ...AGREED]
    const run = await azure.run([...create, '--no-consumer-group', '--save', 'a.yaml'], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    const text = await readFile(join(cwd, 'a.yaml'), 'utf8')
    expect(text).toContain('    consumerGroups: []\n')
    expect((await azure.run(['plan', '-f', 'a.yaml', '--exit-code'], { cwd })).exitCode).toBe(0)
    expect((await azure.run(['create', '-f', 'a.yaml', ...AGREED, '--save'], { cwd })).exitCode).toBe(0)
    expect(await readFile(join(cwd, 'a.yaml'), 'utf8')).toBe(text)
    await writeFile(join(cwd, 'a.yaml'), text.replace('    consumerGroups: []\n', ''))
    const again = await azure.run(['plan', '-f', 'a.yaml', '--exit-code'], { cwd })
    expect(again).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('ml-data-consumer-group') as string })
  })

  test('what a run changes is saved as it is after it', async () => {
    const { azure, cwd, read } = await anAdopted()
    const changed = ['--hub', 'clicks', '--retention', '3d', '--consumer-group', 'audit']
    expect((await azure.run(['create', ...TARGET, ...changed, ...AGREED, '--save', 'a.yaml'], { cwd })).exitCode).toBe(
      0,
    )
    const text = await read('a.yaml')
    for (const line of ['partitions: 2', 'retention: 3d', '- trainer', '- audit']) expect(text).toContain(line)
    expect((await azure.run(['plan', '-f', 'a.yaml', '--exit-code'], { cwd })).exitCode).toBe(0)
  })
})

const TEAM = `# of team vision
version: 1
subscription: 00000000-0000-0000-0000-000000000000
resourceGroup: ${GROUP}
location: West Europe
tags: { team: vision }


hubs:
- name:       clicks      # the stream
  retention:  48h
  consumerGroups: [trainer]
  accessRules: [{name: producer, rights: [Send]}]
  grants: [{principalId: ${ANN}, role: sender, principalType: User}]
- {name: second, partitions: 2, retention: 1d}
environments:
  dev:  {namespace: ${NAMESPACE}}
  prod: {namespace: ns-prod-test}
`

describe('a file that is there', () => {
  test("keeps for a hub what is the hub's, and its layout", async () => {
    const azure = await startTestAzure()
    const flat = TEAM.split('environments:')[0]!.replace('tags:', `namespace: ${NAMESPACE}\ntags:`)
    const cwd = await aFolder({ 'v.yaml': flat })
    const run = await azure.run(['create', '-f', 'v.yaml', '--hub', 'clicks', ...AGREED, '--save'], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    const text = await readFile(join(cwd, 'v.yaml'), 'utf8')
    expect(text).not.toMatch(/^grants:/m)
    const lines = text.split('\n')
    expect(flat.split('\n').filter((line) => !lines.includes(line))).toEqual([])
    expect(lines.filter((line) => !flat.split('\n').includes(line)).map((line) => line.trim())).toEqual([
      'tier: Standard',
      'capacity: 1',
      'partitions: 4',
    ])
    expect(lines.indexOf('capacity: 1')).toBeLessThan(lines.indexOf('hubs:'))
    expect(run.stderr).toContain('create -f v.yaml --hub clicks')
    expect((await azure.run(['plan', '-f', 'v.yaml', '--hub', 'clicks', '--exit-code'], { cwd })).exitCode).toBe(0)
  })

  test('and a new one gives a role to the hub that has it, not to those that it may get', async () => {
    const azure = await startTestAzure()
    const flat = TEAM.split('environments:')[0]!.replace('tags:', `namespace: ${NAMESPACE}\ntags:`)
    const cwd = await aFolder({ 'v.yaml': flat })
    const one = ['create', '-f', 'v.yaml', '--hub', 'clicks', ...AGREED]
    expect((await azure.run([...one, '--save', 'new.yaml'], { cwd })).exitCode).toBe(0)
    const made = await readFile(join(cwd, 'new.yaml'), 'utf8')
    expect(made).toContain(
      `    grants:\n      - principalId: ${ANN}\n        role: sender\n        principalType: User`,
    )
    expect(made).toContain('    accessRules:\n      - name: producer\n')
    expect(made).not.toMatch(/^grants:/m)
    const all = ['create', '-f', 'v.yaml', '--hub', 'second', '--grant', `${BOB}:owner`, ...AGREED, '--save']
    expect((await azure.run(all, { cwd })).exitCode).toBe(0)
    const text = await readFile(join(cwd, 'v.yaml'), 'utf8')
    expect(text).toMatch(new RegExp(`^- {name: second.*grants: \\[{principalId: ${BOB}, role: owner}\\]`, 'm'))
    expect(text).not.toMatch(/^grants:/m)
  })

  test('has an environment say only what differs', async () => {
    const azure = await startTestAzure()
    const cwd = await aFolder({ 'ml-ingest.yaml': TEAM })
    const run = ['create', '-e', 'prod', '--hub', 'clicks', '--capacity', '2', ...AGREED, '--save']
    const ended = await azure.run(run, { cwd })
    expect(ended.exitCode, ended.stderr).toBe(0)
    expect(ended.stderr).toContain('create -f ml-ingest.yaml -e prod --hub clicks')
    const text = await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')
    const [before, after] = [TEAM.split('\n'), text.split('\n')]
    expect(after.slice(0, before.length - 2)).toEqual(before.slice(0, -2))
    expect(after.slice(before.length - 2)).toEqual([
      '  prod: {namespace: ns-prod-test, tier: Standard, capacity: 2, hubs: [{name: clicks, partitions: 4}]}',
      '',
    ])
    expect((await azure.run(['plan', '-e', 'prod', '--hub', 'clicks', '--exit-code'], { cwd })).exitCode).toBe(0)
  })

  test('is the one that the run was read from, when no name is given', async () => {
    const { azure, cwd, read } = await anAdopted()
    const other = 'version: 1\nnamespace: ns-of-others\n'
    await writeFile(join(cwd, 'ml-ingest.yaml'), other)
    await writeFile(
      join(cwd, 'c.yaml'),
      `version: 1\nresourceGroup: ${GROUP}\nnamespace: ${NAMESPACE}\nhubs: [{ name: clicks }]\n`,
    )
    expect((await azure.run(['create', '-f', 'c.yaml', ...AGREED, '--save'], { cwd })).exitCode).toBe(0)
    expect(await read('ml-ingest.yaml')).toBe(other)
    expect(await read('c.yaml')).toContain(
      'hubs: [{ name: clicks, partitions: 2, retention: 7d, consumerGroups: [trainer] }]',
    )
  })

  test('is ml-ingest.yml too, where that is the one that was found', async () => {
    const { azure, cwd, read } = await anAdopted()
    await writeFile(
      join(cwd, 'ml-ingest.yml'),
      `version: 1\nresourceGroup: ${GROUP}\nnamespace: ${NAMESPACE}\nhubs: [{ name: clicks }]\n`,
    )
    expect((await azure.run(['create', ...AGREED, '--save'], { cwd })).exitCode).toBe(0)
    expect(await readdir(cwd)).toEqual(['ml-ingest.yml'])
    expect(await read('ml-ingest.yml')).toContain('retention: 7d')
  })

  test.skipIf(process.platform === 'win32')(
    'keeps its mode, its line ends, and the link that leads to it',
    async () => {
      const { azure, cwd, read } = await anAdopted()
      await mkdir(join(cwd, 'real'))
      const text = `version: 1\r\n# ours\r\nnamespace:   ${NAMESPACE}\r\nresourceGroup: ${GROUP}\r\nhubs: [{name: clicks}]\r\n`
      await writeFile(join(cwd, 'real', 'a.yaml'), text)
      await chmod(join(cwd, 'real', 'a.yaml'), 0o600)
      await symlink(join('real', 'a.yaml'), join(cwd, 'link.yaml'))
      expect((await azure.run(['create', '-f', 'link.yaml', ...AGREED, '--save'], { cwd })).exitCode).toBe(0)
      expect((await lstat(join(cwd, 'link.yaml'))).isSymbolicLink()).toBe(true)
      expect((await stat(join(cwd, 'real', 'a.yaml'))).mode & 0o777).toBe(0o600)
      const saved = await read('real/a.yaml')
      expect(saved).toContain(`# ours\r\nnamespace:   ${NAMESPACE}\r\n`)
      expect(saved).toContain('tier: Standard\r\n')
      expect(saved.replaceAll('\r\n', '')).not.toContain('\n')
      expect(await readdir(join(cwd, 'real'))).toEqual(['a.yaml'])
    },
  )
})

describe('before anything is sent', () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'a folder that does not exist',
      'nowhere/x.yaml',
      {},
      /--save nowhere\/x\.yaml is in a folder that does not exist/,
    ],
    ['a folder', '.', {}, /--save \. is not a file/],
    ['a file that is no manifest', 'x.yaml', { 'x.yaml': 'hubs: 7\n' }, /x\.yaml:1:7 hubs is a single value/],
    [
      'a file with environments and no word which',
      'x.yaml',
      { 'x.yaml': 'version: 1\nenvironments:\n  dev: { capacity: 1 }\n' },
      /--save x\.yaml has dev: choose one with --env/,
    ],
    [
      'a file that repeats itself by alias',
      'x.yaml',
      { 'x.yaml': 'version: 1\nhubs:\n  - { name: a, consumerGroups: &g [x] }\n  - { name: b, consumerGroups: *g }\n' },
      /x\.yaml:4:32 \*g repeats another place/,
    ],
  ]
  test.each(cases)('%s is refused', async (_, name, files, said) => {
    const azure = await startTestAzure()
    const cwd = await aFolder(files)
    const run = await azure.run(['create', ...PLACE, ...AGREED, '--save', name], { cwd })
    expect(run.exitCode).toBe(2)
    expect(unwrapped(run.stderr)).toMatch(said)
    expect(azure.requests).toEqual([])
  })

  test('what looks like a key is refused', async () => {
    const azure = await startTestAzure()
    const cwd = await aFolder()
    const flags = ['--tag', `note=${KEY}`, '--user-metadata', `Endpoint=sb://x;SharedAccessKey=${KEY}`]
    const run = await azure.run(['create', ...PLACE, ...flags, ...AGREED, '--save'], { cwd })
    expect(run.exitCode).toBe(2)
    expect(run.stderr).not.toContain(KEY)
    expect(azure.requests).toEqual([])
    expect(await readdir(cwd)).toEqual([])
  })
})

test('what looks like a key in Azure itself is not written, and that is told', async () => {
  const old = { name: 'old', properties: { userMetadata: `SharedAccessKey=${KEY}` } }
  const hubs = [{ name: 'clicks', consumerGroups: [old] }]
  const azure = await startTestAzure({ seed: { namespaces: [{ group: GROUP, name: NAMESPACE, hubs }] } })
  const cwd = await aFolder()
  const run = await azure.run(['create', ...TARGET, '--hub', 'clicks', ...AGREED, '--save'], { cwd })
  expect(run.exitCode, run.stderr).toBe(0)
  expect(unwrapped(run.stderr)).toContain('Not saved: user metadata of clicks/old, which looks like it holds a key')
  const text = await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')
  expect(text).toContain('- old')
  expect(text).not.toContain(KEY)
})

test('hubs that neither the run nor the file names are told, and those that the file has are not', async () => {
  const hubs = ['clicks', 'raw', 'views'].map((name) => ({ name }))
  const azure = await startTestAzure({ seed: { namespaces: [{ group: GROUP, name: NAMESPACE, hubs }] } })
  const cwd = await aFolder()
  const save = ['create', ...TARGET, ...AGREED, '--save', 'a.yaml', '--hub']
  const first = await azure.run([...save, 'clicks'], { cwd })
  expect(first.exitCode, first.stderr).toBe(0)
  expect(unwrapped(first.stderr)).toContain('Not saved: hubs raw, views: name them with --hub')
  const second = await azure.run([...save, 'RAW'], { cwd })
  expect(unwrapped(second.stderr)).toContain('Not saved: hub views: name it with --hub')
  const third = await azure.run([...save, 'views'], { cwd })
  expect(third.stderr).toContain('Saved to a.yaml')
  expect(third.stderr).not.toContain('Not saved')
})

describe('rules, roles and tags that are there', () => {
  const SENDER =
    '/subscriptions/0/providers/Microsoft.Authorization/roleDefinitions/2b629674-e913-4c01-ae53-ef4638d8f975'
  const send = ['Send'] as const
  const namespaces = [
    {
      ...{ group: GROUP, name: NAMESPACE, tags: { 'Cost-Center': '0815', note: KEY, 'created-by': 'ml-ingest' } },
      rules: [{ name: 'producer', rights: send }],
      hubs: [
        {
          name: 'clicks',
          rules: [
            { name: 'audit', rights: ['Listen'] as const },
            { name: 'ml-ingest-send', rights: send },
            { name: 'ml-ingest-send-listen', rights: ['Send', 'Listen', 'Manage'] as const },
          ],
        },
      ],
    },
  ]
  const assign = async ({ arm }: TestAzure, scope: string, principalId: string, principalType: string) => {
    const name = `88888888-0000-0000-0000-00000000000${arm.store.state.roleAssignments.size}`
    const body = { properties: { roleDefinitionId: SENDER, principalId, principalType } }
    const status = await armSend(arm, 'PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`, body)
    expect(status).toBe(201)
  }
  const aTeams = async (fault?: Fault) => {
    const azure = await startTestAzure({ seed: { namespaces } })
    await assign(azure, NAMESPACE_PATH, ANN, 'Group')
    await assign(azure, `${NAMESPACE_PATH}/eventhubs/clicks`, BOB, 'User')
    await assign(azure, `${NAMESPACE_PATH}/eventhubs/clicks`, ANN.replaceAll('a', 'c'), 'Device')
    if (fault) azure.arm.faults.add(fault)
    const cwd = await aFolder()
    const run = await azure.run(['create', ...TARGET, '--hub', 'clicks', ...AGREED, '--save', 'a.yaml'], { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    return { azure, cwd, said: unwrapped(run.stderr), text: await readFile(join(cwd, 'a.yaml'), 'utf8') }
  }

  test('are in the file, which makes them again elsewhere, and the rest is told', async () => {
    const { azure, cwd, said, text } = await aTeams()
    expect(said).toContain('Not saved: tag note, which looks like it holds a key')
    expect(said).toContain(
      'Not saved: access rule clicks/ml-ingest-send with Send: its name is kept for the connection',
    )
    expect(said).toContain(
      'Not saved: access rule clicks/ml-ingest-send-listen with Send, Listen, Manage: made anew it gets Send, Listen',
    )
    expect(said).toContain('Not saved: role sender of Device cccccccc-0000-4000-8000-000000000001 on clicks')
    expect(text).not.toContain(KEY)
    azure.requests.length = 0
    expect((await azure.run(['plan', '-f', 'a.yaml', '--exit-code'], { cwd })).exitCode).toBe(0)
    const elsewhere = ['create', '-f', 'a.yaml', '-n', 'ns-elsewhere-test', ...AGREED]
    const run = await azure.run(elsewhere, { cwd })
    expect(run.exitCode, run.stderr).toBe(0)
    const { namespaces: made, roleAssignments: roles } = azure.arm.store.state
    const there = [...made.values()].find(({ name }) => name === 'ns-elsewhere-test')!
    expect(there.tags).toEqual({ 'Cost-Center': '0815', 'created-by': 'ml-ingest' })
    expect([...there.rules.values()].map(({ name }) => name)).toEqual(['RootManageSharedAccessKey', 'producer'])
    expect([...there.hubs.get('clicks')!.rules.values()].map(({ name }) => name).sort()).toEqual([
      'audit',
      'ml-ingest-send-listen',
    ])
    const given = [...roles.values()].filter(({ scope }) => scope.includes('ns-elsewhere-test'))
    expect(
      given.map(({ scope, principalId, principalType }) => [scope.split('/').at(-1), principalId, principalType]),
    ).toEqual(
      expect.arrayContaining([
        ['ns-elsewhere-test', ANN, 'Group'],
        ['clicks', BOB, 'User'],
      ]),
    )
    expect(given).toHaveLength(2)
  })

  test('but roles that may not be read are told, and the rest is saved', async () => {
    const { said, text } = await aTeams({ kind: '403', method: 'GET', path: 'roleAssignments' })
    expect(said).toMatch(/Not saved: roles that others gave: .*list the roles/)
    expect(text).toContain('- name: producer')
    expect(text).not.toContain('grants')
  })

  test('are read with one wave of reads', async () => {
    const azure = await startTestAzure({ seed: { namespaces } })
    const cwd = await aFolder()
    const reads = async (...more: readonly string[]) => {
      azure.requests.length = 0
      expect((await azure.run(['create', ...TARGET, '--hub', 'clicks', ...AGREED, ...more], { cwd })).exitCode).toBe(0)
      return azure.requests.map(({ method, path }) => `${method} ${path.split('?')[0]!.split('/').at(-1)!}`).sort()
    }
    await reads()
    expect(await reads()).toContain('GET ml-ingest-send-listen')
    const saving = await reads('--save', 'a.yaml')
    expect(saving.filter((line) => line === 'GET authorizationRules')).toHaveLength(2)
    expect(saving.filter((line) => line === 'GET roleAssignments')).toHaveLength(1)
    expect(saving).not.toContain('GET ml-ingest-send-listen')
    expect(saving.every((line) => line.startsWith('GET'))).toBe(true)
  })
})

test('what the rest of a file makes impossible is told, the answer stands, and the file stays as it was', async () => {
  const { azure, cwd, read } = await anAdopted()
  const text = 'version: 1\nenvironments:\n  dev: { capacity: 1 }\nhubs: [{ name: other, retention: 90d }]\n'
  await mkdir(join(cwd, 'sub'))
  await writeFile(join(cwd, 'sub', 'x.yaml'), text)
  const run = await azure.run(['create', ...TARGET, '--hub', 'clicks', '-e', 'dev', '--yes', '--save', 'sub/x.yaml'], {
    cwd,
  })
  expect(run.exitCode).toBe(1)
  expect(run.stdout).toContain('EntityPath=clicks')
  expect(unwrapped(run.stderr)).toContain('All changes in Azure are done.')
  expect(await read('sub/x.yaml')).toBe(text)
})

test('the line that repeats the run is one, and holds what the file does not', async () => {
  const { azure, cwd } = await anAdopted()
  const flags = ['--hub', 'clicks', '-e', 'prod', '--kafka', ...AGREED, '--save', 'my file.yaml']
  const run = await azure.run(['create', ...TARGET, ...flags], { cwd })
  expect(run.exitCode, run.stderr).toBe(0)
  expect(run.stderr.match(/repeat/gi)).toHaveLength(1)
  const line = run.stderr.trimEnd().split('\n').at(-1)!.trim()
  expect(line).toBe("npx ml-ingest create -f 'my file.yaml' -e prod --kafka --no-connection -y")
  azure.requests.length = 0
  const words = ['create', '-f', 'my file.yaml', '-e', 'prod', '--no-connection', '-y', '--kafka']
  expect((await azure.run(words, { cwd })).exitCode).toBe(0)
  expect(azure.writes()).toEqual([])
})

test('a consumer group without user metadata has none elsewhere either, and one that has it can lose it', async () => {
  const groups = [{ name: 'bare' }, { name: 'audit', properties: { userMetadata: 'nightly' } }]
  const hubs = [{ name: 'clicks', consumerGroups: groups }]
  const azure = await startTestAzure({ seed: { namespaces: [{ group: GROUP, name: NAMESPACE, hubs }] } })
  const cwd = await aFolder()
  const run = await azure.run(['create', ...TARGET, '--hub', 'clicks', ...AGREED, '--save', 'a.yaml'], { cwd })
  expect(run.exitCode, run.stderr).toBe(0)
  const text = await readFile(join(cwd, 'a.yaml'), 'utf8')
  expect(text).toContain('- name: bare\n        userMetadata: ""\n')
  expect((await azure.run(['plan', '-f', 'a.yaml', '--exit-code'], { cwd })).exitCode).toBe(0)
  await writeFile(join(cwd, 'a.yaml'), text.replace('nightly', "''"))
  for (const name of [NAMESPACE, 'ns-elsewhere']) {
    expect((await azure.run(['create', '-f', 'a.yaml', '-n', name, ...AGREED], { cwd })).exitCode).toBe(0)
    for (const group of ['bare', 'audit']) {
      const path = `${GROUP_PATH}/providers/Microsoft.EventHub/namespaces/${name}/eventhubs/clicks/consumergroups/${group}`
      expect(JSON.parse((await armGet(azure.arm, path))!)).not.toHaveProperty('properties.userMetadata')
    }
  }
})
