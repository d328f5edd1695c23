import * as v6 from '@azure/event-hubs'
import * as v5 from 'azure-event-hubs-5'

/** The two lines of the official client that the contract is tested with. One set of types serves both. */
export const CLIENTS = [
  ['6.0.4', v6],
  ['5.12.0', v5 as unknown as typeof v6],
] as const

export type Sdk = typeof v6
export type Received = v6.ReceivedEventData

/** No retries: what the broker says the first time is what is tested. */
export const ONCE = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } }

export interface Reading {
  readonly events: Received[]
  /** Resolves when there are `count` events; rejects with the client's error. */
  until(count: number): Promise<Received[]>
  /** Resolves with the error that ends the subscription. */
  error(): Promise<Error & { code?: string }>
  close(): Promise<void>
}

export interface ReadOptions extends v6.SubscribeOptions {
  readonly partition?: string
  readonly group?: string
}

/** Subscribes to one partition, or to all. */
export function read(sdk: Sdk, connectionString: string, options: ReadOptions = {}): Reading {
  const { partition, group = '$Default', ...subscribe } = { startPosition: sdk.earliestEventPosition, ...options }
  const client = new sdk.EventHubConsumerClient(group, connectionString, ONCE)
  const events: Received[] = []
  const waiting: { count: number; resolve: () => void; reject: (error: Error) => void }[] = []
  let failed: Error | undefined
  let onError: (error: Error) => void = () => undefined
  const handlers: v6.SubscriptionEventHandlers = {
    processEvents: async (batch) => {
      events.push(...batch)
      for (const waiter of waiting) if (events.length >= waiter.count) waiter.resolve()
    },
    processError: async (error) => {
      failed ??= error
      onError(error)
      for (const waiter of waiting) waiter.reject(error)
    },
  }
  const withDefaults = { maxWaitTimeInSeconds: 1, maxBatchSize: 500, ...subscribe }
  const subscription =
    partition === undefined
      ? client.subscribe(handlers, withDefaults)
      : client.subscribe(partition, handlers, withDefaults)
  return {
    events,
    until: (count) =>
      new Promise((resolve, reject) => {
        const finish = () => resolve(events.slice(0, count))
        if (failed) reject(failed)
        else if (events.length >= count) finish()
        else waiting.push({ count, resolve: finish, reject })
      }),
    error: () => (failed ? Promise.resolve(failed) : new Promise((resolve) => (onError = resolve))),
    close: async () => {
      await subscription.close()
      await client.close()
    },
  }
}

/** Runs `work` with a producer that is closed afterwards. */
export async function withProducer<T>(
  sdk: Sdk,
  connectionString: string,
  work: (producer: v6.EventHubProducerClient) => Promise<T>,
): Promise<T> {
  const producer = new sdk.EventHubProducerClient(connectionString, ONCE)
  try {
    return await work(producer)
  } finally {
    await producer.close()
  }
}

/** Waits for what a client does in its own time. */
export async function eventually(check: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (check()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`Never happened: ${what}`)
}
