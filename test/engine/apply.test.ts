import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plan } from '../../src/engine/plan.ts'
import { describe as nameOf } from '../../src/resources/step.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { cloudError } from '../support/scripted-cloud.ts'
import { aSpec, aWorld } from '../support/worlds.ts'
import { applying, everythingIn, settle, told, writesOf } from './applying.ts'

const WHOLE = '--hub clicks --hub audit --consumer-group trainer --consumer-group scorer'
const many = (count: number) => Array.from({ length: count }, (_, i) => `--hub h${i}`).join(' ')

describe('order', () => {
  it('is what contains before what is in it; the rest goes side by side', async () => {
    const { cloud, run } = applying(WHOLE, aWorld().withProvider({ state: 'NotRegistered' }))
    cloud.latencyMs = 100
    cloud.provisioningMs = 5_000
    const report = await run()
    expect(report.failed).toEqual([])
    const at = (name: string) => cloud.calls.find((call) => call.name === name)!.atMs
    expect(at('registerProvider')).toBe(at('createGroup rg'))
    expect(at('createNamespace ns-demo')).toBeGreaterThanOrEqual(at('createGroup rg') + 100)
    expect(at('createHub clicks')).toBe(at('createHub audit'))
    expect(at('createHub clicks')).toBeGreaterThanOrEqual(at('createNamespace ns-demo') + 5_000)
    for (const hub of ['clicks', 'audit']) {
      const inside = [
        `createConsumerGroup ${hub}/trainer`,
        `createConsumerGroup ${hub}/scorer`,
        `putRule ${hub}/ml-ingest-send-listen`,
      ]
      for (const name of inside) expect(at(name)).toBeGreaterThanOrEqual(at(`createHub ${hub}`) + 100)
    }
  })

  it('does not hold back what is in one hub for another', async () => {
    const { cloud, run } = applying(WHOLE)
    cloud.latencyMs = 100
    cloud.fail(/createHub audit/, cloudError(409))
    await run()
    const at = (name: string) => cloud.calls.filter((call) => call.name === name).at(-1)!.atMs
    expect(at('createConsumerGroup clicks/trainer')).toBeLessThan(at('createHub audit'))
  })

  it('never has more than 8 steps under way', async () => {
    const { cloud, run } = applying(many(10))
    cloud.latencyMs = 50
    await run()
    expect(cloud.mostUnderWay).toBe(8)
  })
})

describe('a run that meets no trouble', () => {
  it('does all of the plan, each write once, and tells of it', async () => {
    const { cloud, run, planned, events } = applying(WHOLE)
    cloud.latencyMs = 40
    const report = await run()
    expect(told(report)).toEqual({ done: writesOf(planned), failed: [], leftRunning: [], notStarted: [] })
    expect(new Set(cloud.writes).size).toBe(cloud.writes.length)
    expect(cloud.writes).toHaveLength(writesOf(planned).length)
    for (const type of ['started', 'finished'] as const) {
      const names = events.flatMap((event) => (event.type === type ? [nameOf(event.step.target)] : []))
      expect(names.sort()).toEqual(writesOf(planned))
    }
    const [first] = events
    expect(first?.type === 'planned' && first.steps.map((step) => nameOf(step.target)).sort()).toEqual(
      writesOf(planned),
    )
    expect(report.elapsedMs).toBeGreaterThanOrEqual(4 * 40)
    const spec = aSpec(WHOLE)
    expect(plan(spec, cloud.world.actual(spec)).outcome).toBe('no-op')
  })

  it('tells the states that a namespace goes through', async () => {
    const { cloud, run, events } = applying('')
    cloud.provisioningMs = 20_000
    await run()
    const states = events.filter((event) => event.type === 'waiting')
    expect(states.length).toBeGreaterThan(3)
    expect(new Set(states.map((event) => `${nameOf(event.step.target)} ${event.state}`))).toEqual(
      new Set(['namespace ns-demo Creating']),
    )
    expect(states.map((event) => event.elapsedMs)).toEqual(
      [...states.map((event) => event.elapsedMs)].sort((a, b) => a - b),
    )
  })

  it('changes what exists', async () => {
    const world = aWorld()
      .withNamespace({ tags: { a: '1' } })
      .withHub('clicks')
      .withConsumerGroup('clicks', 'trainer')
    const line = '--hub clicks:4:48h --consumer-group trainer --user-metadata new --capacity 2 --tag b=2'
    const { cloud, run } = applying(line, world)
    await run()
    expect([...cloud.writes].sort()).toEqual([
      'putRule clicks/ml-ingest-send-listen',
      'updateConsumerGroup clicks/trainer',
      'updateHub clicks',
      'updateNamespace ns-demo',
    ])
    const spec = aSpec(line)
    expect(plan(spec, cloud.world.actual(spec)).outcome).toBe('no-op')
  })
})

