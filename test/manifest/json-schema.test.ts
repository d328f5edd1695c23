import { readFile, writeFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { manifestSchema } from '../../src/manifest/manifest.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { schemaText } from '../support/schema-text.ts'

const FILE = new URL('../../schema/ml-ingest-manifest-v1.schema.json', import.meta.url)

test('the published schema is the one that the reader follows', async () => {
  const fresh = await schemaText(manifestSchema())
  if (process.env['UPDATE_SCHEMA']) await writeFile(FILE, fresh)
  expect(await readFile(FILE, 'utf8')).toBe(fresh)
})

const body = (text: string): string => `version: 1\n${text}`
const ofHub = (text: string): string => body(`hubs: [{ name: clicks, ${text} }]`)

/** Texts, and whether they are a manifest. */
const TEXTS: readonly (readonly [string, boolean])[] = [
  ['version: 1', true],
  ['version: 1.0', true],
  ['version: 2', false],
  ['version: "1"', false],
  ['tier: Basic', false],
  [body('colour: red'), false],
  [body('tier: standard'), true],
  [body('tier: PREMIUM'), true],
  [body('tier: Gold'), false],
  [body('access: Send-Listen'), true],
  [body('access: sendlisten'), false],
  [body('capacity: 40'), true],
  [body('capacity: 0'), false],
  [body('capacity: 41'), false],
  [body('capacity: 1.5'), false],
  [body('capacity: 2.0'), true],
  [body('capacity: "2"'), false],
  [body('capacity: two'), false],
  [body('autoInflateMax: 0'), true],
  [body('autoInflateMax: 41'), false],
  [body('disableLocalAuth: true'), true],
  [body('disableLocalAuth: "true"'), false],
  [body('disableLocalAuth: 1'), false],
  [body('namespace: abc'), false],
  [body('namespace: clicks'), true],
  [body('namespace: clicks-'), false],
  [body('namespace: clicks-sb'), false],
  [body('namespace: 1clicks'), false],
  [body('resourceGroup: rg.'), false],
  [body('resourceGroup: rg_(x)'), true],
  [body('policy: my/rule'), false],
  [body('tags: { cost: 42, prod: true, team: vision }'), true],
  [body('tags: { "c<d>": x }'), false],
  [body('tags: { "a\\\\b": x }'), false],
  [body('tags: { "": x }'), false],
  [body(`tags: { a: ${'x'.repeat(256)} }`), true],
  [body(`tags: { a: ${'x'.repeat(257)} }`), false],
  [body('hubs: []'), false],
  [body('hubs: [clicks]'), false],
  [body('hubs: [{ partitions: 4 }]'), false],
  [body('hubs: [{ name: 2024 }]'), true],
  [body('hubs: [{ name: .clicks }]'), false],
  [ofHub('partitions: 8'), true],
  [ofHub('partitions: 1025'), false],
  [ofHub('partitons: 8'), false],
  [ofHub('cleanupPolicy: compact'), true],
  [ofHub('cleanupPolicy: Shrink'), false],
  [ofHub('consumerGroups: []'), true],
  [ofHub('consumerGroups: [trainer, { name: audit }]'), true],
  [ofHub(`consumerGroups: [${'g'.repeat(51)}]`), false],
  [ofHub(`consumerGroups: [{ name: a, userMetadata: ${'x'.repeat(1025)} }]`), false],
  [ofHub('accessRules: [{ name: p, rights: [] }]'), false],
  [ofHub('accessRules: [{ name: p, rights: [send] }]'), true],
  [ofHub('grants: [{ principalId: 8c1d2e3f-0000-0000-0000-000000000000, role: Sender }]'), true],
  [ofHub('grants: [{ principalId: 8c1d2e3f-0000-0000-0000-000000000000, role: reader }]'), false],
  [ofHub('capture: { enabled: false }'), true],
  [body('environments: { prod: { tier: Basic } }'), true],
  [body('environments: { "prod 1": { tier: Basic } }'), false],
  [body('environments: { "": { tier: Basic } }'), false],
  [body('environments: { prod: { version: 1 } }'), false],
]

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(manifestSchema() as object)

test.each(TEXTS)('editors and the reader agree: %s is one: %s', (text, isManifest) => {
  expect(validate(parse(text))).toBe(isManifest)
  expect(readManifest(text, 'm.yaml').problems.length === 0).toBe(isManifest)
})
