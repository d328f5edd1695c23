import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { createFileDecoder } from 'avsc'
import { onTestFinished, vi } from 'vitest'
import { Captures } from '../../../../src/local/capture/captures.ts'
import { FolderSink } from '../../../../src/local/capture/folder-sink.ts'
import type { CaptureSink } from '../../../../src/local/capture/sink.ts'
import type { LocalCapture } from '../../../../src/local/hubs/directory.ts'
import { appendEvents } from '../../../../src/local/hubs/events.ts'
import { Hubs, type HubsOptions } from '../../../../src/local/hubs/hubs.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { HUB, NAMESPACE, TestDirectory } from '../../amqp/support/local.ts'
import { CAPTURE } from './settings.ts'

interface Setup {
  readonly capture?: Partial<LocalCapture>
  readonly partitionCount?: number
  readonly options?: Partial<HubsOptions>
  /** Of an earlier start, with its directory. */
  readonly folder?: string
  readonly directory?: TestDirectory
  readonly clock?: ManualClock
  /** The file of its cursors. */
  readonly cursors?: Buffer
  /** Stands between Capture and the folder. */
  readonly through?: (sink: CaptureSink) => CaptureSink
}

/** A hub that is captured into a folder, on a clock turned by hand. */
export function startCaptured(setup: Setup = {}) {
  const folder = setup.folder ?? temporaryFolder()
  const clock = setup.clock ?? new ManualClock()
  const directory = setup.directory ?? new TestDirectory()
  if (!setup.directory) {
    const capture = { ...CAPTURE, ...setup.capture }
    directory.addHub(HUB, { partitionCount: setup.partitionCount ?? 1, capture })
  }
  const lines: string[] = []
  const storage = { folder: join(folder, 'events') }
  const hubs = new Hubs({ directory, clock, storage, log: (line) => lines.push(line), ...setup.options })
  const cursors = join(storage.folder, NAMESPACE, HUB, 'cursors.json')
  if (setup.cursors) {
    hubs.partition(directory.hub(NAMESPACE, HUB)!, 0)
    writeFileSync(cursors, setup.cursors)
  }
  const sink = new FolderSink(join(folder, 'capture'))
  const captures = new Captures(hubs, setup.through?.(sink) ?? sink)
  let isOpen = true
  const stop = async () => {
    if (!isOpen) return
    isOpen = false
    await captures.close()
    hubs.close()
  }
  onTestFinished(stop)
  return {
    ...{ folder, clock, directory, lines, hubs, captures, stop },
    send: (bodies: readonly string[], partition = '0') =>
      appendEvents(hubs, {
        ...{ namespace: NAMESPACE, hub: HUB, partition },
        events: bodies.map((body) => ({ body: Buffer.from(body) })),
      }),
    flush: async () => (await captures.flush({})).files,
    files: () => filesIn(folder),
    stats: () => captures.stats(directory.hub(NAMESPACE, HUB)!)!,
    bodies: (container?: string) => bodiesIn(folder, container),
  }
}

/** The files by their names in the container, in the order of these. */
function filesIn(folder: string, name = 'raw'): readonly string[] {
  const container = join(folder, 'capture', 'lake', name)
  if (!existsSync(container)) return []
  return readdirSync(container, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => relative(container, join(one.parentPath, one.name)).replaceAll(sep, '/'))
    .sort()
}

/** What all files hold, one after another. */
async function bodiesIn(folder: string, container = 'raw'): Promise<readonly string[]> {
  const bodies = filesIn(folder, container).map((name) => eventsOf(join(folder, 'capture', 'lake', container, name)))
  return (await Promise.all(bodies)).flat().map(({ Body }) => Body.toString())
}

export interface ReadEvent {
  readonly SequenceNumber: number
  readonly Body: Buffer
}

/** The events of a file, as an independent reader has them. */
export const eventsOf = (file: string): Promise<ReadEvent[]> =>
  new Promise((resolve, reject) => {
    const events: ReadEvent[] = []
    createFileDecoder(file)
      .on('data', (event: ReadEvent) => events.push(event))
      .on('error', reject)
      .on('end', () => resolve(events))
  })

/** What is on the disk at this moment: what a crash would leave. */
export function snapshot(folder: string): string {
  const copy = temporaryFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

/** Resolves when `look` does not throw any more. */
export const soon = (look: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(look, { timeout: 5_000, interval: 2 })