describe('trouble that passes', () => {
  it.each([
    ['throttling', cloudError(429, { retryAfterMs: 5_000 })],
    ['a conflict', cloudError(409)],
    ['a server error', cloudError(500)],
    ['a connection that broke', cloudError(undefined)],
    ['a 404 under what was just made', cloudError(404, { retryable: false })],
  ])('%s, at any step, ends in the same state', async (_, error) => {
    for (const step of [/createNamespace/, /createHub audit/, /createConsumerGroup clicks/, /putRule/]) {
      const { cloud, run, planned, events } = applying(WHOLE)
      cloud.fail(step, error, error)
      const report = await run()
      expect(told(report).done).toEqual(writesOf(planned))
      expect(cloud.unmet).toEqual([])
      const waits = events.filter((event) => event.type === 'waiting' && event.state !== 'Creating')
      expect(waits).toHaveLength(2)
      expect(waits[0]).toMatchObject({ state: error.azure?.status === 429 ? 'throttled' : 'retrying' })
    }
  })

  it('a write whose answer was lost is written again and does no harm', async () => {
    const { cloud, run, planned } = applying(WHOLE, aWorld().withNamespace().withHub('clicks'))
    cloud.fail(/putRule clicks/, { after: cloudError(undefined) })
    expect(told(await run()).done).toEqual(writesOf(planned))
  })

  it('a namespace in transition is waited for however long it takes', async () => {
    const { cloud, run, clock } = applying('--capacity 4 --hub clicks', aWorld().withNamespace().withHub('clicks'))
    const startedAt = clock.now()
    cloud.fail(
      /updateNamespace/,
      ...Array.from({ length: 14 }, () => cloudError(429, { code: 'NamespaceInTransition' })),
    )
    expect(told(await run()).failed).toEqual([])
    expect(clock.now() - startedAt).toBeGreaterThan(4 * 60_000)
  })
})

describe('a failure', () => {
  it('lets nothing new start, and waits for what was sent', async () => {
    const { cloud, run, planned, events } = applying(WHOLE)
    cloud.latencyMs = 100
    cloud.fail(/createHub audit/, cloudError(400, { code: 'BadRequest', retryable: false }))
    const report = await run()
    expect(told(report)).toEqual({
      done: ['hub clicks', 'namespace ns-demo', 'resource group rg'],
      failed: ['hub audit'],
      leftRunning: [],
      notStarted: writesOf(planned).filter((name) => /consumer|rule/.test(name)),
    })
    expect(report.failed[0]!.error.azure).toEqual({ status: 400, code: 'BadRequest' })
    expect(cloud.namesOf(/ConsumerGroup|Rule/)).toEqual([])
    expect(events.at(-1)!.type).toBe('finished')
  })

  it('keeps every failure of what ran side by side', async () => {
    const { cloud, run } = applying(WHOLE)
    cloud.latencyMs = 100
    const no = cloudError(403, { retryable: false })
    cloud.fail(/createHub/, no, no)
    expect(told(await run()).failed).toEqual(['hub audit', 'hub clicks'])
  })

  it('is a namespace that Azure gave up on', async () => {
    const { cloud, run } = applying('')
    cloud.readNamespace = () => {
      const { namespace } = cloud.world
      return Promise.resolve(namespace && { ...namespace, provisioningState: 'Failed' })
    }
    const report = await run()
    expect(told(report)).toMatchObject({ failed: ['namespace ns-demo'] })
    expect(report.failed[0]!.error.message).toBe('Namespace ns-demo ended in state Failed')
  })

  it('is a namespace that disappears', async () => {
    const { cloud, run } = applying('')
    cloud.readNamespace = () => Promise.resolve(undefined)
    const report = await run()
    expect(report.failed[0]!.error.message).toBe('Namespace ns-demo is gone')
    expect(report.failed[0]!.error.why).toEqual(['Azure accepted the namespace and then does not show it any more.'])
  })

  it('that is a bug is thrown, after everything has settled', async () => {
    const { cloud, run } = applying(WHOLE)
    cloud.latencyMs = 10
    cloud.fail(/createHub clicks/, new TypeError('a bug'))
    await expect(run()).rejects.toThrow('a bug')
    expect(cloud.underWay).toBe(0)
  })
})

