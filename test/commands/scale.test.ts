import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import { leastMs, manifestOf, writesOf } from '../support/fleet.ts'
import { ESCAPE } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function folderWith(text: string): Promise<string> {
  const folder = temporaryFolder()
  await writeFile(join(folder, 'ml-ingest.yaml'), text)
  return folder
}

const FLEET = { hubs: 200, groupsEach: 5 }
const CREATE = ['create', '--yes', '--no-connection', '--timeout', '1h', '--quiet']

test(
  '200 hubs of 5 consumer groups take hardly longer than the write limit dictates',
  { timeout: 120_000 },
  async () => {
    const azure = await startTestAzure({ rateLimits: true, latencyMs: 40 })
    const cwd = await folderWith(manifestOf(FLEET))
    const startedAt = azure.clock.now()
    const run = await azure.run(CREATE, { cwd })
    const elapsedMs = azure.clock.now() - startedAt
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const writes = azure.writes().filter(({ status }) => status < 300).length
    expect(writes).toBe(writesOf(FLEET))
    expect(elapsedMs).toBeLessThan(1.1 * leastMs(writes))
  },
)

test('60 hubs of 5 consumer groups are told in a few lines of log, with counts', { timeout: 60_000 }, async () => {
  const azure = await startTestAzure({ rateLimits: true, latencyMs: 40, provisioningMs: 45_000 })
  const cwd = await folderWith(manifestOf({ hubs: 60, groupsEach: 5 }))
  const run = await azure.run(['create', '--yes', '--no-connection'], { cwd })
  expect(run.exitCode, run.stderr).toBe(0)
  const log = run.stderr.split('\n').flatMap((line) => /^\d\d:\d\d:\d\dZ (.*)/.exec(line)?.[1] ?? [])
  expect(log.length).toBeLessThan(20)
  expect(log.filter((line) => /^create (?!resource group|namespace)/.test(line))).toEqual([])
  expect(log).toContainEqual(expect.stringMatching(/^\d+ of 422 done, \d running, about (\dm )?\d+s left$/))
  expect(log.filter((line) => /slow down/.test(line)).length).toBeLessThan(2)
  expect(log.at(-1)).toBe('422 of 422 done')
  expect(run.stderr).not.toContain(ESCAPE)
})

test('a run that finds nothing to do reads by hubs and pages, not by consumer groups', async () => {
  const readsOf = async (groupsEach: number): Promise<number> => {
    const azure = await startTestAzure()
    const cwd = await folderWith(manifestOf({ hubs: 10, groupsEach }))
    expect((await azure.run(CREATE, { cwd })).exitCode).toBe(0)
    azure.requests.length = 0
    expect((await azure.run(CREATE, { cwd })).exitCode).toBe(0)
    expect(azure.writes()).toEqual([])
    return azure.requests.length
  }
  expect(await readsOf(9)).toBe(await readsOf(1))
})
