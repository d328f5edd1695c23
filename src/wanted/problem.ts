import { input } from '../inputs/refer.ts'
import type { InputKey } from '../inputs/table.ts'
import { say, type Reference, type Text } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'
import type { Node } from './node.ts'

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