describe('an interruption', () => {
  /** Stops the run when this call is made. */
  function stoppingAt(name: RegExp, reason: Interruption, line = WHOLE) {
    const made = applying(line)
    const { cloud, stop } = made
    cloud.latencyMs = 100
    cloud.onCall = (called) => {
      if (name.test(called)) queueMicrotask(() => stop.abort(reason))
    }
    return made
  }

  it('starts nothing new, and lets answers under way arrive', async () => {
    const { run, planned, events } = stoppingAt(/createHub audit/, new Interruption('SIGINT'))
    const report = await run()
    expect(told(report)).toEqual({
      done: ['hub audit', 'hub clicks', 'namespace ns-demo', 'resource group rg'],
      failed: [],
      leftRunning: [],
      notStarted: writesOf(planned).filter((name) => /consumer|rule/.test(name)),
    })
    const stopping = events.filter((event) => event.type === 'stopping')
    expect(stopping.map((event) => event.running.map((step) => nameOf(step.target)))).toEqual([
      ['hub clicks', 'hub audit'],
    ])
  })

  it('does not wait for a namespace that Azure goes on with', async () => {
    const { cloud, run, planned } = stoppingAt(/readNamespace/, new Interruption('SIGTERM'))
    cloud.provisioningMs = 60_000
    const report = await run()
    expect(told(report)).toMatchObject({ done: ['resource group rg'], leftRunning: ['namespace ns-demo'], failed: [] })
    expect(everythingIn(report)).toEqual(writesOf(planned))
    expect(cloud.namesOf(/readNamespace/)).toHaveLength(1)
  })

  it('drops answers that take longer than 5 seconds', async () => {
    const { cloud, run, clock } = stoppingAt(/createHub audit/, new Interruption('SIGINT'))
    cloud.fail(/createHub clicks/, 'hang')
    const startedAt = clock.now()
    const report = await run()
    expect(told(report)).toMatchObject({ leftRunning: ['hub clicks'], failed: [] })
    expect(told(report).done).toContain('hub audit')
    const sentAt = cloud.calls.find((call) => call.name === 'createHub audit')!.atMs
    expect(clock.now() - startedAt).toBe(sentAt + 5_000)
  })

  it('ends a wait at once, and says whether Azure may be at it', async () => {
    for (const [error, list] of [
      [cloudError(429, { retryAfterMs: 600_000 }), 'notStarted'],
      [cloudError(409, { retryAfterMs: 600_000 }), 'notStarted'],
      [cloudError(503, { retryAfterMs: 600_000 }), 'leftRunning'],
      [cloudError(undefined, { retryAfterMs: 600_000 }), 'leftRunning'],
    ] as const) {
      const clock = new ManualClock()
      const { cloud, run, stop } = applying('--hub clicks', aWorld().withNamespace(), clock)
      cloud.fail(/createHub clicks/, error)
      const running = run()
      await settle()
      stop.abort(new Interruption('SIGINT'))
      expect(told(await running)[list]).toContain('hub clicks')
    }
  })

  it('by the deadline tells what Azure put off to the end', async () => {
    const clock = new ManualClock()
    const { cloud, run, stop } = applying('--hub clicks', aWorld().withNamespace(), clock)
    const error = cloudError(429, { code: 'NamespaceInTransition', retryAfterMs: 600_000 })
    cloud.fail(/createHub clicks/, error)
    const running = run()
    await settle()
    stop.abort(new Interruption('timeout'))
    const report = await running
    expect(report.failed).toMatchObject([{ error }])
    expect(told(report).notStarted).not.toContain('hub clicks')
  })

  it('before the beginning leaves everything undone', async () => {
    const { cloud, run, stop, planned } = applying(WHOLE)
    stop.abort(new Interruption('SIGINT'))
    expect(told(await run())).toEqual({ done: [], failed: [], leftRunning: [], notStarted: writesOf(planned) })
    expect(cloud.calls).toEqual([])
  })

  it('at any call: the lists hold each write once, what is done is there, and a second run ends the work', async () => {
    const interruption = fc.constantFrom(...(['SIGINT', 'SIGTERM', 'timeout'] as const))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(20),
        interruption,
        fc.nat(12_000),
        fc.constantFrom(10, 1_000, 9_000),
        async (nth, kind, provisioningMs, latencyMs) => {
          const made = applying(WHOLE)
          const { cloud, stop, planned } = made
          cloud.latencyMs = latencyMs
          cloud.provisioningMs = provisioningMs
          cloud.onCall = (_, before) => {
            if (before === nth) queueMicrotask(() => stop.abort(new Interruption(kind)))
          }
          const report = await made.run()
          expect(everythingIn(report)).toEqual(writesOf(planned))
          expect(cloud.underWay).toBe(0)
          const sent = cloud.writes.length
          expect(report.done.length + report.leftRunning.length + report.failed.length).toBeLessThanOrEqual(sent)
          const done = new Set(told(report).done)
          const spec = aSpec(WHOLE)
          const left = plan(spec, cloud.world.actual(spec))
          expect(writesOf(left as never).filter((name) => done.has(name))).toEqual([])
          expect(plan(spec, cloud.world.after(left).actual(spec)).outcome).toBe('no-op')
        },
      ),
      { numRuns: 40 },
    )
  })
})
