import { wordsOfError } from '../lib/errors.ts'
import type { Secret } from '../lib/secret.ts'
import type { CiChoice } from '../inputs/run.ts'
import type { Io } from './io.ts'
import type { Env } from '../inputs/given.ts'
import { plain } from './text.ts'

/** The values that later steps of a job can read. There is no field for a secret. */
export interface CiOutputs {
  readonly namespace: string
  readonly hub: string
  readonly fqdn: string
  readonly 'resource-id': string
  readonly changed: boolean
}

/** The CI system that this run is a step of. */
export interface Ci {
  readonly kind: 'github' | 'azure-devops' | 'none'
  /** Tells CI to hide these values in its logs from now on, once for each. Call it before a secret is printed. */
  mask(secrets: readonly Secret[]): void
  /** Makes values available to later steps. */
  setOutputs(outputs: CiOutputs): Promise<void>
  /** Adds Markdown to the summary page of the run. Calls `markdown` only if there is such a page. Takes no secrets. */
  addSummary(markdown: () => string): Promise<void>
}

interface CiSources {
  readonly choice: CiChoice
  readonly env: Env
  readonly io: Pick<Io, 'err'>
  readonly appendFile: (path: string, text: string) => Promise<void>
}

export function openCi(sources: CiSources): Ci {
  const kind = sources.choice === 'auto' ? detect(sources.env) : sources.choice
  if (kind === 'github') return gitHub(sources)
  if (kind === 'azure-devops') return azurePipelines(sources)
  const nothing = () => Promise.resolve()
  return { kind: 'none', mask: () => undefined, setOutputs: nothing, addSummary: nothing }
}

function detect(env: Env): Exclude<CiChoice, 'auto'> {
  if (env['GITHUB_ACTIONS'] === 'true') return 'github'
  return env['TF_BUILD']?.toLowerCase() === 'true' ? 'azure-devops' : 'off'
}

/**
 * Commands go to stderr. The runner reads both streams, but it does not see the stdout of a command inside `$(...)`.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
function gitHub({ env, io, appendFile }: CiSources): Ci {
  /** Appends to a file of the runner. If that fails, it prints a warning: the run goes on and prints its answer. */
  const append = async (variable: string, what: string, makeText: () => string) => {
    const file = env[variable]
    if (!file) return
    const text = makeText()
    await appendFile(file, text).catch((error: unknown) =>
      io.err(`Warning: can't write ${what} to ${variable}: ${plain(wordsOfError(error))}`),
    )
  }
  return {
    kind: 'github',
    mask: onceEach((value) => io.err(`::add-mask::${escapeGitHub(value)}`)),
    setOutputs: (outputs) =>
      append('GITHUB_OUTPUT', 'the step outputs', () => Object.entries(outputs).map(delimited).join('')),
    addSummary: (markdown) => append('GITHUB_STEP_SUMMARY', 'the step summary', markdown),
  }
}

const escapeGitHub = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

/** An output with a random delimiter, so that no value can contain the delimiter and end the output early. */
function delimited([name, value]: readonly [string, string | boolean]): string {
  const end = `ml-ingest-${crypto.randomUUID()}`
  return `${name}<<${end}\n${value}\n${end}\n`
}

/** https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands */
function azurePipelines({ io }: CiSources): Ci {
  return {
    kind: 'azure-devops',
    mask: onceEach((value) => io.err(`##vso[task.setsecret]${escapeVsoData(value)}`)),
    setOutputs: async (outputs) => {
      for (const [name, value] of Object.entries(outputs) as [string, string | boolean][])
        io.err(
          `##vso[task.setvariable variable=${escapeVsoProperty(name)};isOutput=true]${escapeVsoData(String(value))}`,
        )
    },
    addSummary: () => Promise.resolve(),
  }
}

/** https://github.com/microsoft/azure-pipelines-task-lib/blob/master/node/taskcommand.ts */
const escapeVsoData = (text: string): string =>
  text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeVsoProperty = (text: string): string => escapeVsoData(text).replaceAll(';', '%3B').replaceAll(']', '%5D')

function onceEach(write: (value: string) => void): Ci['mask'] {
  const written = new Set([''])
  return (secrets) => {
    for (const value of secrets.map((secret) => secret.reveal())) {
      if (!written.has(value)) write(value)
      written.add(value)
    }
  }
}
