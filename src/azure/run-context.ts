import { lockIdOn } from '../engine/locks.ts'
import { quoteWords } from '../inputs/argv.ts'
import type { AuthKind } from '../inputs/target.ts'
import type { ArmTarget } from './endpoint.ts'

/** What error texts may need to know about a run. */
export interface RunContext {
  readonly target: ArmTarget
  readonly auth: AuthKind
  readonly tenantId: string | undefined
  readonly subscriptionId?: string
}

/** The command that signs a person in: to the right cloud, to the right tenant. */
export const loginCommand = (run: RunContext): string =>
  run.auth === 'azd' ? LOGINS['Azure Developer CLI'](run) : LOGINS['Azure CLI'](run)

type Tool = 'Azure CLI' | 'Azure Developer CLI' | 'Azure PowerShell'

/** The sign-in of each tool. */
const LOGINS: Readonly<Record<Tool, (run: RunContext) => string>> = {
  'Azure CLI': azLogin,
  'Azure Developer CLI': ({ tenantId }) => (tenantId ? `azd auth login --tenant-id ${tenantId}` : 'azd auth login'),
  'Azure PowerShell': ({ tenantId, target: { cloudName } }) =>
    [
      'Connect-AzAccount',
      ...(cloudName === 'AzureCloud' ? [] : ['-Environment', cloudName]),
      ...(tenantId ? ['-Tenant', tenantId] : []),
    ].join(' '),
}

/** Where each tool comes from. */
const INSTALL: Readonly<Record<Exclude<Tool, 'Azure PowerShell'>, string>> = {
  'Azure CLI': 'https://learn.microsoft.com/cli/azure/install-azure-cli',
  'Azure Developer CLI': 'https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd',
}

function azLogin({ tenantId, target }: RunContext): string {
  const login = tenantId ? `az login --tenant ${tenantId}` : 'az login'
  return target.cloudName === 'AzureCloud' ? login : `az cloud set --name ${target.cloudName} && ${login}`
}

/**
 * What to do about a sign-in that does not work, by the way it was made: with a tool that is there, as far as that is
 * known.
 */
export function signInAdvice(run: RunContext, isInstalled: (tool: Tool) => boolean = () => true): string {
  switch (run.auth) {
    case 'env':
      return 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.'
    case 'workload':
      return 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_FEDERATED_TOKEN_FILE.'
    case 'managed-identity':
      return 'Check that this machine has a managed identity; AZURE_CLIENT_ID chooses one that is user-assigned.'
    case 'auto':
    case 'cli':
    case 'azd': {
      const tools = TOOLS[run.auth]
      const tool = tools.find(isInstalled)
      return tool ? `Sign in with: ${LOGINS[tool](run)}` : installing(tools[0], run)
    }
  }
}

const TOOLS = {
  auto: ['Azure CLI', 'Azure Developer CLI', 'Azure PowerShell'],
  cli: ['Azure CLI'],
  azd: ['Azure Developer CLI'],
} as const satisfies Readonly<Record<string, readonly Tool[]>>

const LOCKS = 'providers/Microsoft.Authorization/locks'

const curl = (method: 'GET' | 'DELETE', url: string): readonly string[] => [
  'curl',
  ...(method === 'GET' ? [] : ['-X', method]),
  ...['-H', 'Authorization: Bearer x', `${url}?api-version=2016-09-01`],
]

/** The command line of Azure knows neither the embedded Azure nor anything else that is reached without TLS. */
const isPlain = (armEndpoint: string): boolean => armEndpoint.startsWith('http:')

const lockList = (scope: string, armEndpoint: string): readonly string[] =>
  isPlain(armEndpoint) ? curl('GET', `${armEndpoint}${scope}/${LOCKS}`) : ['az', 'lock', 'list', '--output', 'table']

const lockRemoval = (id: string, armEndpoint: string): readonly string[] =>
  isPlain(armEndpoint) ? curl('DELETE', `${armEndpoint}${id}`) : ['az', 'lock', 'delete', '--ids', id]

const installing = (tool: keyof typeof INSTALL, run: RunContext): string =>
  `Install ${tool} (${INSTALL[tool]}), then sign in with: ${LOGINS[tool](run)}`

/** How the locks on something are found and removed. Double quotes hold in every shell. */
export const lockCommands = (scope: string, { target }: RunContext): Readonly<Record<string, string>> => ({
  lockList: quoteWords(lockList(scope, target.url), 'windows'),
  lockRemoval: quoteWords(lockRemoval(lockIdOn(scope, 'NAME'), target.url), 'windows'),
})

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
