import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runGraph, type Task } from '../../src/lib/graph.ts'

/** Tasks that are finished by hand. */
function controlled(after: readonly (readonly number[])[]) {
  const started: number[] = []
  const finish: ((wasDone: boolean) => void)[] = []
  const fail: ((error: Error) => void)[] = []
  const tasks = after.map((others, index): Task => ({
    after: others,
    run: () => {
      started.push(index)
      return new Promise((resolve, reject) => {
        finish[index] = resolve
        fail[index] = reject
      })
    },
  }))
  return { tasks, started, finish, fail }
}

const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
const go = () => false

describe('runGraph', () => {
  it('starts what depends on others when all of them are done', async () => {
    const { tasks, started, finish } = controlled([[], [], [0, 1], [2]])
    const run = runGraph(tasks, 8, go)
    expect(started).toEqual([0, 1])
    finish[0]!(true)
    await settle()
    expect(started).toEqual([0, 1])
    finish[1]!(true)
    await settle()
    expect(started).toEqual([0, 1, 2])
    finish[2]!(true)
    await settle()
    finish[3]!(true)
    await run
    expect(started).toEqual([0, 1, 2, 3])
  })

  it('goes on with what it made possible before it begins anything else', async () => {
    const { tasks, started, finish } = controlled([[], [], [], [0], [0], [1]])
    const run = runGraph(tasks, 1, go)
    for (const index of [0, 3, 4, 1, 5, 2]) {
      finish[index]!(true)
      await settle()
    }
    await run
    expect(started).toEqual([0, 3, 4, 1, 5, 2])
  })

  it('starts nothing new after one was not done, and waits for what runs', async () => {
    const { tasks, started, finish } = controlled([[], [], [1], []])
    let ended = false
    const run = runGraph(tasks, 2, go).then(() => (ended = true))
    finish[0]!(false)
    await settle()
    expect(started).toEqual([0, 1])
    expect(ended).toBe(false)
    finish[1]!(true)
    await run
    expect(started).toEqual([0, 1])
  })

  it('starts nothing once it is stopped', async () => {
    const { tasks, started, finish } = controlled([[], [0]])
    let stopped = false
    const run = runGraph(tasks, 8, () => stopped)
    stopped = true
    finish[0]!(true)
    await run
    expect(started).toEqual([0])
  })

  it('hands on what a task threw, after everything that runs has settled', async () => {
    const { tasks, started, finish, fail } = controlled([[], [], []])
    let ended = false
    const run = runGraph(tasks, 2, go).finally(() => (ended = true))
    const bug = new Error('a bug')
    fail[0]!(bug)
    await settle()
    expect(ended).toBe(false)
    finish[1]!(true)
    await expect(run).rejects.toBe(bug)
    expect(started).toEqual([0, 1])
  })

  it('is over at once when there is nothing to do, and leaves what waits for itself', async () => {
    await runGraph([], 8, go)
    const { tasks, started, finish } = controlled([[], [2], [1], [0, 1]])
    const run = runGraph(tasks, 8, go)
    finish[0]!(true)
    await run
    expect(started).toEqual([0])
  })

  it('looks at ten times as many tasks ten times as often', async () => {
    const looksOf = async (count: number): Promise<number> => {
      let looks = 0
      const tasks = Array.from({ length: count }, (_, index): Task => ({
        get after() {
          looks++
          return index + 1 < count ? [index + 1] : []
        },
        run: async () => true,
      }))
      await runGraph(tasks, 8, () => {
        looks++
        return false
      })
      return looks
    }
    expect(await looksOf(2_000)).toBeLessThanOrEqual(10 * (await looksOf(200)))
  })

  it('keeps order and limit for any graph', async () => {
    const graph = fc
      .array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 25 })
      .map((all) => all.map((after, i) => (i === 0 ? [] : [...new Set(after.map((n) => n % i))])))
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 5 }), async (after, limit) => {
        const done = new Set<number>()
        let running = 0
        let most = 0
        const tasks = after.map((others, index): Task => ({
          after: others,
          run: async () => {
            expect(others.every((other) => done.has(other))).toBe(true)
            most = Math.max(most, ++running)
            for (let i = index % 3; i >= 0; i--) await Promise.resolve()
            running--
            done.add(index)
            return true
          },
        }))
        await runGraph(tasks, limit, go)
        expect(done.size).toBe(after.length)
        expect(most).toBeLessThanOrEqual(limit)
        if (after.length > 0 && after.every((others) => others.length === 0))
          expect(most).toBe(Math.min(limit, after.length))
      }),
      { numRuns: 200 },
    )
  })
})
