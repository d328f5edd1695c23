import type { Shown, Target } from '../resources/step.ts'
import type { Verification, VerifyStep } from '../engine/verification.ts'
import type { ExitCode } from './exit.ts'
import type { Cost } from '../sizing/cost.ts'
import type { ErrorEntry } from './error-entry.ts'
import type { ConnectionEntry } from './connection/json.ts'

/** A command by its name. */
export type DocumentCommand = string

export type Result = 'unchanged' | 'changed' | 'planned' | 'refused' | 'partial' | 'failed' | 'ok' | 'cancelled'

/** The file that says what there shall be, found by itself or named by `--file`. */
export interface ManifestEntry {
  /** Without its folder. */
  readonly file: string
  /** Null for a file that has none, and for all of them. */
  readonly environment: string | null
}

/**
 * What one run with `--json` prints: described in schema/ml-ingest-output-v1.schema.json. Every key but `manifest` is
 * always there.
 */
export interface OutputDocument {
  readonly schemaVersion: 1
  readonly command: DocumentCommand
  readonly result: Result
  readonly exitCode: ExitCode
  readonly target: TargetEntry | null
  /** Left out where no manifest had a say. */
  readonly manifest?: ManifestEntry
  readonly changes: readonly ChangeEntry[]
  readonly notes: readonly NoteEntry[]
  /** At list price; null when it is not known, or when nothing is charged. */
  readonly cost: Cost | null
  readonly connections: readonly ConnectionEntry[]
  readonly error: ErrorEntry | null
}

export type EnvironmentsResult = Extract<Result, 'failed' | 'refused' | 'planned' | 'unchanged'>

/** What `plan --all-envs --json` prints. */
export interface EnvironmentsDocument {
  readonly schemaVersion: 1
  readonly command: 'plan --all-envs'
  /** The worst of them: failed, then refused, then planned, then unchanged. */
  readonly result: EnvironmentsResult
  readonly exitCode: ExitCode
  readonly environments: readonly { readonly environment: string; readonly document: OutputDocument }[]
}

/** What a stage of `rotate-key` prints with `--json` once the key is renewed; before that an error is an OutputDocument. */
export interface RotationDocument {
  readonly schemaVersion: 1
  readonly command: 'rotate-key'
  readonly result: 'changed'
  readonly exitCode: 0
  readonly target: TargetEntry
  readonly stage: 1 | 2
  readonly renewed: 'primary' | 'secondary'
  /** The one connection, with the new string. */
  readonly connections: readonly ConnectionEntry[]
  /** The command of the stage that follows; null after the last. */
  readonly next: string | null
  /** What to do with the new string, and what not to do, in words. */
  readonly note: string
  readonly error: null
}

export interface TargetEntry {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly namespace: string
}

export interface ResourceEntry {
  readonly kind: Target['kind']
  readonly name: string
  /** The hub that it lives in; null for what is not in a hub. */
  readonly hub: string | null
}

export interface ChangeEntry extends ResourceEntry {
  readonly action: 'create' | 'update' | 'delete' | 'none' | 'refuse'
  readonly state: 'planned' | 'unchanged' | 'refused' | ApplyState
  readonly details: readonly string[]
  readonly fields: readonly { readonly field: string; readonly from: Shown; readonly to: Shown }[]
  readonly refusals: readonly RefusalEntry[]
  readonly elapsedMs: number | null
  readonly error: ErrorEntry | null
}
type ApplyState = 'done' | 'failed' | 'running' | 'not-started'

interface RefusalEntry {
  readonly what: string
  readonly because: string
  readonly waysOut: readonly { readonly text: string; readonly command: string | null }[]
  readonly link: string | null
}

export interface NoteEntry extends ResourceEntry {
  readonly text: string
}

export interface LocalStatus {
  readonly running: boolean
  /** `http://127.0.0.1:PORT`; null when it does not run. */
  readonly armEndpoint: string | null
  /** Host and port of the data plane; null when it is not served. */
  readonly dataEndpoint: string | null
  /** Null when all is kept in memory. */
  readonly dataFolder: string | null
  readonly pid: number | null
  readonly version: string | null
  /** Of Event Hubs clients that are connected now; null when it is not known. */
  readonly connections: number | null
  readonly hubs: readonly LocalHubEntry[]
}
export interface LocalHubEntry {
  readonly namespace: string
  readonly name: string
  readonly partitions: number
  readonly retentionHours: number | null
  readonly status: string
  readonly consumerGroups: readonly string[]
  readonly events: number
  readonly bytes: number
  readonly senders: number
  readonly receivers: number
}
export interface LocalDocument extends LocalStatus {
  readonly schemaVersion: 1
  readonly command: DocumentCommand
  readonly result: 'ok'
  readonly exitCode: 0
}

export interface VerifyStepEntry {
  readonly step: VerifyStep
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly elapsedMs: number
  readonly detail: string
  /** Tells one kind of failure from another; null unless failed. */
  readonly reason: string | null
}
/** What `verify` prints: the same head and error as every document. */
export interface VerifyDocument {
  readonly schemaVersion: 1
  readonly command: 'verify'
  readonly result: 'ok' | 'failed'
  readonly exitCode: ExitCode
  readonly target: TargetEntry
  readonly verifications: readonly (Omit<Verification, 'steps'> & { readonly steps: readonly VerifyStepEntry[] })[]
  readonly error: ErrorEntry | null
}
