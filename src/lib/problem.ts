import type { Text } from './phrase.ts'

/** Where something that was given comes from. */
export type Origin =
  /** `name`: `--tier`, or the environment variable. */
  { readonly kind: 'flag' | 'variable'; readonly name: string } | { readonly kind: 'answer' } | FileOrigin

/** A place in a manifest. Lines and columns begin at 1. */
export interface FileOrigin {
  readonly kind: 'file'
  /** As it was named. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** `hubs[0].partitions`; empty for the file as a whole. */
  readonly path: string
}

/** Something that was given, or should have been, and cannot be. */
export interface Problem {
  /** `missing`: nothing was given. `invalid`: what was given cannot be. */
  readonly kind: 'missing' | 'invalid'
  /** The input that it is about, by its key in the input table; a word for what is no input. */
  readonly input: string
  /** Where it was given; undefined where nothing was. */
  readonly origin?: Origin | undefined
  /** As it was given; left out where the input as a whole is meant. */
  readonly text?: string
  /** A phrase that follows what was given: `is not a tier`. */
  readonly message: Text
  /** A value that would do. */
  readonly example?: string
}
