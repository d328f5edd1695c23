import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type * as Identity from '@azure/identity'
import type { AuthKind } from '../inputs/target.ts'
import type { Env } from './endpoint.ts'

/** A way to sign in, or why it is unavailable. */
export type Candidate =
  | { readonly via: string; readonly create: (identity: typeof Identity) => Identity.TokenCredential }
  | { readonly via: string; readonly unavailable: string }

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
        ...(MANAGED_IDENTITY_VARIABLES.some((name) => options.env[name]) ? [managedIdentity(options)] : []),
      ]
  }
}

/** Announce a managed identity in App Service, Functions, Arc, Service Fabric, Cloud Shell and Machine Learning. */
const MANAGED_IDENTITY_VARIABLES = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST']

function environment({ env, tenantId, authorityHost }: CredentialOptions): Candidate {
  const via = 'environment'
  const tenant = tenantId ?? env['AZURE_TENANT_ID']
  const client = env['AZURE_CLIENT_ID']
  const secret = env['AZURE_CLIENT_SECRET']
  const certificatePath = env['AZURE_CLIENT_CERTIFICATE_PATH']
  if (!secret && !certificatePath) return { via, unavailable: 'not set' }
  if (!tenant) return { via, unavailable: 'AZURE_TENANT_ID is not set' }
  if (!client) return { via, unavailable: 'AZURE_CLIENT_ID is not set' }
  const password = env['AZURE_CLIENT_CERTIFICATE_PASSWORD']
  return {
    via,
    create: (identity) =>
      secret
        ? new identity.ClientSecretCredential(tenant, client, secret, { authorityHost })
        : new identity.ClientCertificateCredential(
            tenant,
            client,
            { certificatePath: certificatePath ?? '', ...(password ? { certificatePassword: password } : {}) },
            { authorityHost, sendCertificateChain: isTrue(env['AZURE_CLIENT_SEND_CERTIFICATE_CHAIN']) },
          ),
  }
}

function workload({ env, tenantId, authorityHost }: CredentialOptions): Candidate {
  const via = 'workload identity'
  const tenant = tenantId ?? env['AZURE_TENANT_ID']
  const clientId = env['AZURE_CLIENT_ID']
  const tokenFilePath = env['AZURE_FEDERATED_TOKEN_FILE']
  if (!tokenFilePath) return { via, unavailable: 'AZURE_FEDERATED_TOKEN_FILE is not set' }
  if (!clientId) return { via, unavailable: 'AZURE_CLIENT_ID is not set' }
  if (!tenant) return { via, unavailable: 'AZURE_TENANT_ID is not set' }
  return {
    via,
    create: (identity) =>
      new identity.WorkloadIdentityCredential({ tenantId: tenant, clientId, tokenFilePath, authorityHost }),
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
