import type { LocalHub } from './directory.ts'
import { StacklessError } from './errors.ts'

/** A hub that a client of the data plane wants. What is left out is as the control plane makes it by itself. */
export interface HubToCreate {
  readonly name: string
  readonly partitionCount?: number
  readonly retentionHours?: number
  /** Drop old events, or keep the last one of each key, or keep that until it is old. */
  readonly cleanupPolicy?: 'Delete' | 'Compact' | 'DeleteOrCompact'
  /** Whose clock says when an event was: the broker's or the sender's. */
  readonly timestampType?: 'LogAppend' | 'Create'
}

export interface AdminOptions {
  /** Check everything and change nothing. */
  readonly validateOnly: boolean
}

/**
 * Changes that clients of the data plane may ask of the control plane, which holds them to the same rules as requests of
 * its own. Who may ask is for the caller to check. Each resolves when the change is on the storage, and rejects with
 * HubRefused.
 */
export interface HubAdmin {
  /** Resolves with the hub as it is then, or would be. */
  createHub(namespace: string, hub: HubToCreate, options: AdminOptions): Promise<LocalHub>
  deleteHub(namespace: string, name: string): Promise<void>
  /** `count`: how many partitions the hub has then. */
  raisePartitions(namespace: string, name: string, count: number, options: AdminOptions): Promise<void>
}

/** `code` and `message` are those of Resource Manager. */
export interface RefusedChange {
  readonly because: 'exists' | 'not-found' | 'invalid-name' | 'not-allowed'
  readonly code: string
  readonly message: string
}

/** A change that the control plane refuses. */
export class HubRefused extends StacklessError {
  readonly because: RefusedChange['because']
  readonly code: string

  constructor({ because, code, message }: RefusedChange) {
    super(message)
    this.because = because
    this.code = code
  }
}
