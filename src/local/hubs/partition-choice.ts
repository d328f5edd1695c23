import type { LocalHub } from './directory.ts'

/** Which partition a publication goes to that names none. */
export class PartitionChoice {
  readonly #turns = new Map<string, number>()

  /** The one of the key; without a key each publication goes to the next one in turn. */
  of({ namespace, name }: LocalHub, partitionCount: number, partitionKey: string | undefined): number {
    if (partitionKey !== undefined) return partitionForKey(partitionKey, partitionCount)
    const hub = `${namespace}/${name}`
    const turn = (this.#turns.get(hub) ?? 0) % partitionCount
    this.#turns.set(hub, turn + 1)
    return turn
  }
}

/**
 * The partition that Azure chooses for a key: Bob Jenkins' lookup3 over the UTF-8 bytes, folded to 16 bits. The same
 * rule is in the clients: PartitionResolver in .NET, partitionKeyToIdMapper in JavaScript.
 */
export const partitionForKey = (key: string, partitionCount: number): number =>
  Math.abs(hashOfKey(key) % partitionCount)

/** A signed 16-bit number. */
export function hashOfKey(key: string): number {
  const bytes = Buffer.from(key, 'utf8')
  let [a, b, c] = new Array<number>(3).fill((0xdeadbeef + bytes.length) | 0) as [number, number, number]
  let at = 0
  for (; bytes.length - at > 12; at += 12) {
    ;[a, b, c] = mix((a + word(bytes, at)) | 0, (b + word(bytes, at + 4)) | 0, (c + word(bytes, at + 8)) | 0)
  }
  if (at < bytes.length) {
    ;[b, c] = finish((a + word(bytes, at)) | 0, (b + word(bytes, at + 4)) | 0, (c + word(bytes, at + 8)) | 0)
  }
  return ((c ^ b) << 16) >> 16
}

/** Four bytes, little-endian; zeros after the end. */
const word = (bytes: Buffer, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

function mix(a: number, b: number, c: number): [number, number, number] {
  a = ((a - c) ^ rotate(c, 4)) | 0
  c = (c + b) | 0
  b = ((b - a) ^ rotate(a, 6)) | 0
  a = (a + c) | 0
  c = ((c - b) ^ rotate(b, 8)) | 0
  b = (b + a) | 0
  a = ((a - c) ^ rotate(c, 16)) | 0
  c = (c + b) | 0
  b = ((b - a) ^ rotate(a, 19)) | 0
  a = (a + c) | 0
  c = ((c - b) ^ rotate(b, 4)) | 0
  b = (b + a) | 0
  return [a, b, c]
}

function finish(a: number, b: number, c: number): [b: number, c: number] {
  c = ((c ^ b) - rotate(b, 14)) | 0
  a = ((a ^ c) - rotate(c, 11)) | 0
  b = ((b ^ a) - rotate(a, 25)) | 0
  c = ((c ^ b) - rotate(b, 16)) | 0
  a = ((a ^ c) - rotate(c, 4)) | 0
  b = ((b ^ a) - rotate(a, 14)) | 0
  c = ((c ^ b) - rotate(b, 24)) | 0
  return [b, c]
}
