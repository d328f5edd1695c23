import { randomBytes } from 'node:crypto'
import { Bell, type Clock } from '../../lib/clock.ts'
import { blobNameOf } from '../../lib/capture-names.ts'
import type { LocalCapture, LocalHub } from '../hubs/directory.ts'
import type { Cursors } from '../log/cursors.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { Flushes } from './flushes.ts'
import { LossReader } from './loss-reader.ts'
import { type CapturedFile, type Closing, type End, Progress } from './progress.ts'
import { type CaptureSink, NameTaken } from './sink.ts'
import { DAY_MS, SteadyClock } from './steady-clock.ts'
import { WindowFile } from './window-file.ts'

/** So many bytes of the log are waited for, so that a busy partition is not read for each of its publications. */
const READING_BYTES = 1024 * 1024
const PAUSE_MS = { first: 1_000, most: 60_000 }
const SECOND_MS = 1_000
const MARKER_BYTES = 16

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
  /** Called when a file is there. */
  readonly onCaptured: (file: CapturedFile) => void
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

/**
 * Writes the events of a partition into files, window after window, and goes on after a restart where it was. What a crash
 * interrupts is written again under the same name. https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview
 */
export class PartitionCapture {
  readonly #options: PartitionCaptureOptions
  readonly #bell = new Bell()
  /** Rings for those who do not wait until the storage works again. */
  readonly #pauseBell = new Bell()
  readonly #flushes = new Flushes()
  readonly #clock: SteadyClock
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
    this.#progress = new Progress(options)
    this.#clock = new SteadyClock(clock, this.#progress.state.startMs)
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
    if (!this.#hasEvents) {
      // The storage may work again, and there is a file without events to write.
      if (this.#failing !== null) this.#ringAll()
      return Promise.resolve([])
    }
    if (this.#isOver) return Promise.reject(new Error('Capture has ended'))
    const flushed = this.#flushes.add(this.#options.log.nextSequenceNumber)
    this.#ringAll()
    return flushed
  }

  /** Closes the window and ends. Rejects, having ended, where that cannot be. */
  async end(): Promise<void> {
    await this.flush().finally(() => this.giveUp())
    await this.#running
  }

  /** Begins nothing any more. What the storage is doing now it may still do. */
  giveUp(): void {
    this.#isOver = true
    this.#ringAll()
    this.#flushes.reject(new Error('The storage does not answer'))
  }

  #ringAll(): void {
    this.#bell.ring()
    this.#pauseBell.ring()
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
        // This attempt was the answer to what rang before.
        this.#pauseBell.silence()
        await this.#pauseBell.wait(clock, pauseMs)
        pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most)
      }
    }
    this.#isOver = true
    this.#flushes.reject(new Error('Capture has ended'))
  }

  /** Writes a file, or waits until there is something for one. */
  async #step(): Promise<void> {
    const { closing, startMs, next } = this.#progress.state
    if (closing) return this.#repeat(closing)
    if (startMs !== undefined) return this.#capture(startMs)
    if (!this.hasBegun && !this.#options.hasBegun()) return this.#clock.rest(this.#bell, DAY_MS)
    const [first] = this.#hasEvents ? this.#reader(next).read() : []
    this.#progress.begin(first?.enqueuedTimeMs ?? this.#clock.now())
    this.#options.onBegin()
  }

  /** Writes the file of the window that began at `startMs`. */
  async #capture(startMs: number): Promise<void> {
    const { capture, sink } = this.#options
    const { place, nameMs } = await this.#choosePlace(startMs)
    const marker = randomBytes(MARKER_BYTES)
    const file = new WindowFile(sink, place, { codec: capture.codec, marker })
    try {
      const end = await this.#fill(file, startMs)
      if (!end) return await file.abandon()
      if (file.events === 0 && this.#leavesOut(end, startMs)) {
        this.#progress.skip(end)
        return this.#flushes.resolve(end.until)
      }
      await file.finish()
      this.#checkGoesOn()
      const closing = { ...end, nameMs, place, marker: marker.toString('hex'), file: factsOf(file) }
      this.#progress.close(closing)
      await this.#show(file, closing)
    } catch (error) {
      await file.abandon()
      throw error
    }
  }

  /** Windows that begin in one second would have one name, and other hubs and programs may write there too. */
  async #choosePlace(startMs: number): Promise<Pick<Closing, 'place' | 'nameMs'>> {
    const { capture, sink, hub, partition } = this.#options
    const { account, container, archiveNameFormat } = capture
    const { lastNameMs = -Infinity } = this.#progress.state
    const begins = Math.floor(startMs / SECOND_MS) * SECOND_MS
    for (let nameMs = Math.max(begins, lastNameMs + SECOND_MS); ; nameMs += SECOND_MS) {
      const name = { namespace: hub.namespace, hub: hub.name, partition, timeMs: nameMs }
      const place = { account, container, blob: blobNameOf(archiveNameFormat, name) }
      if (!(await sink.head(place, 1))) return { place, nameMs }
    }
  }

  /** Adds the events of the window, as they come. Undefined where it has no end yet: then there is no file. */
  async #fill(file: WindowFile, startMs: number): Promise<End | undefined> {
    const { capture, log } = this.#options
    const reader = this.#reader(this.#progress.state.next)
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
      const nowMs = this.#clock.now()
      const { next: until } = reader
      if (this.#flushes.isOneFor(until)) return { until, nextStartMs: nowMs }
      if (!reader.atEnd) continue
      if (nowMs >= endMs) return this.#endByTime(file, { until, endMs, nowMs })
      this.#ringAtBytes = log.appendedBytes + Math.min(READING_BYTES, capture.sizeLimitBytes - file.plainBytes)
      await this.#clock.rest(this.#bell, endMs - nowMs)
    }
    return undefined
  }

  /** While nobody looked at the clock, nobody would have written files without events. */
  #endByTime(file: WindowFile, at: { readonly until: number; readonly endMs: number; readonly nowMs: number }): End {
    const { until, endMs, nowMs } = at
    return { until, nextStartMs: file.events === 0 && endMs <= this.#clock.awakeSinceMs ? nowMs : endMs }
  }

  /** Whether a window without events has no file. */
  #leavesOut({ nextStartMs }: End, startMs: number): boolean {
    const { skipEmptyArchives, intervalSeconds } = this.#options.capture
    return skipEmptyArchives || nextStartMs !== startMs + intervalSeconds * SECOND_MS
  }

  /** Makes the file whose window was closing when the process ended, if it is not there. */
  async #repeat(closing: Closing): Promise<void> {
    const { sink, capture } = this.#options
    const { place, until } = closing
    const marker = Buffer.from(closing.marker, 'hex')
    const file = new WindowFile(sink, place, { codec: capture.codec, marker })
    try {
      const head = await sink.head(place, file.headBytes)
      if (head && !file.isBegunBy(head)) return this.#progress.reopen(closing)
      if (head) {
        // A crash may have left its draft beside it.
        await (await sink.begin(place)).abandon()
        return this.#finish(closing)
      }
      const reader = this.#reader(this.#progress.state.next)
      while (reader.next < until && !reader.atEnd) {
        for (const event of reader.read().filter(({ sequenceNumber }) => sequenceNumber < until)) {
          file.add(event)
          if (file.isBlockFull) await file.writeBlock()
        }
      }
      await file.finish()
      this.#checkGoesOn()
      await this.#show(file, { ...closing, file: factsOf(file) })
    } catch (error) {
      await file.abandon()
      if (place.account === capture.account && place.container === capture.container) throw error
      const { next } = this.#progress.state
      this.#options.tell(`Events ${next} to ${until - 1} may be in ${place.account}/${place.container} too`)
      this.#progress.reopen(closing)
    }
  }

  async #show(file: WindowFile, closing: Closing): Promise<void> {
    try {
      await file.commit()
      this.#finish(closing)
    } catch (error) {
      if (!(error instanceof NameTaken)) throw error
      await file.abandon()
      this.#progress.reopen(closing)
    }
  }

  /** Throws where somebody else captures these events now, or nobody does. */
  #checkGoesOn(): void {
    if (this.#isOver || this.#options.log.closed) throw new Error('Capture has ended')
  }

  /** The file is there. */
  #finish(closing: Closing): void {
    const { hub, partition, sink } = this.#options
    this.#progress.finish(closing)
    const where = sink.whereIs(closing.place)
    const captured = { namespace: hub.namespace, hub: hub.name, partition: String(partition), where, ...closing.file }
    this.#options.onCaptured(captured)
    this.#flushes.resolve(closing.until, captured)
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
    this.#flushes.reject(error)
  }
}

const factsOf = ({ events, firstSequenceNumber, lastSequenceNumber, bytes }: WindowFile): Closing['file'] => ({
  events,
  firstSequenceNumber: firstSequenceNumber ?? null,
  lastSequenceNumber: lastSequenceNumber ?? null,
  bytes,
})
