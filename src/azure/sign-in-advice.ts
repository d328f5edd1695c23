import { action, command } from '../inputs/refer.ts'
import type { AuthKind } from '../inputs/target.ts'
import { say, type Action, type SignInTool, type Text } from '../lib/phrase.ts'
import type { ClaimsChallenge } from './azure-answer.ts'
import type { ArmTarget, Proxy } from './endpoint.ts'

/** Facts about the run for error texts. */
export interface RunContext {
  readonly target: ArmTarget
  readonly auth: AuthKind
  readonly tenantId: string | undefined
  readonly subscriptionId?: string
  /** The endpoint is on this machine and gets no token. */
  readonly isUnsigned?: boolean
  /** How the run is signed in, once it is: `Azure CLI`. */
  readonly via?: () => string | undefined
  /** The proxy on the way to a host. */
  readonly proxyFor?: (host: string) => Proxy | undefined
}

type Challenge = Extract<Action, { readonly do: 'sign-in' }>['challenge']

/** The commands that sign in to the cloud and tenant of the run. */
export const signInCommands = (run: RunContext): Text =>
  signInWith(run.auth === 'azd' ? 'Azure Developer CLI' : 'Azure CLI', run)

/** `challenge` is what the token needs besides. */
function signInWith(tool: SignInTool, { tenantId, target: { cloudName } }: RunContext, challenge?: Challenge): Text {
  const signIn = action({ do: 'sign-in', tool, cloudName, tenantId, ...(challenge && { challenge }) })
  // No line of two commands runs both in cmd and in PowerShell 5.
  return tool === 'Azure CLI' && cloudName !== 'AzureCloud'
    ? say`${action({ do: 'choose-cloud', cloudName })}, then ${signIn}`
    : say`${signIn}`
}

/** What to do when a sign-in fails. Names a tool that is installed, if possible. */
export function signInAdvice(run: RunContext, isInstalled: (tool: SignInTool) => boolean = () => true): Text {
  if (run.isUnsigned)
    return say`The embedded Azure has no sign-in. See what answers there with: ${command('local status')}`
  switch (run.auth) {
    case 'env':
      return 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.'
    case 'workload':
      return 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_FEDERATED_TOKEN_FILE.'
    case 'managed-identity':
      return 'Check that this machine has a managed identity. AZURE_CLIENT_ID chooses a user-assigned one.'
    case 'auto':
    case 'cli':
    case 'azd': {
      const tools = TOOLS[run.auth]
      const tool = tools.find(isInstalled)
      if (tool) return say`Sign in with: ${signInWith(tool, run)}`
      return say`Install ${tools[0]} (${INSTALL[tools[0]]}), then sign in with: ${signInWith(tools[0], run)}`
    }
  }
}

/** What to do when the sign-in works, but Azure wants more of it, such as another factor. */
export function stepUpAdvice(run: RunContext, challenge: ClaimsChallenge | undefined): Text {
  const via = run.via?.() ?? VIA[run.auth]
  if (run.isUnsigned || ['environment', 'workload identity', 'managed identity'].includes(via ?? ''))
    return run.isUnsigned
      ? signInAdvice(run)
      : 'Azure asks users for this, not applications. Ask an administrator of the tenant which policy of Conditional Access blocks this application here.'
  const tool = STEP_UP_TOOLS.find((one) => one === via) ?? 'Azure CLI'
  const of = { ...run, tenantId: run.tenantId ?? challenge?.tenantId }
  // The Azure CLI keeps a token for each scope, so it has to be the one that this run asks for.
  const more = challenge && { claims: encode(challenge.claims), scope: `${run.target.cloud.audience}/.default` }
  return say`Sign in with another factor: ${signInWith(tool, of, more)}`
}

const STEP_UP_TOOLS: readonly SignInTool[] = ['Azure CLI', 'Azure Developer CLI', 'Azure PowerShell']
const VIA: Readonly<Partial<Record<AuthKind, string>>> = {
  env: 'environment',
  workload: 'workload identity',
  'managed-identity': 'managed identity',
  cli: 'Azure CLI',
  azd: 'Azure Developer CLI',
}

/** Base64 of JSON, with spaces at its end in place of the padding, with which it would look like a key and be hidden. */
const encode = (claims: string): string => {
  const bytes = Buffer.from(claims, 'utf8')
  return Buffer.concat([bytes, Buffer.from(' '.repeat((3 - (bytes.length % 3)) % 3))]).toString('base64')
}

const TOOLS = {
  auto: ['Azure CLI', 'Azure Developer CLI', 'Azure PowerShell'],
  cli: ['Azure CLI'],
  azd: ['Azure Developer CLI'],
} as const satisfies Readonly<Record<string, readonly SignInTool[]>>

const INSTALL = {
  'Azure CLI': 'https://learn.microsoft.com/cli/azure/install-azure-cli',
  'Azure Developer CLI': 'https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd',
} as const
