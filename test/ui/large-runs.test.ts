import { Interruption } from '../../src/lib/errors.ts'
import { describe, expect, it } from 'vitest'
import type { Reporter } from '../../src/engine/apply.ts'
import type { WriteStep } from '../../src/engine/plan.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { hub, openLines, openMoving, settle } from './reporting.ts'
import { createStep } from './samples.ts'

const group = createStep({ kind: 'group', name: 'rg-demo' })
const namespace = createStep({ kind: 'namespace', name: 'ns-demo' })
const hubs = (count: number): WriteStep[] => Array.from({ length: count }, (_, i) => hub(`h${i}`))
const SLOW_DOWN = 'Azure asks to slow down'

/** In small steps, so that what wakes up goes to sleep again in time. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    clock.advance(Math.min(left, 1_000))
    await settle()
  }
}
/** Does one write, from its start to its end. */
async function write(reporter: Reporter, clock: ManualClock, step: WriteStep, ms: number): Promise<void> {
  reporter.event({ type: 'started', step })
  await pass(clock, ms)
  reporter.event({ type: 'finished', step, elapsedMs: ms })
}
async function writeAll(reporter: Reporter, clock: ManualClock, steps: readonly WriteStep[], ms: number) {
  for (const step of steps) await write(reporter, clock, step, ms)
}
const isThrottled = (reporter: Reporter, step: WriteStep) =>
  reporter.event({ type: 'waiting', step, state: 'throttled', elapsedMs: 0 })

describe('in a log, a run', () => {
  function open(steps: readonly WriteStep[]) {
    const { lines, clock, reporter } = openLines()
    // A person took some time to agree.
    clock.advance(5 * 60_000)
    reporter.event({ type: 'planned', steps })
    /** Without the time. */
    const texts = () => lines.map((line) => line.replace(/^\d\d:\d\d:\d\dZ /, ''))
    return { lines, texts, clock, reporter }
  }

  it('of 30 writes tells each', async () => {
    const steps = hubs(30)
    const { texts, clock, reporter } = open(steps)
    await writeAll(reporter, clock, steps, 1_000)
    reporter.close()
    expect(texts()).toEqual(
      steps.flatMap(({ target }) => [`create hub ${target.name}: started`, `create hub ${target.name}: done (1s)`]),
    )
  })

  it('of more tells what everything waits for, counts, and what is left', async () => {
    const many = hubs(600)
    const { lines, clock, reporter } = open([group, namespace, ...many])
    await write(reporter, clock, group, 1_000)
    await write(reporter, clock, namespace, 77_000)
    await writeAll(reporter, clock, many.slice(0, 200), 20)
    isThrottled(reporter, many[200]!)
    isThrottled(reporter, many[201]!)
    await writeAll(reporter, clock, many.slice(200), 100)
    expect(lines).toEqual([
      '12:09:31Z create resource group rg-demo: started',
      '12:09:32Z create resource group rg-demo: done (1s)',
      '12:09:32Z create namespace ns-demo: started, usually 1-2 min in Azure',
      '12:10:02Z create namespace ns-demo: still creating (30s)',
      '12:10:32Z create namespace ns-demo: still creating (60s)',
      '12:10:49Z create namespace ns-demo: done (77s)',
      '12:10:53Z Azure asks to slow down',
      '12:11:03Z 302 of 602 done, 1 running, about 30s left',
      '12:11:13Z 402 of 602 done, 1 running, about 20s left',
      '12:11:23Z 502 of 602 done, 1 running, about 10s left',
      '12:11:33Z 602 of 602 done',
    ])
    expect(clock.pending).toEqual([])
    reporter.close()
    expect(lines).toHaveLength(11)
  })

  it('that stands still is heard of twice a minute', async () => {
    const steps = hubs(40)
    const { lines, clock, reporter } = open(steps)
    await writeAll(reporter, clock, steps.slice(0, 10), 100)
    for (const step of steps.slice(10, 18)) reporter.event({ type: 'started', step })
    await pass(clock, 90_000)
    expect(lines).toEqual([
      '12:10:01Z 10 of 40 done, 8 running',
      '12:10:31Z 10 of 40 done, 8 running',
      '12:11:01Z 10 of 40 done, 8 running',
    ])
    reporter.close()
    expect(lines).toHaveLength(3)
    expect(clock.pending).toEqual([])
  })

  it('says once why writes wait, and of which one where that tells something', () => {
    const steps = hubs(40)
    const { texts, reporter } = open([namespace, ...steps])
    for (const step of steps.slice(0, 8)) {
      reporter.event({ type: 'started', step })
      for (const state of ['throttled', 'retrying', 'Creating', 'throttled', 'unknown principal']) {
        reporter.event({ type: 'waiting', step, state, elapsedMs: 0 })
      }
    }
    isThrottled(reporter, namespace)
    expect(texts()).toEqual([
      SLOW_DOWN,
      'create hub h0: trying again',
      'create hub h0: Microsoft Entra does not show the principal yet',
      `create namespace ns-demo: ${SLOW_DOWN}`,
    ])
    reporter.close()
  })

  it('that fails names every failure and ends with the counts, without a time that is left', async () => {
    const steps = hubs(400)
    const { texts, clock, reporter } = open(steps)
    await writeAll(reporter, clock, steps.slice(0, 150), 100)
    for (const step of steps.slice(150, 153)) reporter.event({ type: 'started', step })
    reporter.event({ type: 'failed', step: steps[150]!, elapsedMs: 1_400 })
    await pass(clock, 30_000)
    reporter.event({ type: 'failed', step: steps[151]!, elapsedMs: 11_400 })
    reporter.event({ type: 'finished', step: steps[152]!, elapsedMs: 11_400 })
    reporter.close()
    expect(texts().slice(1)).toEqual([
      'create hub h150: failed (1s)',
      '150 of 400 done, 1 failed, 2 running',
      'create hub h151: failed (11s)',
      '151 of 400 done, 2 failed',
    ])
    expect(clock.pending).toEqual([])
  })

  it('that is interrupted ends with the counts', async () => {
    const steps = hubs(400)
    const { texts, clock, reporter } = open(steps)
    await writeAll(reporter, clock, steps.slice(0, 7), 100)
    for (const step of steps.slice(7, 9)) reporter.event({ type: 'started', step })
    reporter.event({ type: 'stopping', running: steps.slice(7, 9), reason: new Interruption('SIGINT') })
    reporter.event({ type: 'finished', step: steps[7]!, elapsedMs: 100 })
    reporter.close()
    reporter.close()
    expect(texts()).toEqual([
      'Stopping. Azure keeps working on what it accepted. Ctrl+C again to quit now.',
      '8 of 400 done',
    ])
    expect(clock.pending).toEqual([])
  })
})

