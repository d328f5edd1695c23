import { expect, test } from 'vitest'
import { Interruption } from '../../src/lib/errors.ts'
import { startTestAzure } from '../support/azure.ts'
import { BIG_CREATE, BIG_WRITES, stateOf, type Json } from './support.ts'

const cuts = Array.from({ length: BIG_WRITES }, (_, i) => i + 1)

/** Cuts the wire at a write: what Azure did is done, no answer comes, and nothing that is sent later arrives. */
async function runCutAt(write: number, done: boolean) {
  const stop = new AbortController()
  const azure = await startTestAzure({
    provisioningMs: 60_000,
    onRequest: ({ method, status }) => {
      if (method === 'PUT' && status === 0) stop.abort(new Interruption('SIGTERM'))
    },
    faults: [
      { kind: done ? 'hang-up-after-write' : 'reset', method: 'PUT', skip: write - 1, times: 1 },
      { kind: 'reset', method: 'PUT', skip: write - 1 },
    ],
  })
  const run = await azure.run(BIG_CREATE, { stop: stop.signal })
  return { azure, run }
}

let wanted: Json | undefined

async function stateOfCleanRun(): Promise<Json> {
  const azure = await startTestAzure()
  expect(await azure.run(BIG_CREATE)).toMatchObject({ exitCode: 0 })
  // Each once, none too early.
  expect(azure.writes().map(({ status }) => status < 300)).toEqual(Array(BIG_WRITES).fill(true))
  return stateOf(azure)
}

const writesDone = (azure: { readonly requests: readonly { readonly method: string; readonly status: number }[] }) =>
  azure.requests.filter(({ method, status }) => method === 'PUT' && status > 0).length

/** Cut after every write; and before the first of each kind of resource. */
const cases = [
  ...cuts.map((cut) => [cut, true] as const),
  ...[1, 2, 3, 6, BIG_WRITES].map((cut) => [cut, false] as const),
]

test.each(cases)('cut at write %i (done by Azure: %s), the same command finishes it', async (cut, done) => {
  const { azure, run } = await runCutAt(cut, done)
  expect(run).toMatchObject({ exitCode: 143, stdout: '' })
  expect(writesDone(azure)).toBe(cut - 1)
  azure.arm.faults.clear()
  azure.requests.length = 0
  const again = await azure.run(BIG_CREATE)
  expect(again.exitCode, again.stderr).toBe(0)
  expect(again.stdout).toMatch(/^(Endpoint=sb:\S+\n){3}$/)
  expect(writesDone(azure)).toBe(BIG_WRITES - cut + (done ? 0 : 1))
  wanted ??= await stateOfCleanRun()
  expect(await stateOf(azure)).toEqual(wanted)
  azure.requests.length = 0
  expect(await azure.run(BIG_CREATE)).toMatchObject({ exitCode: 0, stdout: again.stdout })
  expect(azure.writes()).toEqual([])
})
