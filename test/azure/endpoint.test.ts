import type { HttpClient } from '@azure/core-rest-pipeline'
import { createHttpHeaders } from '@azure/core-rest-pipeline'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findAudience } from '../../src/azure/connect.ts'
import { portalOf, proxyFor, resolveTarget } from '../../src/azure/endpoint.ts'
import { createPlainPipeline } from '../../src/azure/pipeline.ts'
import type { Env } from '../../src/inputs/given.ts'
import { Failure } from '../../src/lib/errors.ts'
import { connect, failure } from './support.ts'

describe('portalOf', () => {
  const ID = '/subscriptions/8c1d/resourceGroups/rg-(dev)/providers/Microsoft.EventHub/namespaces/ns-demo'

  it.each([
    ['AzureCloud', 'https://portal.azure.com'],
    ['AzureUSGovernment', 'https://portal.azure.us'],
    ['AzureChinaCloud', 'https://portal.azure.cn'],
  ] as const)('is in the portal of %s', (cloud, portal) => {
    const target = resolveTarget(cloud, undefined)
    expect(portalOf(target, ID, 'contoso.com')).toBe(`${portal}/#@contoso.com/resource${ID}/overview`)
    expect(portalOf(target, ID)).toBe(`${portal}/#@/resource${ID}/overview`)
  })

  it('is that of the cloud whose regional endpoint was given, and nowhere for any other endpoint', () => {
    const regional = resolveTarget('AzureCloud', 'https://usgovvirginia.management.usgovcloudapi.net')
    expect(portalOf(regional, ID)).toMatch(/^https:\/\/portal\.azure\.us\//)
    for (const other of ['http://127.0.0.1:1', 'https://management.local.azurestack.external'])
      expect(portalOf(resolveTarget('AzureCloud', other), ID)).toBeUndefined()
  })

  it('leaves nothing of a hostile name that a shell or a browser could read as more than a name', () => {
    const page = portalOf(resolveTarget('AzureCloud', undefined), '/x/$(reboot) & "calc"#?@evil.example', 'a/b&c')
    expect(page).toBe(
      'https://portal.azure.com/#@a%2Fb%26c/resource/x/%24(reboot)%20%26%20%22calc%22%23%3F%40evil.example/overview',
    )
  })
})

describe('resolveTarget', () => {
  it.each([
    ['AzureCloud', 'https://management.azure.com'],
    ['AzureUSGovernment', 'https://management.usgovcloudapi.net'],
    ['AzureChinaCloud', 'https://management.chinacloudapi.cn'],
  ] as const)('%s', (cloud, url) => {
    expect(resolveTarget(cloud, undefined)).toMatchObject({ url, loopback: false, kind: 'named' })
    expect(resolveTarget(cloud, '')).toMatchObject({ url })
  })

  it.each([
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['http://127.99.1.2', 'http://127.99.1.2'],
    ['http://127.1', 'http://127.0.0.1'],
    ['http://localhost:1234', 'http://localhost:1234'],
    ['http://LOCALHOST:1234', 'http://localhost:1234'],
    ['http://[::1]:80', 'http://[::1]'],
    ['https://localhost:8443', 'https://localhost:8443'],
  ])('accepts %s as loopback', (given, url) => {
    expect(resolveTarget('AzureCloud', given)).toMatchObject({ url, loopback: true, kind: 'custom' })
  })

  it.each([
    ['https://management.local.azurestack.external/', 'custom', 'AzureCloud'],
    ['https://example.com/base/', 'custom', 'AzureCloud'],
    ['https://westeurope.management.azure.com', 'named', 'AzureCloud'],
    ['https://management.usgovcloudapi.net', 'named', 'AzureUSGovernment'],
    ['https://management.azure.com.evil.example', 'custom', 'AzureCloud'],
  ] as const)('%s is %s', (given, kind, cloudName) => {
    expect(resolveTarget('AzureCloud', given)).toMatchObject({ kind, cloudName, loopback: false })
  })

  it.each([
    'http://example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1',
    'http://[::2]',
    'http://0.0.0.0',
    'ftp://localhost',
    'localhost:8080',
    'nonsense',
    'https://user:secret@example.com',
    'https://example.com?x=1',
  ])('refuses %s', async (given) => {
    const error = await failure(Promise.resolve().then(() => resolveTarget('AzureCloud', given)))
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ code: 'usage' })
    const text = JSON.stringify(error) + (error as Failure).message
    expect(text).toContain('ML_INGEST_ARM_ENDPOINT')
    expect(text).not.toContain('secret')
  })
})

