import type { HttpClient } from '@azure/core-rest-pipeline'
import type * as Identity from '@azure/identity'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { candidatesFor, defaultSubscriptionOfCli, PROCESS_TIMEOUT_MS } from '../../src/azure/credentials.ts'
import type { Env } from '../../src/inputs/given.ts'
import type { AuthKind } from '../../src/inputs/target.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Any file will do. */
const PRESENT = import.meta.filename
// A file is a certificate if it has this line: -----BEGIN CERTIFICATE-----
const FOLDER = import.meta.dirname
const LICENSE = join(FOLDER, '../../LICENSE')
const ABSENT = `${PRESENT}.absent`
const HTTP: HttpClient = { sendRequest: () => Promise.reject(new Error('no network')) }
const AUTHORITY = 'https://login.microsoftonline.us'

type Made = readonly [kind: string, ...words: unknown[]]

/** The classes of the SDK, in place of which stands what they were made with. */
const recording = new Proxy(
  {},
  {
    get: (_, kind: string) =>
      class {
        readonly made: Made
        constructor(...words: unknown[]) {
          this.made = [kind, ...words]
        }
      },
  },
) as typeof Identity

/** What the only way to sign in is made with, or why there is none. */
function made(auth: AuthKind, env: Env, tenantId?: string): Made | string {
  const [candidate, ...others] = candidatesFor({ auth, env, tenantId, authorityHost: AUTHORITY })
  expect(others).toEqual([])
  if ('unavailable' in candidate!) return candidate.unavailable
  return (candidate!.create(recording, HTTP) as unknown as { readonly made: Made }).made
}

describe('the environment', () => {
  const certificate = (words: object, sendCertificateChain = false): Made => [
    'ClientCertificateCredential',
    'tenant',
    'client',
    { certificatePath: PRESENT, ...words },
    { authorityHost: AUTHORITY, httpClient: HTTP, sendCertificateChain },
  ]
  const SERVICE = { AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'client' }
  const CERTIFICATE = { ...SERVICE, AZURE_CLIENT_CERTIFICATE_PATH: PRESENT }

  it.each<[string, Env, string | undefined, Made]>([
    [
      'a secret',
      { ...SERVICE, AZURE_CLIENT_SECRET: 'secret' },
      undefined,
      ['ClientSecretCredential', 'tenant', 'client', 'secret', { authorityHost: AUTHORITY, httpClient: HTTP }],
    ],
    [
      'a secret, also beside a certificate',
      { ...CERTIFICATE, AZURE_CLIENT_SECRET: 'secret' },
      undefined,
      ['ClientSecretCredential', 'tenant', 'client', 'secret', { authorityHost: AUTHORITY, httpClient: HTTP }],
    ],
    [
      'the tenant of --tenant before that of the variable',
      { ...SERVICE, AZURE_CLIENT_SECRET: 'secret' },
      'other',
      ['ClientSecretCredential', 'other', 'client', 'secret', { authorityHost: AUTHORITY, httpClient: HTTP }],
    ],
    ['a certificate', CERTIFICATE, undefined, certificate({})],
    [
      'a certificate with a password',
      { ...CERTIFICATE, AZURE_CLIENT_CERTIFICATE_PASSWORD: 'pw' },
      undefined,
      certificate({ certificatePassword: 'pw' }),
    ],
    ...(['1', 'true', 'True'] as const).map((yes): [string, Env, undefined, Made] => [
      `the chain of a certificate: ${yes}`,
      { ...CERTIFICATE, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: yes },
      undefined,
      certificate({}, true),
    ]),
  ])('takes %s', (_what, env, tenantId, expected) => {
    expect(made('env', env, tenantId)).toEqual(expected)
  })

  it.each([
    [{}, 'not set'],
    [SERVICE, 'neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set'],
    [{ AZURE_CLIENT_ID: 'client' }, 'neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set'],
    [
      { ...SERVICE, AZURE_CLIENT_CERTIFICATE_PATH: FOLDER },
      `AZURE_CLIENT_CERTIFICATE_PATH names ${FOLDER}, which is a folder`,
    ],
    [
      { ...SERVICE, AZURE_CLIENT_CERTIFICATE_PATH: LICENSE },
      `AZURE_CLIENT_CERTIFICATE_PATH names ${LICENSE}, which holds no certificate in PEM form`,
    ],
    [
      { ...SERVICE, AZURE_CLIENT_CERTIFICATE_PATH: ABSENT },
      `AZURE_CLIENT_CERTIFICATE_PATH names ${ABSENT}, which does not exist`,
    ],
    [{ AZURE_CLIENT_ID: 'client', AZURE_CLIENT_CERTIFICATE_PATH: PRESENT }, 'AZURE_TENANT_ID is not set'],
    [{ AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_SECRET: 'secret' }, 'AZURE_CLIENT_ID is not set'],
  ])('says what is missing in %o', (env, missing) => {
    expect(made('env', env)).toBe(missing)
  })
})

