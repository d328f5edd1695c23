import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** Rooms whose texts name inputs, commands and actions, and leave it to `ui/` to spell them. */
const ROOMS = ['lib', 'resources', 'sizing', 'engine', 'azure', 'data', 'local']
const COMMAND_LINE = /(?:^|[\s(])--[a-z][\w-]*|[\s(]-[a-z]\b|\bnpx |\baz [a-z]|\bazd [a-z]|\bcurl /

/** The texts of a source: comments and patterns that other programs' words are tried on are none. */
function textsOf(source: string): readonly string[] {
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest))
  return texts
}

test('a flag and a command line are found', () => {
  const source = "const a = 'Choose --tier.' // --no\nconst b = `Run: az login ${a} --x`\nconst c = /az login/"
  expect(textsOf(source).filter((text) => COMMAND_LINE.test(text))).toEqual([
    'Choose --tier.',
    'Run: az login ',
    ' --x',
  ])
})

const SRC = join(import.meta.dirname, '../src')
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll(sep, '/'))
const sourceOf = (file: string): string => readFileSync(join(SRC, file), 'utf8')

test.each(ROOMS)('src/%s spells no flag and no command line', (room) => {
  const spelled = FILES.filter((file) => file.startsWith(`${room}/`)).flatMap((file) =>
    textsOf(sourceOf(file))
      .filter((text) => COMMAND_LINE.test(text))
      .map((text) => `${file}: ${text}`),
  )
  expect(spelled).toEqual([])
})

/** The files that a file imports, types included. */
const importsOf = (file: string): readonly string[] =>
  [...sourceOf(file).matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, path = '']) =>
    relative(SRC, join(SRC, dirname(file), path)).replaceAll(sep, '/'),
  )

test('no import leads back to where it started', () => {
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at !== -1) circles.push([...path.slice(at), file].join(' > '))
    if (at !== -1 || done.has(file)) return
    for (const next of importsOf(file)) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of FILES) visit(file, [])
  expect(circles).toEqual([])
})

test('no folder holds more files than a reader takes in at once', () => {
  const folders = new Map<string, number>()
  for (const file of FILES) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1)
  expect([...folders].filter(([, count]) => count > 26).map(([folder]) => folder)).toEqual([])
})
