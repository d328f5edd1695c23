import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Packs the built package of a repository into a folder; returns the path of the tarball. */
export function pack(repository: string, into: string): string {
  if (!existsSync(join(repository, 'dist', 'cli.js'))) throw new Error('There is no dist: run npm run build first.')
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', into]
  const [packed] = JSON.parse(npm(args, repository)) as readonly { readonly filename: string }[]
  if (!packed) throw new Error('npm pack made nothing')
  return join(into, packed.filename)
}

/** Installs a tarball into a folder as a user would. */
export function installInto(folder: string, tarball: string): void {
  mkdirSync(folder, { recursive: true })
  npm(['install', '--prefix', '.', '--no-save', '--no-package-lock', '--offline', tarball], folder)
}

/** On Windows npm is a script, which only a shell can run, and a shell wants quotes around words with spaces. */
const npm = (args: readonly string[], cwd: string): string => {
  const shell = process.platform === 'win32'
  const words = [...args, '--silent'].map((word) => (shell ? `"${word}"` : word))
  return execFileSync('npm', words, { cwd, encoding: 'utf8', shell })
}
