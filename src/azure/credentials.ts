import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/identity'
import type { AuthKind } from '../inputs/target.ts'
import type { Env } from '../inputs/given.ts'

/** A way to sign in, or why it is unavailable. */
export type Candidate =
  | {
      readonly via: string
      readonly create: (identity: Identity, httpClient: HttpClient) => TokenCredential
    }
  | {
      readonly via: string
      readonly unavailable: string
      /** Some of its variables are set, but they are not enough or not right. */
      readonly isBroken?: boolean
    }

export type Identity = Awaited<ReturnType<typeof loadIdentity>>

/** The SDK's classes for them. They are named one by one, so that the bundle holds no other. */
export async function loadIdentity() {
  const {
    AzureCliCredential,
    AzureDeveloperCliCredential,
    AzurePowerShellCredential,
    ClientCertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
  } = await import('@azure/identity')
  return {
    ...{ AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, ManagedIdentityCredential },
    ...{ ClientCertificateCredential, ClientSecretCredential, WorkloadIdentityCredential },
  }
}

/** The SDK's 10 seconds are often too short, because `az` starts Python and may refresh a token over a slow network. */
export const PROCESS_TIMEOUT_MS = 30_000

export interface CredentialOptions {
  readonly auth: AuthKind
  readonly tenantId: string | undefined
  readonly authorityHost: string
  readonly env: Env
}

/**
 * The ways to sign in, in the order in which they are tried. `auto` tries the environment, then sign-in tools, then a
 * managed identity if the environment announces one.
 */
export function candidatesFor(options: CredentialOptions): readonly Candidate[] {
  switch (options.auth) {
    case 'env':
      return [environment(options)]
    case 'workload':
      return [workload(options)]
    case 'managed-identity':
      return [managedIdentity(options)]
    case 'cli':
      return [azureCli(options)]
    case 'azd':
      return [azd(options)]
    case 'auto':
      return [
        environment(options),
        ...(options.env['AZURE_FEDERATED_TOKEN_FILE'] ? [workload(options)] : []),
        azureCli(options),
        azd(options),
        powerShell(options),
        ...(announcesIdentity(options.env) ? [managedIdentity(options)] : []),
      ]
  }
}

/** Announce a managed identity in App Service, Functions, Arc, Service Fabric, Cloud Shell and Machine Learning. */
const MANAGED_IDENTITY_VARIABLES = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST']
const announcesIdentity = (env: Env): boolean => MANAGED_IDENTITY_VARIABLES.some((name) => env[name])

function environment({ auth, env, tenantId, authorityHost }: CredentialOptions): Candidate {
  const via = 'environment'
  const tenant = tenantId ?? env['AZURE_TENANT_ID']
  const client = env['AZURE_CLIENT_ID']
  const secret = env['AZURE_CLIENT_SECRET']
  const certificatePath = env['AZURE_CLIENT_CERTIFICATE_PATH']
  const broken = (unavailable: string): Candidate => ({ via, unavailable, isBroken: true })
  if (!secret && !certificatePath) {
    // A client alone also belongs to a workload identity or a managed identity.
    const isMeant =
      auth === 'env' ||
      (env['AZURE_TENANT_ID'] && client && !env['AZURE_FEDERATED_TOKEN_FILE'] && !announcesIdentity(env))
    if (!isMeant || !(tenant || client)) return { via, unavailable: 'not set' }
    return broken('neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set')
  }
  if (!tenant) return broken('AZURE_TENANT_ID is not set')
  if (!client) return broken('AZURE_CLIENT_ID is not set')
  const unreadable = secret ? undefined : unreadableFile('AZURE_CLIENT_CERTIFICATE_PATH', certificatePath!, CERTIFICATE)
  if (unreadable !== undefined) return broken(unreadable)
  const password = env['AZURE_CLIENT_CERTIFICATE_PASSWORD']
  return {
    via,
    create: (identity, httpClient) =>
      secret
        ? new identity.ClientSecretCredential(tenant, client, secret, { authorityHost, httpClient })
        : new identity.ClientCertificateCredential(
            tenant,
            client,
            { certificatePath: certificatePath!, ...(password ? { certificatePassword: password } : {}) },
            {
              authorityHost,
              httpClient,
              sendCertificateChain: isTrue(env['AZURE_CLIENT_SEND_CERTIFICATE_CHAIN']),
            },
          ),
  }
}

