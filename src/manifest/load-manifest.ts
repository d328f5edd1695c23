import { resolve } from 'node:path'
import { invalid, type Given } from '../inputs/given.ts'
import { say } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'
import type { Wanted } from '../resources/front-door.ts'
import { readManifestText } from './manifest-text.ts'
import { input } from '../inputs/refer.ts'

/** The files that are used by default. */
const MANIFEST_FILES = ['ml-ingest.yaml', 'ml-ingest.yml'] as const

/** A manifest that was found and read. */
export interface Manifest {
  /** As the user named it. */
  readonly file: string
  readonly environments: readonly string[]
  /** What an environment wants, or the file without environments. */
  wantedIn(environment: string | undefined): Wanted
}
export interface LoadedManifest {
  /** Undefined if there is none, or if it could not be read. */
  readonly manifest?: Manifest
  readonly problems: readonly Problem[]
  /** No file was named, and there is none. */
  readonly isAbsent?: boolean
}

/** Loads the manifest of `--file`, or the one in the current folder if there is one. */
export async function loadManifest(given: Given, cwd: string): Promise<LoadedManifest> {
  const found = await findText(given, cwd)
  if (!found) return { problems: [], isAbsent: true }
  if ('problem' in found) return { problems: [found.problem] }
  const { file, text } = found
  const { readManifest } = await import('./read-manifest.ts')
  const { environmentProblem, environmentsOf, wantedIn } = await import('./environments.ts')
  const { root, problems } = readManifest(text, file)
  if (!root) return { problems }
  const problem = given.allEnvs?.value ? undefined : environmentProblem(root, given)
  const manifest: Manifest = {
    file,
    environments: environmentsOf(root),
    wantedIn: (environment) => wantedIn(root, environment),
  }
  return { manifest, problems: problem ? [...problems, problem] : problems }
}

type Found = { readonly file: string; readonly text: string } | { readonly problem: Problem } | undefined

async function findText(given: Given, cwd: string): Promise<Found> {
  const named = given.file?.value
  const names = named === undefined ? MANIFEST_FILES : [named]
  const problem = (message: Problem['message'], name = names[0]) => ({
    problem: invalid('file', given.file, message, name),
  })
  const read = await Promise.all(names.map(async (name) => ({ name, ...(await readManifestText(resolve(cwd, name))) })))
  const [first, ...others] = read.filter(({ kind }) => kind !== 'absent')
  if (!first) return named === undefined ? undefined : problem('does not exist')
  if (others.length > 0)
    return problem(say`is there, and ${others[0]!.name} too: remove one, or name one with ${input('file')}`)
  if (first.kind === 'unreadable') return problem(first.because, first.name)
  return first.kind === 'text' ? { file: first.name, text: first.text } : undefined
}
