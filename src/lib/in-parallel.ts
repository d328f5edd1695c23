/** Does `work` for all items, at most `most` at the same time, and answers in their order. The first rejection ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const waiting = items.entries()
  let failed = false
  const worker = async (): Promise<void> => {
    for (const [i, item] of waiting) {
      if (failed) return
      results[i] = await work(item)
    }
  }
  const workers = Array.from({ length: Math.min(most, items.length) }, worker)
  await Promise.all(workers).catch((error: unknown) => {
    failed = true
    throw error
  })
  return results
}
