import { Bell, type Clock } from '../../lib/clock.ts'
import { blobNameOf } from '../../lib/capture-names.ts'
import type { LocalCapture, LocalHub } from '../hubs/directory.ts'
import type { Cursors } from '../log/cursors.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { LossReader } from './loss-reader.ts'
import { type CapturedFile, type Closing, type End, Progress } from './progress.ts'
import type { CaptureSink } from './sink.ts'
import { WindowFile } from './window-file.ts'

/** So many bytes of the log are waited for, so that a busy partition is not read for each of its publications. */
const READING_BYTES = 1024 * 1024
const PAUSE_MS = { first: 1_000, most: 60_000 }
const SECOND_MS = 1_000
/** What a storage that does not answer is given at the end. */
const PATIENCE_MS = 5_000
/** Until somebody rings. */
const DAY_MS = 24 * 3_600_000

export interface PartitionCaptureOptions {
  readonly hub: LocalHub
  readonly partition: number
  readonly capture: LocalCapture
  readonly log: PartitionLog
  readonly cursors: Cursors
  readonly sink: CaptureSink
  readonly clock: Clock
  /** Whether it was switched on just now: events from before are not captured. Otherwise it goes on where it was. */
  readonly isNew: boolean
  /** Told which events were gone too early, as one sentence without its full stop. */
  readonly tell: (text: string) => void
  /** Called when it begins to fail, at each failure more, and when it works again. */
  readonly onFailing: () => void
  /** Whether another partition of the hub has had an event since it is captured. */
  readonly hasBegun: () => boolean
  /** Called when the first window of the partition begins. */
  readonly onBegin: () => void
}

export interface PartitionCaptureStats {
  /** Events that are in no file yet. */
  readonly pendingEvents: number
  readonly files: number
  /** Events that were gone before they were captured. */
  readonly lostEvents: number
  /** Why nothing can be written at the moment. */
  readonly failing: string | null
}

