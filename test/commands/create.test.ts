import { expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'

const CREATE = ['create', '-l', 'westeurope', '--yes']

test('does the whole job, then finds nothing to do and prints the same string', async () => {
  const azure = await startTestAzure({ provisioningMs: 60_000 })
  const first = await azure.run(CREATE)
  expect(first.stderr).toContain('5 created')
  expect(first.exitCode).toBe(0)
  expect(first.stdout).toMatch(
    /^Endpoint=sb:\/\/localhost;SharedAccessKeyName=ml-ingest-send-listen;SharedAccessKey=\S+;UseDevelopmentEmulator=true;EntityPath=ml-data-stream\n$/,
  )
  azure.requests.length = 0
  const second = await azure.run(CREATE)
  expect(second).toMatchObject({ exitCode: 0, stdout: first.stdout })
  expect(second.stderr).toContain('Nothing to do')
  expect(azure.writes()).toEqual([])
})
