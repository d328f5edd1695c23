import type { Failure } from '../lib/errors.ts'

export type VerifyStep = 'resource-manager' | 'dns' | 'tcp' | 'tls' | 'sign-in' | 'hub' | 'send' | 'read'

/** One step of trying a connection, and how it went. */
export interface StepOutcome {
  readonly step: VerifyStep
  /** `skipped`: there is nothing to try, `detail` says why. */
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly elapsedMs: number
  readonly detail: string
  /** A stable word that tells one kind of failure from another. */
  readonly reason?: string
  readonly error?: Failure
}

/** How one hub was tried. */
export interface Verification {
  readonly hub: string
  readonly host: string
  readonly consumerGroup: string
  readonly transport: 'tcp' | 'tls' | 'web-sockets'
  readonly steps: readonly StepOutcome[]
}
