import { originOf, type Given, type GivenValue } from '../inputs/given.ts'
import type { Input } from '../inputs/input.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import type { Origin, Problem } from '../lib/errors.ts'
import type { AnyBranch, AnyNode, Leaf } from './node.ts'

/**
 * Flags, variables and answers as a layer of the tree. Values that could not be read, the `problems`, are marked as unread,
 * so that no rule reports them as missing.
 */
export function layerOf(given: Given, problems: readonly Problem[] = []): AnyBranch {
  const layer: Record<string, unknown> = { origin: ANSWER, text: '', unread: [] }
  for (const [key, one] of Object.entries(given) as readonly (readonly [InputKey, GivenValue<unknown> | undefined])[]) {
    const { at } = INPUTS[key] as Input
    const node = one && at !== undefined ? nodeOf(key, one) : undefined
    if (node) put(layer, at!.split('.'), node)
  }
  for (const { input } of problems) {
    const at = (INPUTS as Readonly<Record<string, Input | undefined>>)[input]?.at?.split('.')
    if (at) markUnread(layer, at)
  }
  return layer as unknown as AnyBranch
}

const ANSWER: Origin = { kind: 'answer' }

function nodeOf(key: InputKey, given: GivenValue<unknown>): AnyNode | undefined {
  const origin = originOf(key, given)
  const input: Input = INPUTS[key]
  if (input.kind !== 'list') {
    const value = input.kind === 'switch' && input.off ? !given.value : given.value
    // A variable such as ML_INGEST_NO_CAPTURE=0 gives nothing.
    if (input.kind === 'switch' && input.off && value === true) return undefined
    return { origin, text: given.texts[0] ?? '', value }
  }
  const entries = given.value as readonly unknown[]
  return { origin, text: '', items: entries.map((entry, i) => entryOf(entry, origin, given.texts[i] ?? '')) }
}

/** An entry that was typed as one word. Problems with a part of it show the whole word. */
function entryOf(entry: unknown, origin: Origin, text: string): AnyNode {
  if (typeof entry !== 'object' || entry === null) return { origin, text, value: entry }
  const parts = Object.entries(entry).map(([key, value]): [string, Leaf<unknown>] => [key, { origin, text, value }])
  return { origin, text, ...Object.fromEntries(parts) }
}

function put(branch: Record<string, unknown>, [key = '', ...rest]: readonly string[], node: AnyNode): void {
  if (rest.length === 0) branch[key] = node
  else {
    branch[key] ??= { origin: node.origin, text: '' }
    put(branch[key] as Record<string, unknown>, rest, node)
  }
}

function markUnread(branch: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  branch['unread'] = [...((branch['unread'] as readonly string[] | undefined) ?? []), key]
  if (rest.length > 0 && branch[key]) markUnread(branch[key] as Record<string, unknown>, rest)
}
