import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import { runCli, type TestOptions } from '../support/test-deps.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FLEET = `version: 1
resourceGroup: rg-fleet
location: westeurope
tags: { team: vision }
hubs:
  - name: clicks
    partitions: 8
    retention: 48h
    consumerGroups: [trainer, { name: audit, userMetadata: the auditors }]
    accessRules: [{ name: producer, rights: [Send] }]
  - name: state
    cleanupPolicy: Compact
environments:
  dev: { namespace: ns-fleet-dev }
  test: { namespace: ns-fleet-test }
  prod:
    namespace: ns-fleet-prod
    capacity: 2
    autoInflateMax: 10
    hubs:
      - name: clicks
        retention: 7d
`

async function folderWith(text: string): Promise<string> {
  const folder = temporaryFolder()
  await writeFile(join(folder, 'ml-ingest.yaml'), text)
  return folder
}

test('a manifest is applied by environment, and applied again changes nothing', async () => {
  const azure = await startTestAzure()
  const cwd = await folderWith(FLEET)
  for (const env of ['dev', 'test', 'prod']) {
    const run = await azure.run(['create', '-e', env, '--yes', '--no-connection'], { cwd })
    expect(run).toMatchObject({ exitCode: 0, stdout: '' })
  }
  azure.requests.length = 0
  const again = await azure.run(['create', '-e', 'prod', '--yes', '--no-connection'], { cwd })
  expect(again.exitCode).toBe(0)
  expect(azure.writes()).toEqual([])
  const plan = await azure.run(['plan', '-e', 'prod', '--json'], { cwd })
  const { changes } = JSON.parse(plan.stdout) as { changes: readonly { name: string; details: readonly string[] }[] }
  expect(changes.map((change) => [change.name, ...change.details].join(' '))).toEqual([
    'rg-fleet westeurope',
    'ns-fleet-prod Standard 2 throughput units auto-inflate to 10',
    'clicks 8 partitions retention 7d',
    'trainer',
    'audit',
    'state 4 partitions compacted',
    'ml-data-consumer-group',
    'ml-ingest-send-listen Send, Listen',
    'producer Send',
    'ml-ingest-send-listen Send, Listen',
  ])
})

test('one environment that drifted is found among all, by its field', async () => {
  const azure = await startTestAzure()
  const cwd = await folderWith(FLEET)
  for (const env of ['dev', 'test', 'prod']) await azure.run(['create', '-e', env, '--yes', '--no-connection'], { cwd })
  expect((await azure.run(['plan', '--all-envs', '--exit-code'], { cwd })).exitCode).toBe(0)
  await azure.run(['create', '-e', 'test', '--hub', 'clicks:8:72h', '--yes', '--no-connection'], { cwd })
  azure.requests.length = 0
  const drifted = await azure.run(['plan', '--all-envs', '--exit-code', '--json'], { cwd })
  expect(drifted.exitCode).toBe(5)
  const { environments } = JSON.parse(drifted.stdout) as {
    environments: readonly {
      environment: string
      document: { result: string; changes: readonly { fields: unknown }[] }
    }[]
  }
  expect(environments.map(({ environment, document }) => [environment, document.result])).toEqual([
    ['dev', 'unchanged'],
    ['test', 'planned'],
    ['prod', 'unchanged'],
  ])
  expect(environments[1]?.document.changes.flatMap((change) => change.fields)).toEqual([
    { field: 'retention', from: '3d', to: '2d' },
  ])
  expect(azure.requests.every(({ method }) => method === 'GET')).toBe(true)
  await azure.run(['create', '-e', 'test', '--yes', '--no-connection'], { cwd })
  expect((await azure.run(['plan', '--all-envs', '--exit-code'], { cwd })).exitCode).toBe(0)
})

test('what Azure has beyond the manifest is told and stays', async () => {
  const azure = await startTestAzure()
  const cwd = await folderWith(FLEET)
  await azure.run(['create', '-e', 'dev', '--yes', '--no-connection'], { cwd })
  const elsewhere = { cwd: tmpdir() }
  const more = ['--hub', 'extra', '--hub', 'clicks', '--consumer-group', 'clicks/more', '--yes', '--no-connection']
  await azure.run(['create', '-g', 'rg-fleet', '-n', 'ns-fleet-dev', ...more], elsewhere)
  const plan = await azure.run(['plan', '-e', 'dev', '--exit-code'], { cwd })
  expect(plan.exitCode).toBe(0)
  const said = plan.stdout.replaceAll(/\s+/g, ' ')
  expect(said).toContain('hub extra is not in the manifest')
  expect(said).toContain('consumer group clicks/more is not in the manifest')
})

test('--save writes what makes the same again, and keeps comments', async () => {
  const azure = await startTestAzure()
  const cwd = temporaryFolder()
  const flags = [
    '-l',
    'westeurope',
    '--hub',
    'clicks:8:48h',
    '--consumer-group',
    'trainer',
    '--tag',
    'team=vision',
    '--yes',
  ]
  expect((await azure.run(['create', ...flags, '--save'], { cwd })).exitCode).toBe(0)
  const file = join(cwd, 'ml-ingest.yaml')
  const saved = await readFile(file, 'utf8')
  expect(saved).not.toContain('SharedAccessKey')
  azure.requests.length = 0
  expect((await azure.run(['create', '--yes'], { cwd })).exitCode).toBe(0)
  expect(azure.writes()).toEqual([])
  await writeFile(file, `# kept by vision\n${saved}`)
  await azure.run(['create', '--yes', '--save', '--retention', '72h'], { cwd })
  expect(await readFile(file, 'utf8')).toContain('# kept by vision')
})

