import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blobNameOf, blobNameReader, blobPrefixOf } from '../../src/lib/capture-names.ts'
import { CAPTURE_LIMITS } from '../../src/lib/limits.ts'

const USUAL = CAPTURE_LIMITS.nameParts.join('/')
const HUB = { namespace: 'tfdatamigratens', hub: 'hubdatamigration' }
const WINDOW = { partition: 1, timeMs: Date.UTC(2017, 7, 31, 19, 11, 45) }

it('gives the name of the sample of Event Grid', () => {
  // https://learn.microsoft.com/azure/event-grid/event-schema-event-hubs
  expect(blobNameOf(USUAL, { ...HUB, ...WINDOW })).toBe('tfdatamigratens/hubdatamigration/1/2017/08/31/19/11/45.avro')
})

it.each([
  ['{PartitionId}/{PartitionId}-{Year}{Month}{Day}T{Hour}{Minute}{Second}', '1/1-20170831T191145.avro'],
  ['../{EventHub}//\\{Namespace}/', '../hubdatamigration//\\tfdatamigratens/.avro'],
  ['{year}/{Years}/{}', '{year}/{Years}/{}.avro'],
  ['raw', 'raw.avro'],
])('replaces every part of %s, and nothing else', (format, name) => {
  expect(blobNameOf(format, { ...HUB, ...WINDOW, timeMs: WINDOW.timeMs + 999 })).toBe(name)
})

it('takes names as they are, whatever they mean elsewhere', () => {
  const odd = { namespace: '$&{Year}', hub: '.*' }
  expect(blobNameOf('{Namespace}/{EventHub}', { ...odd, ...WINDOW })).toBe('$&{Year}/.*.avro')
  expect(blobNameReader(`{EventHub}/${USUAL}`, odd)('x/x/x/1/2017/08/31/19/11/45.avro')).toBeUndefined()
})

it.each([
  [USUAL, 'tfdatamigratens/hubdatamigration/'],
  ['raw/{Year}/{Namespace}', 'raw/'],
  ['{PartitionId}', ''],
  ['raw/{EventHub}', 'raw/hubdatamigration.avro'],
])('lists the files of %s by what their names begin with', (format, prefix) => {
  expect(blobPrefixOf(format, HUB)).toBe(prefix)
})

describe('the window of a name', () => {
  const format = fc
    .tuple(
      fc.shuffledSubarray([...CAPTURE_LIMITS.nameParts], { minLength: CAPTURE_LIMITS.nameParts.length }),
      fc.array(fc.constantFrom('/', '-', '.', 'a', '(', '\\', '|', '{Year}', '{Hub}'), { minLength: 9, maxLength: 9 }),
    )
    .map(([parts, between]) => parts.map((part, i) => `${part}${between[i]}`).join(''))
  const window = fc.record({
    partition: fc.nat(1_023),
    timeMs: fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2999, 0) }).map((ms) => ms - (ms % 1_000)),
  })

  it('is the one that it was made of', () => {
    fc.assert(
      fc.property(format, window, (format, window) => {
        const name = blobNameOf(format, { ...HUB, ...window })
        expect(name.startsWith(blobPrefixOf(format, HUB))).toBe(true)
        expect(blobNameReader(format, HUB)(name)).toEqual(window)
      }),
    )
  })

  it.each([
    'tfdatamigratens/other/1/2017/08/31/19/11/45.avro',
    'tfdatamigratens/hubdatamigration/1/2017/08/31/19/11/45',
    'tfdatamigratens/hubdatamigration/1/2017/08/31/19/11/45.avro.part',
    'tfdatamigratens/hubdatamigration/1/2017/06/31/19/11/45.avro',
    'tfdatamigratens/hubdatamigration/01/2017/08/31/19/11/45.avro',
    'tfdatamigratens/hubdatamigration/1/2017/8/31/19/11/45.avro',
    'x/tfdatamigratens/hubdatamigration/1/2017/08/31/19/11/45.avro',
  ])('is not read of %s', (name) => {
    expect(blobNameReader(USUAL, HUB)(name)).toBeUndefined()
  })

  it('is not read by a format that does not tell it', () => {
    expect(blobNameReader('{PartitionId}/{Year}', HUB)('1/2017.avro')).toBeUndefined()
  })
})