function workload({ env, tenantId, authorityHost }: CredentialOptions): Candidate {
  const via = 'workload identity'
  const tenant = tenantId ?? env['AZURE_TENANT_ID']
  const clientId = env['AZURE_CLIENT_ID']
  const tokenFilePath = env['AZURE_FEDERATED_TOKEN_FILE']
  const broken = (unavailable: string): Candidate => ({ via, unavailable, isBroken: true })
  if (!tokenFilePath) return broken('AZURE_FEDERATED_TOKEN_FILE is not set')
  if (!clientId) return broken('AZURE_CLIENT_ID is not set')
  if (!tenant) return broken('AZURE_TENANT_ID is not set')
  const unreadable = unreadableFile('AZURE_FEDERATED_TOKEN_FILE', tokenFilePath)
  if (unreadable !== undefined) return broken(unreadable)
  return {
    via,
    create: (identity, httpClient) =>
      new identity.WorkloadIdentityCredential({ tenantId: tenant, clientId, tokenFilePath, authorityHost, httpClient }),
  }
}

/** How a certificate begins in a PEM file. A PFX file begins with a byte of its own, and the SDK reads only PEM. */
const CERTIFICATE = '-----BEGIN CERTIFICATE-----'

/** What is wrong with the file of a variable. Undefined for a file that can be read, and has what it needs. */
function unreadableFile(variable: string, path: string, needs = ''): string | undefined {
  try {
    if (readFileSync(path, 'utf8').includes(needs)) return undefined
    return `${variable} names ${path}, which holds no certificate in PEM form`
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'does not exist',
      ENOTDIR: 'does not exist: a part of its path is a file',
      EISDIR: 'is a folder',
    }
    return `${variable} names ${path}, which ${reasons[code] ?? 'this user may not read'}`
  }
}

const managedIdentity = ({ env }: CredentialOptions): Candidate => ({
  via: 'managed identity',
  create: (identity) =>
    new identity.ManagedIdentityCredential(env['AZURE_CLIENT_ID'] ? { clientId: env['AZURE_CLIENT_ID'] } : {}),
})

const azureCli = (options: CredentialOptions): Candidate => ({
  via: 'Azure CLI',
  create: (identity) => new identity.AzureCliCredential(toolOptions(options)),
})
const azd = (options: CredentialOptions): Candidate => ({
  via: 'Azure Developer CLI',
  create: (identity) => new identity.AzureDeveloperCliCredential(toolOptions(options)),
})
const powerShell = (options: CredentialOptions): Candidate => ({
  via: 'Azure PowerShell',
  create: (identity) => new identity.AzurePowerShellCredential(toolOptions(options)),
})

const toolOptions = ({ tenantId }: CredentialOptions) => ({
  processTimeoutInMs: PROCESS_TIMEOUT_MS,
  ...(tenantId === undefined ? {} : { tenantId }),
})

const isTrue = (text: string | undefined): boolean => text === '1' || text?.toLowerCase() === 'true'

/**
 * The default subscription in the profile of the Azure CLI, if it can be read.
 * https://learn.microsoft.com/cli/azure/azure-cli-configuration#cli-configuration-file
 */
export async function defaultSubscriptionOfCli(env: Env): Promise<string | undefined> {
  const folder = env['AZURE_CONFIG_DIR'] ?? join(homedir(), '.azure')
  try {
    const text = await readFile(join(folder, 'azureProfile.json'), 'utf8')
    const profile = JSON.parse(text.replace(/^\uFEFF/, '')) as {
      readonly subscriptions?: readonly { readonly id?: string; readonly isDefault?: boolean }[]
    }
    return profile.subscriptions?.find((subscription) => subscription.isDefault)?.id
  } catch {
    return undefined
  }
}
