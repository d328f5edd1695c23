import type { Command, Shell } from '../inputs/argv.ts'
import { invalid, readGiven, said, type Flags, type Given } from '../inputs/given.ts'
import { loadManifest, type Manifest } from '../manifest/load-manifest.ts'
import type { Problem } from '../lib/errors.ts'
import { UNREAD, wantedOf, type Wanted } from '../resources/front-door.ts'
import type { ManifestEntry } from '../ui/document-schema.ts'
import { spellerOf, type Speller } from '../ui/spell.ts'
import type { Deps } from './deps.ts'

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
  const shell = platform === 'win32' ? 'windows' : 'posix'
  return mergedOf({ command, commands, shell, args, given, manifest, problems, below })
}

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
