import type { ErrorView } from './error-view.ts'

/** An error in a JSON document: what the text says, in parts. */
export interface ErrorEntry {
  readonly code: string
  readonly message: string
  readonly why: readonly string[]
  readonly hint: string | null
  readonly azure: {
    readonly status: number | null
    readonly code: string | null
    readonly message: string | null
    readonly requestId: string | null
    readonly correlationId: string | null
  } | null
  readonly missing: readonly {
    readonly input: string
    readonly flag: string
    readonly message: string
    readonly env: string | null
    readonly example: string | null
  }[]
  readonly invalid: readonly {
    readonly input: string
    readonly flag: string
    readonly message: string
    /** Where it stands, if it stands in a file; lines and columns begin at 1. */
    readonly file: string | null
    readonly line: number | null
    readonly column: number | null
  }[]
}

export const errorEntry = (view: ErrorView): ErrorEntry => ({
  code: view.code,
  message: view.message,
  why: view.why,
  hint: view.hint ?? null,
  azure: view.azure
    ? {
        status: view.azure.status ?? null,
        code: view.azure.code ?? null,
        message: view.azure.message ?? null,
        requestId: view.azure.requestId ?? null,
        correlationId: view.azure.correlationId ?? null,
      }
    : null,
  missing: view.problems
    .filter((problem) => problem.kind === 'missing')
    .map(({ input, flag, message, env, example }) => ({
      input,
      flag,
      message,
      env: env ?? null,
      example: example ?? null,
    })),
  invalid: view.problems
    .filter((problem) => problem.kind === 'invalid')
    .map(({ input, flag, message, place }) => ({
      input,
      flag,
      message,
      file: place?.file ?? null,
      line: place?.line ?? null,
      column: place?.column ?? null,
    })),
})
