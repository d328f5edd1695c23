import type { Document, OutputDocument } from './document-schema.ts'
import { viewOf, type About } from './error-view.ts'
import { exitCodeOf } from './exit.ts'
import type { Speller } from './spell.ts'

export const stringifyDocument = (document: Document): string => JSON.stringify(document, null, 2)

const EMPTY = {
  schemaVersion: 1,
  target: null,
  changes: [],
  notes: [],
  cost: null,
  load: null,
  connections: [],
  error: null,
} as const

type Said = Pick<OutputDocument, 'command' | 'result' | 'exitCode'> &
  Partial<Omit<OutputDocument, 'manifest'>> & { readonly manifest?: OutputDocument['manifest'] | undefined }

/** The document of a run. Keys that are left out become null or empty. */
export const runDocument = ({ manifest, ...said }: Said): OutputDocument => ({
  ...EMPTY,
  ...said,
  ...(manifest ? { manifest } : {}),
})

interface ErrorFacts extends Pick<Said, 'command' | 'target' | 'manifest'> {
  readonly error: unknown
  readonly about: About
  readonly speller?: Speller
}
/** The document of a run that failed before it wrote anything. */
export function errorDocument({ error, about, speller, ...facts }: ErrorFacts): OutputDocument {
  const view = viewOf(error, about, speller)
  const result = view.code === 'cancelled' || view.code === 'refused' ? view.code : 'failed'
  return runDocument({ ...facts, result, exitCode: exitCodeOf(error), error: view })
}
