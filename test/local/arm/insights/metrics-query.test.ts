import { describe, expect, onTestFinished, test } from 'vitest'
import { DEFINITIONS } from '../../../../src/local/arm/providers/insights/definitions.ts'
import { History } from '../../../../src/local/hubs/history.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import type { MetricsBody } from '../../support/metered.ts'
import { type Client, startWithNamespace } from '../client.ts'

const START_MS = Date.parse('2026-03-01T12:00:00Z')
const MINUTE_MS = 60_000
const START_MINUTE = START_MS / MINUTE_MS
const METRICS = '@/namespaces/namespace1/providers/Microsoft.Insights/metrics'

/** Hubs by their names, with the incoming messages of each minute from the start on. */
const historiesOf = (hubs: Readonly<Record<string, readonly number[]>>): readonly History[] =>
  Object.entries(hubs).map(([name, messages]) => {
    const history = new History(name)
    history.measure(START_MINUTE, { sizeBytes: 10, captureBacklog: 0 })
    for (const [i, count] of messages.entries()) {
      if (count > 0) history.countsOf(START_MINUTE + i).incomingMessages += count
    }
    return history
  })

interface Question {
  readonly query: Readonly<Record<string, string>>
  readonly path?: string
}

/** A Resource Manager that answers with these hubs, ten minutes after the start. */
async function startWith(hubs: Readonly<Record<string, readonly number[]>>, nowMs = START_MS + 10 * MINUTE_MS) {
  const client = await startWithNamespace({
    clock: new ManualClock({ start: nowMs }),
    readTraffic: () => historiesOf(hubs),
  })
  onTestFinished(() => client[Symbol.asyncDispose]())
  return { client, ask: (query: Question['query'], path = METRICS) => ask(client, { query, path }) }
}

const ask = async (client: Client, { query, path = METRICS }: Question) => {
  const text = new URLSearchParams({ 'api-version': '2018-01-01', ...query })
  const answer = await client.call('GET', `${path}?${text.toString()}`)
  return { status: answer.status, body: answer.body as MetricsBody }
}

const pointsOf = ({ body }: { readonly body: MetricsBody }) => body.value[0]!.timeseries[0]!.data

const SPAN = { timespan: '2026-03-01T12:00:00Z/2026-03-01T12:06:00Z' }
const INCOMING = { ...SPAN, metricnames: 'IncomingMessages' }

