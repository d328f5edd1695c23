import type { Folder, LogFile } from './files.ts'

/** Events that were stored and cannot be read any more. */
export interface LostEvents {
  /** The file that held them. */
  readonly file: string
  /** Where in the file the first one was. */
  readonly position: number
  readonly firstSequenceNumber: number
  /** The number of the event to go on with. Those from the first one up to it are lost, or were never given out. */
  readonly nextSequenceNumber: number
  readonly what: 'bytes damaged' | 'bytes gone' | 'files gone'
}

/** What a reader gets in place of events that are lost. It can go on behind them. */
export class DamagedEvents extends Error {
  readonly lost: LostEvents

  constructor(lost: LostEvents) {
    super(lossText(lost))
    this.lost = lost
  }
}

/** Which events are lost and why, as one sentence without its full stop. */
export const lossText = (lost: LostEvents): string => `${rangeOf(lost)} lost: ${causeOf(lost)}`

/** Nobody knows how many there were behind the end of a file, only how many there can have been. */
function rangeOf({ firstSequenceNumber: first, nextSequenceNumber: next, what }: Omit<LostEvents, 'file'>): string {
  if (next === first + 1) return `Event ${first} is`
  return what === 'bytes gone' ? `Events ${first} to at most ${next - 1} are` : `Events ${first} to ${next - 1} are`
}

function causeOf({ file, position, what }: LostEvents): string {
  switch (what) {
    case 'bytes damaged':
      return `${file} is damaged at byte ${position}`
    case 'bytes gone':
      return `what came after byte ${position} of ${file} is gone`
    case 'files gone':
      return `the oldest files in ${file} are gone`
  }
}

/** What it needs of a segment. */
interface DamagedFile {
  readonly name: string
  readonly file: LogFile
  cut(position: number): void
}

type Stretch = { readonly position: number; readonly end: number }

/** Tells of damage in the files of a partition, and keeps a copy of the bytes beside the file. */
export class DamageKeeper {
  readonly #folder: Folder
  readonly #log: (line: string) => void

  constructor(folder: Folder, log: (line: string) => void) {
    this.#folder = folder
    this.#log = log
  }

  /**
   * Keeps the bytes of a damage, and says which events are lost up to `nextSequenceNumber`. A damage of which there is a
   * copy was told before.
   */
  keep(segment: DamagedFile, stretch: Stretch, firstSequenceNumber: number, nextSequenceNumber: number): void {
    const bytes = stretch.end - stretch.position
    const copy = this.#copyName(segment, stretch, (name) => this.#folder.file(name).size === bytes)
    if (copy === undefined) return
    const { position } = stretch
    const file = this.#folder.pathOf(segment.name)
    const what = bytes === 0 ? 'bytes gone' : 'bytes damaged'
    const lost = { file, position, firstSequenceNumber, nextSequenceNumber, what } as const
    const isLost = nextSequenceNumber > firstSequenceNumber
    const text = isLost ? lossText(lost) : `No event is lost: ${causeOf(lost)}`
    // An empty copy only marks that it was told.
    const kept = this.#copy(segment, stretch, copy)
    this.#log(bytes === 0 ? text : `${text}: ${bytes} bytes are no events. ${kept}`)
  }

  /** Keeps and cuts the end of a segment, which is a publication that was not complete. */
  cut(segment: DamagedFile, position: number): void {
    const stretch = { position, end: segment.file.size }
    const kept = this.#copy(
      segment,
      stretch,
      this.#copyName(segment, stretch, () => false)!,
    )
    const file = this.#folder.pathOf(segment.name)
    this.#log(
      `cut ${stretch.end - position} bytes of a publication that was not complete, at byte ${position} of ${file}. ${kept}`,
    )
    segment.cut(position)
  }

  /** A name that is free; undefined where one that is taken is of the same damage. */
  #copyName({ name }: DamagedFile, { position }: Stretch, isSame: (name: string) => boolean): string | undefined {
    const taken = this.#folder.list()
    for (let i = 1; ; i++) {
      const copy = `${name}.damaged-${position}${i === 1 ? '' : `-${i}`}`
      if (!taken.includes(copy)) return copy
      if (isSame(copy)) return undefined
    }
  }

  /** Says where the copy is, or why there is none: a full disk must not keep the rest from being read. */
  #copy(segment: DamagedFile, { position, end }: Stretch, name: string): string {
    const file = this.#folder.file(name)
    try {
      file.append(segment.file.read(position, end - position))
      file.close()
      return `They are kept in ${this.#folder.pathOf(name)}`
    } catch (error) {
      file.close()
      this.#folder.remove(name)
      return `No copy could be kept: ${(error as Error).message}`
    }
  }
}
