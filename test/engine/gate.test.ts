import { describe, expect, it } from 'vitest'
import { Failure, Interruption } from '../../src/lib/errors.ts'
import { Gate } from '../../src/engine/gate.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { cloudError } from '../support/scripted-cloud.ts'

const settle = async () => {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

function aGate(random = 0.5) {
  const clock = new ManualClock()
  const stop = new AbortController()
  const startedAt = clock.now()
  return {
    clock,
    stop,
    gate: new Gate({ clock, stop: stop.signal, random: () => random }),
    seconds: () => (clock.now() - startedAt) / 1_000,
    /** Turns the clock second by second, so that whoever wakes up acts in time. */
    pass: async (seconds: number) => {
      await settle()
      for (let i = 0; i < seconds; i++) {
        clock.advance(1_000)
        await settle()
      }
    },
  }
}

/** Requests that throw these errors one after the other and then answer; notes when each try was. */
function failing(seconds: () => number, ...errors: readonly Error[]) {
  const tries: number[] = []
  const queue = [...errors]
  return {
    tries,
    request: () => {
      tries.push(seconds())
      const error = queue.shift()
      return error ? Promise.reject(error) : Promise.resolve('answer')
    },
  }
}

const repeat = (count: number, error: Error): readonly Error[] => Array.from({ length: count }, () => error)

describe('what may succeed later', () => {
  it('is waited for as long as Retry-After says', async () => {
    const { gate, seconds, pass } = aGate()
    const { tries, request } = failing(seconds, cloudError(429, { retryAfterMs: 17_000 }))
    const run = gate.run(request)
    await pass(17)
    await expect(run).resolves.toBe('answer')
    expect(tries).toEqual([0, 17])
  })

  it('is tried again after growing delays where no time was given', async () => {
    const { gate, seconds, pass } = aGate()
    const { tries, request } = failing(seconds, ...repeat(12, cloudError(429, { code: 'NamespaceInTransition' })))
    const run = gate.run(request)
    await pass(300)
    await expect(run).resolves.toBe('answer')
    const delays = tries.slice(1).map((at, i) => at - tries[i]!)
    expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30])
  })

  it.each([
    [0, 750],
    [0.999, 1_250],
  ])('is spread: at %s of chance after %s ms', async (random, delayMs) => {
    const { gate, clock, seconds } = aGate(random)
    const run = gate.run(failing(seconds, cloudError(503)).request)
    await settle()
    expect(clock.pending).toEqual([delayMs])
    clock.advance(delayMs)
    await run
  })

  it.each([
    ['throttling', cloudError(429)],
    ['a conflict', cloudError(409)],
  ])('%s is waited for to the end', async (_, error) => {
    const { gate, stop, seconds, pass } = aGate()
    const { tries, request } = failing(seconds, ...repeat(1_000, error))
    const run = gate.run(request)
    const caught = run.catch((reason: unknown) => reason)
    await pass(1_200)
    expect(tries.length).toBeGreaterThan(40)
    stop.abort(new Interruption('timeout'))
    const reason = await caught
    expect(reason).toBeInstanceOf(Interruption)
    expect((reason as Interruption).cause).toBe(error)
  })

  it.each([
    ['a server error', cloudError(500), 6],
    ['a server that is busy', cloudError(503), 6],
    ['network trouble', cloudError(undefined), 6],
    ['a refusal', cloudError(400, { retryable: false }), 1],
    ['no permission', cloudError(403, { retryable: false }), 1],
    ['what is not there', cloudError(404, { retryable: false }), 1],
    ['a bug', new TypeError('bug'), 1],
  ])('%s is not: $2 tries', async (_, error, most) => {
    const { gate, seconds, pass } = aGate()
    const { tries, request } = failing(seconds, ...repeat(20, error))
    const caught = gate.run(request).catch((reason: unknown) => reason)
    await pass(200)
    expect(await caught).toBe(error)
    expect(tries).toHaveLength(most)
  })

  it('is what Azure does not see yet under a parent that was just made', async () => {
    const { gate, seconds, pass } = aGate()
    const gone = cloudError(404, { retryable: false })
    const { tries, request } = failing(seconds, ...repeat(5, gone))
    const run = gate.run(request, { parentExists: true })
    await pass(40)
    await expect(run).resolves.toBe('answer')
    expect(tries).toHaveLength(6)

    const forever = failing(seconds, ...repeat(20, gone))
    const caught = gate.run(forever.request, { parentExists: true }).catch((reason: unknown) => reason)
    await pass(100)
    expect(await caught).toBe(gone)
    expect(forever.tries).toHaveLength(6)
  })

  it('is told before each wait', async () => {
    const { gate, seconds, pass } = aGate()
    const told: [number | undefined, number][] = []
    const { request } = failing(seconds, cloudError(409), cloudError(429, { retryAfterMs: 9_000 }))
    const run = gate.run(request, { onWait: ({ azure }, delayMs) => told.push([azure?.status, delayMs]) })
    await pass(10)
    await run
    expect(told).toEqual([
      [409, 1_000],
      [429, 9_000],
    ])
  })
})

