import { ServiceError } from './service-errors.ts'
import type { AmqpError } from './wire/link.ts'

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const MOST_READERS = 5

export interface PartitionReader {
  /** The owner level; undefined for a reader without one. */
  readonly epoch: number | undefined
  /** The name that the client gave its receiver. */
  readonly name: string | undefined
  close(error: AmqpError): void
}

/**
 * The readers of each partition per consumer group, and who has to give way to whom.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-event-processor-host#epoch ; texts as the service's own in
 * https://github.com/Azure/azure-sdk-for-js/tree/main/sdk/eventhub/mock-hub
 */
export class Readers {
  readonly #readers = new Map<string, Set<PartitionReader>>()

  /** Lets a reader in, or throws ServiceError. The readers that give way to it are detached. `remove` when it ends. */
  add(key: string, reader: PartitionReader): { remove(): void } {
    const readers = this.#readers.get(key) ?? new Set()
    const level = Math.max(...[...readers].map((other) => other.epoch ?? -1), -1)
    if (reader.epoch === undefined) this.#checkWithoutEpoch(readers, level)
    else if (reader.epoch < level) throw new ServiceError('amqp:link:stolen', 409, higherExists(reader, level))
    for (const other of reader.epoch === undefined ? [] : readers) {
      readers.delete(other)
      other.close({ condition: 'amqp:link:stolen', description: givesWay(other, reader) })
    }
    this.#readers.set(key, readers.add(reader))
    return { remove: () => this.#remove(key, reader) }
  }

  #checkWithoutEpoch(readers: ReadonlySet<PartitionReader>, level: number): void {
    if (level >= 0) {
      const text = `At least one receiver for the endpoint is created with epoch of '${level}', and so non-epoch receiver is not allowed. Either reconnect with a higher epoch, or make sure all epoch receivers are closed or disconnected.`
      throw new ServiceError('amqp:link:stolen', 409, text)
    }
    if (readers.size >= MOST_READERS) {
      const text = `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${MOST_READERS}.`
      throw new ServiceError('amqp:resource-limit-exceeded', 429, text)
    }
  }

  #remove(key: string, reader: PartitionReader): void {
    const readers = this.#readers.get(key)
    readers?.delete(reader)
    if (readers?.size === 0) this.#readers.delete(key)
  }
}

const nameOf = (reader: PartitionReader): string => reader.name ?? 'nil'

const givesWay = (other: PartitionReader, next: PartitionReader): string =>
  `New receiver '${nameOf(next)}' with higher epoch of '${next.epoch ?? 0}' is created hence current receiver '${nameOf(other)}' with epoch '${other.epoch ?? 0}' is getting disconnected. If you are recreating the receiver, make sure a higher epoch is used.`

const higherExists = (reader: PartitionReader, level: number): string =>
  `Receiver '${nameOf(reader)}' with a higher epoch '${level}' already exists. Receiver '${nameOf(reader)}' with epoch ${reader.epoch ?? 0} cannot be created. Make sure you are creating receiver with increasing epoch value to ensure connectivity, or ensure all old epoch receivers are closed or disconnected.`
