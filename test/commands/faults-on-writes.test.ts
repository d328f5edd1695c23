import { expect, test } from 'vitest'
import type { FaultKind } from '../../src/local/index.ts'
import { FAULT_KINDS } from '../local/support/inside.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { BIG_CREATE, stateOf, unwrapped, type Json } from './support.ts'

const CREATE = [...BIG_CREATE, '--allow-ip', '203.0.113.7']

/** Some of the writes of that create: how errors name them, and their requests. */
const STEPS = [
  { step: 'resource group rg-clicks', path: /resourcegroups\/rg-clicks$/ },
  { step: 'namespace ns-clicks-test', path: /namespaces\/ns-clicks-test$/ },
  { step: 'network rule set ns-clicks-test', path: /networkrulesets\/default$/ },
  { step: 'hub clicks', path: /eventhubs\/clicks$/ },
  { step: 'hub views', path: /eventhubs\/views$/ },
  { step: 'hub orders', path: /eventhubs\/orders$/ },
  { step: 'consumer group views/report', path: /views\/consumergroups\/report$/ },
  { step: 'access rule orders/ml-ingest-send-listen', path: /orders\/authorizationrules\/[^/]+$/ },
] as const

const OF_THE_NAMESPACE: readonly FaultKind[] = ['name-taken', 'provisioning-failed']

type Ending = { readonly exitCode: number; readonly first: number }
/** Exit code of a fault that stays, once something is written and when nothing is; undefined = the run finishes. */
const WHEN_IT_STAYS: Readonly<Record<FaultKind, Ending | undefined>> = {
  '401': { exitCode: 6, first: 3 },
  '403': { exitCode: 6, first: 3 },
  '409': { exitCode: 7, first: 7 },
  '429': { exitCode: 7, first: 7 },
  '500': { exitCode: 6, first: 1 },
  '502': { exitCode: 6, first: 1 },
  '503': { exitCode: 6, first: 1 },
  'in-transition': { exitCode: 7, first: 7 },
  locked: { exitCode: 4, first: 4 },
  policy: { exitCode: 4, first: 4 },
  mfa: { exitCode: 6, first: 3 },
  'name-taken': { exitCode: 4, first: 4 },
  reset: { exitCode: 6, first: 1 },
  'hang-up-after-write': { exitCode: 6, first: 1 },
  '404-after-create': undefined,
  'provisioning-failed': { exitCode: 6, first: 1 },
  'principal-not-found': undefined,
  'late-metrics': undefined,
  'metric-failed': undefined,
}
const PASSES: readonly FaultKind[] = [
  '409',
  '429',
  '500',
  '502',
  '503',
  'in-transition',
  'reset',
  'hang-up-after-write',
]

const ELSEWHERE: readonly FaultKind[] = ['404-after-create', 'principal-not-found', 'late-metrics', 'metric-failed']

const cases = STEPS.flatMap(({ step, path }) =>
  (Object.keys(FAULT_KINDS) as FaultKind[])
    .filter((kind) => !ELSEWHERE.includes(kind) && (step.startsWith('namespace') || !OF_THE_NAMESPACE.includes(kind)))
    .map((kind) => ({ step, path, kind })),
)

test.each(cases)('$kind once on $step', async ({ step, path, kind }) => {
  const azure = await startTestAzure({ provisioningMs: 5_000 })
  azure.arm.faults.add({ kind, method: 'PUT', path, times: 1 })
  const run = await azure.run(CREATE)
  if (PASSES.includes(kind)) {
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stdout).toMatch(/^(Endpoint=sb:\S+\n){3}$/)
  } else assertTold(run, step, kind)
  await assertRunAgainFinishes(azure)
})

/** One of each kind of resource. */
const staying = cases.filter(({ step }) => !['hub clicks', 'hub orders'].includes(step))

test.each(staying)('$kind for good on $step', async ({ step, path, kind }) => {
  const azure = await startTestAzure()
  azure.arm.faults.add({ kind, method: 'PUT', path })
  const run = await azure.run([...CREATE, '--timeout', '5m'])
  // After a lost answer the namespace is found, so there is nothing to send again.
  if (kind === 'hang-up-after-write' && step.startsWith('namespace')) expect(run.exitCode, run.stderr).toBe(0)
  else assertTold(run, step, kind)
  await assertRunAgainFinishes(azure)
})

type Run = Awaited<ReturnType<TestAzure['run']>>

function assertTold(run: Run, step: string, kind: FaultKind): void {
  const ending = WHEN_IT_STAYS[kind]!
  expect(run.exitCode, run.stderr).toBe(step.startsWith('resource group') ? ending.first : ending.exitCode)
  expect(run.stdout).toBe('')
  expect(unwrapped(run.stderr)).toContain(ending.exitCode === 7 ? step.split(' ').at(-1)! : `Failed to create ${step}`)
}

let wanted: Json | undefined

async function assertRunAgainFinishes(azure: TestAzure): Promise<void> {
  azure.arm.faults.clear()
  const again = await azure.run(CREATE)
  expect(again.exitCode, again.stderr).toBe(0)
  wanted ??= await stateOfCleanRun()
  expect(await stateOf(azure)).toEqual(wanted)
}

async function stateOfCleanRun(): Promise<Json> {
  const azure = await startTestAzure()
  expect(await azure.run(CREATE)).toMatchObject({ exitCode: 0 })
  return stateOf(azure)
}
