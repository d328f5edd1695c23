import fc from 'fast-check'
import { expect, it } from 'vitest'
import { blobOfPath, pathOfBlob } from '../../src/lib/capture-folder.ts'

it.each([
  ['raw/ns/clicks/0/2026/11/30/12/00/00.avro', 'raw/ns/clicks/0/2026/11/30/12/00/00.avro'],
  ['con/nul/AUX.avro', '%63on/%6Eul/%41UX.avro'],
  ['ends./here ', 'ends%2E/here%20'],
  ['../a//b', '%%2E%2E/a/%/b'],
  ['a:b%|c', 'a%3Ab%25%7Cc'],
])('the blob %s has the path %s', (blob, path) => {
  expect(pathOfBlob(blob).join('/')).toBe(path)
})

it('a path has one blob, and no name that Windows takes for something else', () => {
  const blob = fc.array(fc.constantFrom('con', 'nul', 'com1', 'a', '.', ' ', '/', '%', ':', '\\', '2E'), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(blob, (parts) => {
      const names = pathOfBlob(parts.join(''))
      expect(blobOfPath(names)).toBe(parts.join(''))
      for (const name of names) expect(name).not.toMatch(/^$|[. ]$|[\\:/]|^(con|nul|com1)( *\.| *$)/)
    }),
  )
})