describe('an answer', () => {
  test('has the documented shape', async () => {
    const { ask } = await startWith({ clicks: [3, 0, 4] })
    const { status, body } = await ask({ ...INCOMING, interval: 'PT5M', $filter: "entityNAME eq '*'" })
    const id = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1`
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        cost: 5,
        timespan: '2026-03-01T12:00:00Z/2026-03-01T12:06:00Z',
        interval: 'PT5M',
        value: [
          {
            id: `${id}/providers/Microsoft.Insights/metrics/IncomingMessages`,
            type: 'Microsoft.Insights/metrics',
            name: { value: 'IncomingMessages', localizedValue: 'Incoming Messages' },
            displayDescription: 'Incoming Messages for Microsoft.EventHub.',
            unit: 'Count',
            timeseries: [
              {
                metadatavalues: [{ name: { value: 'entityname', localizedValue: 'entityname' }, value: 'clicks' }],
                data: [
                  { timeStamp: '2026-03-01T12:00:00Z', total: 7 },
                  { timeStamp: '2026-03-01T12:05:00Z', total: 0 },
                ],
              },
            ],
            errorCode: 'Success',
          },
        ],
        namespace: 'Microsoft.EventHub/namespaces',
        resourceregion: 'westeurope',
      },
    })
  })

  test.each<readonly [interval: string, name: string, totals: readonly number[]]>([
    ['PT1M', 'PT1M', [1, 2, 3, 4, 5, 6]],
    ['pt5m', 'PT5M', [15, 6]],
    ['PT60M', 'PT1H', [21]],
    ['P1D', 'P1D', [21]],
    ['FULL', 'PT6M', [21]],
  ])('of interval %s adds up the minutes', async (interval, name, totals) => {
    const { ask } = await startWith({ clicks: [1, 2, 3, 4, 5, 6, 7, 8] })
    const answer = await ask({ ...INCOMING, interval })
    expect(answer.body.interval).toBe(name)
    expect(pointsOf(answer)).toEqual(totals.map((total) => expect.objectContaining({ total }) as object))
  })

  test('has every aggregation that is asked for, of one value for each hub and minute', async () => {
    const { ask } = await startWith({ clicks: [1, 5], orders: [2, 0] })
    const aggregation = 'total,Average,minimum,MAXIMUM,Count'
    const answer = await ask({ ...INCOMING, interval: 'FULL', aggregation, timespan: '2026-03-01T12:00:00Z/PT2M' })
    expect(pointsOf(answer)).toEqual([
      { timeStamp: '2026-03-01T12:00:00Z', total: 8, average: 2, minimum: 0, maximum: 5, count: 4 },
    ])
    const size = await ask({ ...SPAN, metricnames: 'size', interval: 'FULL' })
    expect(pointsOf(size)).toEqual([{ timeStamp: '2026-03-01T12:00:00Z', average: 10 }])
  })

  test('has the time alone of minutes before the start and to come', async () => {
    const { ask } = await startWith({ clicks: [1, 2] }, START_MS + 1.5 * MINUTE_MS)
    const answer = await ask({ ...INCOMING, timespan: '2026-03-01T11:59:00Z/2026-03-01T12:03:00Z' })
    expect(pointsOf(answer)).toEqual([
      { timeStamp: '2026-03-01T11:59:00Z' },
      { timeStamp: '2026-03-01T12:00:00Z', total: 1 },
      { timeStamp: '2026-03-01T12:01:00Z', total: 2 },
      { timeStamp: '2026-03-01T12:02:00Z' },
    ])
  })

  test.each<readonly [timespan: string | undefined, from: string, to: string]>([
    [undefined, '11:10:00Z', '12:10:00Z'],
    ['PT5M', '12:05:00Z', '12:10:00Z'],
    ['PT10M/2026-03-01T12:20:00Z', '12:10:00Z', '12:20:00Z'],
    ['2026-03-01T12:00:30Z/PT2M', '12:00:00Z', '12:02:30Z'],
    ['2026-03-01T12:00:00/2026-03-01T13:00:00+00:00', '12:00:00Z', '13:00:00Z'],
    ['2026-03-01T13:00:00.1234567+01:00/2026-03-01T12:01:00Z', '12:00:00Z', '12:01:00Z'],
  ])('of the time span %s begins with a whole minute', async (timespan, from, to) => {
    const { ask } = await startWith({})
    const { body } = await ask({ ...(timespan !== undefined && { timespan }), metricnames: 'IncomingMessages' })
    expect(body.timespan).toBe(`2026-03-01T${from}/2026-03-01T${to}`)
    expect(body.value[0]!.timeseries[0]!.data[0]!['timeStamp']).toBe(`2026-03-01T${from}`)
  })

  test('of metadata has the values of dimensions alone', async () => {
    const { ask } = await startWith({ clicks: [1], orders: [1] })
    const { body } = await ask({ ...INCOMING, $filter: "EntityName eq '*'", resultType: 'metadata' })
    expect(Object.keys(body)).toEqual(['timespan', 'value', 'namespace', 'resourceregion'])
    const series = (value: string) => ({
      metadatavalues: [{ name: { value: 'entityname', localizedValue: 'entityname' }, value }],
    })
    expect(body.value[0]!.timeseries).toEqual([series('clicks'), series('orders')])
  })

  test('with a filter has ten series, unless more are asked for', async () => {
    const hubs = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`hub-${String(i).padStart(2, '0')}`, [i + 1]]),
    )
    const { ask } = await startWith(hubs)
    const named = async (more: Readonly<Record<string, string>>) => {
      const { body } = await ask({ ...INCOMING, $filter: "EntityName eq '*'", ...more })
      return body.value[0]!.timeseries.map(({ metadatavalues }) => metadatavalues[0]!.value)
    }
    expect(await named({})).toHaveLength(10)
    expect(await named({ top: '100' })).toHaveLength(12)
    expect(await named({ top: '2', orderby: 'total desc' })).toEqual(['hub-11', 'hub-10'])
    expect(await named({ top: '2', orderby: 'sum asc' })).toEqual(['hub-00', 'hub-01'])
    // Without a filter there is one series, and nothing to leave out.
    const { body } = await ask({ ...INCOMING, top: '1' })
    expect(body.value[0]!.timeseries[0]!.data[0]!['total']).toBe(78)
  })

  test('splits by what the filter names, and has no series of what nobody counted', async () => {
    const { ask } = await startWith({ clicks: [1], orders: [2], views: [4] })
    const rows = async ($filter: string, metricnames = 'IncomingMessages') => {
      const { body } = await ask({ ...SPAN, interval: 'FULL', metricnames, $filter })
      return body.value[0]!.timeseries.map(({ metadatavalues, data }) => [
        ...metadatavalues.map(({ value }) => value),
        data[0]!['total'],
      ])
    }
    expect(await rows("EntityName eq 'CLICKS' or EntityName eq 'views'")).toEqual([
      ['clicks', 1],
      ['views', 4],
    ])
    expect(await rows("EntityName eq 'missing'")).toEqual([])
    expect(await rows("OperationResult eq '*'", 'UserErrors')).toEqual([['clienterror', 0]])
    expect(await rows("OperationResult eq 'ClientError' and EntityName eq 'views'", 'UserErrors')).toEqual([
      ['clienterror', 'views', 0],
    ])
    expect(await rows("EntityName eq '*' and OperationResult eq 'success'", 'UserErrors')).toEqual([])
  })
})

describe('a request that cannot be answered', () => {
  const BAD = 400
  test.each<readonly [what: string, query: Readonly<Record<string, string>>, message: RegExp]>([
    [
      'an unknown metric',
      { metricnames: 'IncomingMessages,Lag' },
      /^Failed to find metric configuration for provider: Microsoft\.EventHub, resource Type: namespaces, metric: Lag, Valid metrics: SuccessfulRequests,ServerErrors,/,
    ],
    ['a metric without a name', { metricnames: '' }, /metric: , Valid metrics/],
    [
      'an interval that no metric has',
      { interval: 'PT3M' },
      /^Invalid time grain duration: PT3M, supported ones are: 00:01:00,00:05:00,00:15:00,00:30:00,01:00:00,06:00:00,12:00:00,1\.00:00:00$/,
    ],
    ['no interval', { interval: 'hourly' }, /^Invalid time grain duration: hourly/],
    [
      'a time span that ends before it begins',
      { timespan: '2026-03-01T12:00:00Z/2026-03-01T11:00:00Z' },
      /^Detected invalid time interval input: 2026/,
    ],
    [
      'a time span without length',
      { timespan: '2026-03-01T12:00:00Z/2026-03-01T12:00:00Z' },
      /^Detected invalid time interval/,
    ],
    // What a client sends that does not encode the plus sign.
    [
      'a zone without its sign',
      { timespan: '2026-03-01T12:00:00 01:00/2026-03-01T12:30:00 01:00' },
      /\(Datetime\/Datetime, Datetime\/Duration, Duration\/Datetime, Duration\)$/,
    ],
    ['one time', { timespan: '2026-03-01T12:00:00Z' }, /^Detected invalid time interval/],
    ['a day that there is not', { timespan: '2026-02-31T25:00:00Z/PT1H' }, /^Detected invalid time interval/],
    ['three times', { timespan: 'PT1H/2026-03-01T12:00:00Z/PT1H' }, /^Detected invalid time interval/],
    [
      'a dimension that the metric has not',
      { metricnames: 'ActiveConnections', $filter: "EntityName eq '*'" },
      /^Metric: ActiveConnections does not support requested dimension combination: entityname, supported ones are: , TraceId: \{[0-9a-f-]{36}\}$/,
    ],
    ['a filter that is none', { $filter: 'EntityName' }, /^Invalid \$filter: EntityName/],
    ['an unknown aggregation', { aggregation: 'Median' }, /^Invalid aggregation: Median/],
    ['no number of series', { $filter: "EntityName eq '*'", top: '0' }, /^Invalid top: 0/],
    ['two orders', { orderby: 'total asc, count asc' }, /^Invalid orderby/],
    ['metrics of somebody else', { metricnamespace: 'Microsoft.Storage/storageAccounts' }, /Microsoft\.Storage/],
  ])('names %s, and is told without an envelope', async (_, query, message) => {
    const { ask } = await startWith({ clicks: [1] })
    const { status, body } = await ask({ ...INCOMING, ...query })
    expect({ status, body }).toEqual({
      status: BAD,
      body: { code: 'BadRequest', message: expect.stringMatching(message) as string },
    })
  })

  test('passes with a wrong dimension where none is to be checked', async () => {
    const { ask } = await startWith({ clicks: [1] })
    const metricnames = 'IncomingMessages,ActiveConnections'
    const { status, body } = await ask({
      ...SPAN,
      metricnames,
      $filter: "EntityName eq '*'",
      ValidateDimensions: 'false',
    })
    expect(status).toBe(200)
    expect(body.value[1]!.timeseries[0]!.metadatavalues).toEqual([])
  })

  test.each([
    [
      'of a namespace that is not there',
      '@/namespaces/missing/providers/Microsoft.Insights/metrics',
      404,
      'ResourceNotFound',
    ],
    [
      'of a hub',
      '@/namespaces/namespace1/eventhubs/clicks/providers/Microsoft.Insights/metrics',
      404,
      'InvalidResourceType',
    ],
    ['of another kind', '@/namespaces/namespace1/providers/Microsoft.Insights/alerts', 404, 'InvalidResourceType'],
  ])('is about metrics %s, and is told by Resource Manager', async (_, path, status, code) => {
    const { ask } = await startWith({ clicks: [1] })
    const answer = await ask(INCOMING, path)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
  })

  test('has a version that the provider does not know', async () => {
    const { ask } = await startWith({})
    for (const version of ['2019-07-01', '2021-05-01', '2023-10-01', '2024-02-01'])
      expect((await ask({ ...INCOMING, 'api-version': version })).status).toBe(200)
    const { status, body } = await ask({ ...INCOMING, 'api-version': '2015-01-01' })
    expect([status, body.error.code]).toEqual([404, 'InvalidResourceType'])
  })
})

describe('faults', () => {
  test('hit these paths as any other, in the words of Resource Manager', async () => {
    const { client, ask } = await startWith({ clicks: [1] })
    client.arm.faults.add(
      { kind: '403', path: 'insights/METRICS', times: 1 },
      { kind: '429', path: 'metricDefinitions' },
    )
    const refused = await ask(INCOMING)
    expect([refused.status, refused.body.error.code]).toEqual([403, 'AuthorizationFailed'])
    expect(refused.body.error.message).toContain(`action 'Microsoft.Insights/metrics/read'`)
    expect((await ask(INCOMING)).status).toBe(200)
    const throttled = await ask({}, METRICS.replace('metrics', 'metricDefinitions'))
    expect([throttled.status, throttled.body.error.code]).toEqual([429, 'ResourceRequestsThrottled'])
  })

  test('keep the last three minutes back, or one metric', async () => {
    const { client, ask } = await startWith({ clicks: [1, 2, 3, 4, 5] }, START_MS + 4.5 * MINUTE_MS)
    client.arm.faults.add({ kind: 'late-metrics', times: 1 })
    const late = await ask(INCOMING)
    expect(pointsOf(late).map((point) => point['total'])).toEqual([1, 2, ...Array<undefined>(4)])
    client.arm.faults.add({ kind: 'metric-failed', metric: 'size', times: 1 })
    const { status, body } = await ask({ ...SPAN, metricnames: 'IncomingMessages,Size' })
    expect([status, ...body.value.map((one) => [one.errorCode, one.timeseries.length])]).toEqual([
      200,
      ['Success', 1],
      ['InvalidSamplingType', 0],
    ])
    expect(pointsOf(await ask(INCOMING)).at(4)).toMatchObject({ total: 5 })
  })
})

test('the definitions name what every metric has', async () => {
  const { ask } = await startWith({})
  const { status, body } = await ask({}, METRICS.replace('metrics', 'metricdefinitions'))
  expect(status).toBe(200)
  expect(body.value).toHaveLength(DEFINITIONS.length)
  expect(body.value.find(({ name }) => name.value === 'ThrottledRequests')).toEqual({
    ...{
      id: expect.stringMatching(/\/providers\/microsoft\.insights\/metricdefinitions\/ThrottledRequests$/) as string,
    },
    ...{ resourceId: expect.stringMatching(/\/namespaces\/namespace1$/) as string },
    ...{ namespace: 'Microsoft.EventHub/namespaces', isDimensionRequired: false, unit: 'Count' },
    name: { value: 'ThrottledRequests', localizedValue: 'Throttled Requests.' },
    displayDescription: 'Throttled Requests for Microsoft.EventHub.',
    primaryAggregationType: 'Total',
    supportedAggregationTypes: ['Total'],
    metricAvailabilities: ['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'P1D'].map((timeGrain) => ({
      ...{ timeGrain, retention: 'P93D' },
    })),
    dimensions: ['EntityName', 'OperationResult'].map((value) => ({ value, localizedValue: value })),
  })
})