describe('on a terminal, a run', () => {
  function open(steps: readonly WriteStep[], columns = 80) {
    const opened = openMoving(columns)
    opened.reporter.event({ type: 'planned', steps })
    /** Without lines that were cleared. */
    const screen = () => opened.screen().join('\n').trimEnd().split('\n')
    return { ...opened, screen }
  }

  it('of 30 writes shows each', async () => {
    const steps = hubs(30)
    const { clock, reporter, screen } = open(steps)
    await writeAll(reporter, clock, steps, 100)
    expect(screen()).toEqual([...steps.map(({ target }) => expect.stringContaining(target.name) as string)])
  })

  it('of more shows counts that move, and above them what everything waited for', async () => {
    const many = hubs(600)
    const { clock, reporter, screen } = open([group, namespace, ...many])
    await write(reporter, clock, group, 1_000)
    reporter.event({ type: 'started', step: namespace })
    await pass(clock, 12_000)
    const GROUP = 'ok created   resource group   rg-demo            1.0s'
    expect(screen()).toEqual([
      GROUP,
      '* 1 of 602 done, 1 running',
      '  creating   namespace        ns-demo            12s  usually 1-2 min in Azure',
    ])
    await pass(clock, 65_000)
    reporter.event({ type: 'finished', step: namespace, elapsedMs: 77_000 })
    await writeAll(reporter, clock, many.slice(0, 200), 100)
    await pass(clock, 1_000)
    const NAMESPACE = 'ok created   namespace        ns-demo            77s'
    expect(screen()).toEqual([GROUP, NAMESPACE, '* 202 of 602 done, about 45s left'])
    await writeAll(reporter, clock, many.slice(200), 100)
    expect(screen()).toEqual([GROUP, NAMESPACE])
    expect(clock.pending).toEqual([])
    reporter.waiting('namespace ns-demo (Updating)', 0)
    await pass(clock, 200)
    expect(screen().slice(2)).toEqual(['* namespace ns-demo (Updating)... 0s'])
  })

  it('names three writes at most, once they take long', async () => {
    const steps = hubs(40)
    const { clock, reporter, screen } = open(steps)
    for (const step of steps.slice(0, 5)) reporter.event({ type: 'started', step })
    reporter.event({ type: 'waiting', step: steps[1]!, state: 'retrying', elapsedMs: 0 })
    await pass(clock, 2_200)
    expect(screen()).toEqual(['* 0 of 40 done, 5 running'])
    reporter.event({ type: 'finished', step: steps[0]!, elapsedMs: 2_200 })
    await pass(clock, 1_000)
    expect(screen()).toEqual([
      '* 1 of 40 done, 4 running',
      '  creating   hub              h1                 3s  trying again',
      '  creating   hub              h2                 3s',
      '  creating   hub              h3                 3s',
    ])
  })

  it('says once that Azure asks to slow down, while one write or another hears it', async () => {
    const steps = hubs(40)
    const { clock, reporter, screen } = open(steps)
    for (const step of steps.slice(0, 3)) {
      reporter.event({ type: 'started', step })
      isThrottled(reporter, step)
    }
    await pass(clock, 20_200)
    const slow = (i: number) => `  creating   hub              h${i}                 20s`
    expect(screen()).toEqual(['* 0 of 40 done, 3 running', `  ${SLOW_DOWN}`, slow(0), slow(1), slow(2)])
    for (const step of steps.slice(0, 3)) reporter.event({ type: 'finished', step, elapsedMs: 20_200 })
    reporter.event({ type: 'started', step: steps[3]! })
    isThrottled(reporter, steps[3]!)
    reporter.event({ type: 'finished', step: steps[3]!, elapsedMs: 100 })
    await pass(clock, 9_000)
    expect(screen()).toEqual(['* 4 of 40 done', `  ${SLOW_DOWN}`])
    await pass(clock, 2_000)
    expect(screen()).toEqual(['* 4 of 40 done'])
  })

  it('puts failures above, and leaves the terminal clean when it is interrupted', async () => {
    const steps = hubs(400)
    const { stream, clock, reporter, screen } = open(steps)
    await writeAll(reporter, clock, steps.slice(0, 150), 100)
    for (const step of steps.slice(150, 153)) reporter.event({ type: 'started', step })
    reporter.event({ type: 'failed', step: steps[150]!, elapsedMs: 1_400 })
    reporter.event({ type: 'stopping', running: steps.slice(151, 153), reason: new Interruption('SIGINT') })
    await pass(clock, 1_000)
    const above = [
      'x failed     hub              h150               1.4s',
      '  Stopping. Azure keeps working on what it accepted. Ctrl+C again to quit now.',
    ]
    expect(screen()).toEqual([...above, '* 150 of 400 done, 1 failed, 2 running'])
    reporter.event({ type: 'finished', step: steps[151]!, elapsedMs: 1_000 })
    await pass(clock, 1_000)
    expect(screen()).toEqual([...above, '* 151 of 400 done, 1 failed, 1 running'])
    reporter.close()
    expect(screen()).toEqual(above)
    expect(stream.text.endsWith('\x1b[?25h')).toBe(true)
    expect(clock.pending).toEqual([])
    reporter.waiting('namespace ns-demo (Updating)', 0)
    await pass(clock, 200)
    expect(screen()).toEqual([...above, '* namespace ns-demo (Updating)... 0s'])
  })

  it('leaves out what runs where columns are few, and never wraps', async () => {
    const steps = hubs(1_402)
    const { stream, clock, reporter, screen } = open(steps, 40)
    await writeAll(reporter, clock, steps.slice(0, 1_000), 100)
    reporter.event({ type: 'started', step: hub('x'.repeat(200)) })
    await pass(clock, 1_000)
    expect(screen()).toEqual(['* 1000 of 1402 done, about 40s left'])
    await pass(clock, 3_000)
    expect(screen()).toEqual(['* 1000 of 1402 done, about 40s left', `  creating hub ${'x'.repeat(21)}...`])
    stream.resize(0)
    const before = stream.text
    await pass(clock, 3_000)
    expect(stream.text).toBe(before)
  })
})
