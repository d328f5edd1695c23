import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import {
  encodeBinary,
  encodeDouble,
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  NULL,
} from '../../../src/local/encoding/writer.ts'
import { type Need, present, PYTHON, pythonModule, runReferee } from '../amqp/support/referee.ts'
import { fileOf, storedEvent } from './support/captured.ts'
import { folderOfSuite } from '../../support/temporary-folder.ts'

const AVRO = pythonModule('avro.datafile', 'python3-avro')
const AVROCAT: Need = { what: 'avrocat', probe: ['sh', '-c', 'command -v avrocat'], from: "Debian's avro-bin" }
const SCRIPT = fileURLToPath(new URL('support/read_avro.py', import.meta.url))
const CODECS = ['null', 'deflate'] as const
const EVENTS = 600

const properties = encodeMap([
  ...[encodeString('text'), encodeString('é'), encodeString('whole'), encodeLong(-5)],
  ...[encodeString('part'), encodeDouble(0.5), encodeString('bytes'), encodeBinary(Buffer.from([0, 255]))],
  ...[encodeString('nothing'), NULL],
])
/** Enough for some blocks. Every third event has all that an event can have. */
const events = Array.from({ length: EVENTS }, (_, i) => {
  const body = encodeSection(0x75, encodeBinary(Buffer.alloc(1_000, `${i}-`)))
  const common = { sequenceNumber: i, offset: i * 1_100, enqueuedTimeMs: Date.UTC(2021, 11, 2, 14, 58, 24) }
  if (i % 3 !== 0) return storedEvent({ ...common, bare: body })
  const annotations = [Buffer.concat([encodeSymbol('x-opt-kafka-key'), encodeBinary(Buffer.from('key'))])]
  const bare = Buffer.concat([encodeSection(0x74, properties), body])
  return storedEvent({ ...common, annotations, partitionKey: 'device-7', bare })
})

const folder = folderOfSuite()
const pathOf = (name: string, codec: string): string => join(folder, `${name}-${codec}.avro`)
beforeAll(async () => {
  for (const codec of CODECS) {
    writeFileSync(pathOf('some', codec), (await fileOf(events, codec)).bytes)
    writeFileSync(pathOf('none', codec), (await fileOf([], codec)).bytes)
  }
})

it.skipIf(!present(AVRO))('python3-avro reads them', async () => {
  const paths = ['some', 'none'].flatMap((name) => CODECS.map((codec) => pathOf(name, codec)))
  const { files } = (await runReferee([PYTHON, SCRIPT, ...paths])) as {
    readonly files: readonly { readonly codec: string; readonly events: readonly unknown[] }[]
  }
  expect(files.map(({ codec, events }) => [codec, events.length])).toEqual([
    ...[
      ['null', EVENTS],
      ['deflate', EVENTS],
      ['null', 0],
      ['deflate', 0],
    ],
  ])
  for (const { events } of files.slice(0, 2)) {
    expect(events[3]).toEqual({
      ...{ SequenceNumber: 3, Offset: '3300', EnqueuedTimeUtc: '12/2/2021 2:58:24 PM' },
      SystemProperties: { 'x-opt-partition-key': 'device-7', 'x-opt-kafka-key': { hex: '6b6579' } },
      Properties: { text: 'é', whole: -5, part: 0.5, bytes: { hex: '00ff' }, nothing: null },
      Body: { hex: Buffer.alloc(1_000, '3-').toString('hex') },
    })
    expect(events[EVENTS - 1]).toMatchObject({ SequenceNumber: EVENTS - 1, SystemProperties: {}, Properties: {} })
  }
})

it.skipIf(!present(AVROCAT)).each(CODECS)('avrocat reads them with codec %s', (codec) => {
  const linesOf = (name: string) => {
    const { status, stdout } = spawnSync('avrocat', [pathOf(name, codec)], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    expect(status).toBe(0)
    return stdout.split('\n').filter((line) => line !== '')
  }
  expect(linesOf('none')).toEqual([])
  const read = linesOf('some').map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  expect(read.map(({ SequenceNumber }) => SequenceNumber)).toEqual(events.map((_, i) => i))
  expect(read[3]).toMatchObject({
    SystemProperties: { 'x-opt-partition-key': { string: 'device-7' }, 'x-opt-kafka-key': { bytes: 'key' } },
    Properties: { text: { string: 'é' }, whole: { long: -5 }, part: { double: 0.5 }, nothing: null },
    Body: { bytes: '3-'.repeat(500) },
  })
})
