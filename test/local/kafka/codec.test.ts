import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KafkaReader, KafkaWriter, MalformedRequest } from '../../../src/local/kafka/wire/bytes.ts'
import { array, type Codec, compileFields, type Fields, int32, string } from '../../../src/local/kafka/wire/codec.ts'
import { ALL_APIS } from './support/apis.ts'
import { anyStructure, encodePublished, readPublished, type Tags } from './support/published.ts'

const PUBLISHED = readPublished()

const write = <W>(codec: Codec<unknown, W>, value: W): Buffer => {
  const writer = new KafkaWriter()
  codec.write(writer, value)
  return Buffer.concat(writer.finish())
}
const read = <R>(codec: Codec<R, never>, bytes: Buffer, end = bytes.length): R => {
  const reader = new KafkaReader()
  reader.open(bytes, 0, end)
  return codec.read(reader)
}

/** Fast where it is true, which is nearly always. */
const expectSame = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

const tags: fc.Arbitrary<Tags> = fc.array(fc.record({ tag: fc.nat(), bytes: fc.uint8Array({ maxLength: 200 }) }), {
  maxLength: 2,
})

describe('each message in each version', () => {
  test('is one of those that are published, all of them', () => {
    const ours = ALL_APIS.map(({ name, key, flexible = Infinity }) => ({ name, key, flexible }))
    const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key
    expect(ours.sort(byKey)).toEqual(PUBLISHED.map(({ name, key, flexible }) => ({ name, key, flexible })).sort(byKey))
  })

  for (const { name, key, flexible, ...halves } of PUBLISHED) {
    const api = ALL_APIS.find((one) => one.key === key)!
    const [first, last] = api.versions
    for (let version = first; version <= last; version++) {
      const isFlexible = version >= flexible
      test(`is read and written as published: ${name} ${version}`, () => {
        for (const half of ['request', 'response'] as const) {
          const codec = compileFields<Fields>(api[half], { version, isFlexible })
          const check = (value: Readonly<Record<string, unknown>>, unknown: Tags, cut: number) => {
            const sent = encodePublished(halves[half], value, { version, isFlexible, tags: unknown })
            expectSame(read(codec, sent), value)
            const plain = encodePublished(halves[half], value, { version, isFlexible })
            expectSame(write(codec, value as never).subarray(4), plain)
            expect(plain.length).toBeGreaterThanOrEqual(codec.least)
            if (plain.length > 0) expect(() => read(codec, plain, cut % plain.length)).toThrow(MalformedRequest)
          }
          fc.assert(
            fc.property(anyStructure(halves[half], version), isFlexible ? tags : fc.constant([]), fc.nat(), check),
            {
              numRuns: 15,
            },
          )
        }
      })
    }
  }
})

describe('a reader', () => {
  const plain = { version: 0, isFlexible: false }
  const compact = { version: 0, isFlexible: true }

  test('refuses more elements than can be there', () => {
    const bytes = Buffer.from('7fffffff00000001', 'hex')
    expect(() => read(array(int32).compile(plain), bytes)).toThrow(MalformedRequest)
    // Two elements of four bytes each, and seven bytes.
    expect(() => read(array(int32).compile(compact), Buffer.from('0300000001000000', 'hex'))).toThrow(MalformedRequest)
    expect(read(array(int32).compile(compact), Buffer.from('030000000100000002', 'hex'))).toEqual([1, 2])
  })

  test.each([
    ['a length below that of null', 'fffe'],
    ['a null where the version has none', 'ffff'],
    ['more bytes than are left', '000361'],
  ])('refuses %s', (_, hex) => {
    expect(() => read(string.compile(plain), Buffer.from(hex, 'hex'))).toThrow(MalformedRequest)
  })

  test('refuses a varint without an end', () => {
    expect(() => read(string.compile(compact), Buffer.alloc(8, 0xff))).toThrow(MalformedRequest)
  })
})

describe('a writer', () => {
  test('loses nothing where its memory grows', () => {
    const writer = new KafkaWriter()
    for (let i = 0; i < 3_000; i++) {
      writer.int32(i)
      writer.varint(300)
      writer.put(Buffer.from([1, 2, 3]))
      writer.text('é', 2)
    }
    const one = (i: number) =>
      Buffer.concat([Buffer.from([0, 0, i >> 8, i & 255]), Buffer.from('ac02010203c3a9', 'hex')])
    const all = Buffer.concat(Array.from({ length: 3_000 }, (_, i) => one(i)))
    expect(Buffer.concat(writer.finish()).subarray(4).equals(all)).toBe(true)
  })

  test('joins small parts and leaves large ones as they are', () => {
    const writer = new KafkaWriter()
    const large = Buffer.alloc(5_000, 1)
    writer.int8(1)
    writer.put(Buffer.from([2]))
    writer.put(large)
    writer.put(large)
    writer.int8(3)
    const parts = writer.finish()
    expect(parts[1]).toBe(large)
    expect(Buffer.concat(parts)).toEqual(
      Buffer.concat([Buffer.from([0, 0, 0x27, 0x13, 1, 2]), large, large, Buffer.from([3])]),
    )
    writer.int8(4)
    expect(Buffer.concat(writer.finish())).toEqual(Buffer.from([0, 0, 0, 1, 4]))
  })
})