describe('one gate for all', () => {
  it('closes for everybody when one is throttled, and opens for everybody', async () => {
    const { gate, seconds, pass } = aGate()
    const throttled = failing(seconds, cloudError(429, { retryAfterMs: 10_000 }))
    const later = failing(seconds)
    const first = gate.run(throttled.request)
    await settle()
    const second = gate.run(later.request)
    await pass(9)
    expect(later.tries).toEqual([])
    await pass(1)
    await Promise.all([first, second])
    expect(throttled.tries).toEqual([0, 10])
    expect(later.tries).toEqual([10])
  })

  it('stays closed for the longest time anybody was told', async () => {
    const { gate, seconds, pass } = aGate()
    const long = failing(seconds, cloudError(429, { retryAfterMs: 20_000 }))
    const short = failing(seconds, cloudError(429, { retryAfterMs: 2_000 }))
    const runs = [gate.run(long.request), gate.run(short.request)]
    await pass(20)
    await Promise.all(runs)
    expect(short.tries).toEqual([0, 20])
  })

  it.each([409, 500])('does not close for %s, which is one request’s own trouble', async (status) => {
    const { gate, seconds, pass } = aGate()
    const troubled = failing(seconds, cloudError(status, { retryAfterMs: 10_000 }))
    const free = failing(seconds)
    const first = gate.run(troubled.request)
    await settle()
    await gate.run(free.request)
    expect(free.tries).toEqual([0])
    await pass(10)
    await first
  })

  it('lets 32 through at once, and the next as soon as one is back', async () => {
    const { gate } = aGate()
    const answers: (() => void)[] = []
    const runs = Array.from({ length: 40 }, () => gate.run(() => new Promise<void>((resolve) => answers.push(resolve))))
    await settle()
    expect(answers).toHaveLength(32)
    answers[0]!()
    await settle()
    expect(answers).toHaveLength(33)
    for (let i = 1; i < 40; i++) {
      answers[i]!()
      await settle()
    }
    await Promise.all(runs)
  })

  it('holds back what queues for a place while it is closed', async () => {
    const { gate, seconds, pass } = aGate()
    const answers: (() => void)[] = []
    const slow = Array.from({ length: 31 }, () => gate.run(() => new Promise<void>((resolve) => answers.push(resolve))))
    let throttle: () => void = () => undefined
    const queue = [cloudError(429, { retryAfterMs: 10_000 })]
    const throttled = gate.run(
      () =>
        new Promise<void>((resolve, reject) => {
          const error = queue.shift()
          throttle = error ? () => reject(error) : resolve
          if (!error) resolve()
        }),
    )
    const waiting = failing(seconds)
    const last = gate.run(waiting.request)
    await settle()
    throttle()
    await settle()
    answers.forEach((answer) => answer())
    await pass(9)
    expect(waiting.tries).toEqual([])
    await pass(1)
    await Promise.all([...slow, throttled, last])
    expect(waiting.tries).toEqual([10])
  })

  it('sends nothing after it was stopped, also not what waited for a place', async () => {
    const { gate, stop, seconds } = aGate()
    const answers: (() => void)[] = []
    const slow = Array.from({ length: 32 }, () => gate.run(() => new Promise<void>((resolve) => answers.push(resolve))))
    const waiting = failing(seconds)
    const last = gate.run(waiting.request).catch((reason: unknown) => reason)
    await settle()
    const reason = new Interruption('SIGINT')
    stop.abort(reason)
    answers.forEach((answer) => answer())
    await Promise.all(slow)
    expect(await last).toBe(reason)
    expect(waiting.tries).toEqual([])
    await expect(gate.run(waiting.request)).rejects.toBe(reason)
  })

  it('gives requests the signal that ends them: one of their own, or else `stop`', async () => {
    const clock = new ManualClock()
    const [stop, abort] = [new AbortController(), new AbortController()]
    const gate = new Gate({ clock, stop: stop.signal, random: () => 0 })
    await gate.run(async ({ signal }) => expect(signal).toBe(stop.signal))
    await gate.endedBy(abort.signal).run(async ({ signal }) => expect(signal).toBe(abort.signal))
    await gate.run(async ({ signal }) => expect(signal).toBe(stop.signal))
  })

  it('ends a wait at once when it is stopped', async () => {
    const { gate, stop, seconds } = aGate()
    const caught = gate
      .run(failing(seconds, cloudError(429, { retryAfterMs: 3_600_000 })).request)
      .catch((reason: unknown) => reason)
    await settle()
    stop.abort(new Interruption('SIGTERM'))
    const reason = (await caught) as Interruption
    expect(reason).toMatchObject({ kind: 'SIGTERM' })
    expect(reason.cause).toBeInstanceOf(Failure)
    expect(seconds()).toBe(0)
  })
})
