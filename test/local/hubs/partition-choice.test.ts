import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOfKey, partitionForKey } from '../../../src/local/hubs/partition-choice.ts'

// Hashes that the official clients give; a key that Azure puts into a partition must land in the same one here.
const VECTORS: readonly (readonly [string, number])[] = [
  ['', 0],
  ['a', -16220],
  ['device-7', 28322],
  ['FWfAT', -22341],
  ['alphabet', -23478],
  ['0123456789abc', -4167],
  ['7149583486996073602', 12977],
  ['ключ', -32174],
]

describe('the partition of a key', () => {
  it.each(VECTORS)('%j hashes to %i', (key, hash) => {
    expect(hashOfKey(key)).toBe(hash)
  })

  it('is the remainder without its sign', () => {
    expect(partitionForKey('a', 32)).toBe(16220 % 32)
    expect(partitionForKey('ключ', 7)).toBe(32174 % 7)
  })

  it('is one of the partitions for any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 1024 }), (key, count) => {
        const partition = partitionForKey(key, count)
        expect(partition).toBeGreaterThanOrEqual(0)
        expect(partition).toBeLessThan(count)
      }),
    )
  })
})
