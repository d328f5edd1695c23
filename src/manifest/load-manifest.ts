import { resolve } from 'node:path'
import type { Deps } from '../run/deps.ts'
import type { FieldKey } from '../inputs/table.ts'
import { invalid, invalidIn, writtenInput, type InputProblem, type Inputs } from '../inputs/given.ts'
import type { ManifestObject } from './nodes.ts'
import { readManifestText } from './read-manifest-text.ts'

/** Looked for in the current folder. */
const MANIFEST_FILES = ['ml-ingest.yaml', 'ml-ingest.yml'] as const

/** A manifest that was found and read. */
export interface Manifest {
  /** As it was named. */
  readonly file: string
  readonly environments: readonly string[]
  /** The inputs of one environment, or of a file without any. */
  inputsOf(environment: string | undefined): Inputs
}
export type LoadedManifest =
  | { readonly kind: 'none' }
  | { readonly kind: 'bad'; readonly problems: readonly InputProblem[] }
  | {
      readonly kind: 'read'
      readonly manifest: Manifest
      readonly root: ManifestObject
      /** What is wrong with the rest of it. */
      readonly problems: readonly InputProblem[]
      unreadOf(environment: string | undefined): readonly FieldKey[]
    }

/** The manifest that `--file` names, or the one of the current folder where there is one. */
export async function loadManifest(inputs: Inputs, deps: Deps): Promise<LoadedManifest> {
  const found = await findText(inputs, deps)
  if (!found || 'problem' in found) return found ? bad([found.problem]) : { kind: 'none' }
  const { file, text } = found
  const { readManifest } = await import('./read-manifest.ts')
  const { manifestInputs, unreadInputs } = await import('./manifest-inputs.ts')
  const { environmentsOf } = await import('./environments.ts')
  const read = readManifest(text)
  const problems = read.ok ? [] : read.problems.map((one) => invalidIn(file, one, one.message, 'file'))
  const { root } = read
  if (!root) return bad(problems)
  const manifest: Manifest = {
    file,
    environments: environmentsOf(root),
    inputsOf: (environment) => manifestInputs(root, environment, file),
  }
  return { kind: 'read', manifest, root, problems, unreadOf: (environment) => unreadInputs(root, environment) }
}

const bad = (problems: readonly InputProblem[]): LoadedManifest => ({ kind: 'bad', problems })

type Found = { readonly file: string; readonly text: string } | { readonly problem: InputProblem } | undefined

async function findText(inputs: Inputs, { cwd }: Deps): Promise<Found> {
  const given = inputs.file?.value
  const names = given === undefined ? MANIFEST_FILES : [given]
  const problem = (message: string, name = names[0]) => ({
    problem: invalid('file', writtenInput('file', inputs.file, name), message),
  })
  const read = await Promise.all(names.map(async (name) => ({ name, ...(await readManifestText(resolve(cwd, name))) })))
  const [first, ...others] = read.filter(({ kind }) => kind !== 'absent')
  if (!first) return given === undefined ? undefined : problem('does not exist')
  if (others.length > 0) return problem(`is there, and ${others[0]!.name} too: remove one, or name one with --file`)
  if (first.kind === 'unreadable') return problem(first.because, first.name)
  return first.kind === 'text' ? { file: first.name, text: first.text } : undefined
}
