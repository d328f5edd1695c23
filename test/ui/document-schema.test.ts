import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { outputSchema } from '../../src/ui/document-schema.ts'
import { schemaText } from '../support/schema-text.ts'

const FILE = new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url)
const HOW = 'To write it anew: UPDATE_SCHEMA=1 npx vitest run test/ui/document-schema.test.ts'

test('the published schema is the one that the documents are declared by', async () => {
  const commands = PROGRAM.commands.map(({ name }) => name)
  const takingJson = PROGRAM.commands.filter(({ inputs }) => inputs.includes('json')).map(({ name }) => name)
  const fresh = await schemaText(outputSchema(commands, takingJson))
  if (process.env['UPDATE_SCHEMA']) await writeFile(FILE, fresh)
  expect(await readFile(FILE, 'utf8'), HOW).toBe(fresh)
})
