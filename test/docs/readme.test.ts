import { readdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/ui/exit.ts'
import type { Field } from '../../src/inputs/input.ts'
import { FIELD_KEYS, FIELDS, longFlagOf } from '../../src/inputs/table.ts'
import { FORMATS } from '../../src/inputs/run.ts'

const ROOT = new URL('../../', import.meta.url)
const README = new URL('README.md', ROOT)
const MARKS = /(<!-- environment: .* -->\n)[^]*?(<!-- \/environment -->)/

const readme = (): Promise<string> => readFile(README, 'utf8')

/** The table of environment variables, as prettier writes it. */
function environmentTable(): string {
  const rows = FIELD_KEYS.map((key): Field => FIELDS[key])
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
  const text = await readme()
  expect(text).toMatch(MARKS)
  const fresh = text.replace(MARKS, (_, open: string, close: string) => `${open}\n${environmentTable()}\n\n${close}`)
  if (process.env['UPDATE_README']) await writeFile(README, fresh)
  expect(rowsOf(await readme()), 'to mend it: UPDATE_README=1 npx vitest run test/docs').toEqual(rowsOf(fresh))
})

/** The rows between the marks, whatever their widths. */
const rowsOf = (text: string): readonly string[] =>
  (MARKS.exec(text)?.[0] ?? '').split('\n').map((line) => line.replaceAll(/ +|-{2,}/g, ' '))

test('every environment variable that the sources name is told', async () => {
  const told = await readme()
  const missing = [...(await variablesOfSources())].filter((name) => !told.includes(`\`${name}\``))
  expect(missing).toEqual([])
})

/** Names that are read as `env['NAME']`. Those of the runner's own files and of terminals are nobody's setting. */
async function variablesOfSources(): Promise<Set<string>> {
  const files = (await readdir(new URL('src/', ROOT), { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(files.map((file) => readFile(new URL(`src/${file}`, ROOT), 'utf8')))
  const names = texts.flatMap((text) => [...text.matchAll(/env\['([A-Z][A-Z_]+)'\]/g)].map((match) => match[1]!))
  return new Set(names.filter((name) => !NOT_SETTINGS.test(name)))
}
const NOT_SETTINGS = /^(TERM|TERM_PROGRAM|TERMINAL_EMULATOR|TERMINUS_SUBLIME|WT_SESSION|MSYSTEM)$/

test('exit codes, formats and flags of the README exist', async () => {
  const text = await readme()
  for (const code of Object.values(EXIT).filter((one) => one !== EXIT.hangup)) {
    expect(text, `exit code ${code}`).toMatch(new RegExp(`^\\| (\\d+, )?${code}[ ,]`, 'm'))
  }
  for (const format of FORMATS) expect(text, format).toContain(`\`${format}\``)
  const known = new Set(
    FIELD_KEYS.flatMap((key) => [...(FIELDS[key] as Field).flags.matchAll(/--[a-z-]+/g)].map(String)),
  )
  const others = ['--help', '--version', '--query', '--output', '--no-consumer-group']
  const used = [...text.matchAll(/ml-ingest[^\n]*/g)].flatMap(([line]) => line.match(/(?<= )--[a-z][a-z-]+/g) ?? [])
  expect(used.filter((flag) => !known.has(flag) && !others.includes(flag))).toEqual([])
})

test('links and pictures of the README lead to files', async () => {
  const text = await readme()
  const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!)
  expect(targets.length).toBeGreaterThan(2)
  for (const target of targets) await expect(readFile(new URL(target, ROOT)), target).resolves.toBeDefined()
})
