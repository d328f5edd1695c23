import type { Claims } from '../hubs/access.ts'
import type { Hubs } from '../hubs/hubs.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { StoredReader } from '../log/reader.ts'
import type { Groups } from './groups/groups.ts'
import type { MemoryPool } from './memory.ts'
import type { Producers } from './producers.ts'
import type { RequestOf, ResponseOf } from './wire/codec.ts'

/** What all connections share. */
export interface Broker {
  readonly hubs: Hubs
  readonly groups: Groups
  readonly producers: Producers
  /** For what answers read. */
  readonly memory: MemoryPool
  /** Offer all that we can, or what the cloud was seen to offer. */
  readonly range: 'full' | 'azure'
}

/** One connection, signed in. */
export interface Session {
  readonly id: string
  readonly claims: Claims
  /** The one whose key opened the connection. */
  readonly namespace: string
  /** Where the client reached us, which is where it reaches us again. */
  readonly address: { readonly host: string; readonly port: number }
  /** As Kafka writes it: a slash and the address. */
  readonly clientHost: string
  /** Aborted when the connection ends. */
  readonly signal: AbortSignal
  /** The next request is taken after so long. */
  mute(ms: number): void
  /** Calls it once the network has the answer, or the connection has ended. */
  afterAnswer(done: () => void): void
  /** What was read last of each partition. */
  readonly readers: WeakMap<PartitionLog, StoredReader>
}

/** What a request comes with. */
export interface Call {
  readonly broker: Broker
  readonly session: Session
  readonly version: number
  readonly clientId: string | null
}

/**
 * Answers one request; with undefined, no answer is sent. The next request of the connection waits for the answer. What
 * it throws ends the connection: errors that an answer has a place for are the handler's to put there.
 */
export type Handler<A> = (
  request: RequestOf<A>,
  call: Call,
) => ResponseOf<A> | undefined | Promise<ResponseOf<A> | undefined>
