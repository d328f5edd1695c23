import type { RequestKind } from '../engine/pace.ts'

export type OnQuota = (kind: RequestKind, left: number) => void

const KINDS: readonly RequestKind[] = ['reads', 'writes', 'deletes']

/**
 * How many requests Azure would still take after this one: the least of what it says of the principal, and of the
 * subscription or tenant as a whole.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling#remaining-requests
 */
export function quotaOf(headers: { get(name: string): string | undefined }) {
  return KINDS.flatMap((kind) => {
    const told = ['subscription', 'subscription-global', 'tenant']
      .map((scope) => Number.parseInt(headers.get(`x-ms-ratelimit-remaining-${scope}-${kind}`) ?? '', 10))
      .filter((left) => left >= 0)
    return told.length > 0 ? [{ kind, left: Math.min(...told) }] : []
  })
}
