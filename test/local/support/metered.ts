import type { EventHubConsumerClient } from '@azure/event-hubs'
import { Kafka, logLevel } from 'kafkajs'
import { onTestFinished } from 'vitest'
import { armClient } from '../../../src/local/arm/client.ts'
import type { WantedHub } from '../../../src/local/arm/provision.ts'
import { type ArmSwitches, assemble, type AssemblyOptions } from '../../../src/local/process/assembly.ts'
import { askHeld, type Held } from '../../../src/local/process/record.ts'
import { ManualClock } from '../../support/manual-clock.ts'

export const MINUTE_MS = 60_000
const GROUP = 'rg'
export const NAMESPACE = 'namespace1'

/** A hub with one partition, unless told otherwise. */
export const hub = (name: string, fields: Partial<WantedHub> = {}): WantedHub => ({
  ...{ name, partitions: 1, retentionHours: 24, consumerGroups: [] },
  ...fields,
})

/** An answer with metrics, or what is told instead. */
export interface MetricsBody {
  readonly timespan: string
  readonly interval: string
  readonly value: readonly {
    readonly name: { readonly value: string }
    readonly errorCode: string
    readonly timeseries: readonly {
      readonly metadatavalues: readonly { readonly value: string }[]
      readonly data: readonly Readonly<Record<string, unknown>>[]
    }[]
  }[]
  readonly error: { readonly code: string; readonly message: string }
}

type Row = readonly [name: string, ...values: (number | undefined)[]]

export interface Metered {
  readonly clock: ManualClock
  /** When the clock started: a whole minute. */
  readonly startMs: number
  readonly armEndpoint: string
  readonly resourceId: string
  readonly connectionString: string
  kafka(): Kafka
  /** GET of `metrics`, or another collection, with this query. */
  get(query: Readonly<Record<string, string>>, collection?: string): Promise<MetricsBody>
  /** The values of one aggregation: a row for each series, with the values of its dimensions. */
  rows(query: Readonly<Record<string, string>>, aggregation?: string): Promise<readonly Row[]>
  /** `timespan` from minutes after the start to minutes after it. */
  span(from: number, to: number): string
  request(method: string, path: string, body?: unknown): Promise<number>
  held(): Promise<Held>
  flush(): Promise<unknown>
  /** At the end of the test, if not before. */
  close(): Promise<void>
}

interface MeteredOptions {
  readonly arm?: ArmSwitches
  readonly dataPlane?: AssemblyOptions['dataPlane']
  /** In memory, if not given. */
  readonly storage?: NonNullable<AssemblyOptions['storage']>
  /** The minute that goes on, if not given. */
  readonly startMs?: number
  readonly log?: (line: string) => void
}

/** The whole embedded Azure in this process, at a clock that is turned by hand. */
export async function startMetered(hubs: readonly WantedHub[], options: MeteredOptions = {}): Promise<Metered> {
  const { storage, startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS, log = () => undefined } = options
  const clock = new ManualClock({ start: startMs })
  const azure = await assemble({
    ...{ clock, log, ...(storage && { storage }) },
    arm: { namespaces: [{ group: GROUP, name: NAMESPACE, hubs }], ...options.arm },
    dataPlane: { ports: { amqp: 0, kafka: 0 }, ...options.dataPlane },
  })
  let isOpen = true
  const close = async () => {
    if (isOpen) await azure.close()
    isOpen = false
  }
  onTestFinished(close)
  const arm = armClient(azure.armEndpoint)
  const resourceId = arm.paths.namespace(GROUP, NAMESPACE)
  const keys = await arm.listKeys(`${resourceId}/authorizationRules/RootManageSharedAccessKey`)
  const connectionString = keys.primaryConnectionString
  const kafkaPort = azure.listeners.find(({ protocol }) => protocol === 'kafka')!.port

  const request = async (method: string, path: string, body?: unknown) =>
    fetch(`${azure.armEndpoint}${path}`, {
      method,
      headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const get: Metered['get'] = async (query, collection = 'metrics') => {
    const text = new URLSearchParams({ 'api-version': '2018-01-01', ...query }).toString()
    const response = await request('GET', `${resourceId}/providers/microsoft.insights/${collection}?${text}`)
    return (await response.json()) as MetricsBody
  }
  return {
    ...{ clock, startMs, resourceId, connectionString, get, close },
    armEndpoint: azure.armEndpoint,
    kafka: () =>
      new Kafka({
        brokers: [`localhost:${kafkaPort}`],
        sasl: { mechanism: 'plain', username: '$ConnectionString', password: connectionString },
        ...{ ssl: false, logLevel: logLevel.NOTHING },
      }),
    rows: async (query, aggregation = 'total') => {
      const { value } = await get(query)
      return value.flatMap(({ name, timeseries }) =>
        timeseries.map(({ metadatavalues, data }): Row => [
          [name.value, ...metadatavalues.map(({ value }) => value)].join(' '),
          ...data.map((point) => point[aggregation] as number | undefined),
        ]),
      )
    },
    span: (from, to) => [from, to].map((minutes) => new Date(startMs + minutes * MINUTE_MS).toISOString()).join('/'),
    request: async (method, path, body) => (await request(method, `${path}?api-version=2024-01-01`, body)).status,
    held: async () => (await askHeld({ armEndpoint: azure.armEndpoint }))!,
    flush: () => azure.flush({}),
  }
}

/** Reads so many events of partition 0, from the first one on, and closes. */
export async function readAll(client: EventHubConsumerClient, count: number, from = '-1'): Promise<void> {
  let seen = 0
  await new Promise<void>((resolve, reject) => {
    client.subscribe(
      '0',
      {
        processEvents: async (events) => {
          seen += events.length
          if (seen >= count) resolve()
        },
        processError: async (error) => reject(error),
      },
      { startPosition: { offset: from }, maxBatchSize: 100, maxWaitTimeInSeconds: 1, prefetchCount: 100 },
    )
  })
  await client.close()
}
