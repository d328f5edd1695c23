import { fileURLToPath } from 'node:url'
import { EventHubProducerClient } from '@azure/event-hubs'
import { describe, expect, test } from 'vitest'
import { DEFINITIONS } from '../../../../src/local/arm/providers/insights/definitions.ts'
import { LOCAL_SUBSCRIPTION } from '../../../../src/local/constants.ts'
import { ONCE } from '../../amqp/support/clients.ts'
import { present, PYTHON, pythonModule, runReferee } from '../../amqp/support/referee.ts'
import { hub, startMetered } from '../../support/metered.ts'

const MONITOR = pythonModule('azure.mgmt.monitor', 'python3-azure')
const SCRIPT = fileURLToPath(new URL('../../support/monitor.py', import.meta.url))

describe.skipIf(!present(MONITOR))('the client of Azure Monitor for Python', { timeout: 120_000 }, () => {
  test('reads metrics and their definitions, and tells the error', async () => {
    const azure = await startMetered([hub('clicks'), hub('orders')])
    const producer = new EventHubProducerClient(azure.connectionString, 'clicks', ONCE)
    await producer.sendBatch(Array.from({ length: 6 }, () => ({ body: 'x' })))
    await producer.close()
    const words = [azure.armEndpoint, LOCAL_SUBSCRIPTION.subscriptionId, azure.resourceId, azure.span(0, 2)]
    const told = await runReferee([PYTHON, SCRIPT, ...words])
    const at = (minute: number) => new Date(azure.startMs + minute * 60_000).toISOString().replace('.000Z', '+00:00')
    const seriesOf = (metric: string, name: string, total: number) => [
      ...[metric, 'Count', [['entityname', name]]],
      [
        [at(0), total],
        [at(1), null],
      ],
    ]
    expect(told).toEqual({
      series: [
        seriesOf('IncomingMessages', 'clicks', 6),
        seriesOf('IncomingMessages', 'orders', 0),
        seriesOf('OutgoingMessages', 'clicks', 0),
        seriesOf('OutgoingMessages', 'orders', 0),
      ],
      error: [400, expect.stringMatching(/BadRequest.*metric: Lag, Valid metrics: /s)],
      definitions: DEFINITIONS.map(({ name, unit, aggregations, dimensions }) => [
        name,
        unit,
        aggregations[0],
        dimensions,
      ]),
    })
  })
})
