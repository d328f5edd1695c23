import { argvOf, editWords, quoteCommand, quoteWords, type Command, type Shell } from '../inputs/argv.ts'
import { withoutRivals } from '../inputs/contradictions.ts'
import type { Given } from '../inputs/given.ts'
import type { Edits } from '../inputs/refer.ts'
import { INPUTS, longFlagOf, type InputKey } from '../inputs/table.ts'
import { Failure } from '../lib/errors.ts'
import { partsOf, type Action, type Edit, type Reference, type SignInTool, type Text } from '../lib/phrase.ts'

/** Spells the flags and command lines that texts refer to, for the shell and the target of one run. */
export interface Speller {
  /** The text as it is printed. */
  readonly text: (text: Text) => string
  /** A whole `ml-ingest` command line, quoted. The default is the command that runs. */
  readonly command: (edits: Edits, command?: string) => string
  /** A command line of another program, quoted. */
  readonly action: (action: Action) => string
  /** Whether the run was given this value, so that nothing needs to advise it. */
  readonly isGiven: (key: InputKey, value: unknown) => boolean
}

/** The facts about a run that its command lines are made from. */
export interface Spelled {
  readonly command: Command
  /** All commands. */
  readonly commands: readonly Command[]
  readonly given: Given
  readonly shell: Shell
}

export function spellerOf({ command: own, commands, given, shell }: Spelled): Speller {
  const command: Speller['command'] = (edits, name = own.name) => {
    const dropped = name === own.name ? {} : { ...OF_ONE_RUN, ...(name === 'create' ? NO_USE_FOR_CREATE : {}) }
    const meant = name === own.name ? own : (commands.find((one) => one.name === name) ?? { name, inputs: [] })
    const changes = { ...dropped, ...edits }
    const kept = withoutRivals(meant, meant.inputs.includes('partitions') ? given : withHubNames(given), changes)
    return quoteCommand(argvOf(meant, kept, changes), shell)
  }
  const action: Speller['action'] = (one) => actionLine(one, shell)
  const spell = (reference: Reference): string => {
    switch (reference.names) {
      case 'input':
        return longFlagOf(INPUTS[reference.input as InputKey])
      case 'edit':
        return quoteWords(wordsOfEdit(reference.edit), shell)
      case 'command':
        return command(reference.edit, reference.command)
      case 'action':
        return action(reference.action)
    }
  }
  const text = (one: Text) =>
    partsOf(one)
      .map((part) => (typeof part === 'string' ? part : spell(part)))
      .join('')
  return { text, command, action, isGiven: (key, value) => given[key]?.value === value }
}

/** A failure with its texts spelled out, for code that has no speller of the run. */
export function spelledFailure(error: unknown, { text }: Speller): unknown {
  if (!(error instanceof Failure)) return error
  const { code, message, why, hint, azure, problems, reason, retryable, retryAfterMs, cause } = error
  return new Failure({
    ...{ code, message, azure, problems, retryable, retryAfterMs, cause },
    ...(reason === undefined ? {} : { reason }),
    why: why.map(text),
    hint: hint === undefined ? undefined : text(hint),
  })
}

/** For errors that occur before command and target of the run are known. */
export const plainSpeller: Speller = spellerOf({
  command: { name: 'create', inputs: [] },
  commands: [],
  given: {},
  shell: 'posix',
})

/** Inputs that apply to one run only. A `--yes` or an output format is not repeated for another command. */
const OF_ONE_RUN: Edits = { yes: null, format: null, name: null, hubName: null }

/** For commands that do not make hubs: `clicks` for a hub that was given as `clicks:8:48h`. */
const withHubNames = (given: Given): Given =>
  given.hub ? { ...given, hub: { ...given.hub, texts: given.hub.value.map(({ name }) => name) } } : given

/** Inputs that `create` does not need. `--policy` names an existing rule to use; `create` makes its own. */
const NO_USE_FOR_CREATE: Edits = { policy: null }

const wordsOfEdit = (edit: Edit): readonly string[] =>
  Object.entries(edit).flatMap(([key, value]) => editWords(INPUTS[key as InputKey], value))

