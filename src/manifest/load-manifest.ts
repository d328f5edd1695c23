import { resolve } from 'node:path'
import { invalid, type Given } from '../inputs/given.ts'
import { say } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'
import type { Wanted } from '../resources/front-door.ts'
import { input } from '../inputs/refer.ts'
import { lstat, open, stat } from 'node:fs/promises'
import { MANIFEST_MAX_BYTES } from '../lib/limits.ts'

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

/** The text of a manifest, or why it cannot be read (this follows its name), or that it does not exist. */
export type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly because: string }

/** Reads a regular file up to the maximum size. A pipe could block the run forever, and a device may never end. */
async function readManifestText(path: string): Promise<ReadText> {
  try {
    const bytes = await bytesOf(path)
    return typeof bytes === 'string' ? unreadable(bytes) : decoded(bytes)
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') return unreadable(REASONS[code] ?? `cannot be read: ${code}`)
    return (await isLink(path)) ? unreadable('is a link to a file that does not exist') : { kind: 'absent' }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'cannot be read: this user may not open it',
  EPERM: 'cannot be read: this user may not open it',
  ENOTDIR: 'does not exist: a part of its path is a file',
  ELOOP: 'is a link that leads back to itself',
  ENAMETOOLONG: 'does not exist: the name is too long for a file',
}

const unreadable = (because: string): ReadText => ({ kind: 'unreadable', because })

const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  )

/** The bytes, or what is wrong with the file. It checks the type first, because opening a pipe blocks. */
async function bytesOf(path: string): Promise<Buffer | string> {
  const found = await stat(path)
  if (found.isDirectory()) return 'is a folder'
  if (!found.isFile()) return 'is not a file but a pipe or a device: write what it gives to a file first'
  if (found.size > MANIFEST_MAX_BYTES) return TOO_LARGE
  const file = await open(path)
  try {
    const buffer = Buffer.allocUnsafe(MANIFEST_MAX_BYTES + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (length > MANIFEST_MAX_BYTES) return TOO_LARGE
      if (bytesRead === 0) return buffer.subarray(0, length)
    }
  } finally {
    await file.close()
  }
}

const TOO_LARGE = 'is larger than 4 MB'

function decoded(bytes: Buffer): ReadText {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return unreadable(`is not UTF-8${placeOfBadByte(bytes)}. Save it as UTF-8`)
  }
}

/** A byte order mark shows UTF-16. Otherwise the line helps to find the wrong byte. */
function placeOfBadByte(bytes: Buffer): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return ' but UTF-16'
  const lenient = new TextDecoder('utf-8').decode(bytes)
  const line = lenient.slice(0, lenient.indexOf('\uFFFD')).split('\n').length
  return `: line ${line} holds another byte`
}
