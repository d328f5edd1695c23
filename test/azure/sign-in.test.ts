import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/identity'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AzureOptions } from '../../src/azure/connect.ts'
import { candidatesFor, type CredentialOptions } from '../../src/azure/credentials.ts'
import { resolveTarget } from '../../src/azure/endpoint.ts'
import { SignIn } from '../../src/azure/sign-in.ts'
import { Failure } from '../../src/lib/errors.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION, type Awkward } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NO_HTTP: HttpClient = { sendRequest: () => Promise.reject(new Error('no network')) }

const onWindows = process.platform === 'win32'
const TENANT = '72f988bf-0000-0000-0000-2d7cd011db47'

let folder: string
let server: Awkward
beforeEach(async () => {
  folder = temporaryFolder()
  vi.stubEnv('PATH', folder)
  server = await serve(({ url }) =>
    url.startsWith('/subscriptions?')
      ? { status: 200, body: { value: [{ subscriptionId: SUBSCRIPTION, displayName: 'Ours', tenantId: TENANT }] } }
      : { status: 404, body: { error: { code: 'ResourceNotFound', message: 'no' } } },
  )
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
})

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const TOKEN = `${encode({ typ: 'JWT', alg: 'none' })}.${encode({ upn: 'dana@contoso.com', tid: TENANT })}.sig`

/** Puts a program on PATH that notes each call and then does as it is told. */
function fake(program: string, script: string): { calls(): string[] } {
  const file = join(folder, program)
  const log = join(folder, `${program}.log`)
  writeFileSync(file, `#!/bin/sh\necho "$*" >> '${log}'\n${script}\n`)
  chmodSync(file, 0o755)
  return {
    calls: () => {
      try {
        return readFileSync(log, 'utf8').trim().split('\n')
      } catch {
        return []
      }
    },
  }
}

const azAnswer = (token: string, expiresOn: number): string =>
  `echo '${JSON.stringify({ accessToken: token, expires_on: Math.round(expiresOn / 1000), tokenType: 'Bearer' })}'`
const complains = (text: string): string => `echo "${text}" >&2\nexit 1`
const inAnHour = (): number => Date.now() + 3_600_000

const signedIn = (more: Partial<AzureOptions> = {}) => connect(server.endpoint, { authGiven: true, ...more })

const authorizations = (): (string | undefined)[] => server.seen.map(({ headers }) => headers.authorization)

