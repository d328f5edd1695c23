const FILE_ALIGNMENT = 0x200
const SECTION_AT = 0x1000
const DIRECTORY_BYTES = 40
/** Far from where other libraries are put: it cannot be moved. */
const IMAGE_BASE = 0x3b_c000_0000n

/**
 * The bytes of a 64-bit Windows library without code that hands one of its functions to another library, as the loader
 * does it. https://learn.microsoft.com/windows/win32/debug/pe-format#export-address-table
 */
export function forwardingDll({
  library,
  name,
  to,
}: {
  /** Such as `small.dll`. */
  readonly library: string
  readonly name: string
  /** Such as `advapi32.SystemFunction036`. */
  readonly to: string
}): Buffer {
  const section = exportSection(library, name, to)
  const header = Buffer.alloc(FILE_ALIGNMENT)
  header.write('MZ', 0)
  header.writeUInt32LE(0x40, 0x3c)
  header.write('PE\0\0', 0x40, 'latin1')
  writeFileHeader(header.subarray(0x44))
  writeOptionalHeader(header.subarray(0x58), section.length)
  writeSectionHeader(header.subarray(0x58 + 240), section.length)
  return Buffer.concat([header, section, Buffer.alloc(FILE_ALIGNMENT - (section.length % FILE_ALIGNMENT))])
}

/** One directory, three tables of one entry each, and the texts. */
function exportSection(library: string, name: string, to: string): Buffer {
  const tables = Buffer.alloc(DIRECTORY_BYTES + 12)
  const texts = [library, name, to].map((text) => Buffer.from(`${text}\0`, 'latin1'))
  const [libraryBytes, nameBytes] = texts as [Buffer, Buffer]
  const libraryAt = SECTION_AT + tables.length
  const nameAt = libraryAt + libraryBytes.length
  const toAt = nameAt + nameBytes.length
  const addresses = SECTION_AT + DIRECTORY_BYTES
  const directory = [0, 0, 0, libraryAt, 1, 1, 1, addresses, addresses + 4, addresses + 8]
  for (const [i, value] of [...directory, toAt, nameAt, 0].entries()) tables.writeUInt32LE(value, i * 4)
  return Buffer.concat([tables, ...texts])
}

const DLL_64_BIT = 0x2023 // EXECUTABLE_IMAGE, RELOCS_STRIPPED, LARGE_ADDRESS_AWARE, DLL

function writeFileHeader(at: Buffer): void {
  at.writeUInt16LE(0x8664, 0)
  at.writeUInt16LE(1, 2)
  at.writeUInt16LE(240, 16)
  at.writeUInt16LE(DLL_64_BIT, 18)
}

function writeOptionalHeader(at: Buffer, sectionBytes: number): void {
  at.writeUInt16LE(0x20b, 0)
  at.writeUInt32LE(FILE_ALIGNMENT, 8)
  at.writeBigUInt64LE(IMAGE_BASE, 24)
  at.writeUInt32LE(SECTION_AT, 32)
  at.writeUInt32LE(FILE_ALIGNMENT, 36)
  at.writeUInt16LE(6, 40)
  at.writeUInt16LE(6, 48)
  at.writeUInt32LE(2 * SECTION_AT, 56)
  at.writeUInt32LE(FILE_ALIGNMENT, 60)
  at.writeUInt16LE(3, 68)
  at.writeUInt32LE(16, 108)
  at.writeUInt32LE(SECTION_AT, 112)
  at.writeUInt32LE(sectionBytes, 116)
}

function writeSectionHeader(at: Buffer, sectionBytes: number): void {
  at.write('.edata', 0)
  at.writeUInt32LE(sectionBytes, 8)
  at.writeUInt32LE(SECTION_AT, 12)
  at.writeUInt32LE(FILE_ALIGNMENT, 16)
  at.writeUInt32LE(FILE_ALIGNMENT, 20)
  at.writeUInt32LE(0x4000_0040, 36)
}
