import type { AuthKind } from '../spec/target-fields.ts'
import type { ArmTarget } from './endpoint.ts'

/** What error texts may need to know about a run. */
export interface RunContext {
  readonly target: ArmTarget
  readonly auth: AuthKind
  readonly tenantId: string | undefined
  readonly subscriptionId?: string
}

/** The command that signs a person in: to the right cloud, to the right tenant. */
export function loginCommand({ auth, tenantId, target }: RunContext): string {
  if (auth === 'azd') return tenantId ? `azd auth login --tenant-id ${tenantId}` : 'azd auth login'
  const login = tenantId ? `az login --tenant ${tenantId}` : 'az login'
  return target.cloudName === 'AzureCloud' ? login : `az cloud set --name ${target.cloudName} && ${login}`
}

/** What to do about a sign-in that does not work, by the way it was made. */
export function signInAdvice(run: RunContext): string {
  switch (run.auth) {
    case 'env':
      return 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.'
    case 'workload':
      return 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_FEDERATED_TOKEN_FILE.'
    case 'managed-identity':
      return 'Check that this machine has a managed identity; AZURE_CLIENT_ID chooses one that is user-assigned.'
    case 'auto':
    case 'cli':
    case 'azd':
      return `Sign in with: ${loginCommand(run)}`
  }
}

/** The words that the error tables leave open, as far as the run knows them. */
export function wordsOf(run: RunContext): Readonly<Record<string, string | undefined>> {
  return {
    login: loginCommand(run),
    signIn: signInAdvice(run),
    tenant: run.tenantId,
    subscription: run.subscriptionId,
    endpoint: run.target.url,
    host: new URL(run.target.url).host,
    start: run.target.loopback ? 'Start the embedded Azure with: npx ml-ingest local start' : undefined,
  }
}
