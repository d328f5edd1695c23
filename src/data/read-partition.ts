import type { EventHubConsumerClient, EventPosition, ReceivedEventData } from '@azure/event-hubs'

export interface PartitionReading {
  readonly partition: string
  readonly startPosition: EventPosition
  /** Called with new events in order, or with none after a second without events. Answer true to stop reading. */
  readonly onEvents: (events: readonly ReceivedEventData[]) => boolean | Promise<boolean>
  readonly signal: AbortSignal
}

/**
 * Reads one partition until `onEvents` answers true. Bodies are not parsed: a data body is a Buffer. Rejects with the
 * client's error, or with the signal's reason; after a timeout, with the client's last error if there is one.
 */
export async function readPartition(client: EventHubConsumerClient, reading: PartitionReading): Promise<void> {
  const { partition, startPosition, onEvents, signal } = reading
  signal.throwIfAborted()
  let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void }
  const ended = new Promise<void>((resolve, reject) => (settle = { resolve, reject }))
  let lastError: Error | undefined
  const onAbort = () => settle.reject(isTimeout(signal.reason) && lastError ? lastError : (signal.reason as Error))
  signal.addEventListener('abort', onAbort, { once: true })
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (events) => {
        // The client would report an error thrown here as its own.
        await Promise.resolve()
          .then(() => onEvents(events))
          .then((isEnd) => isEnd && settle.resolve(), settle.reject)
      },
      processError: async (error) => {
        lastError = error
        if (!isTemporary(error)) settle.reject(error)
      },
    },
    { startPosition, maxBatchSize: 500, maxWaitTimeInSeconds: 1, skipParsingBodyAsJson: true },
  )
  try {
    await ended
  } finally {
    signal.removeEventListener('abort', onAbort)
    await subscription.close()
  }
}

/** The client also retries when a right is missing, which is not temporary. */
const isTemporary = (error: Error): boolean => {
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown }
  return retryable === true && code !== 'UnauthorizedError'
}
const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === 'TimeoutError'