describe('findAudience', () => {
  const ask = (armEndpoint: string | undefined, body: string, authGiven = false, status = 200) => {
    const urls: string[] = []
    const http: HttpClient = {
      sendRequest: async (request) => {
        urls.push(request.url)
        expect(request.headers.has('authorization')).toBe(false)
        return { request, status, headers: createHttpHeaders({}), bodyAsText: body }
      },
    }
    const target = resolveTarget('AzureCloud', armEndpoint)
    const anonymous = createPlainPipeline(target, { correlationId: 'c', userAgent: 'u' })
    return { urls, audience: findAudience({ target, anonymous, http, authGiven }) }
  }
  const metadata = (audience: string) => JSON.stringify({ authentication: { audiences: [audience] } })
  const STACK = 'https://management.local.azurestack.external'

  it('is known for a cloud of Azure', async () => {
    const { audience, urls } = ask(undefined, '')
    expect(await audience).toBe('https://management.azure.com')
    expect(urls).toEqual([])
  })

  it('comes from the metadata of another endpoint', async () => {
    const { audience, urls } = ask(STACK, metadata('https://management.stack.onmicrosoft.com/4de1/'))
    expect(await audience).toBe('https://management.stack.onmicrosoft.com/4de1')
    expect(urls).toEqual([`${STACK}/metadata/endpoints?api-version=2015-01-01`])
  })

  it.each([
    ['{}', 200],
    ['<html>', 200],
    [metadata('no url'), 200],
    [metadata('https://other'), 404],
  ])('is the endpoint itself where the metadata is %s (%i)', async (body, status) => {
    expect(await ask(STACK, body, false, status).audience).toBe(STACK)
  })

  it.each(['https://management.azure.com/', 'https://management.core.windows.net/'])(
    'is not %s for a stranger, unless the person says so',
    async (audience) => {
      const error = await failure(ask('https://example.com', metadata(audience)).audience)
      expect(error).toMatchObject({ code: 'access' })
      expect(await ask('https://example.com', metadata(audience), true).audience).toBe(audience.replace(/\/$/, ''))
    },
  )
})

describe('the proxy of a host', () => {
  const HTTPS = { HTTPS_PROXY: 'http://proxy:8080' }

  it.each<[Env, string | undefined]>([
    [{}, undefined],
    [HTTPS, 'HTTPS_PROXY proxy:8080'],
    [{ https_proxy: 'https://me:pw@proxy' }, 'https_proxy proxy'],
    [{ ALL_PROXY: 'http://all:1', HTTP_PROXY: 'http://http:2' }, 'ALL_PROXY all:1'],
    [{ http_proxy: 'http://http:2' }, 'http_proxy http:2'],
    [{ ...HTTPS, ALL_PROXY: 'http://all:1' }, 'HTTPS_PROXY proxy:8080'],
    [{ ...HTTPS, https_proxy: 'http://lower:1' }, 'HTTPS_PROXY proxy:8080'],
    [{ HTTPS_PROXY: '', https_proxy: 'http://lower:1' }, 'https_proxy lower:1'],
    [{ HTTPS_PROXY: 'proxy:8080' }, undefined],
    [{ ...HTTPS, NO_PROXY: 'management.azure.com' }, undefined],
    [{ ...HTTPS, no_proxy: 'example.org, management.azure.com' }, undefined],
    [{ ...HTTPS, NO_PROXY: '.azure.com' }, undefined],
    [{ ...HTTPS, NO_PROXY: '.management.azure.com' }, undefined],
    [{ ...HTTPS, NO_PROXY: 'azure.com' }, 'HTTPS_PROXY proxy:8080'],
    [{ ...HTTPS, NO_PROXY: '.zure.com' }, 'HTTPS_PROXY proxy:8080'],
    [{ ...HTTPS, NO_PROXY: '*' }, 'HTTPS_PROXY proxy:8080'],
    [{ ...HTTPS, NO_PROXY: '' }, 'HTTPS_PROXY proxy:8080'],
    [{ ...HTTPS, NO_PROXY: 'example.org', no_proxy: '.azure.com' }, 'HTTPS_PROXY proxy:8080'],
  ])('%j: %s', (env, expected) => {
    for (const host of ['management.azure.com', 'management.azure.com:443']) {
      const proxy = proxyFor(env, host)
      expect(proxy && `${proxy.variable} ${proxy.address}`).toBe(expected)
    }
  })
})

describe('the proxy', () => {
  afterEach(() => vi.unstubAllEnvs())

  it.each([
    [{ HTTPS_PROXY: 'proxy:8080' }, 'HTTPS_PROXY'],
    [{ https_proxy: '10.0.0.1:8080' }, 'https_proxy'],
    [{ ALL_PROXY: 'socks5://user:secret@proxy', HTTP_PROXY: 'http://fine' }, 'ALL_PROXY'],
  ])('%j is refused by name', async (env, variable) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const error = await failure(Promise.resolve().then(() => connect('https://management.azure.com', { env })))
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ code: 'usage', message: `Can't use the proxy of ${variable}` })
    expect(JSON.stringify(error)).not.toContain('secret')
    expect(() => connect('http://127.0.0.1:1', { env })).not.toThrow()
  })

  it.each([{}, { HTTPS_PROXY: 'http://user:secret@proxy:8080' }, { HTTPS_PROXY: '', ALL_PROXY: 'https://proxy' }])(
    '%j is fine',
    (env) => {
      for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
      expect(() => connect('https://management.azure.com', { env })).not.toThrow()
    },
  )
})
