import { readFile, writeFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { manifestSchema } from '../../../src/spec/manifest/json-schema.ts'

const FILE = new URL('../../../schema/ml-ingest-manifest-v1.schema.json', import.meta.url)

test('the published schema is the one that the reader follows', async () => {
  const fresh = `${JSON.stringify(manifestSchema(), null, 2)}\n`
  if (process.env['UPDATE_SCHEMA']) await writeFile(FILE, fresh)
  expect(await readFile(FILE, 'utf8')).toBe(fresh)
})

test('editors and the reader agree on what is right and what is not', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(manifestSchema() as object)
  const right = 'version: 1\nhubs:\n  - name: clicks\n    partitions: 8\n    consumerGroups: [trainer, {name: audit}]\n'
  expect(validate(parse(right))).toBe(true)
  expect(validate(parse(right.replace('partitions', 'partitons')))).toBe(false)
  expect(validate(parse('hubs: []'))).toBe(false)
})
