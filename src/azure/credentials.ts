import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type * as Identity from '@azure/identity'
import type { AuthKind } from '../inputs/target.ts'
import type { Env } from './endpoint.ts'

/** One way to sign in: what to make, or why it cannot be tried. */
export type Candidate =
  | { readonly via: string; readonly create: (identity: typeof Identity) => Identity.TokenCredential }
  | { readonly via: string; readonly unavailable: string }

/** `az` starts Python and may refresh a token over a slow line. The SDK's 10 seconds are often too short. */
export const PROCESS_TIMEOUT_MS = 30_000

export interface CredentialOptions {
  readonly auth: AuthKind
  readonly tenantId: string | undefined
  readonly authorityHost: string
  readonly env: Env
}

/**
 * The ways to sign in, in the order in which they are tried. `auto`: what the environment configures, then the tools that
 * people sign in with, then a managed identity if its endpoint is announced. To ask for one elsewhere only takes time.
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

/** Where Azure announces a managed identity: App Service, Functions, Arc, Service Fabric, Cloud Shell, Machine Learning. */
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
  const common = { authorityHost }
  return {
    via,
    create: (identity) =>
      secret
        ? new identity.ClientSecretCredential(tenant, client, secret, common)
        : new identity.ClientCertificateCredential(
            tenant,
            client,
            { certificatePath: certificatePath ?? '', ...(password ? { certificatePassword: password } : {}) },
            { ...common, sendCertificateChain: isTrue(env['AZURE_CLIENT_SEND_CERTIFICATE_CHAIN']) },
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
 * The default subscription of the Azure CLI, from the profile that it keeps. Undefined when there is none
 * or it cannot be read. https://learn.microsoft.com/cli/azure/azure-cli-configuration#cli-configuration-file
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
