import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Deps } from '../deps.ts'
import { invalid, writtenInput, type InputProblem, type Inputs } from '../spec/inputs.ts'
import type { ManifestObject } from '../spec/manifest/read-manifest.ts'

/** Looked for in the current folder. */
const MANIFEST_FILE = 'ml-ingest.yaml'

/** A manifest that was found and read. */
export interface Manifest {
  readonly file: string
  readonly environments: readonly string[]
  /** The inputs of one environment, or of a file without any. */
  inputsOf(environment: string | undefined): Inputs
}
export type LoadedManifest =
  | { readonly kind: 'none' }
  | { readonly kind: 'bad'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'read'; readonly manifest: Manifest; readonly root: ManifestObject }

/** The manifest that `--file` names, or the one of the current folder where there is one. */
export async function loadManifest(inputs: Inputs, deps: Deps): Promise<LoadedManifest> {
  const given = inputs.file?.value
  const path = resolve(deps.cwd, given ?? MANIFEST_FILE)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (text instanceof Error) {
    if (given === undefined && text.code === 'ENOENT') return { kind: 'none' }
    const because = text.code === 'ENOENT' ? 'does not exist' : `cannot be read: ${text.code ?? text.message}`
    return {
      kind: 'bad',
      problems: [invalid('file', writtenInput('file', inputs.file, given ?? MANIFEST_FILE), because)],
    }
  }
  const file = basename(path)
  const { readManifest } = await import('../spec/manifest/read-manifest.ts')
  const { environmentsOf, manifestInputs } = await import('../spec/manifest/manifest-inputs.ts')
  const read = readManifest(text)
  if (!read.ok) {
    const problems = read.problems.map(({ line, column, path: at, message }) =>
      invalid('file', `${file}:${line}:${column}`, `${at === '' ? 'the file' : at} ${message}`),
    )
    return { kind: 'bad', problems }
  }
  const { root } = read
  const manifest: Manifest = {
    file,
    environments: environmentsOf(root),
    inputsOf: (environment) => manifestInputs(root, environment, file),
  }
  return { kind: 'read', manifest, root }
}
