import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline'
import { createPipelineRequest } from '@azure/core-rest-pipeline'
import { AzureLogger, setLogLevel } from '@azure/logger'
import { afterEach, describe, expect, it } from 'vitest'
import { resolveTarget } from '../../src/azure/endpoint.ts'
import { createArmPipeline } from '../../src/azure/pipeline.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION, type Awkward } from './support.ts'

let server: Awkward | undefined
afterEach(async () => {
  setLogLevel(undefined)
  await server?.close()
  server = undefined
})

describe('what the SDK logs', () => {
  it('goes to the hook, without secrets, and nowhere else', async () => {
    server = await serve(() => ({ status: 200, body: { primaryKey: 'k'.repeat(43) + '=' } }))
    const lines: string[] = []
    setLogLevel('verbose')
    const cloud = connect(server.endpoint, { onSdkLog: (line) => lines.push(line) }).cloud(SUBSCRIPTION)
    await cloud.readKeys({ ...AT, rule: 'r' }, call)
    AzureLogger.log('from a tool: SharedAccessKey=%s', 'abcdef')
    expect(lines.join('\n')).toContain('listKeys')
    expect(lines.at(-1)).toBe('from a tool: SharedAccessKey=***')
    expect(lines.join('\n')).not.toMatch(/kkkk|ml-ingest-loopback/)
  })
})

describe('--debug', () => {
  it('sees a request that failed on the way, with its url redacted', async () => {
    server = await serve(() => 'reset')
    const seen: unknown[] = []
    const cloud = connect(server.endpoint, { onRequest: (one) => seen.push(one) }).cloud(SUBSCRIPTION)
    await failure(cloud.readNamespace(AT, call))
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ method: 'GET', status: undefined })
    expect((seen[0] as { failure: string }).failure).not.toBe('')
  })

  it('sees each page of a list', async () => {
    server = await serve(({ headers, url }) => ({
      status: 200,
      body: {
        value: [{ name: 'h' }],
        ...(url.includes('sig=') ? {} : { nextLink: `http://${headers.host}${url}&sig=${'s'.repeat(30)}` }),
      },
    }))
    const seen: { url: string }[] = []
    const cloud = connect(server.endpoint, { onRequest: (one) => seen.push(one) }).cloud(SUBSCRIPTION)
    expect(await cloud.listHubs(AT, call)).toHaveLength(2)
    expect(seen.map(({ url }) => url.includes('sss'))).toEqual([false, false])
    expect(seen[1]?.url).toContain('sig=***')
  })
})

describe('the pipeline to Azure itself', () => {
  const target = resolveTarget('AzureCloud', undefined)
  const credential = { getToken: async () => ({ token: 'real', expiresOnTimestamp: Date.now() + 3_600_000 }) }
  const send = async (url: string, status: number) => {
    const sent: PipelineRequest[] = []
    const http: HttpClient = {
      sendRequest: async (request) => {
        sent.push(request)
        return { request, status, headers: createHttpHeaders({}), bodyAsText: '' }
      },
    }
    const pipeline = createArmPipeline(target, credential, { correlationId: 'c', userAgent: 'ml-ingest/1' })
    await pipeline.sendRequest(http, createPipelineRequest({ url }))
    return sent
  }

  it.each([200, 429, 500, 503])('sends the token once, and does not repeat HTTP %i', async (status) => {
    const sent = await send('https://management.azure.com/subscriptions', status)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer real')
    expect(sent[0]?.abortSignal).toBeDefined()
  })

  it('sends no token over http', async () => {
    const error = await failure(send('http://127.0.0.1/subscriptions', 200))
    expect(String(error)).toContain('not permitted')
  })
})
