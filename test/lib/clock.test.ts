import { describe, expect, it } from 'vitest'
import { realClock, Stopwatch } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { exitCodeOf, EXIT } from '../../src/ui/exit.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('the real clock', () => {
  it('wakes up, and lets go of the signal', async () => {
    const { signal } = new AbortController()
    const before = realClock.now()
    await realClock.sleep(1, signal)
    expect(realClock.now()).toBeGreaterThanOrEqual(before)
  })

  it('stops sleeping with the reason of the signal', async () => {
    const stop = new AbortController()
    const reason = new Interruption('SIGINT')
    const asleep = realClock.sleep(60_000, stop.signal)
    stop.abort(reason)
    await expect(asleep).rejects.toBe(reason)
    await expect(realClock.sleep(60_000, stop.signal)).rejects.toBe(reason)
  })
})

describe('a stopwatch', () => {
  it('counts from its start, but not while it is paused', async () => {
    const clock = new ManualClock()
    clock.advance(5_000)
    const watch = new Stopwatch(clock)
    expect(watch.elapsedMs).toBe(0)
    clock.advance(1_000)
    const thinking = watch.pauseFor(clock.sleep(60_000).then(() => 'yes'))
    clock.advance(60_000)
    expect(await thinking).toBe('yes')
    expect(watch.elapsedMs).toBe(1_000)
    clock.advance(500)
    expect(watch.elapsedMs).toBe(1_500)
  })

  it('goes on after a pause that fails', async () => {
    const clock = new ManualClock()
    const watch = new Stopwatch(clock)
    const reason = new Interruption('SIGINT')
    const thinking = watch.pauseFor(clock.sleep(60_000).then(() => Promise.reject(reason)))
    clock.advance(60_000)
    await expect(thinking).rejects.toBe(reason)
    clock.advance(200)
    expect(watch.elapsedMs).toBe(200)
  })
})

describe('exit codes', () => {
  it('are numbers that never change', () => {
    expect(EXIT).toEqual({
      ok: 0,
      azure: 1,
      usage: 2,
      access: 3,
      refused: 4,
      pending: 5,
      partial: 6,
      deadline: 7,
      interrupted: 130,
      hangup: 129,
      terminated: 143,
    })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['timeout', 7],
  ] as const)('%s ends with %s', (kind, code) => expect(exitCodeOf(new Interruption(kind))).toBe(code))
})