/** What a run that was refused says in `--json`. */
async function invalidOf(cwd: string, argv: readonly string[], options: TestOptions = {}) {
  const run = await runCli(['plan', '--local', '--json', ...argv], { cwd, ...options })
  expect(run.exitCode).toBe(2)
  const { error } = JSON.parse(run.stdout) as { error: { invalid: readonly Invalid[]; missing: readonly unknown[] } }
  expect(error.missing).toEqual([])
  return error.invalid
}
interface Invalid {
  readonly flag: string
  readonly message: string
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
}

describe('which file is meant', () => {
  test('an environment without any manifest is refused, unless it is about to be saved', async () => {
    const cwd = temporaryFolder()
    const [problem, ...others] = await invalidOf(cwd, ['-e', 'prod'])
    expect(problem).toMatchObject({
      flag: '--env prod',
      message: expect.stringMatching(/no ml-ingest\.yaml/) as string,
    })
    expect(others).toEqual([])
    const [byVariable] = await invalidOf(cwd, [], { env: { ML_INGEST_ENV: 'prod' } })
    expect(byVariable).toMatchObject({ flag: 'ML_INGEST_ENV=prod' })
    const azure = await startTestAzure()
    const run = await azure.run(['create', '-l', 'westeurope', '-e', 'prod', '--save', '--yes'], { cwd })
    expect(run.exitCode).toBe(0)
    expect(await readFile(join(cwd, 'ml-ingest.yaml'), 'utf8')).toContain('prod:')
  })

  test('ml-ingest.yml is one too, but not beside ml-ingest.yaml', async () => {
    const cwd = temporaryFolder()
    await writeFile(join(cwd, 'ml-ingest.yml'), 'version: 1\ncolour: red\n')
    expect(await invalidOf(cwd, [])).toMatchObject([{ file: 'ml-ingest.yml', line: 2, column: 1 }])
    await writeFile(join(cwd, 'ml-ingest.yaml'), 'version: 1\n')
    expect(await invalidOf(cwd, [])).toMatchObject([{ message: expect.stringMatching(/ml-ingest\.yml too/) as string }])
  })

  test('a place is told with the path as it was given', async () => {
    const cwd = temporaryFolder()
    await mkdir(join(cwd, 'sub/deep'), { recursive: true })
    await writeFile(join(cwd, 'sub/deep/t.yaml'), 'version: 1\ntier: Basic\nautoInflateMax: 4\n')
    expect(await invalidOf(cwd, ['-f', 'sub/deep/t.yaml'])).toEqual([
      {
        input: 'auto-inflate maximum',
        flag: 'sub/deep/t.yaml:3:17',
        message: 'autoInflateMax needs Standard: there is no auto-inflate on Basic',
        file: 'sub/deep/t.yaml',
        line: 3,
        column: 17,
      },
    ])
  })

  const bytes = (...all: readonly number[]) => Buffer.from(all)
  test.each<[string, Buffer | string, RegExp]>([
    [
      'Latin-1',
      Buffer.concat([Buffer.from('version: 1\ntags: { a: Z'), bytes(0xfc), Buffer.from('rich }')]),
      /is not UTF-8: line 2/,
    ],
    ['UTF-16', Buffer.concat([bytes(0xff, 0xfe), Buffer.from('version: 1', 'utf16le')]), /is not UTF-8 but UTF-16/],
    ['UTF-16 without a mark', Buffer.from('version: 1', 'utf16le'), /zero byte.*not UTF-8/],
    ['more than 4 MB', ' '.repeat(4 * 1024 * 1024 + 1), /is larger than 4 MB/],
  ])('%s is told', async (_, content, message) => {
    const cwd = temporaryFolder()
    await writeFile(join(cwd, 't.yaml'), content)
    expect(await invalidOf(cwd, ['-f', 't.yaml'])).toMatchObject([
      { message: expect.stringMatching(message) as string },
    ])
  })

  test('a mark of UTF-8 is none of the text', async () => {
    const cwd = temporaryFolder()
    await writeFile(join(cwd, 't.yaml'), '\uFEFFversion: 2\n')
    expect(await invalidOf(cwd, ['-f', 't.yaml'])).toMatchObject([{ line: 1, column: 10 }])
  })

  test.runIf(process.platform !== 'win32')('what is no file is neither read nor waited for', async () => {
    const cwd = temporaryFolder()
    await symlink('nowhere', join(cwd, 'ml-ingest.yaml'))
    expect(await invalidOf(cwd, [])).toMatchObject([{ message: 'is a link to a file that does not exist' }])
    await promisify(execFile)('mkfifo', [join(cwd, 'pipe')])
    for (const [file, message] of [
      ['pipe', /not a file but a pipe or a device/],
      ['/dev/zero', /not a file but a pipe or a device/],
      ['.', /is a folder/],
      ['absent.yaml', /does not exist/],
      ['/dev/null/x.yaml', /a part of its path is a file/],
    ] as const)
      expect(await invalidOf(cwd, ['-f', file])).toMatchObject([{ message: expect.stringMatching(message) as string }])
  })
})

