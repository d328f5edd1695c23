import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'

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
  const folder = await mkdtemp(join(tmpdir(), 'ml-ingest-'))
  onTestFinished(() => rm(folder, { recursive: true }))
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
  const cwd = await mkdtemp(join(tmpdir(), 'ml-ingest-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
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
