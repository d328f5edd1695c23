import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { canOpenTerminal, Terminal } from '../../support/terminal.ts'

const JITI = fileURLToPath(new URL('../../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
const PROGRAM = fileURLToPath(new URL('watching.ts', import.meta.url))

test.runIf(canOpenTerminal)('in a terminal of 80 and of 40 columns, resized while it draws', async () => {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', TERM: 'xterm-256color' }
  const terminal = new Terminal(process.execPath, [JITI, PROGRAM], { cwd: process.cwd(), env, cols: 80, rows: 24 })
  onTestFinished(() => terminal.close())
  await terminal.see(/^Units +busiest +of/m)
  await terminal.see(/12:04:4\d UTC/)
  expect(terminal.isCursorVisible).toBe(false)
  terminal.resize(40, 50)
  await terminal.see('Busiest minute, of what units carry')
  await terminal.see(/\d+ more lines: enlarge the terminal/)
  terminal.resize(80, 24)
  await terminal.see(/^Units +busiest +of/m)
  // Nothing is ever erased but by what is drawn over it.
  expect(terminal.raw).not.toMatch(/\x1b\[[0-3]?J[^\x1b]/)
  expect(terminal.raw).not.toMatch(/\x1b\[2J/)
  terminal.press('ctrl-c')
  expect(await terminal.ending()).toEqual({ exitCode: 0, signal: 0 })
  expect(terminal.isCursorVisible).toBe(true)
  expect(terminal.lines[0]).toBe('before')
  expect(terminal.lines[1]).toMatch(/^ns-clicks: 2 throughput units/)
  expect(terminal.lines.at(-1)).toBe('after')
})
