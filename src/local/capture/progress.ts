import type { Cursors } from '../log/cursors.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { BlobPlace } from './sink.ts'

/** The name of the cursor of Capture. */
export const CAPTURE = 'capture'

/** A file that was written. */
export interface CapturedFile {
  readonly namespace: string
  readonly hub: string
  readonly partition: string
  /** A path or a URL. */
  readonly where: string
  readonly events: number
  /** Null without events. */
  readonly firstSequenceNumber: number | null
  readonly lastSequenceNumber: number | null
  readonly bytes: number
}

/** Where a window ends. */
export interface End {
  /** The number of the event behind its last one. */
  readonly until: number
  /** When the next one begins. Milliseconds since the Unix epoch. */
  readonly nextStartMs: number
}

/** A window whose file is shown now. */
export interface Closing extends End {
  readonly place: BlobPlace
  /** The second in the name. */
  readonly nameMs: number
  /** Of the file, in hexadecimal: it tells it from one of somebody else. */
  readonly marker: string
  readonly file: Pick<CapturedFile, 'events' | 'firstSequenceNumber' | 'lastSequenceNumber' | 'bytes'>
}

interface State {
  /** The number of the first event of the window. */
  readonly next: number
  /** When the window began; left out before the first event of the hub. Milliseconds since the Unix epoch. */
  readonly startMs?: number
  /** The second in the name of the last file. */
  readonly lastNameMs?: number
  /** After a crash, that file is written again under that name. */
  readonly closing?: Closing
  readonly files: number
  readonly lostEvents: number
}

/** How far Capture of a partition is. It outlives the process, as a cursor with a note. */
export class Progress {
  readonly #options: ProgressOptions
  #state: State

  /** Throws what the file system throws. */
  constructor(options: ProgressOptions) {
    const { cursors, partition, log, isNew, tell } = options
    this.#options = options
    const kept = cursors.get(CAPTURE, partition)
    this.#state = kept
      ? asFarAs(log.nextSequenceNumber, { ...(kept.note as Omit<State, 'next'>), next: kept.next })
      : { next: isNew ? log.nextSequenceNumber : log.state().beginSequenceNumber, files: 0, lostEvents: 0 }
    if (kept?.next === this.#state.next) return
    if (kept) tell(`It is captured up to event ${kept.next - 1}, and ends before. New events get the numbers again`)
    this.#keep(this.#state)
  }

  get state(): State {
    return this.#state
  }

  /** The first window begins. A crash forgets that: then it begins with its first event. */
  begin(startMs: number): void {
    this.#state = { ...this.#state, startMs }
  }

  /** The file is written and about to show. Throws what the file system throws, as the others do. */
  close(closing: Closing): void {
    this.#keep({ ...this.#state, closing })
  }

  /** The file shows. After a power cut it may have more events than are left. */
  finish({ until, nextStartMs, nameMs, file }: Closing): void {
    const { next, files, lostEvents } = this.#state
    this.#keep({
      ...{ next: until, startMs: nextStartMs, lastNameMs: nameMs },
      ...{ files: files + 1, lostEvents: lostEvents + Math.max(0, until - next - file.events) },
    })
  }

  /** The window has no file. */
  skip({ until, nextStartMs }: End): void {
    const { next, lostEvents } = this.#state
    const state = { ...this.#state, next: until, startMs: nextStartMs, lostEvents: lostEvents + until - next }
    if (until === next) this.#state = state
    else this.#keep(state)
  }

  /** The file cannot show: the window is written again, under a later name. */
  reopen({ nameMs }: Pick<Closing, 'nameMs'>): void {
    const { next, startMs, files, lostEvents } = this.#state
    this.#keep({ ...{ next, files, lostEvents, lastNameMs: nameMs }, ...(startMs !== undefined && { startMs }) })
  }

  /** Of a hub that is gone nothing is kept: that would bring its folder back. */
  #keep(state: State): void {
    const { cursors, partition, log } = this.#options
    const { next, ...note } = state
    if (!log.closed) cursors.move(CAPTURE, partition, { next, note })
    this.#state = state
  }
}

/** A power cut can take events that were captured. Then their numbers are given out again. */
function asFarAs(end: number, { closing, ...state }: State): State {
  if (state.next > end) return { ...state, next: end }
  return { ...state, ...(closing && { closing: { ...closing, until: Math.min(closing.until, end) } }) }
}

interface ProgressOptions {
  readonly cursors: Cursors
  readonly partition: number
  readonly log: PartitionLog
  /** Whether it was switched on just now: events from before are not captured. */
  readonly isNew: boolean
  /** Told what people should know, as sentences without the last full stop. */
  readonly tell: (text: string) => void
}
