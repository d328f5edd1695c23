import { builtinModules } from 'node:module'
import { homedir } from 'node:os'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { expect, inject, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { newFolder } from '../support/folder.ts'

const PACKED_MAX = 1_000_000
const UNPACKED_MAX = 3_600_000

const folder = join(inject('installed'), 'node_modules', 'ml-ingest')
const files = (readdirSync(folder, { recursive: true }) as string[])
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => statSync(join(folder, name)).isFile())
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const scripts = files.filter((name) => name.endsWith('.js'))

test('holds these files and no other', () => {
  const expected = [
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'THIRD-PARTY-LICENSES.md',
    'bin/ml-ingest.js',
    'dist/cli.js',
    'dist/index.d.ts',
    'dist/index.js',
    'package.json',
    ...readdirSync('schema').map((name) => `schema/${name}`),
  ]
  expect(files.filter((name) => !name.startsWith('dist/chunks/')).sort()).toEqual(expected.sort())
  for (const name of files.filter((one) => one.startsWith('dist/chunks/'))) expect(name).toMatch(/-[\w-]{8}\.js$/)
})

test('is small', () => {
  const unpacked = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  const packed = statSync(inject('tarball')).size
  console.info(`${(packed / 1e6).toFixed(2)} MB packed, ${(unpacked / 1e6).toFixed(2)} MB unpacked`)
  expect(packed).toBeLessThanOrEqual(PACKED_MAX)
  expect(unpacked).toBeLessThanOrEqual(UNPACKED_MAX)
})

test('depends on nothing, and nothing runs when it is installed', () => {
  const { scripts: run, ...rest } = JSON.parse(read('package.json')) as Record<string, object | undefined>
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies']) {
    expect(rest[kind] ?? {}, kind).toEqual({})
  }
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) expect(run).not.toHaveProperty(name)
  expect(readdirSync(join(inject('installed'), 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'ml-ingest',
  ])
})

test('npm has nothing to say when it is installed', () => {
  const folder = newFolder(inject('root'))
  const args = ['install', '--prefix', folder, '--no-package-lock', '--offline', '--loglevel=warn', inject('tarball')]
  const { status, stderr } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('homepage and issues are those of the repository', () => {
  const home = manifest.repository.url.replace(/^git\+|\.git$/g, '')
  expect(manifest, 'run: node scripts/update-package.js').toMatchObject({
    homepage: `${home}#readme`,
    bugs: { url: `${home}/issues` },
  })
})

/** What a script imports, static or dynamic, or requires by a literal name. */
function importsOf(source: string): readonly string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^'"\n;]*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)/g,
    /\b__?require\(\s*["'`]([^"'`]+)["'`]\s*\)/g,
  ]
  return patterns.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''))
}

test('imports Node itself and its own files alone', () => {
  const isOurs = (name: string) => name.startsWith('./') || name.startsWith('../')
  const isNode = (name: string) => name.startsWith('node:') || builtinModules.includes(name)
  const all = scripts.flatMap((script) => importsOf(read(script)).map((name) => ({ script, name })))
  expect(all.length).toBeGreaterThan(50)
  expect(all.filter(({ name }) => !isOurs(name) && !isNode(name))).toEqual([])
})

test('holds nothing native, and no path of this machine', () => {
  expect(files.filter((name) => /\.(node|wasm|so|dll|dylib)$/.test(name))).toEqual([])
  for (const name of files) {
    const text = read(name)
    for (const path of [process.cwd(), join(homedir(), '/')]) {
      expect(text.includes(path), `${name} names ${path}`).toBe(false)
    }
  }
})

test('names what is bundled, in the exact version', () => {
  const listed = [...read('THIRD-PARTY-LICENSES.md').matchAll(/^- (\S+) (\d\S*) \(/gm)].map(([, name, version]) => ({
    name,
    version,
  }))
  const inlined = Object.entries(manifest.inlinedDependencies).flatMap(([name, versions]) =>
    [versions].flat().map((version: string) => ({ name, version })),
  )
  expect(listed.length).toBeGreaterThan(20)
  expect(inlined, 'run: node scripts/update-package.js').toEqual(listed)
})

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>, { color: false }))).toEqual(
    [],
  )
})
