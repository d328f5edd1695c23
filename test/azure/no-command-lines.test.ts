import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** Rooms whose texts name inputs, commands and actions, and leave it to `ui/` to spell them. */
const ROOMS = ['azure', 'data']
const COMMAND_LINE = /(?:^|[\s(])--?[a-z][\w-]*|\bnpx |\baz [a-z]|\bazd [a-z]|\bcurl /

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

test.each(ROOMS)('src/%s spells no flag and no command line', (room) => {
  const folder = join(import.meta.dirname, '../../src', room)
  const spelled = readdirSync(folder).flatMap((file) =>
    textsOf(readFileSync(join(folder, file), 'utf8'))
      .filter((text) => COMMAND_LINE.test(text))
      .map((text) => `${file}: ${text}`),
  )
  expect(spelled).toEqual([])
})
