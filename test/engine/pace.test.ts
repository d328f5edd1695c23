import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Gate, Pace, type RequestKind } from '../../src/engine/gate.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { settle } from './applying.ts'

function aPace() {
  const clock = new ManualClock()
  const pace = new Pace(clock)
  return { clock, pace, ...passing(pace) }
}

function passing(pace: Pace) {
  /** A request that has its turn and its answer at once. */
  const pass = (kind: RequestKind = 'writes', left?: number): number => {
    const turnInMs = pace.enter(kind)
    if (left !== undefined) pace.learn(kind, left)
    pace.leave(kind)
    return turnInMs
  }
  return { pass }
}

describe('the pace', () => {
  it('is nobody’s concern before Azure has told what is left', () => {
    const { pass } = aPace()
    expect(Array.from({ length: 500 }, () => pass())).toEqual(Array.from({ length: 500 }, () => 0))
  })

  it.each([
    ['writes', 100],
    ['deletes', 100],
    ['reads', 40],
  ] as const)('of %s is one in %i ms once nothing is left', (kind, everyMs) => {
    const { pace, pass } = aPace()
    pass(kind, 2)
    expect([pace.enter(kind), pace.enter(kind), pace.enter(kind)]).toEqual([everyMs, 2 * everyMs, 3 * everyMs])
  })

  it('lets as many through at once as are left, less two for those that meet on the way', () => {
    const { pace, pass } = aPace()
    pass('writes', 12)
    const turns = Array.from({ length: 12 }, () => pace.enter('writes'))
    expect(turns.filter((turnInMs) => turnInMs === 0)).toHaveLength(10)
  })

  it('counts those that are under way when an answer comes', () => {
    const { pace } = aPace()
    for (let i = 0; i < 8; i++) pace.enter('writes')
    pace.learn('writes', 10)
    expect(pace.enter('writes')).toBe(0)
    expect(pace.enter('writes')).toBe(100)
  })

  it('believes the newest answer, whatever it thought', () => {
    const { pace, pass } = aPace()
    pass('writes', 0)
    pass('writes', 150)
    expect(pace.enter('writes')).toBe(0)
    pass('writes', 0)
    expect(pace.enter('writes')).toBeGreaterThan(0)
  })

  it('fills up with time, and no further than Azure’s own', () => {
    const { clock, pace, pass } = aPace()
    pass('writes', 2)
    clock.advance(1_000)
    expect(Array.from({ length: 11 }, () => pace.enter('writes')).filter((turnInMs) => turnInMs === 0)).toHaveLength(10)
    clock.advance(3_600_000)
    const turns = Array.from({ length: 220 }, () => pace.enter('writes'))
    expect(turns.filter((turnInMs) => turnInMs === 0)).toHaveLength(200)
  })

  it('of one kind does not hold back another', () => {
    const { pass } = aPace()
    pass('writes', 0)
    expect([pass('reads'), pass('deletes')]).toEqual([0, 0])
  })

  it('never asks Azure for more than it has: any burst, any latency', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 12 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 3, max: 30 }),
        async (requests, latencyMs, size) => {
          const clock = new ManualClock({ autoAdvance: true })
          const gate = new Gate({ clock, stop: new AbortController().signal, random: () => 0 })
          const { pace } = gate
          const azure = { tokens: size, at: clock.now() }
          let refused = 0
          const request = async () => {
            await clock.sleep(latencyMs / 2)
            azure.tokens = Math.min(size, azure.tokens + ((clock.now() - azure.at) / 1_000) * 10)
            azure.at = clock.now()
            if (azure.tokens < 1) refused++
            else azure.tokens--
            const left = Math.floor(azure.tokens)
            await clock.sleep(latencyMs / 2)
            pace.learn('writes', left)
          }
          await gate.run(request, { kind: 'writes' })
          const lanes = Array.from({ length: 8 }, async () => {
            for (let i = 0; i < requests; i++) await gate.run(request, { kind: 'writes' })
          })
          await Promise.all(lanes)
          expect(refused).toBe(0)
        },
      ),
      { numRuns: 8 },
    )
  }, 60_000)
})

describe('the gate keeps it', () => {
  it('holds a request back until its turn', async () => {
    const clock = new ManualClock()
    const gate = new Gate({ clock, stop: new AbortController().signal, random: () => 0 })
    const { pass } = passing(gate.pace)
    pass('writes', 2)
    const sentAt: number[] = []
    const startedAt = clock.now()
    const send = () => gate.run(async () => void sentAt.push(clock.now() - startedAt), { kind: 'writes' })
    const runs = [send(), send(), gate.run(async () => void sentAt.push(-1))]
    await settle()
    expect(sentAt).toEqual([-1])
    clock.advance(100)
    await settle()
    clock.advance(100)
    await Promise.all(runs)
    expect(sentAt).toEqual([-1, 100, 200])
  })

  it('sends nothing that was interrupted before its turn', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const gate = new Gate({ clock, stop: stop.signal, random: () => 0 })
    const { pass } = passing(gate.pace)
    pass('writes', 2)
    let sent = 0
    const caught = gate.run(async () => ++sent, { kind: 'writes' }).catch((reason: unknown) => reason)
    await settle()
    stop.abort(new Interruption('SIGINT'))
    expect(await caught).toMatchObject({ kind: 'SIGINT' })
    clock.advance(10_000)
    await settle()
    expect(sent).toBe(0)
  })
})
