import { randomUUID } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import type { ClientOptions } from './open-clients.ts'

export interface ProbeOptions extends ClientOptions {
  /** The consumer group to read through. Kafka reads without one. */
  readonly consumerGroup: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A client that tries a hub in the order of its methods. Each rejects with the error of the client. */
export interface Probe {
  signIn(): Promise<void>
  /** Finds the first partition. Answers how many there are. */
  findHub(): Promise<number>
  /** Sends the test event to the first partition. Answers which one that is. */
  send(): Promise<number>
  /** Reads the test event, or what is there if none was sent. Answers in words what was read. */
  read(sent: boolean): Promise<string>
  close(): Promise<void>
}

/** Property of the test event, so that pipelines can skip it. */
export const PROBE_PROPERTY = 'ml-ingest-probe'

export interface TestEvent {
  readonly id: string
  readonly body: { readonly probe: string; readonly id: string; readonly sentAt: string }
}

export function testEvent(clock: Clock): TestEvent {
  const id = randomUUID()
  return { id, body: { probe: 'ml-ingest verify', id, sentAt: new Date(clock.now()).toISOString() } }
}

/** Time for the test event to come back. */
export const READ_BACK_MS = 60_000
