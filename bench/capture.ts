import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EncodeRequest, EncodeResult } from './capture-process.ts'
import { ask, bundle, megabytes, MEMORY, startProcess, stop } from './processes.ts'
import { type Row, row } from './table.ts'
import type { WindowRequest, WindowResult } from './window-process.ts'

/** As much as the largest window holds: 500 MB. */
const EVENTS = 500_000
const ROUNDS = 3

/** What Capture has to do with one core, from the log to the file. */
const CAPTURED_PER_SECOND = 200_000

/** What writes the files has to leave most of a core to reading the log and to the file, which share 200,000 a second. */
const ENCODED_PER_SECOND = 400_000

const KINDS: readonly (readonly [name: string, request: EncodeRequest, least?: number])[] = [
  ['body alone', { codec: 'null', withProperties: false, events: EVENTS }, ENCODED_PER_SECOND],
  ['partition key and 3 properties', { codec: 'null', withProperties: true, events: EVENTS }],
  ['body alone, deflate', { codec: 'deflate', withProperties: false, events: EVENTS / 10 }],
]

/** Measures Capture of events of 1 KB. */
export async function benchCapture(): Promise<Row[]> {
  const folder = mkdtempSync(join(MEMORY, 'ml-ingest-bench-'))
  try {
    return [...(await benchWindow(folder)), ...(await benchEncoding(folder))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From the log to the file, each time in a new process. */
async function benchWindow(folder: string): Promise<Row[]> {
  const script = await bundle('window-process', folder)
  const run = async (work: WindowRequest['work']) => {
    // Files that grow on and on would measure how the machine gives out new memory.
    rmSync(join(folder, 'capture'), { recursive: true, force: true })
    const { child } = await startProcess(script, folder)
    const result = await ask<WindowRequest, WindowResult>(child, { work, events: EVENTS })
    await stop(child)
    return result
  }
  await run('fill')
  const results: WindowResult[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const result = await run('capture')
    if (result.events !== EVENTS) throw new Error(`Captured ${result.events} of ${EVENTS} events`)
    results.push(result)
  }
  const best = results.reduce((a, b) => (b.cpuMs < a.cpuMs ? b : a))
  const perSecond = (ms: number) => (EVENTS / ms) * 1_000
  return [
    {
      ...row('events of the log in a file, a second of CPU', perSecond(best.cpuMs), 'events/s'),
      least: CAPTURED_PER_SECOND,
    },
    row('the same, a second', perSecond(Math.min(...results.map(({ ms }) => ms))), 'events/s'),
    row('the most memory, with a window of 500 MB', megabytes(best), 'MB'),
  ]
}

/** What makes the files, without the log and without the files. */
async function benchEncoding(folder: string): Promise<Row[]> {
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
  }
}
