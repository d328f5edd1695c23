export interface Task {
  /** Indexes of the tasks that have to be done first. */
  readonly after: readonly number[]
  /** Resolves to whether it was done; what depends on a task that was not done never starts. */
  run(): Promise<boolean>
}

/**
 * Runs tasks in the order of their dependencies, at most `limit` at once. Once `stopped()` answers true, or a task was
 * not done, nothing new starts; the promise settles when everything that runs has. Rejects with what a task rejected
 * with.
 */
export async function runGraph(tasks: readonly Task[], limit: number, stopped: () => boolean): Promise<void> {
  const waiting = new Set(tasks.keys())
  const done = new Set<number>()
  const running = new Set<Promise<void>>()
  const thrown: unknown[] = []
  let failed = false
  const isReady = (index: number): boolean => tasks[index]!.after.every((other) => done.has(other))
  const start = (index: number): void => {
    waiting.delete(index)
    const run = tasks[index]!.run()
      .catch((error: unknown) => {
        thrown.push(error)
        return false
      })
      .then((wasDone) => {
        running.delete(run)
        if (wasDone) done.add(index)
        else failed = true
      })
    running.add(run)
  }
  for (;;) {
    for (const index of waiting) {
      if (failed || stopped() || running.size >= limit) break
      if (isReady(index)) start(index)
    }
    if (running.size === 0) break
    await Promise.race(running)
  }
  if (thrown.length > 0) throw thrown[0]
}
