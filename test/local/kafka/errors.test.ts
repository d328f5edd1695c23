import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { HubError } from '../../../src/local/hubs/errors.ts'
import { ERROR, KafkaError } from '../../../src/local/kafka/errors.ts'

const FOLDER = new URL('../../../src/local/kafka/', import.meta.url)

test('every code is answered somewhere', async () => {
  const files = (await readdir(FOLDER, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const texts = await Promise.all(files.map((file) => readFile(new URL(file.replaceAll('\\', '/'), FOLDER), 'utf8')))
  const all = texts.join('\n')
  const unused = Object.keys(ERROR).filter((name) => !all.includes(`'${name}'`) && !all.includes(`ERROR.${name}`))
  expect(unused).toEqual([])
})

test('a refusal has no stack, and other errors keep theirs', () => {
  const refusals = [new KafkaError('invalidTopic', 'No'), new HubError({ because: 'not-found', path: 'a' })]
  expect(refusals.map(({ stack }) => stack)).toEqual(['Error: No', 'Error: not-found'])
  expect(new Error('Ours').stack).toContain('errors.test.ts')
})
