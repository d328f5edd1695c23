import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

const SOURCE = readFileSync(join(import.meta.dirname, '../bin/ml-ingest.js'), 'utf8')

/** What the gate says on a Node of this version; undefined if it goes on to the program. */
function gate(version: string): string | undefined {
  let told: string | undefined
  let isImported = false
  const fake = {
    versions: { node: version },
    execPath: '/usr/bin/node',
    stderr: { write: (text: string) => void (told = text) },
  }
  const script = SOURCE.replace(/^#!.*/, '').replace(/import\(([^)]*)\)/, 'load($1)')
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('process', 'load', script)(fake, () => (isImported = true))
  expect(isImported).toBe(told === undefined)
  return told
}

// Since 20.16 and 22.3 there is process.getBuiltinModule. https://nodejs.org/api/process.html#processgetbuiltinmoduleid
test.each([
  ...(['8.17.0', '14.21.3', '18.20.8', '20.0.0', '20.18.3', '21.0.0', '21.7.3', '22.0.0', '22.2.0'] as const).map(
    (version) => [version, false] as const,
  ),
  ...(['20.19.0', '20.20.2', '22.3.0', '22.23.2', '23.0.0', '24.21.0', '100.0.0'] as const).map(
    (version) => [version, true] as const,
  ),
])('on Node %s it runs: %s', (version, runs) => {
  const told = gate(version)
  if (runs) expect(told).toBeUndefined()
  else expect(told).toContain(`ml-ingest needs Node.js 20.19, or 22.3 or newer; this is ${version} (/usr/bin/node).`)
})

test('npm is told the same', () => {
  expect(manifest.engines.node).toBe('^20.19 || >=22.3')
})

test('the gate is JavaScript that old versions read', () => {
  expect(SOURCE).not.toMatch(/=>|`|\b(const|let|class|await)\b|\?\.|\?\?/)
  execFileSync(process.execPath, ['--check', join(import.meta.dirname, '../bin/ml-ingest.js')])
})
