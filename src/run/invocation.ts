import type { Command, Shell } from '../inputs/argv.ts'
import { invalid, readGiven, said, type Flags, type Given } from '../inputs/given.ts'
import { loadManifest, type Manifest } from '../manifest/load-manifest.ts'
import type { Problem } from '../lib/errors.ts'
import { UNREAD, wantedOf, type Wanted } from '../resources/front-door.ts'
import type { ManifestEntry } from '../ui/document-schema.ts'
import { spellerOf, type Speller } from '../ui/spell.ts'
import type { Deps } from './deps.ts'

/** What was asked for: a command and everything that was said with it. */
export interface Invocation {
  readonly command: Command
  /** Every command there is, for lines to type next. */
  readonly commands: readonly Command[]
  /** Where such lines are typed. */
  readonly shell: Shell
  /** The words that belong to no flag. */
  readonly args: readonly string[]
  /** What flags, variables and answers say. */
  readonly given: Given
  readonly manifest: Manifest | undefined
  /** What they want, over what the manifest wants. */
  readonly wanted: Wanted
  /** What could not be read. */
  readonly problems: readonly Problem[]
  /** What the manifest wants in this environment, or that it could not be read. */
  readonly below: Wanted | undefined
}

/** What was typed, read by commander. */
export interface Typed {
  readonly command: Command
  readonly flags: Flags
  readonly args: readonly string[]
}

/** Reads flags, environment variables and the manifest. Sends nothing; what is wrong is kept for the command to tell. */
export async function readInvocation(
  { command, flags, args }: Typed,
  commands: readonly Command[],
  { env, cwd, platform }: Pick<Deps, 'env' | 'cwd' | 'platform'>,
): Promise<Invocation> {
  const read = readGiven(command.inputs, flags, env)
  const given = withoutForeignSubscription(read.given)
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

/** The same invocation, had something else been typed or answered. */
export const withGiven = (invocation: Invocation, given: Given): Invocation => mergedOf({ ...invocation, given })

/** The same invocation for one environment of its manifest. */
export function inEnvironment(invocation: Invocation, name: string): Invocation {
  const given: Given = { ...invocation.given, env: said(name, name), allEnvs: undefined }
  return mergedOf({ ...invocation, given, below: invocation.manifest?.wantedIn(name) })
}

/** An environment is one of a manifest: without one, the run would be about something else. `--save` writes it. */
const withoutManifest = ({ env, save }: Given): readonly Problem[] =>
  env && !save
    ? [invalid('env', env, 'needs a manifest, and there is no ml-ingest.yaml here: name one with --file')]
    : []

/** The subscription of a variable is one of Azure, and not that of the embedded Azure. */
function withoutForeignSubscription(given: Given): Given {
  const { subscription, ...others } = given
  return given.local?.value && subscription?.source === 'environment' ? others : given
}

/** Which file had a say, for answers to tell. */
export const manifestEntryOf = ({ manifest, given }: Invocation): ManifestEntry | undefined =>
  manifest && { file: manifest.file, environment: given.env?.value ?? null }

/** Spells command lines about the target of a run: one that leaves it out would be about the default one, in Azure. */
export const spellerFor = ({ command, commands, given, shell }: Invocation): Speller =>
  spellerOf({ command, commands, given, shell })
