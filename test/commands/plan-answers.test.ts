import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { armSend, documentOf, NAMESPACE, NAMESPACE_PATH, PLACE, SMALL, SMALL_CREATE, unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const KEY = `${'kR8vT1xZ'.repeat(5)}abc=`
const FLEET = `version: 1
resourceGroup: rg-fleet
location: westeurope
hubs:
  - name: clicks
    retention: 48h
    consumerGroups: [trainer]
environments:
  dev: { namespace: ns-fleet-dev }
  prod: { namespace: ns-fleet-prod, capacity: 12, autoInflateMax: 5 }
  third: { namespace: ns-fleet-third }
`
const ONE = `version: 1
resourceGroup: rg-clicks
namespace: ${NAMESPACE}
location: westeurope
tags: { team: vision }
hubs: [{ name: clicks, consumerGroups: [trainer] }]
`

async function folderWith(text: string): Promise<string> {
  const folder = temporaryFolder()
  await writeFile(join(folder, 'ml-ingest.yaml'), text)
  return folder
}

/** An Azure in which dev drifted, and third is on a tier that cannot hold what the manifest wants; prod is not valid. */
async function fleet(): Promise<{ azure: TestAzure; cwd: string }> {
  const azure = await startTestAzure()
  const cwd = await folderWith(FLEET)
  const quiet = ['--yes', '--no-connection']
  await azure.run(['create', '-e', 'dev', '--hub', 'clicks:4:72h', '--hub', 'rogue', ...quiet], { cwd })
  const third = ['-g', 'rg-fleet', '-n', 'ns-fleet-third', '-l', 'westeurope', '--tier', 'Basic']
  await azure.run(['create', ...third, '--hub', 'other', '--no-consumer-group', ...quiet], { cwd: tmpdir() })
  return { azure, cwd }
}

test('the step summary tells of every environment, whatever became of it', async () => {
  const { azure, cwd } = await fleet()
  const page = join(temporaryFolder(), 'summary.md')
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: page }
  const run = await azure.run(['plan', '--all-envs', '--exit-code'], { cwd, env })
  expect(run.exitCode).toBe(2)
  expect((await readFile(page, 'utf8')).replaceAll(/subscription \S+/g, 'subscription <id>')).toMatchInlineSnapshot(`
    "## Plan of all environments

    | Environment | Result | In short |
    | --- | --- | --- |
    | dev | drifted | 1 to update, 4 unchanged |
    | prod | not valid | Can't continue: 1 input is not valid. ml-ingest.yaml:10:67 environments.prod.autoInflateMax is below environments.prod.capacity 12: auto-inflate cannot stop below where it starts |
    | third | refused | Can't keep events of hub clicks for 2d. Can't make consumer group trainer in hub clicks |

    ### dev: drifted

    Plan for subscription <id> (ml-ingest.yaml, environment dev)

    | Change | Resource | Field | From | To |
    | --- | --- | --- | --- | --- |
    | update | hub clicks | retention | 3d | 2d |

    Cost: about \\$22 a month, and \\$0.028 per million events in (list price of westeurope of 2026-08, network traffic not included)

    Notes:

    - hub rogue is not in the manifest; it stays as it is

    ### prod: not valid

    Can't continue: 1 input is not valid

    - ml-ingest.yaml:10:67 environments.prod.autoInflateMax is below environments.prod.capacity 12: auto-inflate cannot stop below where it starts
    - Nothing was changed. Correct it and run again.

    ### third: refused

    Plan for subscription <id> (ml-ingest.yaml, environment third)

    | Change | Resource | Details |
    | --- | --- | --- |
    | refused | hub clicks |  |
    | refused | consumer group clicks/trainer |  |
    | create | access rule clicks/ml-ingest-send-listen | Send, Listen |

    Notes:

    - hub other is not in the manifest; it stays as it is

    **Can't keep events of hub clicks for 2d**

    The namespace is on Basic, where retention is at most 24h. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas

    What you can do:

    - keep them for 24h: \`npx ml-ingest plan -e third -s 00000000-0000-0000-0000-000000000000 --exit-code --hub clicks:4:24h\`
    - move the namespace to Standard: \`npx ml-ingest plan -e third -s 00000000-0000-0000-0000-000000000000 --exit-code --tier Standard\`

    **Can't make consumer group trainer in hub clicks**

    The namespace is on Basic, where a hub has only \\$Default. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas

    What you can do:

    - move the namespace to Standard: \`npx ml-ingest plan -e third -s 00000000-0000-0000-0000-000000000000 --exit-code --tier Standard\`
    - read through \\$Default: \`npx ml-ingest plan -e third -s 00000000-0000-0000-0000-000000000000 --exit-code --no-consumer-group\`

    "
  `)
})