describe.skipIf(onWindows)('with tools on PATH', () => {
  it('gives no real sign-in to a loopback endpoint that was not allowed to have one', async () => {
    const az = fake('az', azAnswer(TOKEN, inAnHour()))
    await connect(server.endpoint).cloud(SUBSCRIPTION).readGroup('rg', call)
    expect(az.calls()).toEqual([])
    expect(authorizations()).toEqual(['Bearer ml-ingest-loopback'])
  })

  it('starts az once for many requests at once, and names who is signed in', async () => {
    const az = fake('az', azAnswer(TOKEN, inAnHour()))
    const connection = signedIn({ auth: 'cli', tenantId: TENANT })
    const cloud = connection.cloud(SUBSCRIPTION)
    await Promise.all([
      cloud.readGroup('rg', call),
      cloud.readNamespace(AT, call),
      cloud.listHubs(AT, call),
      connection.cloud(SUBSCRIPTION).readGroup('rg', call),
      connection.catalog.identity(call),
    ])
    await cloud.readGroup('rg', call)
    expect(az.calls()).toEqual([
      `account get-access-token --output json --resource https://management.azure.com --tenant ${TENANT}`,
    ])
    expect(new Set(authorizations())).toEqual(new Set([`Bearer ${TOKEN}`]))
    expect(await connection.catalog.identity(call)).toEqual({
      name: 'dana@contoso.com',
      tenantId: TENANT,
      via: 'Azure CLI',
    })
  })

  it('marks the subscription that az has chosen', async () => {
    fake('az', azAnswer(TOKEN, inAnHour()))
    const profile = { subscriptions: [{ id: 'other' }, { id: SUBSCRIPTION, isDefault: true }] }
    writeFileSync(join(folder, 'azureProfile.json'), `\uFEFF${JSON.stringify(profile)}`)
    const { catalog } = signedIn({ env: { AZURE_CONFIG_DIR: folder } })
    expect(await catalog.listSubscriptions(call)).toEqual([
      { id: SUBSCRIPTION, name: 'Ours', tenantId: TENANT, isDefault: true },
    ])
  })

  it('fetches a new token before the old one ends', async () => {
    const clock = new ManualClock({ start: Date.now() })
    const az = fake('az', azAnswer(TOKEN, clock.now() + 3_600_000))
    const cloud = signedIn({ clock }).cloud(SUBSCRIPTION)
    await cloud.readGroup('rg', call)
    clock.advance(50 * 60_000)
    await cloud.readGroup('rg', call)
    expect(az.calls()).toHaveLength(1)
    clock.advance(8 * 60_000)
    await cloud.readGroup('rg', call)
    expect(az.calls()).toHaveLength(2)
  })

  it('goes on to the next tool, and asks it alone from then on', async () => {
    const az = fake('az', complains("Please run 'az login' to setup account."))
    const azd = fake('azd', `echo '${JSON.stringify({ token: TOKEN, expiresOn: new Date(0).toISOString() })}'`)
    const connection = signedIn()
    const cloud = connection.cloud(SUBSCRIPTION)
    await cloud.readGroup('rg', call)
    await cloud.readGroup('rg', call)
    expect(az.calls()).toHaveLength(1)
    expect(azd.calls()).toHaveLength(2)
    expect(await connection.catalog.identity(call)).toMatchObject({ via: 'Azure Developer CLI' })
  })

  it('says what was tried and the one command that helps', async () => {
    fake('az', complains("ERROR: Please run 'az login' to setup account."))
    fake('azd', complains('ERROR: fetching token: not logged in, run `azd auth login` to login'.replaceAll('`', '\\`')))
    const error = await failure(signedIn({ tenantId: TENANT }).cloud(SUBSCRIPTION).readGroup('rg', call))
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({
      message: 'Not signed in to Azure',
      why: [
        'Tried: environment (not set), Azure CLI (not signed in), Azure Developer CLI (not signed in), Azure PowerShell (not installed).',
        expect.anything(),
      ],
      hint: `Sign in with: az login --tenant ${TENANT}`,
      code: 'access',
      retryable: false,
    })
    expect(server.seen).toEqual([])
  })

  it('says that nothing is installed, and names the cloud to sign in to', async () => {
    const error = await failure(signedIn({ cloud: 'AzureChinaCloud' }).cloud(SUBSCRIPTION).readGroup('rg', call))
    expect((error as Failure).why[0]).toContain('Azure CLI (not installed), Azure Developer CLI (not installed)')
    expect((error as Failure).hint).toBe(
      'Install Azure CLI (https://learn.microsoft.com/cli/azure/install-azure-cli), then sign in with: az cloud set --name AzureChinaCloud, then az login',
    )
  })

  it('names a tool that is there, and not one that is not', async () => {
    fake('azd', complains('ERROR: fetching token: not logged in, run `azd auth login` to login'.replaceAll('`', '\\`')))
    const hintWith = async (options: Parameters<typeof signedIn>[0]) =>
      ((await failure(signedIn(options).cloud(SUBSCRIPTION).readGroup('rg', call))) as Failure).hint
    expect(await hintWith({ tenantId: TENANT })).toBe(`Sign in with: azd auth login --tenant-id ${TENANT}`)
    expect(await hintWith({ auth: 'azd' })).toBe('Sign in with: azd auth login')
    expect(await hintWith({ auth: 'cli' })).toMatch(/^Install Azure CLI \(\S+\), then sign in with: az login$/)
  })

  it('tells a refusal of Entra ID from a missing sign-in', async () => {
    fake('az', complains('ERROR: AADSTS700082: The refresh token has expired due to inactivity.'))
    const error = await failure(signedIn({ auth: 'cli' }).cloud(SUBSCRIPTION).readGroup('rg', call))
    expect(error).toMatchObject({
      why: ['Tried: Azure CLI (sign-in refused, AADSTS700082).'],
      azure: { code: 'AADSTS700082' },
      code: 'access',
    })
  })

  it('tells slowness from a missing sign-in', async () => {
    const clock = new ManualClock()
    const az = fake('az', 'exec /bin/sleep 3')
    const reading = failure(signedIn({ auth: 'cli', clock }).cloud(SUBSCRIPTION).readGroup('rg', call))
    await vi.waitFor(() => expect(az.calls()).toHaveLength(1))
    clock.advance(60_000)
    expect(await reading).toMatchObject({
      message: 'Sign-in did not answer in time',
      why: ['Tried: Azure CLI (timed out).'],
      hint: 'See why it hangs with: az account get-access-token --debug',
      code: 'access',
    })
  })

  it('does not keep an interruption waiting for a tool', async () => {
    const az = fake('az', 'exec /bin/sleep 3')
    const controller = new AbortController()
    const reading = failure(signedIn({ auth: 'cli' }).cloud(SUBSCRIPTION).readGroup('rg', controller))
    await vi.waitFor(() => expect(az.calls()).toHaveLength(1))
    const reason = new Interruption('SIGTERM')
    controller.abort(reason)
    expect(await reading).toBe(reason)
  })
})

