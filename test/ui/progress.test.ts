import { Interruption } from '../../src/lib/errors.ts'
import { describe, expect, it } from 'vitest'
import type { WriteStep } from '../../src/engine/plan.ts'
import { progressOf, type Progress } from '../../src/ui/progress/progress.ts'
import { hub } from './reporting.ts'
import { createStep } from './samples.ts'

const namespace = createStep({ kind: 'namespace', name: 'ns-demo' })
const hubs = (count: number): WriteStep[] => Array.from({ length: count }, (_, i) => hub(`h${i}`))

/** A run in which 200 of 400 writes are done in 20 seconds, and two run. */
function halfWay(): Progress {
  const steps = hubs(400)
  const progress = progressOf(steps, 0)!
  for (const [i, step] of steps.slice(0, 200).entries()) {
    progress.event({ type: 'started', step }, i * 100)
    progress.event({ type: 'finished', step, elapsedMs: 100 }, (i + 1) * 100)
  }
  for (const step of steps.slice(200, 202)) progress.event({ type: 'started', step }, 20_000)
  return progress
}
const throttled = (progress: Progress, step: WriteStep, now: number) =>
  progress.event({ type: 'waiting', step, state: 'throttled', elapsedMs: 0 }, now)

it('is kept of more than 30 writes', () => {
  expect(progressOf(hubs(30), 0)).toBeUndefined()
  expect(progressOf(hubs(31), 0)?.counts).toBe('0 of 31 done')
})

describe('the summary', () => {
  it('is counts, what runs and the time that is left, as far as there is room', () => {
    expect(halfWay().summary(20_000)).toBe('200 of 400 done, 2 running, about 20s left')
    expect(halfWay().summary(20_000, 42)).toBe('200 of 400 done, 2 running, about 20s left')
    expect(halfWay().summary(20_000, 41)).toBe('200 of 400 done, about 20s left')
  })

  it('has no time that is left once Azure asks to slow down, until that pace is measured', () => {
    const progress = halfWay()
    throttled(progress, hub('h200'), 20_000)
    expect(progress.summary(20_000)).toBe('200 of 400 done, 2 running')
    for (let second = 21; second <= 45; second++) {
      throttled(progress, hub('h200'), second * 1_000)
      progress.event({ type: 'finished', step: hub('h200'), elapsedMs: 0 }, second * 1_000)
      progress.event({ type: 'started', step: hub('h201') }, second * 1_000)
    }
    expect(progress.summary(45_000)).toBe('225 of 400 done, 2 running, about 2m 50s left')
  })

  it('is not changed by a namespace that Azure is busy with', () => {
    const progress = halfWay()
    throttled(progress, namespace, 20_000)
    expect(progress.isSlowedDown(20_000)).toBe(false)
    expect(progress.summary(20_000)).toContain('about 20s left')
  })

  it('has no time that is left after a failure or an interruption, as nothing new starts', () => {
    const failed = halfWay()
    failed.event({ type: 'failed', step: hub('h200'), elapsedMs: 0 }, 20_000)
    expect(failed.summary(20_000)).toBe('200 of 400 done, 1 failed, 1 running')
    const stopped = halfWay()
    stopped.event({ type: 'stopping', running: [hub('h200'), hub('h201')], reason: new Interruption('SIGINT') }, 20_000)
    expect(stopped.summary(20_000)).toBe('200 of 400 done, 2 running')
  })
})

describe('a run is over when nothing runs and', () => {
  const finish = (progress: Progress) => {
    for (const name of ['h200', 'h201']) {
      expect(progress.isOver).toBe(false)
      progress.event({ type: 'finished', step: hub(name), elapsedMs: 0 }, 20_000)
    }
  }

  it('all is done', () => {
    const steps = hubs(31)
    const progress = progressOf(steps, 0)!
    for (const step of steps) {
      expect(progress.isOver).toBe(false)
      progress.event({ type: 'started', step }, 0)
      progress.event({ type: 'finished', step, elapsedMs: 0 }, 0)
    }
    expect(progress.isOver).toBe(true)
  })

  it('something failed', () => {
    const progress = halfWay()
    progress.event({ type: 'started', step: hub('h202') }, 20_000)
    progress.event({ type: 'failed', step: hub('h202'), elapsedMs: 0 }, 20_000)
    finish(progress)
    expect(progress.isOver).toBe(true)
  })

  it('it was interrupted', () => {
    const progress = halfWay()
    progress.event(
      { type: 'stopping', running: [hub('h200'), hub('h201')], reason: new Interruption('SIGINT') },
      20_000,
    )
    finish(progress)
    expect(progress.isOver).toBe(true)
  })

  it('not between two writes', () => {
    const progress = halfWay()
    finish(progress)
    expect(progress.isOver).toBe(false)
  })
})
