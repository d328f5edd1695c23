import type { Clock } from '../../lib/clock.ts'
import type { Directory, LocalHub } from '../directory.ts'
import type { Claims, Right } from './claims.ts'
import type { HubLinks } from './hub-links.ts'
import type { LogStore } from './log/store.ts'
import type { Readers } from './readers.ts'
import type { ServiceError, ServiceErrors } from './service-errors.ts'
import type { AmqpError } from './wire/link.ts'

/** What every part of the broker works with. */
export interface BrokerContext {
  readonly directory: Directory
  readonly clock: Clock
  readonly store: LogStore
  readonly readers: Readers
  readonly links: HubLinks
  readonly errors: ServiceErrors
  readonly turns: Turns
  readonly log: (line: string) => void
  /** What a client is told of any failure; one that was not foreseen is written to the log. */
  toServiceError(error: unknown, path: string): ServiceError
}

/** Whose turn it is among the partitions of a hub, for events without a partition key. */
export class Turns {
  readonly #next = new Map<string, number>()

  next(hub: LocalHub, partitionCount: number): number {
    const key = `${hub.namespace}/${hub.name}`
    const turn = (this.#next.get(key) ?? 0) % partitionCount
    this.#next.set(key, turn + 1)
    return turn
  }
}

/** A link to a hub that is open now, so that a change of the hub or the end of a token can reach it. */
export interface HubLink {
  readonly hub: LocalHub
  readonly claims: Claims
  readonly right: Right
  /** As the client wrote it. */
  readonly path: string
  /** For receivers. */
  readonly group: string | undefined
  close(error: AmqpError): void
}
