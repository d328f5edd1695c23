import { createServer, type AddressInfo } from 'node:net'
import { createHttpHeaders, createPipelineRequest, RestError, type HttpClient } from '@azure/core-rest-pipeline'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { connectAzure } from '../../src/azure/connect.ts'
import { candidatesFor, type Candidate } from '../../src/azure/credentials.ts'
import { proxyFor, resolveTarget } from '../../src/azure/endpoint.ts'
import { SignIn } from '../../src/azure/sign-in.ts'
import type { RunContext } from '../../src/azure/sign-in-advice.ts'
import type { Env } from '../../src/inputs/given.ts'
import type { AuthKind } from '../../src/inputs/target.ts'
import { realClock } from '../../src/lib/clock.ts'
import type { Failure } from '../../src/lib/errors.ts'
import { exitCodeOf } from '../../src/ui/exit.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION } from './support.ts'

const TENANT = '72f988bf-0000-0000-0000-2d7cd011db47'
const LOGIN = 'login.microsoftonline.com'
const CLIENT = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: 'client' }
const SERVICE = { ...CLIENT, AZURE_CLIENT_SECRET: 'secret' }
const PRESENT = import.meta.filename
const ABSENT = `${PRESENT}.absent`

afterEach(() => vi.unstubAllEnvs())

const NO_NETWORK: HttpClient = { sendRequest: () => Promise.reject(new Error('no request is expected')) }

async function failureWith(auth: AuthKind, env: Env, candidates: readonly Candidate[], http: HttpClient) {
  const run: RunContext = {
    ...{ target: resolveTarget('AzureCloud', undefined), auth, tenantId: undefined },
    proxyFor: (host) => proxyFor(env, host),
  }
  const audience = async () => 'https://management.azure.com'
  return (await failure(new SignIn({ candidates, audience, run, clock: realClock, http }).getToken([]))) as Failure
}

/** The error of a sign-in with the variables of `env`, where no tool is installed. */
function signInFailure(auth: AuthKind, env: Env): Promise<Failure> {
  vi.stubEnv('PATH', '/nonexistent')
  const candidates = candidatesFor({ auth, tenantId: undefined, env, authorityHost: `https://${LOGIN}` })
  return failureWith(auth, env, candidates, NO_NETWORK)
}

const WITHOUT_ACCOUNT = 'Without an account, --local does the same on an embedded Azure on this machine.'

describe('variables that are not right are named, with what to do', () => {
  it.each<[string, Env, string]>([
    [
      'a certificate that does not exist',
      { ...CLIENT, AZURE_CLIENT_CERTIFICATE_PATH: ABSENT },
      `environment (AZURE_CLIENT_CERTIFICATE_PATH names ${ABSENT}, which does not exist)`,
    ],
    [
      'a token file that does not exist',
      { ...CLIENT, AZURE_FEDERATED_TOKEN_FILE: ABSENT },
      `workload identity (AZURE_FEDERATED_TOKEN_FILE names ${ABSENT}, which does not exist)`,
    ],
    [
      'a client without a secret',
      CLIENT,
      'environment (neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set)',
    ],
    ['a secret without a tenant', { ...SERVICE, AZURE_TENANT_ID: '' }, 'environment (AZURE_TENANT_ID is not set)'],
  ])('%s', async (_, env, tried) => {
    const error = await signInFailure('auto', env)
    expect(error).toMatchObject({
      ...{ code: 'access', message: 'Not signed in to Azure' },
      hint: 'Correct these variables, or unset them and sign in with: az login',
    })
    expect(error.why).toEqual([expect.stringContaining(tried), WITHOUT_ACCOUNT])
  })

  it('nothing is wrong where none is set: then there is also the embedded Azure', async () => {
    const error = await signInFailure('auto', {})
    expect(error.why).toEqual([
      expect.stringMatching(/^Tried: environment \(not set\), Azure CLI \(not installed\)/),
      WITHOUT_ACCOUNT,
    ])
    expect(error.hint).toMatch(/^Install Azure CLI .*az login$/)
  })

  it('a way to sign in that was chosen has advice of its own', async () => {
    const error = await signInFailure('env', CLIENT)
    expect(error.why).toEqual([expect.stringContaining('neither AZURE_CLIENT_SECRET'), WITHOUT_ACCOUNT])
    expect(error.hint).toMatch(/^Check AZURE_TENANT_ID, AZURE_CLIENT_ID/)
  })
})

