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
  /** Whether the file is there, whole. */
  has(place: BlobPlace): Promise<boolean>
  /** Where people find it: a path or a URL. */
  whereIs(place: BlobPlace): string
}

/** A file that is being written. */
export interface CaptureFile {
  /** The bytes are good only until it resolves. */
  write(bytes: Buffer): Promise<void>
  /** Shows it under its name, whole, in place of one that was there. */
  commit(): Promise<void>
  /** Gives it up. Nothing of it is ever seen. */
  abandon(): Promise<void>
}
