import type { EventHubConsumerClient, EventPosition, ReceivedEventData } from '@azure/event-hubs'

export interface PartitionReading {
  readonly partition: string
  readonly startPosition: EventPosition
  /** Called with the events that arrived, in order, or with none after a second without any. True ends the reading. */
  readonly onEvents: (events: readonly ReceivedEventData[]) => boolean | Promise<boolean>
  readonly signal: AbortSignal
}

/**
 * Reads one partition until told to end. Bodies stay as they are: a Buffer for a data body. Rejects with the client's
 * error when the client gives up, and with the signal's reason. After a timeout it is the last error of the client, if any.
 */
export async function readPartition(client: EventHubConsumerClient, reading: PartitionReading): Promise<void> {
  const { partition, startPosition, onEvents, signal } = reading
  signal.throwIfAborted()
  let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void }
  const ended = new Promise<void>((resolve, reject) => (settle = { resolve, reject }))
  let putOff: Error | undefined
  const onAbort = () => settle.reject(isTimeout(signal.reason) && putOff ? putOff : (signal.reason as Error))
  signal.addEventListener('abort', onAbort, { once: true })
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (events) => {
        // An error of ours, thrown here, would look like one of the client's.
        await Promise.resolve()
          .then(() => onEvents(events))
          .then((isEnd) => isEnd && settle.resolve(), settle.reject)
      },
      processError: async (error) => {
        putOff = error
        if (!mayPass(error)) settle.reject(error)
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

/** The client also retries when a right is missing. */
const mayPass = (error: Error): boolean => {
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown }
  return retryable === true && code !== 'UnauthorizedError'
}
const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === 'TimeoutError'
