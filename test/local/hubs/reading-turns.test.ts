import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Amount, Budget } from '../../../src/local/hubs/budget.ts'
import { type PacedReader, ReadingTurns } from '../../../src/local/hubs/reading-turns.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const PER_SECOND: Amount = { bytes: 10_000, events: 100 }

/** Everything that can go on without time has gone on. */
const rest = async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}

let clock: ManualClock
let budget: Budget
let turns: ReadingTurns
beforeEach(() => {
  clock = new ManualClock()
  budget = new Budget(PER_SECOND, clock.now())
  turns = new ReadingTurns({ budget, clock, grow: () => false })
})

/** A client that always wants more, so many events at a time, and reads a turn after it was woken, as links do. */
class Greedy {
  read = 0
  wakes = 0
  isStopped = false
  readonly #at: Amount
  readonly #paced: PacedReader

  constructor(events: number, bytesOfEach = 1) {
    this.#at = { events, bytes: events * bytesOfEach }
    this.#paced = turns.join(() => {
      this.wakes++
      setImmediate(() => this.run())
    })
  }

  run(): void {
    while (!this.isStopped && this.#paced.mayRead()) {
      this.read += this.#at.events
      this.#paced.spend(this.#at)
    }
  }

  leave(): void {
    this.isStopped = true
    this.#paced.leave()
  }
}

async function pass(ms: number, stepMs = 10): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs)
    await rest()
  }
}

describe('one reader', () => {
  it('reads the burst at once, and then at the rate', async () => {
    const reader = new Greedy(10)
    reader.run()
    expect(reader.read).toBe(100)
    await pass(10_000)
    expect(reader.read).toBeGreaterThan(1_080)
    expect(reader.read).toBeLessThanOrEqual(1_110)
  })

  it('is woken once for each read, and not in a busy loop', async () => {
    const reader = new Greedy(10)
    reader.run()
    await pass(10_000)
    expect(reader.wakes).toBeLessThanOrEqual(reader.read / 10)
    expect(clock.pending.length).toBeLessThanOrEqual(1)
  })

  it('reads on at once when the rate grows', async () => {
    const reader = new Greedy(1_000)
    reader.run()
    expect(clock.pending).toEqual([9_001])
    budget.resize({ bytes: 100_000, events: 1_000 }, clock.now())
    turns.refresh()
    await rest()
    expect(clock.pending).toEqual([1])
  })

  it('reads past the rate where the capacity can still grow', () => {
    let units = 1
    const grow = () => {
      if (units === 3) return false
      budget.resize({ bytes: PER_SECOND.bytes * ++units, events: PER_SECOND.events * units }, clock.now())
      return true
    }
    turns = new ReadingTurns({ budget, clock, grow })
    const reader = new Greedy(10)
    reader.run()
    expect([units, reader.read]).toEqual([3, 300])
  })

  it('waits for nobody when the turns have ended, and leaves no timer', async () => {
    const reader = new Greedy(10)
    reader.run()
    expect(clock.pending).toHaveLength(1)
    turns.close()
    await rest()
    expect(clock.pending).toEqual([])
    reader.leave()
  })

  it('is not called any more when it has left, and leaves no timer', async () => {
    const reader = new Greedy(10)
    reader.run()
    reader.leave()
    await pass(2_000)
    expect(clock.pending).toEqual([])
    expect([reader.read, reader.wakes]).toEqual([100, 0])
  })
})

describe('several readers', () => {
  it('share what goes out evenly, in events of one size, and nobody starves', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 20 }), async (count, events) => {
        clock = new ManualClock()
        budget = new Budget(PER_SECOND, clock.now())
        turns = new ReadingTurns({ budget, clock, grow: () => false })
        const readers = Array.from({ length: count }, () => new Greedy(events))
        for (const reader of readers) reader.run()
        const atStart = readers.map(({ read }) => read)
        await pass(10_000)
        const read = readers.map((reader, i) => reader.read - atStart[i]!)
        const sum = read.reduce((a, b) => a + b)
        expect(Math.max(...read) - Math.min(...read)).toBeLessThanOrEqual(2 * events)
        // What went out before the last read was within the burst and the rate.
        expect(sum + atStart.reduce((a, b) => a + b) - events).toBeLessThan(100 + 100 * 10)
        expect(sum).toBeGreaterThan(100 * 10 * 0.95)
        for (const reader of readers) reader.leave()
      }),
      { numRuns: 25 },
    )
  })

  it('have their turns also beside one that tries all the time', async () => {
    const [hasty, other] = [new Greedy(10), new Greedy(10)]
    hasty.run()
    other.run()
    const atStart = hasty.read
    for (let ms = 0; ms < 10_000; ms += 10) {
      clock.advance(10)
      hasty.run()
      await rest()
      hasty.run()
    }
    expect(Math.abs(hasty.read - atStart - other.read)).toBeLessThanOrEqual(20)
    expect(other.read).toBeGreaterThan(400)
    hasty.leave()
    other.leave()
  })

  it('go on without one that is called and does not come', async () => {
    const [stuck, other] = [new Greedy(10), new Greedy(10)]
    stuck.run()
    other.run()
    stuck.isStopped = true
    await pass(10_000)
    expect(other.read).toBeGreaterThan(900)
    other.leave()
  })

  it('go on without one that leaves while it is called', async () => {
    const [leaving, other] = [new Greedy(10), new Greedy(10)]
    leaving.run()
    other.run()
    clock.advance(1)
    leaving.leave()
    await pass(10_000)
    expect(other.read).toBeGreaterThan(900)
    other.leave()
  })
})
