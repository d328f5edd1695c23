export interface Task {
  /** Indexes of the tasks that must be done first. */
  readonly after: readonly number[]
  /** Resolves to whether the task was done. If not, tasks that depend on it never start. */
  run(): Promise<boolean>
}

/**
 * Runs tasks in the order of their dependencies, at most `limit` at once. Tasks that a finished task was blocking go first,
 * so that an interrupted run leaves few things half made. Once `stopped()` returns true or a task was not done, no task
 * starts; the promise settles when the running ones have ended. Rejects with the first error of a task.
 */
export async function runGraph(tasks: readonly Task[], limit: number, stopped: () => boolean): Promise<void> {
  const followers = tasks.map((): number[] => [])
  for (const [index, { after }] of tasks.entries()) for (const other of after) followers[other]!.push(index)
  /** How many tasks each task still waits for. */
  const blockers = tasks.map(({ after }) => after.length)
  /** A stack: the last one starts next. */
  const ready = [...tasks.keys()].filter((index) => blockers[index] === 0).reverse()
  const release = (done: number): void => {
    for (const index of followers[done]!.toReversed()) if (--blockers[index]! === 0) ready.push(index)
  }
  const thrown: unknown[] = []
  let running = 0
  let failed = false
  await new Promise<void>((resolve) => {
    const start = async (index: number): Promise<void> => {
      running++
      try {
        if (await tasks[index]!.run()) release(index)
        else failed = true
      } catch (error) {
        thrown.push(error)
        failed = true
      }
      running--
      startMore()
    }
    const startMore = (): void => {
      while (ready.length > 0 && running < limit && !failed && !stopped()) void start(ready.pop()!)
      if (running === 0) resolve()
    }
    startMore()
  })
  if (thrown.length > 0) throw thrown[0]
}
