import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OutputOptions, Plugin } from 'rolldown'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import config from '../../rolldown.config.ts'
import { lightPackages } from '../../scripts/light-packages.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const filesUnder = (folder: string): readonly string[] =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `/work/${folder}/${name.replaceAll(sep, '/')}`,
      )
    : []

const PACKAGES = Object.keys(manifest.inlinedDependencies)
/** All that the build may be asked about, as Linux names it. */
const MODULES = ['src', ...PACKAGES.map((name) => `node_modules/${name}`)]
  .flatMap(filesUnder)
  .filter((path) => /\.(ts|[cm]?js|json)$/.test(path))

const onWindows = (path: string): string => `C:${path.replaceAll('/', '\\')}`

/** What is found by a pattern among the modules, as Linux and as Windows name them. */
const found = (pattern: RegExp) => ({
  linux: MODULES.filter((path) => pattern.test(path)),
  windows: MODULES.filter((path) => pattern.test(onWindows(path))),
})

const { codeSplitting } = config.output as OutputOptions
const GROUPS = typeof codeSplitting === 'object' ? (codeSplitting.groups ?? []) : []
/** A filter as `light-packages.ts` writes it. */
const filterOf = (hook: unknown): RegExp => (hook as { readonly filter: { readonly id: RegExp } }).filter.id
const LIGHTERS = lightPackages().filter(({ transform }) => transform !== undefined)

describe('a path of Windows is treated as that of any other system by the build', () => {
  test.each(GROUPS)('group $name', ({ test: pattern }) => {
    const { linux, windows } = found(pattern as RegExp)
    expect(linux.length).toBeGreaterThan(0)
    expect(linux.length).toBeLessThan(MODULES.length)
    expect(windows).toEqual(linux)
  })

  test.each(LIGHTERS)('$name', ({ transform }) => {
    const { linux, windows } = found(filterOf(transform))
    expect(linux.length).toBeGreaterThan(0)
    expect(windows).toEqual(linux)
  })

  test('who asks for helpers', async () => {
    const { resolveId } = lightPackages().find(({ name }) => name === 'light-helpers') as Plugin
    const { handler } = resolveId as { readonly handler: (id: string, importer: string) => unknown }
    for (const path of ['/work/node_modules/rhea-promise/dist/index.js', '/work/node_modules/rhea/lib/link.js']) {
      expect(handler('tslib', onWindows(path)), dirname(path)).toBe(handler('tslib', path))
    }
    expect(handler('tslib', '/work/node_modules/rhea-promise/dist/index.js')).toBeTypeOf('string')
  })
})
