import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DOOR = 'src/local/index.ts'
const MOST_FILES = 25
const FEW_LINES = 40

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.split(sep).join('/')}`)

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** Every file that a file names in an import of any kind, types included. */
const importsOf = (file: string): readonly string[] =>
  [...textOf(file).matchAll(/(?:from|import\()\s*'(\.[^']+\.ts)'/g)].map(([, path]) =>
    relative(ROOT, join(ROOT, dirname(file), path!))
      .split(sep)
      .join('/'),
  )

const LOCAL = filesUnder('src/local')
const OTHERS = filesUnder('src').filter((file) => !file.startsWith('src/local/'))

it('is entered by its door alone, and leans on lib alone', () => {
  const entered = OTHERS.flatMap((file) => importsOf(file).map((path) => [file, path] as const))
  expect(entered.filter(([, path]) => path.startsWith('src/local/') && path !== DOOR)).toEqual([])
  const leant = LOCAL.flatMap((file) => importsOf(file).map((path) => [file, path] as const))
  expect(leant.filter(([, path]) => !/^src\/(local|lib)\//.test(path))).toEqual([])
})

it('has no circles of imports', () => {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' > '))
    if (way.includes(file) || done.has(file)) return
    for (const next of importsOf(file)) if (next.startsWith('src/local/')) visit(next, [...way, file])
    done.add(file)
  }
  for (const file of LOCAL) visit(file, [])
  expect(circles).toEqual([])
})

it('has no folder that is crowded, and no small file for one other', () => {
  const folderSize = (folder: string) => LOCAL.filter((file) => dirname(file) === folder).length
  expect([...new Set(LOCAL.map(dirname))].filter((folder) => folderSize(folder) > MOST_FILES)).toEqual([])
  const isSmall = (file: string) => textOf(file).split('\n').length - 1 < FEW_LINES
  const importers = (file: string) => LOCAL.filter((other) => importsOf(other).includes(file)).length
  expect(LOCAL.filter((file) => isSmall(file) && importers(file) === 1)).toEqual([])
})

it('has a core of Resource Manager that names nothing of Event Hubs', () => {
  // Azure also speaks of the namespace of a provider, which is another thing.
  const ofEventHubs = (line: string) =>
    /(?<!git)hub|consumer|namespaces|amqp|dataPlane/i.test(line) || /\bNamespace/.test(line)
  const lines = filesUnder('src/local/arm/core').flatMap((file) => textOf(file).split('\n'))
  expect(lines.filter(ofEventHubs)).toEqual([])
})
