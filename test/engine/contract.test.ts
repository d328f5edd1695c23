import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectAzure } from '../../src/azure/connect.ts'
import { apply } from '../../src/engine/apply.ts'
import { findByName } from '../../src/lib/names.ts'
import type { Cloud } from '../../src/engine/cloud.ts'
import { Gate } from '../../src/engine/gate.ts'
import { plan } from '../../src/engine/plan.ts'
import { readActual } from '../../src/engine/actual.ts'
import { LOCAL_SUBSCRIPTION, startLocalArm } from '../../src/local/index.ts'
import { judge, wantedOf, type Spec } from '../../src/resources/front-door.ts'
import { flags } from '../support/arbitraries.ts'
import { givenBy } from '../support/argv.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { specOf } from '../support/worlds.ts'

const SUBSCRIPTION = LOCAL_SUBSCRIPTION.subscriptionId
const WHERE = ['-s', SUBSCRIPTION, '-g', 'rg-contract']

/** Azure's own client over HTTP, to the embedded Azure. */
async function withAzure(
  use: (azure: { cloud: Cloud; gate: Gate; clock: ManualClock; writes: string[] }) => Promise<void>,
) {
  const clock = new ManualClock({ autoAdvance: true })
  const writes: string[] = []
  const arm = await startLocalArm({
    clock,
    onRequest: ({ method, path }) => {
      if (!['GET', 'HEAD', 'POST'].includes(method)) writes.push(`${method} ${path}`)
    },
  })
  try {
    const connection = connectAzure({
      ...{ cloud: 'AzureCloud', auth: 'auto', authGiven: false, armEndpoint: arm.endpoint, env: {}, clock },
      userAgent: 'ml-ingest/test',
    })
    const gate = new Gate({ clock, stop: new AbortController().signal, random: () => 0.5 })
    await use({ cloud: connection.cloud(SUBSCRIPTION), gate, clock, writes })
  } finally {
    await arm.close()
  }
}

const specs = flags
  .map((words) => judge(wantedOf(givenBy([...WHERE, ...words])), { fallbackLocation: 'westeurope', isLocal: true }))
  .filter((judged) => judged.ok)
  .map((judged): Spec => (judged as { spec: Spec }).spec)

describe('against the embedded Azure, through the client of Azure', () => {
  it('what a plan does is what was wanted: planning again finds nothing to do', async () => {
    let applied = 0
    await fc.assert(
      fc.asyncProperty(fc.array(specs, { minLength: 3, maxLength: 3 }), (wanted) =>
        withAzure(async ({ cloud, gate, clock, writes }) => {
          for (const spec of wanted) {
            const read = () => readActual(cloud, gate, spec, { withKeys: false })
            const planned = plan(spec, await read())
            writes.length = 0
            if (planned.outcome !== 'applicable') continue
            const at = { group: spec.resourceGroup, namespace: spec.namespace.name }
            const options = {
              cloud,
              clock,
              gate,
              stop: new AbortController().signal,
              onEvent: () => undefined,
            }
            const report = await apply(planned, at, options)
            expect(report.failed.map(({ step, error }) => [step.target, error.azure])).toEqual([])
            expect(report.done).toHaveLength(planned.steps.filter((step) => step.action !== 'keep').length)
            expect(writes).toHaveLength(report.done.filter(({ step }) => step.write.op !== 'register-provider').length)
            const again = plan(spec, await read())
            expect(again.steps.filter((step) => step.action !== 'keep')).toEqual([])
            applied++
          }
        }),
      ),
      { numRuns: 12 },
    )
    expect(applied).toBeGreaterThan(12)
  })

  it.each([6, 7, 50])('takes a namespace name of %s characters, as the service does', async (length) => {
    const wanted = specOf([...WHERE, '-n', `n${'s'.repeat(length - 1)}`], { fallbackLocation: 'westeurope' })
    await withAzure(async ({ cloud, gate, clock }) => {
      const planned = plan(wanted, await readActual(cloud, gate, wanted, { withKeys: false }))
      if (planned.outcome !== 'applicable') throw new Error(planned.outcome)
      const at = { group: wanted.resourceGroup, namespace: wanted.namespace.name }
      const options = { cloud, clock, gate, stop: new AbortController().signal, onEvent: () => undefined }
      expect((await apply(planned, at, options)).failed).toEqual([])
      const actual = await readActual(cloud, gate, wanted, { withKeys: true })
      expect(findByName(actual.hubs, 'ml-data-stream')).toMatchObject({ partitions: 4, retentionHours: 24 })
      expect(actual.keys.size).toBe(1)
    })
  })
})
