import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The oldest that is supported, and what is current; a newer patch release changes nothing here. */
export const SUPPORTED = ['20.19.0', '22.3.0', '22.23.2', '24.21.0', '26.12.1'] as const
export const TOO_OLD = ['18.20.8', '22.2.0'] as const

const CACHE = join('node_modules', '.cache', 'node-versions')

/**
 * The Node binary of this version, from the packages beside the npm package `node`; kept in node_modules/.cache.
 * Undefined, and said aloud, where the registry cannot be reached or has none for this machine.
 */
export function nodeBinary(version: string): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const binary = join(process.cwd(), CACHE, version, `node${suffix}`)
  if (existsSync(binary)) return binary
  const folder = mkdtempSync(join(tmpdir(), 'ml-ingest-node-'))
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  try {
    const install = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--silent']
    execFileSync('npm', [...install, `${name}@${version}`], { shell: process.platform === 'win32', timeout: 90_000 })
    mkdirSync(join(binary, '..'), { recursive: true })
    // Copied beside its place first: whoever finds the binary finds a whole one.
    copyFileSync(join(folder, 'node_modules', name, 'bin', `node${suffix}`), `${binary}.new`)
    renameSync(`${binary}.new`, binary)
    return binary
  } catch (error) {
    console.warn(`Node ${version} is not tested: npm brings no ${name}@${version}. ${String(error).split('\n')[0]}`)
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
