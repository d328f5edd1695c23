import type { EventHubConsumerClient, EventPosition, ReceivedEventData } from '@azure/event-hubs'

export interface PartitionReading {
  readonly partition: string
  readonly startPosition: EventPosition
  /** Called with what arrived, in order; with nothing when nothing came for a second. True ends the reading. */
  readonly onEvents: (events: readonly ReceivedEventData[]) => boolean | Promise<boolean>
  readonly signal: AbortSignal
}

/**
 * Reads one partition until told to end. Bodies stay as they are: a Buffer for a data body. Rejects with the client's
 * error when it gives up, and with the signal's reason; when that is a timeout, with what the client kept stumbling over.
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
        // An error of ours thrown in here would be taken for one of the client's.
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

/** The client takes a missing right for something that may pass too. */
const mayPass = (error: Error): boolean => {
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown }
  return retryable === true && code !== 'UnauthorizedError'
}
const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === 'TimeoutError'
