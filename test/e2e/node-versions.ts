import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The oldest that is supported, and what is current; a newer patch release changes nothing here. */
export const SUPPORTED = ['20.19.0', '22.3.0', '22.23.2', '24.21.0', '26.12.1'] as const
export const TOO_OLD = ['14.21.3', '18.20.8', '21.7.3', '22.2.0'] as const

const run = promisify(execFile)

/** Runs npm to its end. */
export const npm = (args: readonly string[], options: { readonly cwd?: string; readonly timeout?: number } = {}) =>
  run('npm', [...args, '--silent'], { ...options, shell: process.platform === 'win32' })

const CACHE = join('node_modules', '.cache', 'node-versions')

/**
 * The Node binary of this version, for this system or another, from the packages beside the npm package `node`; kept in
 * node_modules/.cache. Undefined, and said aloud, where the registry cannot be reached or has none for it.
 */
export async function nodeBinary(version: string, platform = process.platform): Promise<string | undefined> {
  const isWindows = platform === 'win32'
  const suffix = isWindows ? '.exe' : ''
  const binary = join(process.cwd(), CACHE, version, `node${suffix}`)
  if (existsSync(binary)) return binary
  const folder = await mkdtemp(join(tmpdir(), 'ml-ingest-node-'))
  const name = `node-${isWindows ? 'win' : platform}-${process.arch}`
  try {
    // npm refuses what is for another system, unless it is forced.
    const install = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--force']
    await npm([...install, `${name}@${version}`], { timeout: 90_000 })
    await mkdir(join(binary, '..'), { recursive: true })
    // Copied beside its place first: whoever finds the binary finds a whole one.
    await copyFile(join(folder, 'node_modules', name, 'bin', `node${suffix}`), `${binary}.new`)
    await rename(`${binary}.new`, binary)
    return binary
  } catch (error) {
    console.warn(`Node ${version} is not tested: npm brings no ${name}@${version}. ${String(error).split('\n')[0]}`)
    return undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
