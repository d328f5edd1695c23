import type { Secret } from '../lib/secret.ts'
import type { CiChoice } from '../inputs/run.ts'
import type { Io } from './io.ts'
import type { Env } from '../inputs/given.ts'
import { plain } from './text.ts'

/** What later steps of a job may read. Nothing secret: a secret has no field here. */
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
  /** Tells CI, once for each, to hide these wherever they appear from now on. To be called before one is printed. */
  mask(secrets: readonly Secret[]): void
  /** Hands values to later steps. */
  setOutputs(outputs: CiOutputs): Promise<void>
  /** Adds Markdown to the page of the run, where there is one; it is made only then. Takes no secrets. */
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
 * Commands go to stderr: the runner reads both streams, and what is written to stdout inside `$(...)` never reaches it.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
function gitHub({ env, io, appendFile }: CiSources): Ci {
  /** What a runner's file does not take is no reason to fail, nor to keep the answer back. */
  const append = async (variable: string, what: string, makeText: () => string) => {
    const file = env[variable]
    if (!file) return
    const text = makeText()
    await appendFile(file, text).catch((error: unknown) =>
      io.err(
        `Warning: can't write ${what} to ${variable}: ${plain(error instanceof Error ? error.message : String(error))}`,
      ),
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

/** A value cannot end what it does not know the end of. */
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
