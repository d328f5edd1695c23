import { input } from '../inputs/refer.ts'
import type { InputKey } from '../inputs/table.ts'
import { say, type Reference, type Text } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'
import type { Node } from './node.ts'

/**
 * A problem of something in the tree, told at the place that it came from. `key` is the input that says such things. The
 * message follows what was given: `is not a tier`.
 */
export const about = (key: InputKey, node: Node | undefined, message: Text): Problem => ({
  kind: 'invalid',
  input: key,
  origin: node?.origin,
  message,
  ...(node?.text ? { text: node.text } : {}),
})

/** What another input is called: its flag, or its key where a manifest says it. */
export const nameOfInput = (key: InputKey, node: Node | undefined): string | Reference =>
  node?.origin.kind === 'file' ? node.origin.path : input(key)

/** The same in a text that goes on with its value. */
export const nameAndValue = (key: InputKey, node: Node & { readonly value: unknown }): Text =>
  say`${nameOfInput(key, node)} ${String(node.value)}`
