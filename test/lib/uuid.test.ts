import { expect, test } from 'vitest'
import { uuidV5 } from '../../src/azure/role-assignments.ts'

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

test('names become the UUIDs of RFC 9562 and of other libraries', () => {
  expect(uuidV5('www.example.com', DNS)).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
  expect(uuidV5('python.org', DNS)).toBe('886313e1-3b8a-5372-9b90-0c9aee199e5d')
})
