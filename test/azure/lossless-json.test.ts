import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLossless } from '../../src/azure/azure-cloud.ts'

const again = (text: string): string => {
  const json = parseLossless(text)
  return json.stringify(json.value)
}

describe('parseLossless', () => {
  it('gives back any JSON as it came', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(again(text)).toBe(text)
      }),
    )
  })

  it.each(['9223372036854775807', '-9223372036854775808', '1.0', '1e3', '0.1', '-0', '123456789012345678901234567890'])(
    'keeps the spelling of %s',
    (number) => {
      expect(again(`{"a":[${number}],"b":"${number}"}`)).toBe(`{"a":[${number}],"b":"${number}"}`)
    },
  )

  it('keeps big integers of any length, between any strings', () => {
    const entry = fc.tuple(fc.string(), fc.bigInt())
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const text = `[${entries.map(([a, b]) => `${JSON.stringify(a)},${b}`).join(',')}]`
        expect(again(text)).toBe(text)
      }),
    )
  })

  it('gives plain numbers as numbers', () => {
    expect(parseLossless('{"a":24,"b":-1,"c":0.5}').value).toEqual({ a: 24, b: -1, c: 0.5 })
  })
})
