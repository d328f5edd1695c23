import { afterEach, describe, expect, it } from 'vitest'
import { Gate } from '../../src/engine/gate.ts'
import type { MetricsQuestion } from '../../src/engine/status/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION, type Answer, type Awkward } from './support.ts'

let server: Awkward | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const QUESTION: MetricsQuestion = {
  metrics: ['IncomingMessages', 'ThrottledRequests'],
  aggregation: 'total',
  splitBy: ['EntityName', 'OperationResult'],
  fromMs: Date.parse('2026-03-01T12:00:00Z'),
  toMs: Date.parse('2026-03-01T12:03:00Z'),
}
const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/ns-demo`

async function read(answer: Answer | ((index: number) => Answer), question: MetricsQuestion = QUESTION) {
  server = await serve((_, index) => (typeof answer === 'function' ? answer(index) : answer))
  return connect(server.endpoint).cloud(SUBSCRIPTION).readMetrics(AT, question, call)
}

const asked = (index = 0) => new URL(server!.seen[index]!.url, 'http://azure')

/** A metric as Azure writes it. https://learn.microsoft.com/rest/api/monitor/metrics/list#get-metric-for-data */
const metric = (name: string, timeseries: readonly unknown[], more: object = { errorCode: 'Success' }) => ({
  id: `${ID}/providers/Microsoft.Insights/metrics/${name}`,
  type: 'Microsoft.Insights/metrics',
  name: { value: name, localizedValue: 'Incoming Messages' },
  displayDescription: 'Incoming Messages for Microsoft.EventHub.',
  unit: 'Count',
  timeseries,
  ...more,
})
const series = (metadata: Readonly<Record<string, string>>, data: readonly unknown[]) => ({
  metadatavalues: Object.entries(metadata).map(([value, of]) => ({
    name: { value, localizedValue: value },
    value: of,
  })),
  data,
})
const answering = (...value: readonly unknown[]): Answer => ({
  status: 200,
  body: {
    ...{ cost: 2, timespan: '2026-03-01T12:00:00Z/2026-03-01T12:03:00Z', interval: 'PT1M', value },
    ...{ namespace: 'Microsoft.EventHub/namespaces', resourceregion: 'westeurope' },
  },
})
const minute = (at: number): number => Date.parse(`2026-03-01T12:0${at}:00Z`)

describe('a question', () => {
  it('names what is asked for, and asks for more series than the ten that Azure gives by itself', async () => {
    await read(answering())
    expect(asked().pathname).toBe(`${ID}/providers/Microsoft.Insights/metrics`)
    expect(Object.fromEntries(asked().searchParams)).toEqual({
      'api-version': '2024-02-01',
      metricnamespace: 'Microsoft.EventHub/namespaces',
      metricnames: 'IncomingMessages,ThrottledRequests',
      timespan: '2026-03-01T12:00:00.000Z/2026-03-01T12:03:00.000Z',
      interval: 'PT1M',
      aggregation: 'Total',
      $filter: "EntityName eq '*' and OperationResult eq '*'",
      top: '10000',
    })
  })

  it('has neither a filter nor a number of series where nothing is split', async () => {
    await read(answering(), { ...QUESTION, metrics: ['ActiveConnections'], aggregation: 'maximum', splitBy: [] })
    const query = Object.fromEntries(asked().searchParams)
    expect(query).toMatchObject({ metricnames: 'ActiveConnections', aggregation: 'Maximum' })
    expect(Object.keys(query)).not.toEqual(expect.arrayContaining(['top']))
    expect(Object.keys(query)).not.toEqual(expect.arrayContaining(['$filter']))
  })

  it('is asked in the version of an older cloud', async () => {
    const old = "The api-version '2024-02-01' is invalid. The supported versions are '2018-01-01,2015-07-01'."
    const answered = await read((index) =>
      index === 0
        ? { status: 400, body: { code: 'InvalidApiVersionParameter', message: old } }
        : answering(metric('IncomingMessages', [])),
    )
    expect(answered).toEqual({ series: [], failed: [] })
    expect(asked(1).searchParams.get('api-version')).toBe('2018-01-01')
  })
})

describe('an answer', () => {
  it('gives each series its hub and result, whatever the case of names, and minutes without a value as such', async () => {
    const points = [
      { timeStamp: '2026-03-01T12:00:00Z', total: 12 },
      { timeStamp: '2026-03-01T12:01:00Z', total: 0 },
      { timeStamp: '2026-03-01T12:02:00Z' },
    ]
    const answered = await read(
      answering(
        metric('IncomingMessages', [series({ entityname: 'clicks', operationresult: 'Success' }, points)]),
        metric('throttledrequests', [series({ EntityName: 'Views' }, points.slice(0, 1))]),
      ),
    )
    expect(answered?.failed).toEqual([])
    expect(answered?.series).toEqual([
      {
        ...{ metric: 'IncomingMessages', entity: 'clicks', result: 'Success' },
        points: [12, 0, undefined].map((value, at) => ({ atMs: minute(at), value })),
      },
      {
        ...{ metric: 'ThrottledRequests', entity: 'Views', result: undefined },
        points: [{ atMs: minute(0), value: 12 }],
      },
    ])
  })

  it('is read in the aggregation that was asked for', async () => {
    const points = [{ timeStamp: '2026-03-01T12:00:00Z', total: 1, average: 2.5, maximum: 3, count: 4 }]
    const answer = answering(metric('ThrottledRequests', [series({}, points)]))
    const valueOf = async (aggregation: MetricsQuestion['aggregation']) => {
      const answered = await read(answer, { ...QUESTION, aggregation })
      await server?.close()
      return answered?.series[0]?.points[0]?.value
    }
    expect([await valueOf('total'), await valueOf('average'), await valueOf('maximum')]).toEqual([1, 2.5, 3])
  })

  it('tells which metric failed and why, beside those that did not', async () => {
    const errorMessage = 'Metric ThrottledRequests could not be retrieved.'
    const answered = await read(
      answering(
        metric('IncomingMessages', [series({}, [{ timeStamp: '2026-03-01T12:00:00Z', total: 1 }])]),
        metric('ThrottledRequests', [], { errorCode: 'InternalServerError', errorMessage }),
      ),
    )
    expect(answered?.series.map((one) => one.metric)).toEqual(['IncomingMessages'])
    expect(answered?.failed).toEqual([{ metric: 'ThrottledRequests', why: errorMessage }])
  })

  it.each([{}, { value: null }, { value: [null, {}, { name: {}, timeseries: [{}, { data: [{}, null] }] }] }, []])(
    'of a strange shape has nothing to say: %j',
    async (body) => {
      expect(await read({ status: 200, body })).toEqual({ series: [], failed: [] })
    },
  )
})

describe('a refusal', () => {
  it.each([
    ['ResourceNotFound', { error: { code: 'ResourceNotFound', message: 'The Resource was not found.' } }],
    ['ResourceGroupNotFound', { code: 'ResourceGroupNotFound', message: "Resource group 'rg' could not be found." }],
  ])('%s means that there is no such namespace', async (_, body) => {
    expect(await read({ status: 404, body })).toBeUndefined()
  })

  it('for want of a role names the role, with and without an envelope', async () => {
    const message = `The client 'dana' with object id 'x' does not have authorization to perform action 'microsoft.insights/metrics/read' over scope '${ID}/providers/Microsoft.Insights' or the scope is invalid.`
    const error = { code: 'AuthorizationFailed', message }
    for (const body of [error, { error }]) {
      expect(await failure(read({ status: 403, body }))).toMatchObject({
        code: 'access',
        message: 'Failed to read the metrics of namespace ns-demo',
        why: ['Your account may not read the metrics of namespace ns-demo.'],
        hint: expect.stringMatching(
          /^Ask an owner of resource group rg for the role Monitoring Reader or Reader /,
        ) as string,
      })
      await server?.close()
    }
  })

  it('without an envelope is told in the words of Azure', async () => {
    const message = 'Detected invalid time grain input with value: PT1M.'
    expect(await failure(read({ status: 400, body: { code: 'BadRequest', message } }))).toMatchObject({
      code: 'azure',
      azure: { status: 400, code: 'BadRequest' },
      why: [`Azure says: ${message}`],
    })
  })

  it('for too many requests is asked again by the gate when Azure says', async () => {
    const clock = new ManualClock({ autoAdvance: true })
    const startedAt = clock.now()
    const busy = { status: 429, headers: { 'retry-after': '17' }, body: { code: 'TooManyRequests', message: 'Slow.' } }
    server = await serve((_, index) => (index === 0 ? busy : answering()))
    const cloud = connect(server.endpoint, { clock }).cloud(SUBSCRIPTION)
    const gate = new Gate({ clock, stop: new AbortController().signal, random: () => 0.5 })
    expect(await gate.run((one) => cloud.readMetrics(AT, QUESTION, one))).toEqual({ series: [], failed: [] })
    expect(server.seen).toHaveLength(2)
    expect(clock.now() - startedAt).toBe(17_000)
  })
})
