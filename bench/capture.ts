import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EncodeRequest, EncodeResult } from './capture-process.ts'
import { ask, bundle, megabytes, MEMORY, startProcess, stop } from './processes.ts'
import { type Row, row } from './table.ts'

/** As much as the largest window holds: 500 MB. */
const EVENTS = 500_000
const ROUNDS = 3

/** What writes the files has to leave most of a core to reading the log and to the file, which share 200,000 a second. */
const ENCODED_PER_SECOND = 400_000

const KINDS: readonly (readonly [name: string, request: EncodeRequest, least?: number])[] = [
  ['body alone', { codec: 'null', withProperties: false, events: EVENTS }, ENCODED_PER_SECOND],
  ['partition key and 3 properties', { codec: 'null', withProperties: true, events: EVENTS }],
  ['body alone, deflate', { codec: 'deflate', withProperties: false, events: EVENTS / 10 }],
]

/** Measures what makes captured files of events of 1 KB, without the log and without the files. */
export async function benchCapture(): Promise<Row[]> {
  const folder = mkdtempSync(join(MEMORY, 'ml-ingest-bench-'))
  const { child } = await startProcess(await bundle('capture-process', folder))
  try {
    const rows: Row[] = []
    for (const [name, request, least] of KINDS) {
      const results: EncodeResult[] = []
      for (let round = 0; round < ROUNDS; round++) results.push(await ask<EncodeRequest, EncodeResult>(child, request))
      const best = results.reduce((a, b) => (b.ms < a.ms ? b : a))
      const perSecond = row(`events as Avro, ${name}`, (request.events / best.ms) * 1_000, 'events/s')
      rows.push(least === undefined ? perSecond : { ...perSecond, least })
      if (request === KINDS[0]![1]) rows.push(row('memory, for a window of 500 MB', megabytes(best), 'MB'))
    }
    return rows
  } finally {
    await stop(child)
    rmSync(folder, { recursive: true, force: true })
  }
}
