import type { Command, Shell } from '../inputs/argv.ts'
import { invalid, readGiven, said, type Flags, type Given, type Env } from '../inputs/given.ts'
import { loadManifest, type Manifest } from '../manifest/load-manifest.ts'
import type { Problem } from '../lib/errors.ts'
import { UNREAD, wantedOf, type Wanted } from '../resources/front-door.ts'
import type { ManifestEntry } from '../ui/document-schema.ts'
import type { OutputFileOptions } from '../ui/output-file.ts'
import { spellerOf, type Speller } from '../ui/spell.ts'
import type { Clock } from '../lib/clock.ts'
import type { LocalHost } from '../local/index.ts'
import type { RunForeground } from './foreground.ts'
import type { InStream, OutStream } from '../ui/io.ts'

/** A command with all its inputs. */
export interface Invocation {
  readonly command: Command
  /** All commands, for the commands in hints. */
  readonly commands: readonly Command[]
  /** The shell for the commands in hints. */
  readonly shell: Shell
  /** Arguments that are not flags. */
  readonly args: readonly string[]
  /** The values of flags, variables and answers. */
  readonly given: Given
  readonly manifest: Manifest | undefined
  /** `given` merged over the manifest. */
  readonly wanted: Wanted
  /** Inputs that could not be read. */
  readonly problems: readonly Problem[]
  /** The manifest in this environment. */
  readonly below: Wanted | undefined
}

/** The command line. */
export interface Typed {
  readonly command: Command
  readonly flags: Flags
  readonly args: readonly string[]
}

/** Reads flags, environment variables and the manifest. Collects problems instead of throwing them. */
export async function readInvocation(
  { command, flags, args }: Typed,
  commands: readonly Command[],
  { env, cwd, platform }: Pick<Deps, 'env' | 'cwd' | 'platform'>,
): Promise<Invocation> {
  const read = readGiven(command.inputs, flags, env)
  const given = withoutAzureSubscription(read.given)
  const loaded = command.inputs.includes('file') ? await loadManifest(given, cwd) : ABSENT
  const { manifest, isAbsent } = loaded
  const problems = [...read.problems, ...loaded.problems, ...(isAbsent ? withoutManifest(given) : [])]
  const below = isAbsent ? undefined : (manifest?.wantedIn(given.env?.value) ?? UNREAD)
  return mergedOf({ command, commands, shell: shellOf(env, platform), args, given, manifest, problems, below })
}

/** Git Bash sets MSYSTEM. https://www.msys2.org/docs/environments/ */
const shellOf = (env: Env, platform: NodeJS.Platform): Shell =>
  platform !== 'win32' ? 'posix' : env['MSYSTEM'] ? 'msys' : 'windows'

const ABSENT = { problems: [], isAbsent: true, manifest: undefined } as const

function mergedOf(invocation: Omit<Invocation, 'wanted'>): Invocation {
  const { given, problems, below } = invocation
  const here = below && given.local?.value ? { ...below, subscription: undefined } : below
  return { ...invocation, wanted: wantedOf(given, here, problems) }
}

/** The same invocation with other values. */
export const withGiven = (invocation: Invocation, given: Given): Invocation => mergedOf({ ...invocation, given })

/** The same invocation for one environment of its manifest. */
export function inEnvironment(invocation: Invocation, name: string): Invocation {
  const given: Given = { ...invocation.given, env: said(name, name), allEnvs: undefined }
  return mergedOf({ ...invocation, given, below: invocation.manifest?.wantedIn(name) })
}

/** `--env` needs a manifest, unless `--save` writes one. */
const withoutManifest = ({ env, save }: Given): readonly Problem[] =>
  env && !save
    ? [invalid('env', env, 'needs a manifest, and there is no ml-ingest.yaml here: name one with --file')]
    : []

/** Ignores a subscription from a variable for the embedded Azure, which has its own. */
function withoutAzureSubscription(given: Given): Given {
  const { subscription, ...others } = given
  return given.local?.value && subscription?.source === 'environment' ? others : given
}

/** The manifest of the run, for answers. */
export const manifestEntryOf = ({ manifest, given }: Invocation): ManifestEntry | undefined =>
  manifest && { file: manifest.file, environment: given.env?.value ?? null }

/** Makes the commands in hints, with the flags that choose the target of the run. */
export const spellerFor = ({ command, commands, given, shell }: Invocation): Speller =>
  spellerOf({ command, commands, given, shell })

/** The outside world of a run. `src/cli.ts` takes it from the process, tests make their own. */
export interface Deps {
  readonly stdin: InStream
  readonly stdout: OutStream
  readonly stderr: OutStream
  readonly env: Env
  readonly platform: NodeJS.Platform
  readonly nodeVersion: string
  readonly version: string
  /** Where users report bugs. */
  readonly issuesUrl: string
  readonly cwd: string
  readonly clock: Clock
  /** 0 up to 1. */
  readonly random: () => number
  /** Fires with an `Interruption` to end the run. */
  readonly stop: AbortSignal
  /** Runs a program in a folder and answers its exit code, or undefined if there is no such program. */
  readonly run: (program: string, args: readonly string[], cwd: string) => Promise<number | undefined>
  /** Opens a page in the browser of this machine. Answers false if nothing here can. */
  readonly openPage: (url: string) => Promise<boolean>
  /** Runs a command with the streams and signals of this process. */
  readonly runForeground: RunForeground
  /** Processes and folders for the embedded Azure. */
  readonly host: LocalHost
}

/** How a run writes a file that it was told to write. */
export const outputOptionsOf = ({
  invocation: { given },
  deps,
}: {
  readonly invocation: Invocation
  readonly deps: Deps
}): OutputFileOptions => ({ force: given.force?.value ?? false, cwd: deps.cwd, platform: deps.platform })
