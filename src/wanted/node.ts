import type { Origin, Problem } from '../lib/errors.ts'
import { input } from '../inputs/refer.ts'
import type { InputKey } from '../inputs/table.ts'
import { say, type Reference, type Text } from '../lib/phrase.ts'

/** A node in the tree of wanted resources. */
export interface Node {
  readonly origin: Origin
  /** As it was typed; empty if it is not one word or text. */
  readonly text: string
  /** Something in it could not be read. Then a missing part is not reported. */
  readonly isBroken?: boolean
}

/** A value that was given. */
export interface Leaf<T> extends Node {
  readonly value: T
}

export interface List<N> extends Node {
  readonly items: readonly N[]
}

/** The values that were given, by key. */
export type Branch<C = object> = Node & {
  readonly [K in keyof C]?: C[K] | undefined
} & {
  /** Keys that were given, or probably meant, but whose values could not be read. */
  readonly unread?: readonly string[]
}

/** A node for code that follows a shape, so that the type does not know the keys. */
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

/** Whether a key was given, but not all of it could be read. */
export const isUnread = (branch: Branch | undefined, key: string): boolean =>
  (branch?.unread?.includes(key) ?? false) || (childOf(branch, key)?.isBroken ?? false)

interface Named extends Node {
  readonly name?: Leaf<string> | undefined
}

/** The name, or the path in the file if the name could not be read. No name looks like a path. */
export const nameOf = ({ name, origin }: Named): string => name?.value ?? (origin.kind === 'file' ? origin.path : '')

/** Every value in a branch, in order. */
export const leavesOf = (node: unknown): readonly Leaf<unknown>[] => {
  if (isLeaf(node)) return [node]
  if (isList(node)) return node.items.flatMap(leavesOf)
  return isNode(node) ? Object.values(node).flatMap(leavesOf) : []
}

/** A problem with a node, at the place it came from. The message follows what was given: `is not a tier`. */
export const problemAt = (key: InputKey, node: Node | undefined, message: Text): Problem => ({
  kind: 'invalid',
  input: key,
  origin: node?.origin,
  message,
  ...(node?.text ? { text: node.text } : {}),
})

/** How a text names another input: by its flag, or by its place in the manifest. */
export const nameOfInput = (key: InputKey, node: Node | undefined): string | Reference =>
  node?.origin.kind === 'file' ? node.origin.path : input(key)

/** The same, followed by the value. */
export const nameAndValue = (key: InputKey, node: Node & { readonly value: unknown }): Text =>
  say`${nameOfInput(key, node)} ${String(node.value)}`
