import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDimensionFilter } from '../../../../src/local/arm/providers/insights/dimension-filter.ts'

describe('$filter', () => {
  test.each<readonly [text: string, filter: Readonly<Record<string, readonly string[]>> | undefined]>([
    ['', {}],
    ["A eq 'a1' and B eq 'b1' or B eq 'b2' and C eq '*'", { a: ['a1'], b: ['b1', 'b2'], c: ['*'] }],
    ["(EntityName eq '*')", { entityname: ['*'] }],
    ["A eq 'x' AND (b EQ 'it''s' OR B eq '')", { a: ['x'], b: ["it's", ''] }],
    ["A eq 'a1' and B eq 'b1' and C eq '*' or B eq 'b2'", undefined],
    ["A eq 'a' and A eq 'b'", undefined],
    ["A ne 'a'", undefined],
    ["A eq 'a' and", undefined],
    ["A eq 'a' B eq 'b'", undefined],
    ["(A eq 'a'", undefined],
    ["A eq 'a", undefined],
    ['A eq a', undefined],
    ["eq 'a'", undefined],
  ])('%s', (text, filter) => {
    const read = readDimensionFilter(text)
    expect(read && Object.fromEntries(read)).toEqual(filter)
  })

  test('is read as it was written, whatever it is about', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/).filter((word) => !['eq', 'and', 'or'].includes(word))
    const groups = fc.uniqueArray(fc.tuple(name, fc.array(fc.string(), { minLength: 1, maxLength: 4 })), {
      ...{ minLength: 1, maxLength: 4, selector: ([dimension]: [string, string[]]) => dimension },
    })
    fc.assert(
      fc.property(groups, fc.boolean(), (written, isClosed) => {
        const text = written
          .map(([dimension, values]) =>
            values.map((one) => `${dimension} eq '${one.replaceAll("'", "''")}'`).join(' or '),
          )
          .map((group) => (isClosed ? `(${group})` : group))
          .join(' and ')
        expect([...(readDimensionFilter(text) ?? [])]).toEqual(written)
      }),
    )
  })

  test('of any text is read or refused', () => {
    const parts = fc.constantFrom('(', ')', 'eq', 'or', 'and', "'a'", "'", 'A', ' ', 'b')
    fc.assert(fc.property(fc.array(parts), (words) => void readDimensionFilter(words.join(' '))))
  })
})
