import type { CapturedFile } from './progress.ts'

/** Somebody who waits until events are in files. */
interface Flush {
  /** The number of the event behind the last one that is waited for. */
  readonly until: number
  readonly files: CapturedFile[]
  readonly resolve: (files: readonly CapturedFile[]) => void
  readonly reject: (error: unknown) => void
}

/** Those who wait until the events of a partition are in files. */
export class Flushes {
  readonly #waiting = new Set<Flush>()

  /** Resolves with the files that are written from now on, when all events before `until` are in some. */
  add(until: number): Promise<readonly CapturedFile[]> {
    return new Promise((resolve, reject) => this.#waiting.add({ until, files: [], resolve, reject }))
  }

  /** Whether somebody waits for no event from `next` on. */
  isOneFor(next: number): boolean {
    for (const { until } of this.#waiting) if (until <= next) return true
    return false
  }

  /** The events before `next` are in files, or gone; the last ones in `file`, if there is one. */
  resolve(next: number, file?: CapturedFile): void {
    for (const flush of this.#waiting) {
      if (file) flush.files.push(file)
      if (flush.until > next) continue
      this.#waiting.delete(flush)
      flush.resolve(flush.files)
    }
  }

  reject(error: unknown): void {
    for (const { reject } of this.#waiting) reject(error)
    this.#waiting.clear()
  }
}
