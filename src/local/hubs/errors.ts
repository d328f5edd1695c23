import type { LostEvents } from '../log/damage.ts'
import type { Right } from './directory.ts'

/**
 * Why a hub refuses something, as facts. Each protocol has its own words for them. `path` is as the client wrote it.
 */
export type Refused =
  | { readonly because: 'not-found' | 'deleted' | 'disabled'; readonly path: string }
  | { readonly because: 'missing-right'; readonly right: Right; readonly path: string }
  /** The claim that let somebody in is over. */
  | { readonly because: 'claim-over'; readonly right: Right; readonly path: string }
  | {
      readonly because: 'wrong-signature' | 'wrong-audience' | 'malformed-token' | 'entra-token' | 'keys-disabled'
      readonly path: string
    }
  | { readonly because: 'token-expired'; readonly expiredAtMs: number }
  | { readonly because: 'no-such-partition'; readonly path: string; readonly partitionCount: number }
  | {
      readonly because: 'beyond-end'
      readonly position: 'sequence number' | 'offset'
      readonly given: number
      readonly last: number
    }
  /** A reader with a higher or equal owner level came. */
  | { readonly because: 'replaced'; readonly reader: Owner; readonly by: Owner }
  | { readonly because: 'higher-owner'; readonly reader: Owner; readonly owner: Owner }
  /** A reader without an owner level meets one that has it. */
  | { readonly because: 'owned'; readonly level: number }
  | { readonly because: 'too-many-readers'; readonly most: number; readonly connected: readonly Owner[] }
  /** Events were damaged on the disk. The readers of a group are told once, and then pass over them. */
  | { readonly because: 'lost'; readonly lost: readonly LostEvents[] }
  /** More comes in than the units of the namespace take. */
  | { readonly because: 'throttled'; readonly path: string }
  | { readonly because: 'disk-full'; readonly path: string; readonly folder: string }

/** Who reads a partition, as readers are told of each other. */
export interface Owner {
  /** The owner level; undefined for a reader without one. */
  readonly epoch: number | undefined
  /** The name that the client gave its receiver. */
  readonly name: string | undefined
}

/**
 * What a client is told, and no mistake of ours. It has no stack: to gather one costs more than all else that a refusal
 * takes, and one request can cause thousands.
 */
export class StacklessError extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error
    // Nothing else runs until it is set back.
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** A request that a hub refuses. */
export class HubError extends StacklessError {
  readonly refused: Refused

  constructor(refused: Refused) {
    super(refused.because)
    this.refused = refused
  }
}
