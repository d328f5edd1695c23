import { describe, expect, it } from 'vitest'
import { Gate } from '../../src/engine/gate.ts'
import { checkName, lookForName } from '../../src/engine/new-name.ts'
import type { NameCheck } from '../../src/resources/namespace/name.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { cloudError, ScriptedCloud } from '../support/scripted-cloud.ts'
import { aWorld, SUBSCRIPTION, type World } from '../support/worlds.ts'
import { applying, AT, told } from './applying.ts'

const TAKEN: NameCheck = { available: false, reason: 'NameInUse', message: 'taken' }
const ELSEWHERE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-other/providers/Microsoft.EventHub/namespaces/NS-demo`

function naming(world: World, check: NameCheck = { available: true }) {
  const clock = new ManualClock({ autoAdvance: true })
  const cloud = new ScriptedCloud(clock, world)
  cloud.checkNamespaceName = () => Promise.resolve(check)
  const gate = new Gate({ clock, stop: new AbortController().signal, random: () => 0.5 })
  return { cloud, name: { cloud, gate, at: AT, subscriptionId: SUBSCRIPTION } }
}

describe('a namespace that another run makes after the plan', () => {
  const group = aWorld().withGroup()

  it('is not written over: the plan is out of date, and nothing in the namespace is started', async () => {
    const { cloud, run, events } = applying('--hub clicks', group)
    cloud.world = group.withNamespace({ tags: { team: 'other' } })
    const report = await run()
    expect(report.isOvertaken).toBe(true)
    expect(cloud.writes).toEqual([])
    expect(told(report)).toMatchObject({ done: [], failed: [], leftRunning: [] })
    expect(events.map(({ type }) => type)).toEqual(['planned', 'started', 'overtaken'])
  })

  it('is seen after an answer that says so', async () => {
    const { cloud, run } = applying('--hub clicks', group)
    cloud.fail(/createNamespace/, cloudError(409, { code: 'Conflict' }))
    cloud.onCall = (name) => {
      if (name.startsWith('createNamespace')) cloud.world = group.withNamespace()
    }
    expect((await run()).isOvertaken).toBe(true)
    expect(cloud.writes).toEqual(['createNamespace ns-demo'])
  })

  it('is our own where the answer to the first request was lost', async () => {
    const { cloud, run } = applying('--hub clicks', group)
    cloud.provisioningMs = 20_000
    cloud.fail(/createNamespace/, { after: cloudError(undefined) })
    const report = await run()
    expect(report).toMatchObject({ isOvertaken: false, failed: [], notStarted: [] })
    expect(cloud.namesOf(/createNamespace/)).toHaveLength(1)
  })
})

describe('a name that is taken', () => {
  it('by the target itself is another run', async () => {
    const { name } = naming(aWorld().withNamespace(), TAKEN)
    expect(await checkName(name)).toEqual({ kind: 'here' })
  })

  it('in another group is refused alike by who may ask and by who may only read', async () => {
    const { cloud, name } = naming(aWorld(), TAKEN)
    cloud.listNamespaces = () =>
      Promise.resolve([aWorld().withNamespace({ id: ELSEWHERE, name: 'NS-demo' }).namespace!])
    const [asked, looked] = [await checkName(name), await lookForName(name)]
    expect(asked).toEqual(looked)
    expect(looked).toMatchObject({
      kind: 'taken',
      refusal: {
        because: expect.stringContaining('Resource group rg-other of this subscription') as string,
        waysOut: [{ edit: { resourceGroup: 'rg-other' } }, { edit: { namespace: 'ns-demo-11111111' } }],
      },
    })
  })

  it('somewhere else in Azure is refused with the reason of Azure', async () => {
    const { name } = naming(aWorld(), TAKEN)
    expect(await checkName(name)).toMatchObject({
      kind: 'taken',
      refusal: { because: expect.stringContaining('Somebody in Azure') as string },
    })
    expect(await lookForName(name)).toEqual({ kind: 'unchecked' })
  })

  it('is not known without the right to list namespaces', async () => {
    const { cloud, name } = naming(aWorld())
    cloud.fail(/listNamespaces/, cloudError(403, { retryable: false }))
    expect(await lookForName(name)).toEqual({ kind: 'unchecked' })
    expect(await checkName(name)).toEqual({ kind: 'free' })
  })
})