test.each([
  [['-e', 'dev'], '--env dev contradicts --all-envs'],
  [['-n', 'ns-of-all'], '--namespace ns-of-all contradicts --all-envs'],
])('what would choose one of all environments is refused: %j', async (flags, said) => {
  const { azure, cwd } = await fleet()
  azure.requests.length = 0
  const run = await azure.run(['plan', '--all-envs', ...flags], { cwd })
  expect(run.exitCode).toBe(2)
  expect(unwrapped(run.stderr)).toContain(said)
  expect(azure.requests).toEqual([])
})

test('the document of all environments has a result of its own: the worst of theirs', async () => {
  const { azure, cwd } = await fleet()
  const run = await azure.run(['plan', '--all-envs', '--json'], { cwd })
  const document = documentOf(run) as unknown as Record<string, unknown>
  expect(document['result']).toBe('failed')
  const { environments } = document as {
    environments: readonly { document: { result: string; manifest: unknown; error: { code: string } | null } }[]
  }
  expect(environments.map(({ document: { result, manifest, error } }) => [result, manifest, error?.code])).toEqual([
    ['planned', { file: 'ml-ingest.yaml', environment: 'dev' }, undefined],
    ['failed', { file: 'ml-ingest.yaml', environment: 'prod' }, 'usage'],
    ['refused', { file: 'ml-ingest.yaml', environment: 'third' }, 'refused'],
  ])
})

