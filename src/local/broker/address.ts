/** What a link or a claim is about. */
export type Address =
  | { readonly kind: 'cbs' }
  /** `hub` is absent in the form without it; the request then names it. */
  | { readonly kind: 'management'; readonly hub: string | undefined }
  | { readonly kind: 'hub'; readonly hub: string }
  | { readonly kind: 'partition'; readonly hub: string; readonly partition: string }
  | { readonly kind: 'publisher'; readonly hub: string }
  | { readonly kind: 'consumer'; readonly hub: string; readonly group: string; readonly partition: string }
  | { readonly kind: 'unknown' }

/**
 * Segments of an address: a bare path, one with a slash in front (.NET), or a whole URI, whose host says nothing here.
 * A scheme and a host alone give no segments.
 */
export function pathSegments(address: string): string[] {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return path.split('/').filter(Boolean).map(decode)
}

export function parseAddress(address: string): Address {
  const segments = pathSegments(address)
  const [hub, second, third, fourth, fifth] = segments
  const words = segments.map((segment) => segment.toLowerCase())
  if (hub === undefined) return { kind: 'unknown' }
  if (words[0] === '$cbs' && segments.length === 1) return { kind: 'cbs' }
  if (words[0] === '$management' && segments.length === 1) return { kind: 'management', hub: undefined }
  if (segments.length === 1) return { kind: 'hub', hub }
  if (words[1] === '$management' && segments.length === 2) return { kind: 'management', hub }
  if (second === undefined || third === undefined) return { kind: 'unknown' }
  if (words[1] === 'partitions' && segments.length === 3) return { kind: 'partition', hub, partition: third }
  if (words[1] === 'publishers' && segments.length === 3) return { kind: 'publisher', hub }
  const isConsumer = words[1] === 'consumergroups' && words[3] === 'partitions' && segments.length === 5
  if (isConsumer && fourth !== undefined && fifth !== undefined) {
    return { kind: 'consumer', hub, group: third, partition: fifth }
  }
  return { kind: 'unknown' }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The number that a partition id means, if the hub has it. */
export function partitionIndex(id: string, partitionCount: number): number | undefined {
  const index = /^\d{1,4}$/.test(id) ? Number(id) : NaN
  return index < partitionCount ? index : undefined
}
