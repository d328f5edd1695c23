import avsc from 'avsc'

/** What Azure writes. https://learn.microsoft.com/azure/event-hubs/explore-captured-avro-files, and null in Properties. */
export const AZURE_SCHEMA = {
  type: 'record',
  name: 'EventData',
  namespace: 'Microsoft.ServiceBus.Messaging',
  fields: [
    { name: 'SequenceNumber', type: 'long' },
    { name: 'Offset', type: 'string' },
    { name: 'EnqueuedTimeUtc', type: 'string' },
    { name: 'SystemProperties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes'] } },
    { name: 'Properties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes', 'null'] } },
    { name: 'Body', type: ['null', 'bytes'] },
  ],
}

/** Values in unions as avsc wants them: `{ long: 7 }`. */
export interface AvroRecord {
  readonly SequenceNumber: number | bigint
  readonly Offset: string
  readonly EnqueuedTimeUtc: string
  readonly SystemProperties: object
  readonly Properties: object
  readonly Body: { readonly bytes: Buffer } | null
}

export const record = (more: Partial<AvroRecord>): AvroRecord => ({
  ...{ SequenceNumber: 0, Offset: '0', EnqueuedTimeUtc: '12/2/2021 2:58:24 PM' },
  ...{ SystemProperties: {}, Properties: {}, Body: { bytes: Buffer.from('{}') } },
  ...more,
})

interface FileOptions {
  readonly schema?: typeof AZURE_SCHEMA
  readonly codec?: 'null' | 'deflate'
  readonly blockSize?: number
  readonly registry?: Record<string, avsc.Type>
}

/** The bytes of a file that somebody else's library wrote. */
export async function avroFile(records: readonly object[], options: FileOptions = {}): Promise<Buffer> {
  const { schema = AZURE_SCHEMA, codec = 'null', blockSize = 65_536, registry } = options
  const type = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true, ...(registry && { registry }) })
  const encoder = new avsc.streams.BlockEncoder(type, { codec, blockSize, writeHeader: 'always' })
  for (const one of records) encoder.write(one)
  encoder.end()
  const parts: Buffer[] = []
  for await (const part of encoder) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

export async function* inChunks(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}
