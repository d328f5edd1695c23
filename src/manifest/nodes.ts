/** Where something stands in a manifest. Lines and columns begin at 1. */
export interface Spot {
  readonly line: number
  readonly column: number
  /** `hubs[0].partitions`; empty for the file as a whole. */
  readonly path: string
}

/** What could be read of a manifest; `isBroken` where something in it could not. */
export type ManifestNode = ManifestValue | ManifestList | ManifestObject

/** A value, parsed, with the words it stood in. */
export interface ManifestValue {
  readonly kind: 'value'
  readonly at: Spot
  readonly isBroken: false
  readonly value: unknown
  readonly text: string
}
export interface ManifestList {
  readonly kind: 'list'
  readonly at: Spot
  readonly isBroken: boolean
  readonly items: readonly ManifestNode[]
}
export interface ManifestObject {
  readonly kind: 'object'
  readonly at: Spot
  readonly isBroken: boolean
  /** In the order of the file, also where keys are numbers. */
  readonly entries: ReadonlyMap<string, ManifestNode>
  /** Keys that somebody gave, or probably meant, and whose values could not be read. */
  readonly unread: readonly string[]
}

export function valueAt(node: ManifestObject | undefined, key: string): ManifestValue | undefined {
  const found = node?.entries.get(key)
  return found?.kind === 'value' ? found : undefined
}
export function objectAt(node: ManifestObject | undefined, key: string): ManifestObject | undefined {
  const found = node?.entries.get(key)
  return found?.kind === 'object' ? found : undefined
}
export function listAt(node: ManifestObject | undefined, key: string): ManifestList | undefined {
  const found = node?.entries.get(key)
  return found?.kind === 'list' ? found : undefined
}
export const objectsAt = (node: ManifestObject | undefined, key: string): readonly ManifestObject[] =>
  (listAt(node, key)?.items ?? []).filter((item): item is ManifestObject => item.kind === 'object')

/** What is named, or where it stands if its name could not be read: no name looks like that. */
export const nameOf = (node: ManifestObject): string => valueAt(node, 'name')?.text ?? node.at.path

/** What is found by following keys and positions, as far as they lead. */
export function nodeAt(node: ManifestNode, within: readonly (string | number)[]): ManifestNode {
  const [step, ...rest] = within
  const next =
    node.kind === 'object' && typeof step === 'string'
      ? node.entries.get(step)
      : node.kind === 'list' && typeof step === 'number'
        ? node.items[step]
        : undefined
  return next ? nodeAt(next, rest) : node
}
