import type { Connection } from '../engine/connection.ts'
import type { Failure } from '../lib/errors.ts'
import { formatNumber } from '../lib/quantity.ts'
import type { SentDocument } from './document-schema.ts'
import { viewOf, type About } from './error-view.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { count, formatBytes } from './text.ts'

/** What a run sent, as far as it was accepted. */
export interface Sent {
  readonly events: number
  /** Of the bodies. */
  readonly bytes: number
  readonly elapsedMs: number
}

const perSecond = ({ events, elapsedMs }: Sent): number => (elapsedMs > 0 ? (events / elapsedMs) * 1_000 : 0)

/** `5,000/s` */
export const rateOf = (sent: Sent): string => `${formatNumber(perSecond(sent))}/s`

/** `2,500 events (64.2 KB)`, and the rate where there is a time. */
export function sentWords({ events, bytes, elapsedMs }: Omit<Sent, 'elapsedMs'> & Partial<Sent>): string {
  const words = `${count(events, 'event')} (${formatBytes(bytes)})`
  return elapsedMs === undefined ? words : `${words}, ${rateOf({ events, bytes, elapsedMs })}`
}

interface Ending {
  readonly exitCode?: ExitCode
  readonly error?: Failure
  /** The first line that was not accepted. */
  readonly next?: { readonly source: string; readonly line: number } | undefined
  readonly about: About
  readonly command: SentDocument['command']
}

/** The document of `send`. */
export function sentDocument(
  { connection }: { readonly connection: Connection },
  sent: Sent,
  { exitCode = EXIT.ok, error, next, about, command }: Ending,
): SentDocument {
  const { subscriptionId, resourceGroup, namespace, hub } = connection
  return {
    ...{ schemaVersion: 1, command, exitCode },
    result: error ? 'failed' : exitCode === EXIT.ok ? 'ok' : 'cancelled',
    target: { subscriptionId, resourceGroup, namespace },
    ...{ hub, events: sent.events, bytes: sent.bytes, elapsedMs: Math.round(sent.elapsedMs) },
    eventsPerSecond: Math.round(perSecond(sent) * 10) / 10,
    next: next ?? null,
    error: error ? viewOf(error, about) : null,
  }
}