describe('candidatesFor', () => {
  const names = (options: Partial<CredentialOptions>) =>
    candidatesFor({ auth: 'auto', tenantId: undefined, authorityHost: 'https://login', env: {}, ...options }).map(
      (one) => ('unavailable' in one ? `${one.via} (${one.unavailable})` : one.via),
    )
  const service = { AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' }
  const TOOLS = ['Azure CLI', 'Azure Developer CLI', 'Azure PowerShell']

  it.each([
    ['nothing', {}, ['environment (not set)', ...TOOLS]],
    ['a secret', { ...service, AZURE_TENANT_ID: 't' }, ['environment', ...TOOLS]],
    ['no tenant', service, ['environment (AZURE_TENANT_ID is not set)', ...TOOLS]],
    [
      'no client',
      { AZURE_CLIENT_SECRET: 's', AZURE_TENANT_ID: 't' },
      ['environment (AZURE_CLIENT_ID is not set)', ...TOOLS],
    ],
    [
      'a federated token',
      { AZURE_CLIENT_ID: 'c', AZURE_TENANT_ID: 't', AZURE_FEDERATED_TOKEN_FILE: import.meta.filename },
      ['environment (not set)', 'workload identity', ...TOOLS],
    ],
    [
      'an identity endpoint',
      { IDENTITY_ENDPOINT: 'http://x' },
      ['environment (not set)', ...TOOLS, 'managed identity'],
    ],
    ['Cloud Shell', { MSI_ENDPOINT: 'http://x' }, ['environment (not set)', ...TOOLS, 'managed identity']],
  ])('auto with %s', (_, env, expected) => {
    expect(names({ env })).toEqual(expected)
  })

  it.each([
    ['cli', ['Azure CLI']],
    ['azd', ['Azure Developer CLI']],
    ['env', ['environment (not set)']],
    ['workload', ['workload identity (AZURE_FEDERATED_TOKEN_FILE is not set)']],
    ['managed-identity', ['managed identity']],
  ] as const)('%s is asked alone', (auth, expected) => {
    expect(names({ auth })).toEqual(expected)
  })

  it('the tenant may come from --tenant', () => {
    expect(names({ auth: 'env', env: service, tenantId: 't' })).toEqual(['environment'])
  })

  it('makes real credentials of each kind', async () => {
    const identity = await import('@azure/identity')
    const env = {
      ...service,
      AZURE_TENANT_ID: TENANT,
      AZURE_FEDERATED_TOKEN_FILE: import.meta.filename,
      MSI_ENDPOINT: 'http://x',
    }
    const made = candidatesFor({
      auth: 'auto',
      tenantId: undefined,
      authorityHost: 'https://login',
      env: { ...env, AZURE_CLIENT_ID: '' },
    })
    expect(made.filter((one) => 'create' in one).map((one) => one.create(identity, NO_HTTP).constructor.name)).toEqual([
      'AzureCliCredential',
      'AzureDeveloperCliCredential',
      'AzurePowerShellCredential',
      'ManagedIdentityCredential',
    ])
    const kinds = (['env', 'workload'] as const).flatMap((auth) =>
      candidatesFor({ auth, tenantId: undefined, authorityHost: 'https://login.microsoftonline.com', env }),
    )
    expect(kinds.map((one) => ('create' in one ? one.create(identity, NO_HTTP).constructor.name : one))).toEqual([
      'ClientSecretCredential',
      'WorkloadIdentityCredential',
    ])
  })
})

describe('SignIn', () => {
  const run = { target: resolveTarget('AzureCloud', undefined), auth: 'env', tenantId: TENANT } as const
  const signInWith = (getToken: TokenCredential['getToken'], clock: Clock = realClock) =>
    new SignIn({
      candidates: [
        { via: 'environment', create: () => ({ getToken }) },
        { via: 'never', create: () => expect.fail('a refusal is final') },
      ],
      audience: async () => 'https://management.azure.com',
      ...{ run, clock, http: NO_HTTP },
    })

  it('stops at a refusal of what the environment names', async () => {
    const refusal = new Error(
      'invalid_client Status code: 401\nMore details:\nAADSTS7000215: Invalid client secret provided.',
    )
    refusal.name = 'AuthenticationError'
    const error = await failure(signInWith(() => Promise.reject(refusal)).getToken([]))
    expect(error).toMatchObject({
      message: 'Failed to sign in (environment)',
      azure: { code: 'AADSTS7000215' },
      code: 'access',
      retryable: false,
    })
    expect((error as Failure).why[0]).toContain('AZURE_CLIENT_SECRET')
  })

  it('tells trouble of the network from a refusal', async () => {
    const refusal = new Error('network_error: getaddrinfo ENOTFOUND login.microsoftonline.com')
    refusal.name = 'AuthenticationRequiredError'
    const error = await failure(signInWith(() => Promise.reject(refusal)).getToken([]))
    expect(error).toMatchObject({ azure: { code: 'ENOTFOUND' }, code: 'azure' })
  })

  it('shows no token that a confused tool prints', async () => {
    const confused = new Error(`No access token found in the output. Received output: {"token":"${TOKEN}"}`)
    confused.name = 'CredentialUnavailableError'
    const signIn = new SignIn({
      candidates: [{ via: 'Azure PowerShell', create: () => ({ getToken: () => Promise.reject(confused) }) }],
      audience: async () => 'https://management.azure.com',
      ...{ run, clock: realClock, http: NO_HTTP },
    })
    const error = (await failure(signIn.getToken([]))) as Failure
    expect(error.why[0]).toContain('Azure PowerShell (No access token found')
    const payload = TOKEN.split('.')[1]
    expect(`${error.why.join()} ${String(error.cause)} ${(error.cause as Error).stack}`).not.toContain(payload)
  })

  it('knows in any language that the module of PowerShell is not installed', async () => {
    const german = new Error(
      "Import-Module: Das angegebene Modul 'Az.Accounts' mit der Version '2.2.0' wurde nicht geladen, da in keinem Modulverzeichnis eine gültige Moduldatei gefunden wurde.",
    )
    german.name = 'CredentialUnavailableError'
    const signIn = new SignIn({
      candidates: [{ via: 'Azure PowerShell', create: () => ({ getToken: () => Promise.reject(german) }) }],
      audience: async () => 'https://management.azure.com',
      ...{ run, clock: realClock, http: NO_HTTP },
    })
    expect(((await failure(signIn.getToken([]))) as Failure).why[0]).toContain('Azure PowerShell (not installed)')
  })

  it('asks for the scope of Resource Manager, whatever the caller says, and passes claims on', async () => {
    const asked: unknown[] = []
    const signIn = signInWith(async (scope, options) => {
      asked.push(scope, options?.claims)
      return { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }
    })
    await signIn.getToken('https://other/.default')
    await signIn.getToken([], { claims: '{"x":1}' })
    expect(asked).toEqual([
      'https://management.azure.com/.default',
      undefined,
      'https://management.azure.com/.default',
      '{"x":1}',
    ])
  })
})
