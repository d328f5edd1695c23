/** Eight tables of the Castagnoli polynomial, one behind the other, so that a turn of the loop takes eight bytes. */
const TABLES = buildTables()

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    tables[byte] = value
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256]!
    tables[i] = (previous >>> 8) ^ tables[previous & 0xff]!
  }
  return tables
}

/** CRC-32C (RFC 3720, appendix B.4) of bytes `start` to `end`. Words are read as little-endian, as all our systems have them. */
export function crc32c(bytes: Buffer, start = 0, end = bytes.length): number {
  const t = TABLES
  let crc = -1
  let at = start
  const next = () => (crc = t[(crc ^ bytes[at++]!) & 0xff]! ^ (crc >>> 8))
  while (at < end && (bytes.byteOffset + at) % 4 !== 0) next()
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, Math.max(0, (end - at) >> 3) * 2)
  for (let i = 0; i < words.length; i += 2) {
    const a = words[i]! ^ crc
    const b = words[i + 1]!
    crc =
      t[1792 + (a & 0xff)]! ^
      t[1536 + ((a >>> 8) & 0xff)]! ^
      t[1280 + ((a >>> 16) & 0xff)]! ^
      t[1024 + (a >>> 24)]! ^
      t[768 + (b & 0xff)]! ^
      t[512 + ((b >>> 8) & 0xff)]! ^
      t[256 + ((b >>> 16) & 0xff)]! ^
      t[b >>> 24]!
  }
  at += words.length * 4
  while (at < end) next()
  return ~crc >>> 0
}

/** What shifting the sum by 2^i bytes does to each of its bits. */
const SHIFTS = buildShifts()

function buildShifts(): readonly Int32Array[] {
  // Shifting by one byte of zeros.
  const shifts = [Int32Array.from({ length: 32 }, (_, bit) => zeroByte(1 << bit))]
  for (let i = 1; i < 32; i++) {
    const half = shifts[i - 1]!
    shifts.push(half.map((value) => times(half, value)))
  }
  return shifts
}

function zeroByte(crc: number): number {
  return (crc >>> 8) ^ TABLES[crc & 0xff]!
}

function times(shift: Int32Array, crc: number): number {
  let product = 0
  for (let bit = 0, rest = crc; rest !== 0; bit++, rest >>>= 1) if (rest & 1) product ^= shift[bit]!
  return product
}

/**
 * The CRC-32C of bytes with the sum `first` followed by `length` bytes with the sum `second`. As sums are linear, it also
 * takes the first bytes away: joined with the sum of the whole, it gives that of the rest.
 */
export function joinCrc32c(first: number, second: number, length: number): number {
  let crc = first
  for (let i = 0, rest = length; rest !== 0; i++, rest >>>= 1) if (rest & 1) crc = times(SHIFTS[i]!, crc)
  return (crc ^ second) >>> 0
}