function actionLine(one: Action, shell: Shell): string {
  switch (one.do) {
    case 'sign-in':
      return signInLine(one, shell)
    case 'choose-cloud':
      return `az cloud set --name ${one.cloudName}`
    case 'show-token':
      return TOKEN_LINES[one.tool]
    case 'list-tenants':
      return 'az account list --query "[].tenantId" --output tsv'
    case 'list-subscriptions':
      return 'az account list --output table'
    case 'list-regions':
      return 'az account list-locations --query "[].name" --output tsv'
    case 'list-event-hub-regions':
      return 'az provider show -n Microsoft.EventHub'
    case 'list-roles':
      return 'az role definition list --output table'
    case 'register-provider':
      return 'az provider register --namespace Microsoft.EventHub --wait'
    case 'renew-client-secret':
      return `az ad app credential reset --id ${clientIdIn(shell)}`
    case 'list-federated-credentials':
      return `az ad app federated-credential list --id ${clientIdIn(shell)}`
    case 'show-service-principal':
      return `az ad sp show --id ${clientIdIn(shell)} --query id --output tsv`
    case 'list-locks':
      return one.scope !== undefined && isPlain(one.armEndpoint)
        ? curl('GET', `${one.armEndpoint}${one.scope}/providers/Microsoft.Authorization/locks`, shell)
        : 'az lock list --output table'
    case 'delete-lock': {
      const { lockId = 'ID', armEndpoint } = one
      const isOurs = one.lockId !== undefined && isPlain(armEndpoint)
      return isOurs ? curl('DELETE', `${armEndpoint}${lockId}`, shell) : quoteWords([...DELETE_LOCK, lockId], shell)
    }
    case 'assign-role':
      return quoteWords(
        ['az', 'role', 'assignment', 'create', '--role', one.role, '--assignee', one.assignee, '--scope', one.scope],
        shell,
      )
    case 'make-storage-account':
      return quoteWords(
        ['az', 'storage', 'account', 'create', '--name', one.name, '--resource-group', one.resourceGroup],
        shell,
      )
    case 'make-container': {
      const { account, container } = one
      const at = ['--name', container, '--account-name', account, '--auth-mode', 'login']
      return quoteWords(['az', 'storage', 'container', 'create', ...at], shell)
    }
    case 'trust-azure-services':
      return quoteWords([...updateStorage(one.id), '--bypass', ...one.exceptions, 'AzureServices'], shell)
    case 'allow-storage-keys':
      return quoteWords([...updateStorage(one.id), '--allow-shared-key-access', 'true'], shell)
    case 'show-storage-account':
      return `az storage account show --name ${one.name} --query id --output tsv`
    case 'make-dedicated-namespace':
      return `az eventhubs namespace create --name ${one.name} --resource-group GROUP --cluster-arm-id CLUSTER_ID`
  }
}

const updateStorage = (id: string): readonly string[] => ['az', 'storage', 'account', 'update', '--ids', id]

const DELETE_LOCK = ['az', 'lock', 'delete', '--ids']

/** Of cmd and PowerShell, the line is for PowerShell: no word names a variable in both. */
const clientIdIn = (shell: Shell): string => (shell === 'windows' ? '"$Env:AZURE_CLIENT_ID"' : '"$AZURE_CLIENT_ID"')

type SignIn = Extract<Action, { readonly do: 'sign-in' }>

function signInLine({ tool, tenantId, cloudName, challenge }: SignIn, shell: Shell): string {
  const tenant = tenantId ? quoteWords([tenantId], shell) : undefined
  switch (tool) {
    case 'Azure CLI':
      return [
        'az login',
        ...(tenant ? ['--tenant', tenant] : []),
        ...(challenge ? ['--scope', challenge.scope, '--claims-challenge', challenge.claims] : []),
      ].join(' ')
    case 'Azure Developer CLI':
      return tenant ? `azd auth login --tenant-id ${tenant}` : 'azd auth login'
    case 'Azure PowerShell':
      return [
        'Connect-AzAccount',
        ...(cloudName === 'AzureCloud' ? [] : ['-Environment', cloudName]),
        ...(tenant ? ['-Tenant', tenant] : []),
        ...(challenge ? ['-ClaimsChallenge', challenge.claims] : []),
      ].join(' ')
  }
}

const TOKEN_LINES: Readonly<Record<SignInTool, string>> = {
  'Azure CLI': 'az account get-access-token --debug',
  'Azure Developer CLI': 'azd auth token --debug',
  'Azure PowerShell': 'Get-AzAccessToken -Debug',
}

/** Whether the endpoint has no TLS, such as that of the embedded Azure. The Azure CLI cannot reach it. */
const isPlain = (armEndpoint: string | undefined): armEndpoint is string => armEndpoint?.startsWith('http:') === true

/** In PowerShell 5, `curl` alone is another program. */
const CURL: Readonly<Record<Shell, string>> = { posix: 'curl', msys: 'curl', windows: 'curl.exe' }

function curl(method: 'GET' | 'DELETE', url: string, shell: Shell): string {
  const options = [...(method === 'GET' ? [] : ['-X', method]), '-H', 'Authorization: Bearer x']
  return quoteWords([CURL[shell], ...options, `${url}?api-version=2016-09-01`], shell)
}
