import {
  earliestEventPosition,
  latestEventPosition,
  type EventHubConsumerClient,
  type EventHubProducerClient,
  type PartitionProperties,
} from '@azure/event-hubs'
import type { Connection } from '../engine/connection.ts'
import { closeSoon, openConsumer, openProducer, readPartition } from './open-clients.ts'
import { PROBE_PROPERTY, READ_BACK_MS, testEvent, type Probe, type ProbeOptions } from './probe.ts'

/** Tries a hub with the clients of Azure. */
export class AmqpProbe implements Probe {
  readonly #connection: Connection
  readonly #options: ProbeOptions
  #eventId = ''
  #producer: EventHubProducerClient | undefined
  #consumer: EventHubConsumerClient | undefined
  #partitionIds: readonly string[] = []
  #partition: PartitionProperties | undefined

  constructor(connection: Connection, options: ProbeOptions) {
    this.#connection = connection
    this.#options = options
  }

  async signIn(): Promise<void> {
    const { credential, signal } = this.#options
    if (this.#connection.sign.kind === 'entra') await credential?.getToken([])
    this.#producer = openProducer(this.#connection, this.#options)
    const { partitionIds } = await this.#producer.getEventHubProperties({ abortSignal: signal })
    this.#partitionIds = partitionIds
  }

  async findHub(): Promise<number> {
    const [first = '0'] = this.#partitionIds
    this.#partition = await this.#producer!.getPartitionProperties(first, { abortSignal: this.#options.signal })
    return this.#partitionIds.length
  }

  async send(): Promise<number> {
    const { clock, signal } = this.#options
    const { partitionId } = this.#partition!
    const { id, body } = testEvent(clock)
    const event = { body, contentType: 'application/json', properties: { [PROBE_PROPERTY]: id } }
    await this.#producer!.sendBatch([event], { partitionId, abortSignal: signal })
    this.#eventId = id
    return Number(partitionId)
  }

  async read(sent: boolean): Promise<string> {
    const { consumerGroup, signal } = this.#options
    const { partitionId, isEmpty, lastEnqueuedSequenceNumber } = this.#partition!
    this.#consumer = openConsumer(this.#connection, consumerGroup, this.#options)
    const nothing = sent ? earliestEventPosition : latestEventPosition
    let found: string | undefined
    await readPartition(this.#consumer, {
      partition: partitionId,
      startPosition: isEmpty ? nothing : { sequenceNumber: lastEnqueuedSequenceNumber, isInclusive: !sent },
      signal: AbortSignal.any([signal, AbortSignal.timeout(READ_BACK_MS)]),
      onEvents: (events) => {
        const event = sent ? events.find(({ properties }) => properties?.[PROBE_PROPERTY] === this.#eventId) : events[0]
        if (event) found = `event ${event.sequenceNumber} of partition ${partitionId}, through ${consumerGroup}`
        else if (!sent) found = `partition ${partitionId} is open through ${consumerGroup}; nothing is in it`
        return found !== undefined
      },
    })
    return found ?? ''
  }

  async close(): Promise<void> {
    await closeSoon(this.#producer, this.#consumer)
  }
}
