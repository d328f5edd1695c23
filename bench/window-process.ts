import { join } from 'node:path'
import { realClock } from '../src/lib/clock.ts'
import { Captures } from '../src/local/capture/captures.ts'
import { FolderSink } from '../src/local/capture/folder-sink.ts'
import { CAPTURE } from '../src/local/capture/progress.ts'
import type { LocalHub } from '../src/local/hubs/directory.ts'
import { Hubs } from '../src/local/hubs/hubs.ts'
import { directoryOf, fill, HUB } from './directory.ts'

/** Capture from the log into files, in a process of its own, driven over IPC: `WindowRequest` in, `WindowResult` out. */

export interface WindowRequest {
  readonly work: 'fill' | 'capture'
  readonly events: number
}

export interface WindowResult {
  readonly events: number
  readonly ms: number
  /** Of all threads. */
  readonly cpuMs: number
  /** The most that the process ever had. */
  readonly rssBytes: number
}

const folder = process.argv[2]!
/** The largest window there is, of one partition. */
const hub: LocalHub = {
  ...HUB,
  partitionCount: 1,
  capture: {
    ...{ account: 'lake', container: 'raw', intervalSeconds: 900, sizeLimitBytes: 500 * 1024 * 1024 },
    archiveNameFormat: '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}',
    ...{ skipEmptyArchives: true, codec: 'null' },
  },
}

async function work({ work, events }: WindowRequest): Promise<WindowResult> {
  const log = (line: string) => process.stderr.write(`${line}\n`)
  const storage = { folder: join(folder, 'events') }
  const hubs = new Hubs({ directory: directoryOf(hub), clock: realClock, storage, log })
  hubs.cursors(hub).forget(CAPTURE)
  hubs.partition(hub, 0)
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  let captured = 0
  if (work === 'fill') await fill(hubs, events)
  else {
    const captures = new Captures(hubs, new FolderSink(join(folder, 'capture')))
    const { files } = await captures.flush({})
    captured = files.reduce((sum, file) => sum + file.events, 0)
    await captures.close()
  }
  const { user, system } = process.cpuUsage(cpu)
  const ms = performance.now() - start
  hubs.close()
  return { events: captured, ms, cpuMs: (user + system) / 1_000, rssBytes: process.resourceUsage().maxRSS * 1024 }
}

process.on('message', (request: WindowRequest) => void work(request).then((result) => process.send!(result)))
process.send!({})
process.once('disconnect', () => process.exit())
