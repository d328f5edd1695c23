import type { Origin } from '../lib/errors.ts'

/** What every node of the tree of what is wanted tells. */
export interface Node {
  readonly origin: Origin
  /** As it was given; empty where words alone do not say it. */
  readonly text: string
  /** Something in it could not be read, so that what is missing in it is no mistake of its own. */
  readonly isBroken?: boolean
}

/** A value that somebody gave. */
export interface Leaf<T> extends Node {
  readonly value: T
}

export interface List<N> extends Node {
  readonly items: readonly N[]
}

/** Several values by name, as far as they were given. */
export type Branch<C = object> = Node & {
  readonly [K in keyof C]?: C[K] | undefined
} & {
  /** Keys that somebody gave, or probably meant, and whose values could not be read. */
  readonly unread?: readonly string[]
}

/** A branch whose keys are not known to the type: for code that goes by a shape. */
export type AnyNode = Leaf<unknown> | List<AnyNode> | AnyBranch
export type AnyBranch = Node & { readonly unread?: readonly string[] } & { readonly [key: string]: unknown }

export const isLeaf = (node: unknown): node is Leaf<unknown> => isNode(node) && 'value' in node
export const isList = (node: unknown): node is List<AnyNode> => isNode(node) && 'items' in node
const isNode = (node: unknown): node is Node => typeof node === 'object' && node !== null && 'origin' in node

/** The node under a key of a branch. */
export const childOf = (branch: Node | undefined, key: string): AnyNode | undefined => {
  const child = (branch as AnyBranch | undefined)?.[key]
  return isNode(child) ? (child as AnyNode) : undefined
}

/** Whether somebody said more of a key than could be read. */
export const isUnread = (branch: Branch | undefined, key: string): boolean =>
  (branch?.unread?.includes(key) ?? false) || (childOf(branch, key)?.isBroken ?? false)

interface Named extends Node {
  readonly name?: Leaf<string> | undefined
}

/** What is named, or where it stands if its name could not be read: no name looks like that. */
export const nameOf = ({ name, origin }: Named): string => name?.value ?? (origin.kind === 'file' ? origin.path : '')

/** Every value in a branch, in order. */
export const leavesOf = (node: unknown): readonly Leaf<unknown>[] => {
  if (isLeaf(node)) return [node]
  if (isList(node)) return node.items.flatMap(leavesOf)
  return isNode(node) ? Object.values(node).flatMap(leavesOf) : []
}
