import { AvroWriter } from '../src/local/capture/avro.ts'
import {
  encodeBinary,
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
} from '../src/local/encoding/writer.ts'
import type { StoredEvent } from '../src/local/log/record.ts'

/** The writer of captured files in a process of its own, driven over IPC: `EncodeRequest` in, `EncodeResult` out. */

export interface EncodeRequest {
  readonly codec: 'null' | 'deflate'
  /** Whether the events have a partition key and three properties. */
  readonly withProperties: boolean
  readonly events: number
}

export interface EncodeResult {
  readonly ms: number
  readonly rssBytes: number
}

const BODY_BYTES = 1_024
const NO_BYTES = Buffer.alloc(0)

/** A body of JSON, which deflate makes a little shorter, as it does those of sensors. */
function bodyOfJson(): Buffer {
  const readings = Array.from({ length: 150 }, (_, i) => Math.round(Math.sin(i) * 1_000_000) / 1_000)
  return Buffer.from(JSON.stringify({ device: 'device-7', readings })).subarray(0, BODY_BYTES)
}

function bareOf(withProperties: boolean): Buffer {
  const body = encodeSection(0x75, encodeBinary(bodyOfJson()))
  if (!withProperties) return body
  const names = ['type', 'version', 'site'].map((name) => encodeString(name))
  const values = [encodeString('reading'), encodeLong(2), encodeSymbol('north')]
  return Buffer.concat([encodeSection(0x74, encodeMap(names.flatMap((name, i) => [name, values[i]!]))), body])
}

async function encode({ codec, withProperties, events }: EncodeRequest): Promise<EncodeResult> {
  const bare = bareOf(withProperties)
  const writer = new AvroWriter(codec)
  const start = performance.now()
  for (let i = 0; i < events; i++) {
    const event: StoredEvent = {
      ...{ sequenceNumber: i, offset: i * BODY_BYTES, enqueuedTimeMs: 1_800_000_000_000 + (i >> 6), bare },
      ...{ partitionKey: withProperties ? 'device-7' : undefined, header: NO_BYTES },
      ...{ annotationCount: 0, annotations: NO_BYTES },
    }
    writer.add(event)
    if (writer.isBlockFull) await writer.takeBlock()
  }
  await writer.takeBlock()
  return { ms: performance.now() - start, rssBytes: process.memoryUsage().rss }
}

process.on('message', (request: EncodeRequest) => void encode(request).then((result) => process.send!(result)))
process.send!({})
process.once('disconnect', () => process.exit())
