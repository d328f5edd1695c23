import { createPipelineFromOptions, RestError } from '@azure/core-rest-pipeline'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectAzure, type AzureConnection, dataAudience } from '../../src/azure/connect.ts'
import { ApiVersions } from '../../src/azure/api-versions.ts'
import { ArmRest } from '../../src/azure/arm-requests.ts'
import { resolveTarget } from '../../src/azure/endpoint.ts'
import { createArmPipeline, createHttpClient, rejectFailures } from '../../src/azure/pipeline.ts'
import { readDataRoles } from '../../src/azure/role-assignments.ts'
import { DATA_ROLES } from '../../src/inputs/grant-parsers.ts'
import { startLocalArm } from '../../src/local/index.ts'
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
    const host = 'https://ns.servicebus.windows.net'
    expect(() => dataAudience(foreign, false, host)).toThrow('Failed to sign in to Event Hubs')
    expect(dataAudience(resolveTarget('AzureCloud', undefined), false, host)).toBe(host)
  })
})

describe('the data roles', () => {
  test('nothing is known of a token that does not say whom it is about, and nothing is asked', async () => {
    const { azure, paths } = await azureWith(200, { value: [] })
    expect(await azure.dataRoles(HUB, { signal })).toBeUndefined()
    expect(paths).toEqual([])
  })

  const ME = 'aaaaaaaa-0000-4000-8000-000000000001'
  const OTHER = 'bbbbbbbb-0000-4000-8000-000000000002'
  const tokenOf = (claims: object): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`
  const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000'
  const GROUP = `${SUBSCRIPTION}/resourceGroups/rg`
  const NAMESPACE = `${GROUP}/providers/Microsoft.EventHub/namespaces/ns-demo`

  /** The embedded Azure with roles given at these scopes, and what asks it for them. */
  async function rolesGiven(given: readonly (readonly [scope: string, principalId: string, role: string])[]) {
    const arm = await startLocalArm({
      seed: { namespaces: [{ group: 'rg', name: 'ns-demo', hubs: [{ name: 'clicks' }, { name: 'views' }] }] },
    })
    onTestFinished(() => arm.close())
    const target = resolveTarget('AzureCloud', arm.endpoint)
    const credential = { getToken: async () => ({ token: 'x', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
    const pipeline = createArmPipeline(target, credential, { correlationId: ME, userAgent: 'test' })
    const rest = new ArmRest(arm.endpoint, rejectFailures(pipeline), createHttpClient(realClock, {}), new ApiVersions())
    for (const [i, [scope, principalId, role]] of given.entries()) {
      const response = await fetch(
        `${arm.endpoint}${scope}/providers/Microsoft.Authorization/roleAssignments/88888888-0000-0000-0000-00000000000${i}?api-version=2022-04-01`,
        {
          method: 'PUT',
          headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
          body: JSON.stringify({
            properties: {
              roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
              principalId,
            },
          }),
        },
      )
      expect(response.status).toBe(201)
    }
    return (claims: object, hub = 'clicks', to: AbortSignal = signal) =>
      readDataRoles(rest, `${NAMESPACE}/eventhubs/${hub}`, tokenOf(claims), { signal: to })
  }
  const { sender, receiver, owner } = DATA_ROLES
  const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

  test('are those on the hub, the namespace and above, with the time of each; no others', async () => {
    const rolesOf = await rolesGiven([
      [`${NAMESPACE}/eventhubs/clicks`, ME, sender.id],
      [`${NAMESPACE}/eventhubs/views`, ME, owner.id],
      [GROUP, ME, receiver.id],
      [NAMESPACE, OTHER, owner.id],
      [SUBSCRIPTION, ME, READER],
    ])
    const roles = await rolesOf({ oid: ME })
    expect(roles?.map(({ name }) => name).sort()).toEqual([receiver.name, sender.name])
    for (const { assignedOn } of roles!) expect(Date.parse(assignedOn!)).not.toBeNaN()
    expect((await rolesOf({ oid: ME }, 'views'))?.map(({ name }) => name).sort()).toEqual([owner.name, receiver.name])
    expect(await rolesOf({ oid: 'cccccccc-0000-4000-8000-000000000003' })).toEqual([])
  })

  test('are unknown to somebody who may not read them', async () => {
    const http = { sendRequest: () => Promise.reject(new RestError('no', { statusCode: 403 })) }
    const rest = new ArmRest('http://127.0.0.1:1', createPipelineFromOptions({}), http, new ApiVersions())
    expect(await readDataRoles(rest, HUB, tokenOf({ oid: ME }), { signal })).toBeUndefined()
  })

  test('a run that is over asks for nothing more, and says so', async () => {
    const rolesOf = await rolesGiven([])
    const stop = new AbortController()
    stop.abort(new Error('over'))
    await expect(rolesOf({ oid: ME }, 'clicks', stop.signal)).rejects.toThrow('over')
  })

  test('what is no answer of Azure at all is an error, not an unknown', async () => {
    const http = { sendRequest: () => Promise.reject(new TypeError('a bug')) }
    const rest = new ArmRest('http://127.0.0.1:1', createPipelineFromOptions({}), http, new ApiVersions())
    await expect(readDataRoles(rest, HUB, tokenOf({ oid: ME }), { signal })).rejects.toThrow('a bug')
  })
})