test('flags and variables win over what a hub or a group of the manifest says, and --hub over those', async () => {
  const azure = await startTestAzure()
  const cwd = await folderWith(FLEET)
  const changesOf = async (argv: readonly string[], env: TestOptions['env'] = {}) => {
    const run = await azure.run(['plan', '-e', 'prod', '--json', ...argv], { cwd, env })
    const { changes } = JSON.parse(run.stdout) as { changes: readonly { name: string; details: readonly string[] }[] }
    return changes.map((change) => [change.name, ...change.details].join(' '))
  }
  const flags = ['--partitions', '5']
  const all = await changesOf(flags, { ML_INGEST_RETENTION: '3d' })
  expect(all).toContain('clicks 5 partitions retention 3d')
  expect(all).toContain('state 5 partitions compacted')
  expect(await changesOf([...flags, '--hub', 'clicks:12'])).toContain('clicks 12 partitions retention 7d')
})

test('a problem that a flag makes is told of the flag', async () => {
  const cwd = await folderWith(FLEET)
  expect(await invalidOf(cwd, ['-e', 'dev', '--hub', 'clicks:64', '--hub', 'clicks'])).toMatchObject([
    { flag: '--hub clicks:64', file: null },
    { flag: '--hub clicks', file: null },
  ])
})

test('two environments of one namespace are a mistake, whichever is asked for', async () => {
  const cwd = await folderWith(FLEET.replace('ns-fleet-test', 'ns-fleet-dev'))
  expect(await invalidOf(cwd, ['-e', 'prod'])).toMatchObject([
    { line: 15, message: expect.stringMatching(/is the namespace of environments\.dev too/) as string },
  ])
})
