type Pulled<T> = { readonly item: T } | { readonly error: unknown } | 'end'

/** Groups of items that are available together, up to `most`. Rejects with the error of the source or the signal's reason. */
export async function* portions<T>(
  items: AsyncIterable<T>,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  const source = items[Symbol.asyncIterator]()
  // The source may be silent for a long time, so an abort ends the wait.
  let settle: ((pulled: Pulled<T>) => void) | undefined
  const onAbort = () => settle?.({ error: signal.reason })
  signal.addEventListener('abort', onAbort, { once: true })
  const pull = (): Promise<Pulled<T>> =>
    new Promise((resolve) => {
      settle = resolve
      source.next().then(
        (result) => resolve(result.done ? 'end' : { item: result.value }),
        (error: unknown) => resolve({ error }),
      )
    })
  try {
    let next = pull()
    for (;;) {
      let portion: T[] = []
      let pulled: Pulled<T> | 'later' = await next
      while (pulled !== 'later' && pulled !== 'end' && 'item' in pulled) {
        portion.push(pulled.item)
        next = pull()
        if (portion.length >= most) {
          yield portion
          portion = []
          pulled = await next
        } else pulled = await Promise.race([next, nextTurn()])
      }
      if (portion.length > 0) yield portion
      if (pulled === 'end') return
      if (pulled !== 'later') throw pulled.error
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // A source that waits for its input answers no more: nobody waits for it.
    void source.return?.().catch(() => undefined)
  }
}

const nextTurn = (): Promise<'later'> => new Promise((resolve) => setImmediate(() => resolve('later')))
