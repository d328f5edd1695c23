/** Where a file is. The names are those of the settings, and say nothing of any folder. */
export interface BlobPlace {
  readonly account: string
  readonly container: string
  /** With slashes. */
  readonly blob: string
}

/** Takes the files of Capture. What cannot be done rejects with an Error that tells people why; the caller tries again. */
export interface CaptureSink {
  /** Begins a file that nobody sees yet. */
  begin(place: BlobPlace): Promise<CaptureFile>
  /** The first bytes of the file, so many or as many as it has; undefined where there is none. */
  head(place: BlobPlace, bytes: number): Promise<Buffer | undefined>
  /** Where people find it: a path or a URL. */
  whereIs(place: BlobPlace): string
}

/** Somebody else has a file of this name. */
export class NameTaken extends Error {
  constructor(where: string) {
    super(`${where} is there already`)
  }
}

/** A file that is being written. */
export interface CaptureFile {
  /** The bytes are good only until it resolves. */
  write(bytes: Buffer): Promise<void>
  /** Shows it under its name, whole. Rejects with NameTaken where there is one of that name, which stays. */
  commit(): Promise<void>
  /** Gives it up. Nothing of it is ever seen. */
  abandon(): Promise<void>
}
