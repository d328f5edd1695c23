import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import rolldown from '../../node_modules/rolldown/package.json' with { type: 'json' }
import { npm } from '../e2e/node-versions.ts'
import { forwardingDll } from './forwarding-dll.ts'
import { windowsUser } from './user.ts'
import { windowsPath } from './windows-path.ts'

const windows = inject('windows')
const ROOT = join(import.meta.dirname, '..', '..')
const LICENCES = join(ROOT, 'THIRD-PARTY-LICENSES.md')

/** By name, what the files of a folder hold. */
const contentsOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|ts)$/.test(name))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )

/** On Windows itself there is no other build to compare with; `test/scripts/windows-paths.test.ts` tries the patterns. */
describe.skipIf(windows === null || process.platform === 'win32')('the build', () => {
  test('on Windows makes the same files', { timeout: 300_000 }, async () => {
    const { root, env, nodes } = windows!
    const binding = `@rolldown/binding-win32-x64-msvc@${rolldown.version}`
    await npm(['install', '--prefix', root, '--no-save', '--no-package-lock', '--ignore-scripts', '--force', binding])
    const system = join(env['WINEPREFIX']!, 'drive_c', 'windows', 'system32')
    // Wine 8 does not have this library, and the same function under another name.
    const library = 'bcryptprimitives.dll'
    const dll = forwardingDll({ library, name: 'ProcessPrng', to: 'advapi32.SystemFunction036' })
    writeFileSync(join(system, library), dll)
    const user = await windowsUser(nodes.at(-1)!)
    onTestFinished(() => user.leave())
    const licences = readFileSync(LICENCES, 'utf8')
    const dist = join(user.folder, 'dist')
    const cli = windowsPath(join(ROOT, 'node_modules', 'rolldown', 'bin', 'cli.mjs'))
    // It asks for its title, and without a console there is none to read.
    const words = ['--title=build', cli, '-c', '--dir', windowsPath(dist)]
    const NODE_PATH = windowsPath(join(root, 'node_modules'))
    const built = await user.program(user.node, words, { cwd: ROOT, env: { NODE_PATH } })
    expect(built, built.stderr).toMatchObject({ exitCode: 0 })
    expect(contentsOf(dist)).toEqual(contentsOf(join(ROOT, 'dist')))
    expect(readFileSync(LICENCES, 'utf8')).toBe(licences)
  })
})
