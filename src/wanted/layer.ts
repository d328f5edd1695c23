import { originOf, type Given, type GivenValue } from '../inputs/given.ts'
import type { Input } from '../inputs/input.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import type { Origin, Problem } from '../lib/errors.ts'
import type { AnyBranch, AnyNode, Leaf } from './node.ts'

/**
 * What flags, variables and answers say, as a layer of the tree. `problems` are of values that could not be read: no rule
 * complains that they are not there.
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
    if (at) unread(layer, at)
  }
  return layer as unknown as AnyBranch
}

const ANSWER: Origin = { kind: 'answer' }

function nodeOf(key: InputKey, given: GivenValue<unknown>): AnyNode | undefined {
  const origin = originOf(key, given)
  const input: Input = INPUTS[key]
  if (input.kind !== 'list') {
    const value = input.kind === 'switch' && input.off ? !given.value : given.value
    // A variable that says 0 of a switch that turns something off says nothing.
    if (input.kind === 'switch' && input.off && value === true) return undefined
    return { origin, text: given.texts[0] ?? '', value }
  }
  const entries = given.value as readonly object[]
  return { origin, text: '', items: entries.map((entry, i) => entryOf(entry, origin, given.texts[i] ?? '')) }
}

/** An entry that was typed in one word: each part of it is told by that word. */
function entryOf(entry: object, origin: Origin, text: string): AnyBranch {
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

function unread(branch: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  branch['unread'] = [...((branch['unread'] as readonly string[] | undefined) ?? []), key]
  if (rest.length > 0 && branch[key]) unread(branch[key] as Record<string, unknown>, rest)
}