test('a summary in a folder that is not there is warned of, and the answer is given', async () => {
  const azure = await startTestAzure()
  const nowhere = join(temporaryFolder(), 'gone', 'file')
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: nowhere, GITHUB_OUTPUT: nowhere }
  const plan = await azure.run(['plan', ...PLACE, '--exit-code'], { env })
  expect(plan.exitCode).toBe(5)
  expect(plan.stderr.trim()).toMatch(/^Warning: can't write the step summary to GITHUB_STEP_SUMMARY: ENOENT[^\n]*$/)
  const made = await azure.run(SMALL_CREATE, { env })
  expect(made.exitCode).toBe(0)
  expect(made.stdout).toMatch(/^Endpoint=/)
  expect(made.stderr).toMatch(/^Warning: can't write the step outputs to GITHUB_OUTPUT: ENOENT/m)
})

test('create tells what Azure has beyond the manifest, as plan does', async () => {
  const azure = await startTestAzure()
  const cwd = await folderWith(ONE)
  await azure.run([...SMALL_CREATE, '--hub', 'rogue', '--consumer-group', 'clicks/night'])
  const text = 'is not in the manifest; it stays as it is'
  const notes = [
    { kind: 'hub', name: 'rogue', hub: null, text },
    { kind: 'consumer-group', name: 'night', hub: 'clicks', text },
  ]
  for (const more of [['--tag', 'made=changes'], []]) {
    const argv = ['create', ...more, '--yes', '--json', '--no-connection']
    const run = await azure.run(argv, { cwd })
    expect(run.exitCode).toBe(0)
    expect(documentOf(run).notes).toEqual(notes)
    expect(unwrapped(run.stderr)).toContain(`hub rogue ${text}`)
  }
})

test('a hub that flags leave out is not said to be missing in the manifest that names it', async () => {
  const azure = await startTestAzure()
  const cwd = await folderWith(ONE)
  await azure.run(['create', '--yes'], { cwd })
  await azure.run(['create', '--hub', 'views', '--yes'], { cwd })
  const run = await azure.run(['plan', '--hub', 'views', '--json'], { cwd })
  expect(documentOf(run)).toMatchObject({ result: 'unchanged', notes: [] })
  const groups = await azure.run(['plan', '--consumer-group', 'other', '--json'], { cwd })
  expect(documentOf(groups).notes).not.toContainEqual(expect.objectContaining({ name: 'trainer' }))
})

test('the title names the manifest that had a say, and its environment', async () => {
  const azure = await startTestAzure()
  const cwd = await folderWith(FLEET)
  const title = /Plan for subscription \S+ \(ml-ingest\.yaml, environment dev\)/
  const run = async (...argv: string[]) => {
    const { stdout, stderr } = await azure.run([...argv, '-e', 'dev'], { cwd })
    return unwrapped(stdout + stderr)
  }
  expect(await run('plan')).toMatch(title)
  expect(await run('create', '--yes')).toMatch(title)
  expect(await run('create', '--yes')).toMatch(title)
  expect(await run('create', '--yes', '--hub', 'clicks:8')).toMatch(title)
  expect(await run('delete', '--dry-run')).toMatch(title)
  expect(await run('show-connection', '--format', 'python', '--debug')).toContain('(ml-ingest.yaml:9:21)')
  const manifest = { file: 'ml-ingest.yaml', environment: 'dev' }
  for (const words of [['plan'], ['create', '--yes'], ['delete', '--dry-run'], ['plan', '--capacity', '99']]) {
    const answer = await azure.run([...words, '-e', 'dev', '--json'], { cwd })
    expect(documentOf(answer).manifest, words.join(' ')).toEqual(manifest)
  }
})

test('without a manifest there is none in the title or in the document', async () => {
  const azure = await startTestAzure()
  expect((await azure.run(['plan', ...PLACE])).stdout).toMatch(/^ {2}Plan for subscription \S+$/m)
  expect(documentOf(await azure.run(['plan', ...PLACE, '--json']))).not.toHaveProperty('manifest')
})

test('what is refused has no price', async () => {
  const azure = await startTestAzure()
  await azure.run(SMALL_CREATE)
  for (const argv of [
    ['plan', ...PLACE, '--hub', 'clicks:8'],
    ['create', ...PLACE, '--hub', 'clicks:8', '--yes'],
  ]) {
    const run = await azure.run(argv)
    expect(run.exitCode).toBe(4)
    expect(run.stdout + run.stderr).not.toMatch(/Cost/)
    expect(documentOf(await azure.run([...argv, '--json'])).cost).toBe(null)
  }
  expect(documentOf(await azure.run(['plan', ...PLACE, '--capacity', '2', '--json'])).cost).not.toBe(null)
})

test('keys that somebody put into tags and user metadata are told nowhere', async () => {
  const azure = await startTestAzure()
  await azure.run(SMALL_CREATE)
  const tags = { team: `Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=${KEY}`, other: KEY }
  expect(await armSend(azure.arm, 'PATCH', NAMESPACE_PATH, { tags })).toBeLessThan(300)
  const group = `${NAMESPACE_PATH}/eventhubs/clicks/consumergroups/trainer`
  expect(await armSend(azure.arm, 'PUT', group, { properties: { userMetadata: `use ${KEY}` } })).toBeLessThan(300)
  const page = join(temporaryFolder(), 'summary.md')
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: page }
  const wanted = [...PLACE, ...SMALL, '--tag', 'team=vision', '--tag', 'other=mine', '--user-metadata', 'mine']
  const text = await azure.run(['plan', ...wanted], { env })
  const json = await azure.run(['plan', ...wanted, '--json'], { env })
  const created = await azure.run(['create', ...wanted, '--yes', '--no-connection', '--json'], { env })
  const summary = await readFile(page, 'utf8')
  for (const told of [text.stdout, json.stdout, created.stdout, created.stderr, summary]) {
    expect(told.replaceAll('\\', '')).toContain('***')
    expect(told).not.toContain(KEY)
  }
  const fields = documentOf(json).changes.flatMap((change) => change.fields)
  expect(fields).toContainEqual({ field: 'user metadata', from: 'use ***', to: 'mine' })
  expect(documentOf(created)).toMatchObject({ result: 'changed' })
})

test('secrets are masked once each', async () => {
  const azure = await startTestAzure()
  for (const more of [[], [], ['--json']]) {
    const { stderr } = await azure.run([...SMALL_CREATE, ...more], { env: { GITHUB_ACTIONS: 'true' } })
    const masks = stderr.split('\n').filter((line) => line.startsWith('::add-mask::'))
    expect(masks).toHaveLength(2)
    expect(new Set(masks).size).toBe(2)
  }
})
