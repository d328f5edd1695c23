export interface Task {
  /** Indexes of the tasks that have to be done first. */
  readonly after: readonly number[]
  /** Resolves to whether it was done; what depends on a task that was not done never starts. */
  run(): Promise<boolean>
}

/**
 * Runs tasks in the order of their dependencies, at most `limit` at once. What a finished task makes possible comes before
 * what could have begun earlier, so that a run that is cut short leaves few things half made. Once `stopped()` answers
 * true, or a task was not done, nothing new starts; the promise settles when everything that runs has. Rejects with what a
 * task rejected with.
 */
export async function runGraph(tasks: readonly Task[], limit: number, stopped: () => boolean): Promise<void> {
  const followers = tasks.map((): number[] => [])
  for (const [index, { after }] of tasks.entries()) for (const other of after) followers[other]!.push(index)
  /** How many others each task still waits for. */
  const open = tasks.map(({ after }) => after.length)
  /** The last one is the next to start. */
  const ready = [...tasks.keys()].filter((index) => open[index] === 0).reverse()
  const release = (done: number): void => {
    for (const index of followers[done]!.toReversed()) if (--open[index]! === 0) ready.push(index)
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
