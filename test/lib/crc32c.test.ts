import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c, joinCrc32c } from '../../src/lib/crc32c.ts'

describe('crc32c', () => {
  it('agrees with the vectors of RFC 3720', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e)
    expect(crc32c(Buffer.from('xx123456789y'), 2, 11)).toBe(0xe3069283)
  })

  it('is the same wherever the bytes lie', () => {
    const bytes = Buffer.concat([Buffer.alloc(3), Buffer.from('123456789'.repeat(5))])
    const sums = [0, 1, 2, 3].map((shift) => crc32c(Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift)))
    expect(new Set(sums).size).toBe(1)
  })

  it('joins two sums to that of the bytes together, and takes the first bytes away again', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one))
    fc.assert(
      fc.property(bytes, bytes, (first, second) => {
        const whole = joinCrc32c(crc32c(first), crc32c(second), second.length)
        expect(whole).toBe(crc32c(Buffer.concat([first, second])))
        expect(joinCrc32c(crc32c(first), whole, second.length)).toBe(crc32c(second))
      }),
    )
  })
})
