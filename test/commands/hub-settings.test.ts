import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import { aFolder, armGet, armSend, type Json, NAMESPACE_PATH, PLACE, TARGET, unwrapped } from './support.ts'

const HUB = `${NAMESPACE_PATH}/eventhubs/clicks`
const CREATE = ['create', ...PLACE, '--yes', '--no-connection']

/** An embedded Azure, and a manifest with one hub. */
async function startWith(hub: string, more: Parameters<typeof startTestAzure>[0] = {}) {
  const azure = await startTestAzure(more)
  const cwd = await aFolder()
  const file = join(cwd, 'ml-ingest.yaml')
  const say = (one: string) => writeFile(file, `version: 1\nhubs:\n  - { name: clicks, ${one} }\n`)
  await say(hub)
  return {
    azure,
    say,
    run: (argv: readonly string[]) => azure.run(argv, { cwd }),
    read: () => readFile(file, 'utf8'),
    properties: async () => (JSON.parse((await armGet(azure.arm, HUB))!) as { properties: Json }).properties,
    puts: () =>
      azure.requests.filter(({ method, path }) => method === 'PUT' && /eventhubs\/clicks(\?|$)/i.test(path)).length,
  }
}

const PLAN = ['plan', ...TARGET, '--exit-code']

test('a hub is made with all its settings, found so, put right, and otherwise left alone', async () => {
  const SETTINGS = 'status: SendDisabled, timestampType: Create, cleanupPolicy: DeleteOrCompact, tombstoneRetention: 5h'
  const { azure, run, properties, puts, say } = await startWith(SETTINGS)
  const made = await run(CREATE)
  expect(made.exitCode, made.stderr).toBe(0)
  expect(puts()).toBe(2)
  expect(unwrapped(made.stderr)).toContain('status is SendDisabled: clients can receive, but not send')
  const asked = {
    status: 'SendDisabled',
    messageTimestampDescription: { timestampType: 'Create' },
    retentionDescription: {
      ...{ cleanupPolicy: 'DeleteOrCompact', retentionTimeInHours: 24 },
      tombstoneRetentionTimeInHours: 5,
    },
  }
  expect(await properties()).toMatchObject(asked)
  expect((await run(PLAN)).exitCode).toBe(0)

  const changed = {
    ...(await properties()),
    ...{ status: 'Active', messageTimestampDescription: { timestampType: 'LogAppend' }, userMetadata: 'theirs' },
    retentionDescription: { ...asked.retentionDescription, tombstoneRetentionTimeInHours: 9 },
  }
  await armSend(azure.arm, 'PUT', HUB, { properties: changed })
  await say('partitions: 4')
  expect((await run(PLAN)).exitCode).toBe(0)
  await say(SETTINGS)
  expect((await run(PLAN)).exitCode).toBe(5)
  expect((await run(CREATE)).exitCode).toBe(0)
  expect(await properties()).toMatchObject({ ...asked, userMetadata: 'theirs' })
  await say('cleanupPolicy: Delete')
  azure.requests.length = 0
  expect((await run(CREATE)).exitCode).toBe(4)
  expect(azure.writes()).toEqual([])
})

test('a run that ends between the two PUTs of a new hub is finished by the next one', async () => {
  const faults = [{ kind: '403', path: /eventhubs\/clicks$/i, method: 'PUT', skip: 1, times: 1 }] as const
  const { run, properties, puts } = await startWith('status: SendDisabled', { faults })
  expect((await run(CREATE)).exitCode).not.toBe(0)
  expect(await properties()).toMatchObject({ status: 'Active' })
  expect((await run(CREATE)).exitCode).toBe(0)
  expect(await properties()).toMatchObject({ status: 'SendDisabled' })
  expect(puts()).toBe(3)
})

test('--save writes what a hub has, and names what a manifest cannot say', async () => {
  const { azure, run, properties, read, say } = await startWith(
    'cleanupPolicy: DeleteOrCompact, tombstoneRetention: 9h',
  )
  expect((await run(CREATE)).exitCode).toBe(0)
  const theirs = {
    ...(await properties()),
    ...{ status: 'ReceiveDisabled', messageTimestampDescription: { timestampType: 'Create' }, userMetadata: 'theirs' },
  }
  await armSend(azure.arm, 'PUT', HUB, { properties: theirs })
  await say('partitions: 4')
  const saved = await run([...CREATE, '--save'])
  expect(saved.exitCode, saved.stderr).toBe(0)
  const text = await read()
  for (const part of [
    ...['status: ReceiveDisabled', 'timestampType: Create', 'cleanupPolicy: DeleteOrCompact', 'tombstoneRetention: 9h'],
  ])
    expect(text).toContain(part)
  expect(unwrapped(saved.stderr)).toContain('Not saved: hub clicks: user metadata')
  azure.requests.length = 0
  expect((await run([...CREATE])).exitCode).toBe(0)
  expect(azure.writes()).toEqual([])
})
