import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import './support.ts'

test('a run of more requests than Azure takes at once is paced by its answers, not thrown back', async () => {
  const azure = await startTestAzure({ rateLimits: true, latencyMs: 40 })
  const cwd = temporaryFolder()
  const hubs = Array.from({ length: 60 }, (_, i) => `  - { name: hub-${i}, consumerGroups: [a, b, c] }`)
  const manifest = ['version: 1', 'location: westeurope', 'tier: Premium', 'capacity: 2', 'hubs:', ...hubs]
  await writeFile(join(cwd, 'ml-ingest.yaml'), manifest.join('\n'))
  for (let run = 1; run <= 2; run++) {
    const { exitCode, stdout, stderr } = await azure.run(['create', '--yes', '--timeout', '1h'], { cwd })
    expect(exitCode, stderr).toBe(0)
    expect(stderr).not.toContain('slow down')
    expect(stdout.trimEnd().split('\n')).toHaveLength(60)
    // What the run before used up, a new one cannot know.
    azure.clock.advance(60_000)
  }
  expect(azure.requests.length).toBeGreaterThan(600)
  expect(azure.requests.filter(({ status }) => status === 429)).toEqual([])
})
