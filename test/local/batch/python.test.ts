import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { packEvents } from '../../../src/local/batch/events.ts'
import { checkBatch, readBatchHead } from '../../../src/local/batch/record-batch.ts'
import { MOST_INFLATED_BYTES, readRecords } from '../../../src/local/batch/records.ts'
import {
  encodeBinary,
  encodeList,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  NULL,
} from '../../../src/local/encoding/writer.ts'
import { type Need, present, runReferee } from '../amqp/support/referee.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const PYTHON = '/usr/bin/python3'
const KAFKA: Need = {
  what: `The module kafka of ${PYTHON}`,
  probe: [PYTHON, '-c', 'import kafka.record.default_records'],
  from: "Debian's python3-kafka",
}
const SCRIPT = fileURLToPath(new URL('support/kafka_batches.py', import.meta.url))

interface Answer {
  readonly read: unknown
  readonly written: Readonly<Record<'plain' | 'gzip', string>>
}

async function askPython(batches: Buffer): Promise<Answer> {
  const file = join(temporaryFolder(), 'batches')
  writeFileSync(file, batches)
  return (await runReferee([PYTHON, SCRIPT, file])) as Answer
}

it.skipIf(!present(KAFKA))(
  'kafka-python reads what we pack, and writes what we read',
  { timeout: 30_000 },
  async () => {
    const data = encodeSection(0x75, encodeBinary(Buffer.from('body')))
    const properties = encodeSection(0x73, encodeList([...Array<Buffer>(6).fill(NULL), encodeSymbol('text/plain')]))
    const map = encodeSection(0x74, encodeMap([encodeString('a'), encodeString('b'), encodeString('none'), NULL]))
    const key = Buffer.concat([encodeSymbol('x-opt-kafka-key'), encodeBinary(Buffer.from([7]))])
    const events = [data, Buffer.concat([properties, map, data]), encodeSection(0x75, NULL)].map((bare, i) => ({
      ...{ sequenceNumber: 5_000_000_000 + i, offset: 0, enqueuedTimeMs: 1_800_000_000_000 + (i >> 1) },
      ...{ partitionKey: 'other', header: Buffer.alloc(0), bare },
      ...(i === 1 ? { annotationCount: 1, annotations: key } : { annotationCount: 0, annotations: Buffer.alloc(0) }),
    }))
    const { read, written } = await askPython(
      Buffer.concat([packEvents(events, 'LogAppend'), packEvents(events.slice(0, 1), 'Create')]),
    )
    const hex = (text: string) => Buffer.from(text).toString('hex')
    const first = {
      ...{ offset: 5_000_000_000, timestamp: 1_800_000_000_000, type: 1, key: null, value: hex('body') },
      headers: [],
    }
    const second = {
      ...{ ...first, offset: 5_000_000_001, key: '07' },
      headers: [
        ['content-type', hex('text/plain')],
        ['a', encodeString('b').toString('hex')],
        ['none', null],
      ],
    }
    const third = { ...first, offset: 5_000_000_002, timestamp: 1_800_000_000_001, value: null }
    expect(read).toEqual([
      { valid: true, base: 5_000_000_000, codec: 0, records: [first, second] },
      { valid: true, base: 5_000_000_002, codec: 0, records: [third] },
      { valid: true, base: 5_000_000_000, codec: 0, records: [{ ...first, type: 0 }] },
    ])

    const header = (name: string, value: string | null) => ({
      ...{ key: name, value: value === null ? null : Buffer.from(value) },
    })
    for (const [kind, compression] of [
      ['plain', 0],
      ['gzip', 1],
    ] as const) {
      const batch = Buffer.from(written[kind], 'hex')
      const head = readBatchHead(batch)
      checkBatch(batch, 0, head)
      expect(head).toMatchObject({ compression, count: 3, baseTimestampMs: 1_800_000_000_000 })
      expect(readRecords(batch, head, MOST_INFLATED_BYTES)).toEqual([
        {
          ...{ offsetDelta: 0, timestampDeltaMs: 0, key: Buffer.from('key'), value: Buffer.from('value') },
          headers: [header('text', 'hello'), header('null', null), header('text', 'again')],
        },
        { offsetDelta: 1, timestampDeltaMs: 7, key: null, value: Buffer.alloc(1_000, 'x'), headers: [] },
        { offsetDelta: 2, timestampDeltaMs: -1, key: Buffer.alloc(0), value: null, headers: [header('ü', '')] },
      ])
    }
  },
)
