import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnsOf, pad, paragraph, plain, row, truncate, wrap } from '../../src/ui/text.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map(plain)

describe('wrap', () => {
  it('loses no word, cuts none, and exceeds the width only by one long word', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 60 }), (any, width) => {
        const lines = wrap(any, width)
        expect(lines.join(' ').split(' ').filter(Boolean)).toEqual(any.split(' ').filter(Boolean))
        for (const line of lines) expect(columnsOf(line) <= width || !line.includes(' ')).toBe(true)
      }),
    )
  })
})

describe('truncate', () => {
  it('fits, wide characters included', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 60 }), (any, columns) => {
        expect(columnsOf(truncate(any, columns, '…'))).toBeLessThanOrEqual(columns)
      }),
    )
    expect(truncate('日本語のハブ', 7, '…')).toBe('日本語…')
    expect(truncate('short', 7, '…')).toBe('short')
  })
})

it('plain takes what could steer a terminal out of foreign text', () => {
  expect(plain('a\x1b[2Jb\r\nc\u202ed\u0007')).toBe('a [2Jb c d')
})

it('truncate keeps colours and their end', () => {
  expect(truncate('\x1b[31mlong \x1b[1mwords\x1b[22m\x1b[39m', 7, '…')).toBe('\x1b[31mlong \x1b[1mw…\x1b[22m\x1b[39m')
})

it('pads by columns, not by characters', () => {
  expect(pad('日本', 6)).toBe('日本  ')
  expect(pad('long', 2)).toBe('long')
})

it('draws rows and paragraphs', () => {
  expect(row('Not started', 'hub clicks, hub audit', 30)).toEqual([
    '  Not started      hub clicks,',
    '                   hub audit',
  ])
  expect(paragraph('one two three', 9)).toEqual(['  one two', '  three'])
})