describe('a network on which Entra ID cannot be reached is told as what it is, without a link of MSAL', () => {
  /** Gives up as MSAL does, without the cause. MSAL itself tries for five seconds. */
  const viaMsal: Candidate = {
    via: 'environment',
    create: (_, http) => ({
      getToken: async () => {
        const request = createPipelineRequest({ url: `https://${LOGIN}/common/discovery/instance` })
        await http.sendRequest(request).catch(() => undefined)
        const error = new Error('endpoints_resolution_error: See https://aka.ms/msal.js.errors')
        throw Object.assign(error, { name: 'AuthenticationRequiredError' })
      },
    }),
  }
  const broken = (code: string): HttpClient => ({
    sendRequest: (request) => Promise.reject(new RestError(`${code} ${request.url}`, { code, request })),
  })

  it.each<[code: string, env: Env, why: string, hint: RegExp]>([
    ['ENOTFOUND', {}, `The name ${LOGIN} cannot be resolved.`, /^Check the network connection and the VPN\./],
    [
      'ENOTFOUND',
      { HTTPS_PROXY: 'http://me:pw@proxy:8080' },
      `The name of the proxy proxy:8080 cannot be resolved. HTTPS_PROXY names it for ${LOGIN}.`,
      /^Check that the proxy runs, and correct or unset HTTPS_PROXY\.$/,
    ],
    ['ECONNREFUSED', {}, `Nothing answers at https://${LOGIN}.`, /If a proxy is needed, set HTTPS_PROXY\.$/],
    [
      'ECONNREFUSED',
      { all_proxy: 'http://proxy:8080', NO_PROXY: 'example.org' },
      `Nothing answers at the proxy proxy:8080. all_proxy names it for ${LOGIN}.`,
      /correct or unset all_proxy\.$/,
    ],
    ['ECONNREFUSED', { HTTPS_PROXY: 'http://proxy:8080', NO_PROXY: LOGIN }, `at https://${LOGIN}.`, /the VPN/],
    [
      'ETIMEDOUT',
      { HTTPS_PROXY: 'http://proxy:8080' },
      `${LOGIN} did not answer through the proxy proxy:8080 in time.`,
      /Then run the same command again\.$/,
    ],
  ])('%s with %j', async (code, env, why, hint) => {
    const error = await failureWith('env', env, [viaMsal], broken(code))
    expect(error).toMatchObject({
      ...{ code: 'azure', message: 'Failed to sign in (environment)' },
      ...{ azure: { code }, why: [expect.stringContaining(why) as string] },
      hint: expect.stringMatching(hint) as string,
    })
    expect(`${error.message} ${error.why.join(' ')} ${String(error.hint)}`).not.toMatch(/aka\.ms|msal|me:pw/i)
  })

  it('a page of somebody else is no answer of Entra ID', async () => {
    const page: HttpClient = {
      sendRequest: async (request) => ({
        ...{ request, status: 407, bodyAsText: '<html>Who are you?</html>' },
        headers: createHttpHeaders({ 'content-type': 'text/html' }),
      }),
    }
    const error = await failureWith('env', {}, [viaMsal], page)
    expect(error).toMatchObject({ code: 'azure', message: 'Failed to sign in (environment)', azure: { status: 407 } })
  })

  /** What a sign-in through a proxy that does nothing of use comes to. */
  async function throughProxy(port: number): Promise<unknown> {
    const env = { ...SERVICE, HTTPS_PROXY: `http://me:pw@127.0.0.1:${port}` }
    // The SDK reads the variable of the process.
    vi.stubEnv('HTTPS_PROXY', env.HTTPS_PROXY)
    const options = { cloud: 'AzureCloud', auth: 'env', authGiven: true, armEndpoint: undefined } as const
    const azure = connectAzure({ ...options, env, clock: realClock, userAgent: 'ml-ingest/test' })
    return failure(azure.cloud(SUBSCRIPTION).readGroup('rg', call))
  }
  const CHECK_PROXY = {
    message: 'Failed to sign in (environment)',
    hint: 'Check that the proxy runs, and correct or unset HTTPS_PROXY.',
  }

  it('a proxy that is not there, for real', async () => {
    // No other test gets this port: port 0 gives none below 1024.
    const error = await throughProxy(1)
    expect(error).toMatchObject({
      ...CHECK_PROXY,
      why: [`Nothing answers at the proxy 127.0.0.1:1. HTTPS_PROXY names it for ${LOGIN}.`],
    })
    expect(exitCodeOf(error)).toBe(1)
  })

  it('a proxy that hangs up, for real', async () => {
    const server = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const error = await throughProxy(port)
    expect(error).toMatchObject({
      ...CHECK_PROXY,
      why: [`The connection to ${LOGIN} through the proxy 127.0.0.1:${port} ended before it was made.`],
    })
    expect(exitCodeOf(error)).toBe(1)
  })
})

it('the embedded Azure has no sign-in: nobody is sent to az login', async () => {
  const server = await serve(() => ({ status: 401, body: { error: { code: 'Unauthorized', message: 'no' } } }))
  try {
    const error = (await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call))) as Failure
    expect(error.code).toBe('access')
    expect(error.hint).toBe(
      'The embedded Azure has no sign-in. See what answers there with: npx ml-ingest local status',
    )
    expect(error.why.join(' ')).not.toContain('az login')
  } finally {
    await server.close()
  }
})
