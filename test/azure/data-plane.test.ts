import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectAzure, type AzureConnection, dataAudience } from '../../src/azure/connect.ts'
import { resolveTarget } from '../../src/azure/endpoint.ts'
import { realClock } from '../../src/lib/clock.ts'

const HUB = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/ns/eventhubs/clicks'
const signal = new AbortController().signal

/** Resource Manager with these role assignments; keeps the requests. */
async function azureWith(status: number, body: object): Promise<{ azure: AzureConnection; paths: string[] }> {
  const paths: string[] = []
  const server = createServer((request, response) => {
    paths.push(request.url ?? '')
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const azure = connectAzure({
    ...{ cloud: 'AzureCloud', auth: 'env', authGiven: false, env: {}, clock: realClock, userAgent: 'test' },
    armEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
  return { azure, paths }
}

describe('a token for the data plane', () => {
  test('is for Event Hubs, in every cloud', () => {
    expect(dataAudience(resolveTarget('AzureUSGovernment', undefined), false)).toBe('https://eventhubs.azure.net')
  })

  test('goes to no host that a foreign Resource Manager names, unless somebody said so', () => {
    const foreign = resolveTarget('AzureCloud', 'https://management.example.com')
    expect(() => dataAudience(foreign, false)).toThrow('Failed to sign in to Event Hubs')
    expect(dataAudience(foreign, true)).toBe('https://eventhubs.azure.net')
  })
})

describe('the data roles', () => {
  test('nothing is known of a token that does not say whom it is about, and nothing is asked', async () => {
    const { azure, paths } = await azureWith(200, { value: [] })
    expect(await azure.dataRoles(HUB, { signal })).toBeUndefined()
    expect(paths).toEqual([])
  })
})
