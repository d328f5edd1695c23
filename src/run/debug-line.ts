import type { RequestSeen } from '../azure/pipeline.ts'
import { redact } from '../lib/redact.ts'

/** `PUT /subscriptions/…/namespaces/ns 201 812ms request 6f1c…`: one request for `--debug`. */
export function debugLine(seen: RequestSeen): string {
  const outcome = seen.status ?? seen.failure ?? 'no answer'
  const ids = [
    ...(seen.requestId ? [`request ${seen.requestId}`] : []),
    ...(seen.retryAfter ? [`retry after ${seen.retryAfter}s`] : []),
  ]
  return redact([seen.method, seen.url, outcome, `${Math.round(seen.elapsedMs)}ms`, ...ids].join(' '))
}