it.each<[string, Env]>([
  ['a managed identity', { IDENTITY_ENDPOINT: 'http://x' }],
  ['a workload identity', { AZURE_FEDERATED_TOKEN_FILE: PRESENT }],
])('a client of %s is not half a service principal', (_, env) => {
  const all = { ...env, AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'client' }
  const [first] = candidatesFor({ auth: 'auto', env: all, tenantId: undefined, authorityHost: AUTHORITY })
  expect(first).toEqual({ via: 'environment', unavailable: 'not set' })
})

describe('a workload identity', () => {
  const WORKLOAD = { AZURE_FEDERATED_TOKEN_FILE: PRESENT, AZURE_CLIENT_ID: 'client', AZURE_TENANT_ID: 'tenant' }

  it('takes the file of the token, and the tenant of --tenant first', () => {
    const words = { clientId: 'client', tokenFilePath: PRESENT, authorityHost: AUTHORITY, httpClient: HTTP }
    expect(made('workload', WORKLOAD)).toEqual(['WorkloadIdentityCredential', { ...words, tenantId: 'tenant' }])
    expect(made('workload', WORKLOAD, 'other')).toEqual(['WorkloadIdentityCredential', { ...words, tenantId: 'other' }])
  })

  it.each(Object.keys(WORKLOAD))('says that %s is missing', (name) => {
    expect(made('workload', { ...WORKLOAD, [name]: undefined })).toBe(`${name} is not set`)
  })

  it('says that the file does not exist', () => {
    expect(made('workload', { ...WORKLOAD, AZURE_FEDERATED_TOKEN_FILE: ABSENT })).toBe(
      `AZURE_FEDERATED_TOKEN_FILE names ${ABSENT}, which does not exist`,
    )
  })
})

describe('other ways to sign in', () => {
  it('a managed identity is the assigned one, unless a client is named', () => {
    expect(made('managed-identity', {})).toEqual(['ManagedIdentityCredential', {}])
    expect(made('managed-identity', { AZURE_CLIENT_ID: 'c' })).toEqual(['ManagedIdentityCredential', { clientId: 'c' }])
  })

  it.each([
    ['cli', 'AzureCliCredential'],
    ['azd', 'AzureDeveloperCliCredential'],
  ] as const)('%s gets the time to start, and the tenant where one was named', (auth, kind) => {
    const words = { processTimeoutInMs: PROCESS_TIMEOUT_MS }
    expect(made(auth, {})).toEqual([kind, words])
    // The tenant of the environment belongs to the service principal, not to the person who signed in.
    expect(made(auth, { AZURE_TENANT_ID: 'tenant' })).toEqual([kind, words])
    expect(made(auth, {}, 'tenant')).toEqual([kind, { ...words, tenantId: 'tenant' }])
  })
})

describe('the default subscription of the Azure CLI', () => {
  async function defaultIn(text: string | undefined): Promise<string | undefined> {
    const folder = temporaryFolder()
    if (text !== undefined) await writeFile(join(folder, 'azureProfile.json'), text)
    return defaultSubscriptionOfCli({ AZURE_CONFIG_DIR: folder })
  }
  const PROFILE = JSON.stringify({ subscriptions: [{ id: 'one' }, { id: 'two', isDefault: true }] })

  it.each<[string, string | undefined, string | undefined]>([
    ['is the one that is marked', PROFILE, 'two'],
    ['is read behind the mark that the CLI writes first', `\uFEFF${PROFILE}`, 'two'],
    ['is unknown where none is marked', '{"subscriptions":[{"id":"one"}]}', undefined],
    ['is unknown in an empty profile', '{}', undefined],
    ['is unknown in a damaged one', '{"subscriptions":', undefined],
    ['is unknown without a profile', undefined, undefined],
  ])('%s', async (_what, text, expected) => {
    expect(await defaultIn(text)).toBe(expected)
  })
})
