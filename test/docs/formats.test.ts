import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DEFAULTS } from '../../src/inputs/defaults.ts'
import { FORMATS } from '../../src/inputs/run.ts'
import { FORMAT_FACTS } from '../../src/ui/connection/facts.ts'
import { formatSnippet } from '../../src/ui/connection/snippet.ts'
import { entraConnection, sasConnection } from '../ui/samples.ts'

const page = (): Promise<string> => readFile(new URL('../../docs/formats.md', import.meta.url), 'utf8')

test('the table of formats says of each what is true', async () => {
  const rows = [...(await page()).matchAll(/^\| `([\w-]+)` +\|[^|]+\| (yes|no) +\| (yes|no) +\| (yes|no) +\|$/gm)]
  const told = rows.map(([, format, secret, entra, embedded]) => [format, secret, entra, embedded])
  const word = (is: boolean) => (is ? 'yes' : 'no')
  const facts = FORMATS.map((format) => {
    const { secret, entra, embedded } = FORMAT_FACTS[format]
    return [format, word(secret), word(entra), word(embedded)]
  })
  expect(told.sort()).toEqual(facts.sort())
})

test('the variables of the page are those of the programs', async () => {
  const text = await page()
  expect(text).toContain(`\`${DEFAULTS.connectionVariable}\``)
  expect(text).toContain(`\`${DEFAULTS.hubVariable}\``)
  for (const connection of [sasConnection(), entraConnection()]) {
    const code = formatSnippet('python', connection, { string: DEFAULTS.connectionVariable })
    for (const [, name] of code.matchAll(/environ\["(\w+)"\]/g)) expect(text).toContain(`\`${name}\``)
  }
})
