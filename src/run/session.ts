import { appendFile } from 'node:fs/promises'
import type { Deps } from './deps.ts'
import { Pace } from '../engine/pace.ts'
import { Interruption } from '../lib/errors.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import type { CommandName } from '../inputs/input.ts'
import { FIELD_KEYS, fieldsOf, type FieldKey } from '../inputs/table.ts'
import {
  invalid,
  readInputs,
  writtenInput,
  type Flags,
  type InputProblem,
  type Inputs,
  type ReadInputs,
} from '../inputs/given.ts'
import { openCi, type Ci } from '../ui/ci.ts'
import type { ManifestEntry } from '../ui/document-types.ts'
import type { About } from '../ui/error-view.ts'
import { makeIo, type Io } from '../ui/io.ts'
import { loadManifest, type Manifest } from '../manifest/load-manifest.ts'

/** One run of a command: what was given, and how to talk. */
export interface Session {
  readonly command: CommandName
  readonly deps: Deps
  readonly io: Io
  readonly about: About
  /** One for all of the run, which knows what is masked already. */
  readonly ci: Ci
  readonly inputs: Inputs
  /** The words that belong to no flag. */
  readonly args: readonly string[]
  readonly problems: readonly InputProblem[]
  /** What the manifest says, or may say, and could not be read: nobody shall complain that it is missing. */
  readonly unread: readonly FieldKey[]
  /** Where some of the inputs come from, when there is one. */
  readonly manifest: Manifest | undefined
  /** What flags and variables alone say. */
  readonly given: Inputs
  /** Fires on an interruption and on the end of `--timeout`. */
  readonly stop: AbortSignal
  readonly startedAt: number
  /** How fast requests may follow each other: one for the run. */
  readonly pace: Pace
  /** To be called when the run has ended: lets go of the timer. */
  readonly close: () => void
}

/** Reads flags, environment variables and the manifest. Sends nothing; what is wrong is kept for the command to tell. */
export async function openSession(
  command: CommandName,
  typed: { readonly flags: Flags; readonly args: readonly string[] },
  deps: Deps,
): Promise<Session> {
  const given = readInputs(command, typed.flags, deps.env)
  const { inputs, problems, unread, manifest } = await withManifestOf(command, given, deps)
  const ended = new AbortController()
  const io = ioOf(deps, inputs)
  return {
    command,
    deps,
    io,
    ci: openCi({ choice: inputs.ci?.value ?? 'auto', env: deps.env, io, appendFile }),
    about: aboutOf(deps),
    inputs: withoutForeignSubscription(inputs),
    args: typed.args,
    problems,
    unread,
    manifest,
    given: given.inputs,
    stop: fieldsOf(command).includes('timeout')
      ? withTimeout(deps, inputs.timeout?.value ?? DEFAULTS.timeoutMs, ended.signal)
      : deps.stop,
    startedAt: deps.clock.now(),
    pace: new Pace(deps.clock),
    close: () => ended.abort(),
  }
}

type Opened = ReadInputs & Pick<Session, 'manifest' | 'unread'>

async function withManifestOf(command: CommandName, given: ReadInputs, deps: Deps): Promise<Opened> {
  const alone: Opened = { ...given, unread: [], manifest: undefined }
  if (!fieldsOf(command).includes('file')) return alone
  const loaded = await loadManifest(given.inputs, deps)
  if (loaded.kind === 'none') return { ...alone, problems: [...given.problems, ...withoutManifest(given.inputs)] }
  const problems = [...given.problems, ...loaded.problems]
  if (loaded.kind === 'bad') return { ...alone, problems, unread: FIELD_KEYS }
  const { manifest, root } = loaded
  const { environmentProblem } = await import('../manifest/environments.ts')
  const { withManifest } = await import('../manifest/with-manifest.ts')
  const problem = given.inputs.allEnvs?.value ? undefined : environmentProblem(root, given.inputs.env?.value)
  const env = problem ? undefined : given.inputs.env?.value
  return {
    inputs: withManifest(given.inputs, manifest.inputsOf(env)),
    problems: problem ? [...problems, problem] : problems,
    unread: loaded.problems.length > 0 || problem ? loaded.unreadOf(env) : [],
    manifest,
  }
}

/** An environment is one of a manifest: without one, the run would be about something else. `--save` writes it. */
const withoutManifest = ({ env, save }: Inputs): readonly InputProblem[] =>
  env && !save
    ? [
        invalid(
          'env',
          writtenInput('env', env),
          'needs a manifest, and there is no ml-ingest.yaml here: name one with --file',
        ),
      ]
    : []

/** The same run for one environment of its manifest. */
export async function inEnvironment(session: Session, name: string): Promise<Session> {
  const { withManifest } = await import('../manifest/with-manifest.ts')
  const env = { value: name, source: 'flag', texts: [name] } as const
  const given: Inputs = { ...session.given, env, allEnvs: undefined }
  const inputs = withManifest(given, session.manifest?.inputsOf(name) ?? {})
  return { ...session, inputs: withoutForeignSubscription(inputs) }
}

/** Which file had a say, for answers to tell. */
export const manifestOf = ({ manifest, inputs }: Session): ManifestEntry | undefined =>
  manifest && { file: manifest.file, environment: inputs.env?.value ?? null }

/** A subscription of Azure that the environment or the manifest names is not one of the embedded Azure. */
function withoutForeignSubscription(inputs: Inputs): Inputs {
  const { subscription, ...others } = inputs
  return inputs.local?.value && (subscription?.source === 'environment' || subscription?.source === 'manifest')
    ? others
    : inputs
}

export const aboutOf = (deps: Deps): About => ({
  version: deps.version,
  node: `v${deps.nodeVersion}`,
  platform: deps.platform,
  issuesUrl: deps.issuesUrl,
})

export function ioOf(deps: Deps, inputs: Inputs): Io {
  const color = inputs.noColor?.value ? false : inputs.color?.value ? true : undefined
  return makeIo({
    stdin: deps.stdin,
    stdout: deps.stdout,
    stderr: deps.stderr,
    env: deps.env,
    platform: deps.platform,
    flags: {
      color,
      noInput: inputs.noInput?.value,
      json: inputs.json?.value,
      quiet: inputs.quiet?.value,
      debug: inputs.debug?.value,
      progress: inputs.progress?.value,
    },
  })
}

/** A signal that fires with the run's, or when the time is over. */
function withTimeout(deps: Deps, timeoutMs: number, ended: AbortSignal): AbortSignal {
  const timeout = new AbortController()
  deps.clock.sleep(timeoutMs, ended).then(
    () => timeout.abort(new Interruption('timeout')),
    () => undefined,
  )
  return AbortSignal.any([deps.stop, timeout.signal])
}

/** The interruption that ended a run early, if one did. */
export const interruptionOf = (session: Session): Interruption | undefined =>
  session.stop.aborted && session.stop.reason instanceof Interruption ? session.stop.reason : undefined