/** Somebody who waits until events are in files. */
interface Flush {
  readonly until: number
  readonly files: CapturedFile[]
  readonly resolve: (files: readonly CapturedFile[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes the events of a partition into files, window after window, and goes on after a restart where it was. What a crash
 * interrupts is written again under the same name. https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview
 */
export class PartitionCapture {
  readonly #options: PartitionCaptureOptions
  readonly #bornMs: number
  readonly #bell = new Bell()
  readonly #flushes = new Set<Flush>()
  readonly #running: Promise<void>
  readonly #progress: Progress
  /** Rings when the log has had so many bytes. */
  #ringAtBytes = 0
  #toldUntil = 0
  #failing: string | null = null
  #isOver = false

  /** Throws what the file system throws. */
  constructor(options: PartitionCaptureOptions) {
    const { log, clock } = options
    this.#options = options
    this.#bornMs = clock.now()
    this.#progress = new Progress(options)
    const stopListening = log.onAppend(() => {
      if (log.closed || log.appendedBytes >= this.#ringAtBytes) this.#bell.ring()
    })
    this.#running = this.#run().finally(stopListening)
  }

  get hasBegun(): boolean {
    return this.#progress.state.startMs !== undefined || this.#hasEvents
  }

  stats(): PartitionCaptureStats {
    const { log } = this.#options
    const { next, files, lostEvents } = this.#progress.state
    const dropped = Math.max(0, log.state().beginSequenceNumber - next)
    return {
      pendingEvents: log.nextSequenceNumber - next - dropped,
      files,
      lostEvents: lostEvents + dropped,
      failing: this.#failing,
    }
  }

  /** Looks again whether there is something to do. */
  wake(): void {
    this.#bell.ring()
  }

  /**
   * Closes windows until all events of this moment are in files, and resolves with these. Rejects with what the sink says
   * where one cannot be written; it is tried again all the same.
   */
  flush(): Promise<readonly CapturedFile[]> {
    if (!this.#hasEvents) return Promise.resolve([])
    if (this.#isOver) return Promise.reject(new Error('Capture has ended'))
    return new Promise((resolve, reject) => {
      this.#flushes.add({ until: this.#options.log.nextSequenceNumber, files: [], resolve, reject })
      this.#bell.ring()
    })
  }

  /** Closes the window and ends. Rejects, having ended, where that cannot be. */
  async end(): Promise<void> {
    const patience = new AbortController()
    const tooLong = this.#options.clock.sleep(PATIENCE_MS, patience.signal).then(() => {
      throw new Error('The storage does not answer')
    })
    try {
      await Promise.race([this.flush(), tooLong])
      this.#isOver = true
      this.#bell.ring()
      await Promise.race([this.#running, tooLong])
    } finally {
      this.#isOver = true
      this.#bell.ring()
      patience.abort()
      tooLong.catch(() => undefined)
    }
  }

  get #hasEvents(): boolean {
    return this.#progress.state.next < this.#options.log.nextSequenceNumber
  }

  async #run(): Promise<void> {
    const { log, clock } = this.#options
    let pauseMs = PAUSE_MS.first
    while (!this.#isOver && !log.closed) {
      try {
        await this.#step()
        this.#succeed()
        pauseMs = PAUSE_MS.first
      } catch (error) {
        if (this.#isOver || log.closed) break
        this.#fail(error)
        await this.#bell.wait(clock, pauseMs)
        pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most)
      }
    }
    this.#isOver = true
    this.#rejectFlushes(new Error('Capture has ended'))
  }

  /** Writes a file, or waits until there is something for one. */
  async #step(): Promise<void> {
    const { closing, startMs, next } = this.#progress.state
    if (closing) return this.#repeat(closing)
    if (startMs !== undefined) return this.#capture(startMs)
    if (!this.hasBegun && !this.#options.hasBegun()) return this.#bell.wait(this.#options.clock, DAY_MS)
    const [first] = this.#hasEvents ? this.#reader(next).read() : []
    this.#progress.begin(first?.enqueuedTimeMs ?? this.#options.clock.now())
    this.#options.onBegin()
  }

  /** Writes the file of the window that began at `startMs`. */
  async #capture(startMs: number): Promise<void> {
    const { capture, sink } = this.#options
    const { place, nameMs } = await this.#choosePlace(startMs)
    const file = new WindowFile(sink, place, capture.codec)
    const reader = this.#reader(this.#progress.state.next)
    try {
      const end = await this.#fill(file, reader, startMs)
      if (!end) return await file.abandon()
      if (file.events === 0 && this.#leavesOut(end, startMs)) {
        this.#progress.skip(end, reader.lost)
        return this.#resolveFlushes()
      }
      await file.finish()
      const closing = { ...end, nameMs, place, lost: reader.lost, file: factsOf(file) }
      this.#progress.close(closing)
      await file.commit()
      this.#finish(closing)
    } catch (error) {
      await file.abandon()
      throw error
    }
  }

  /** Windows that begin in one second would have one name. So would one from before Capture was off, or the memory lost. */
  async #choosePlace(startMs: number): Promise<Pick<Closing, 'place' | 'nameMs'>> {
    const { capture, sink, hub, partition } = this.#options
    const { account, container, archiveNameFormat } = capture
    const { lastNameMs } = this.#progress.state
    const begins = Math.floor(startMs / SECOND_MS) * SECOND_MS
    for (let nameMs = Math.max(begins, (lastNameMs ?? -Infinity) + SECOND_MS); ; nameMs += SECOND_MS) {
      const name = { namespace: hub.namespace, hub: hub.name, partition, timeMs: nameMs }
      const place = { account, container, blob: blobNameOf(archiveNameFormat, name) }
      if (lastNameMs !== undefined || !(await sink.has(place))) return { place, nameMs }
    }
  }

  /** Adds the events of the window, as they come. Undefined where it has no end yet: then there is no file. */
  async #fill(file: WindowFile, reader: LossReader, startMs: number): Promise<End | undefined> {
    const { capture, log, clock } = this.#options
    const endMs = startMs + capture.intervalSeconds * SECOND_MS
    while (!this.#isOver && !log.closed) {
      for (const event of reader.read()) {
        const { sequenceNumber, enqueuedTimeMs } = event
        if (enqueuedTimeMs >= endMs)
          return this.#endByTime(file, { until: sequenceNumber, endMs, nowMs: enqueuedTimeMs })
        file.add(event)
        if (file.isBlockFull) await file.writeBlock()
        if (file.plainBytes >= capture.sizeLimitBytes) return { until: sequenceNumber + 1, nextStartMs: enqueuedTimeMs }
      }
      const nowMs = clock.now()
      const { next: until } = reader
      if ([...this.#flushes].some((flush) => flush.until <= until)) return { until, nextStartMs: nowMs }
      if (!reader.atEnd) continue
      if (nowMs >= endMs) return this.#endByTime(file, { until, endMs, nowMs })
      this.#ringAtBytes = log.appendedBytes + Math.min(READING_BYTES, capture.sizeLimitBytes - file.plainBytes)
      await this.#bell.wait(clock, endMs - nowMs)
    }
    return undefined
  }

  /** While this process did not run, nobody would have written files without events. */
  #endByTime(file: WindowFile, at: { readonly until: number; readonly endMs: number; readonly nowMs: number }): End {
    const { until, endMs, nowMs } = at
    return { until, nextStartMs: file.events === 0 && endMs <= this.#bornMs ? nowMs : endMs }
  }

  /** Whether a window without events has no file. */
  #leavesOut({ nextStartMs }: End, startMs: number): boolean {
    const { skipEmptyArchives, intervalSeconds } = this.#options.capture
    return skipEmptyArchives || nextStartMs !== startMs + intervalSeconds * SECOND_MS
  }

  /** Makes the file whose window was closing when the process ended, if it is not there. */
  async #repeat(closing: Closing): Promise<void> {
    const { sink, capture, log } = this.#options
    const { place, until } = closing
    if (await sink.has(place)) return this.#finish(closing)
    const file = new WindowFile(sink, place, capture.codec)
    try {
      const reader = this.#reader(this.#progress.state.next)
      while (reader.next < until && !log.closed) {
        for (const event of reader.read().filter(({ sequenceNumber }) => sequenceNumber < until)) {
          file.add(event)
          if (file.isBlockFull) await file.writeBlock()
        }
      }
      await file.finish()
      await file.commit()
      this.#finish({ ...closing, lost: reader.lost, file: factsOf(file) })
    } catch (error) {
      await file.abandon()
      throw error
    }
  }

  /** The file is there. */
  #finish(closing: Closing): void {
    const { hub, partition, sink } = this.#options
    this.#progress.finish(closing)
    const where = sink.whereIs(closing.place)
    const captured = { namespace: hub.namespace, hub: hub.name, partition: String(partition), where, ...closing.file }
    for (const flush of this.#flushes) flush.files.push(captured)
    this.#resolveFlushes()
  }

  #reader(from: number): LossReader {
    return new LossReader(this.#options.log, from, (text, next) => {
      if (next <= this.#toldUntil) return
      this.#toldUntil = next
      this.#options.tell(text)
    })
  }

  #succeed(): void {
    if (this.#failing === null) return
    this.#failing = null
    this.#options.onFailing()
  }

  #fail(error: unknown): void {
    this.#failing = (error as Error).message
    this.#options.onFailing()
    this.#rejectFlushes(error)
  }

  #resolveFlushes(): void {
    for (const flush of this.#flushes) {
      if (flush.until > this.#progress.state.next) continue
      this.#flushes.delete(flush)
      flush.resolve(flush.files)
    }
  }

  #rejectFlushes(error: unknown): void {
    for (const { reject } of this.#flushes) reject(error)
    this.#flushes.clear()
  }
}

const factsOf = ({ events, firstSequenceNumber, lastSequenceNumber, bytes }: WindowFile): Closing['file'] => ({
  events,
  firstSequenceNumber: firstSequenceNumber ?? null,
  lastSequenceNumber: lastSequenceNumber ?? null,
  bytes,
})
