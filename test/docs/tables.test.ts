import { readdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/ui/exit.ts'
import type { Input } from '../../src/inputs/input.ts'
import { INPUT_KEYS, INPUTS, longFlagOf } from '../../src/inputs/table.ts'
import { FORMATS } from '../../src/inputs/run.ts'
import { codeIn, USER_PAGES } from '../support/pages.ts'

const ROOT = new URL('../../', import.meta.url)
const CONFIGURATION = new URL('docs/configuration.md', ROOT)
const MARKS = /(<!-- environment: .* -->\n)[^]*?(<!-- \/environment -->)/

const read = (name: string): Promise<string> => readFile(new URL(name, ROOT), 'utf8')
const configuration = (): Promise<string> => readFile(CONFIGURATION, 'utf8')
/** The cells of every row that begins with this. */
const rowsIn = (text: string, start: RegExp): readonly (readonly string[])[] =>
  text.split('\n').flatMap((line) => (start.test(line) ? [line.split('|').map((cell) => cell.trim())] : []))

/** The table of environment variables, as prettier writes it. */
function environmentTable(): string {
  const rows = INPUT_KEYS.map((key): Input => INPUTS[key])
    .filter((field) => field.env.length > 0)
    .map((field) => [field.env.map((name) => `\`${name}\``).join(', '), `\`${longFlagOf(field)}\``, field.help])
  const table = [['variable', 'flag', 'what it says'], ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|')),
  )
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const [head, ...body] = table
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

test('the table of environment variables is that of the fields', async () => {
  const text = await configuration()
  expect(text).toMatch(MARKS)
  const fresh = text.replace(MARKS, (_, open: string, close: string) => `${open}\n${environmentTable()}\n\n${close}`)
  if (process.env['UPDATE_DOCS']) await writeFile(CONFIGURATION, fresh)
  expect(linesOf(await configuration()), 'to mend it: UPDATE_DOCS=1 npx vitest run test/docs').toEqual(linesOf(fresh))
})

/** The rows between the marks, whatever their widths. */
const linesOf = (text: string): readonly string[] =>
  (MARKS.exec(text)?.[0] ?? '').split('\n').map((line) => line.replaceAll(/ +|-{2,}/g, ' '))

test('every environment variable that the sources name is told', async () => {
  const told = await configuration()
  const missing = [...(await variablesOfSources())].filter((name) => !told.includes(`\`${name}\``))
  expect(missing).toEqual([])
})

/** Names that are read as `env['NAME']`. Those of the runner's own files and of terminals are nobody's setting. */
async function variablesOfSources(): Promise<Set<string>> {
  const names = (await sources()).flatMap((text) =>
    [...text.matchAll(/env\['([A-Z][A-Z_]+)'\]/g)].map((match) => match[1]!),
  )
  return new Set(names.filter((name) => !NOT_SETTINGS.test(name)))
}
const NOT_SETTINGS = /^(TERM|TERM_PROGRAM|TERMINAL_EMULATOR|TERMINUS_SUBLIME|WT_SESSION|MSYSTEM)$/

async function sources(): Promise<readonly string[]> {
  const files = (await readdir(new URL('src/', ROOT), { recursive: true })).filter((name) => name.endsWith('.ts'))
  return Promise.all(files.map((file) => read(`src/${file}`)))
}

test('the page of exit codes has each code once, and no other', async () => {
  const codes = rowsIn(await read('docs/exit-codes.md'), /^\| \d/).map(([, code]) => Number(code))
  expect(codes).toEqual(Object.values(EXIT).sort((a, b) => a - b))
})

test('the page of formats has each format', async () => {
  const text = await read('docs/formats.md')
  for (const format of FORMATS) expect(text, format).toContain(`\`${format}\``)
})

test('flags that the pages name exist', () => {
  const known = new Set(
    INPUT_KEYS.flatMap((key) => [...(INPUTS[key] as Input).flags.matchAll(/--[a-z-]+/g)].map(String)),
  )
  // The last one is Docker's.
  const more = ['--help', '--help-all', '--version', '--no-consumer-group', '--env-file']
  const used = USER_PAGES.flatMap((page) =>
    codeIn(page).flatMap((code) => (/^--[a-z]/.test(code) ? (code.match(/(?<=^| )--[a-z][a-z-]+/g) ?? []) : [])),
  )
  expect(used.length).toBeGreaterThan(80)
  expect([...new Set(used)].filter((flag) => !known.has(flag) && !more.includes(flag))).toEqual([])
})

/** Azure says these, and the program shows them as they come. */
const WORDS_OF_AZURE = ['LocalAuthDisabled']

test('what the page of troubles quotes is what the program says', async () => {
  const said = (await sources()).join('\n')
  const quoted = rowsIn(await read('docs/troubleshooting.md'), /^\| /).flatMap(([, seen = '']) =>
    [...seen.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
  )
  expect(quoted.length).toBeGreaterThan(15)
  const unknown = quoted.filter((code) => !code.startsWith('npm exec') && !code.startsWith('verify'))
  expect(unknown.filter((code) => !said.includes(code) && !WORDS_OF_AZURE.includes(code))).toEqual([])
})
