import { sameName } from '../lib/names.ts'
import { childOf, isLeaf, isList, nameOf, type AnyBranch, type AnyNode, type List } from './node.ts'
import type { ObjectShape, Shape } from './shape.ts'

/**
 * How a layer merges with the one below. `extends`: it adds to lists of named things, like an environment of a manifest.
 * `decides`: its lists replace the lower ones, and its values for all hubs win over the lower values for one hub, like flags.
 */
export type Manner = 'extends' | 'decides'

/** Merges two layers of one shape. Where both have a value, the upper one wins. */
export function layOver<T>(upper: T, lower: T, shape: ObjectShape, manner: Manner): T {
  const above = upper as AnyBranch
  const below = manner === 'decides' ? withoutOverruled(lower as AnyBranch, shape, above) : (lower as AnyBranch)
  return branchOver(above, below, shape, manner) as T
}

function branchOver(upper: AnyBranch, lower: AnyBranch, shape: ObjectShape, manner: Manner): AnyBranch {
  const isAbove = (key: string): boolean => childOf(upper, key) !== undefined
  const overruled = shape.either?.some(isAbove) ? shape.either : []
  const keys = Object.entries(shape.keys).flatMap(([key, of]) => {
    const below = overruled.includes(key) ? undefined : childOf(lower, key)
    const merged = nodeOver(childOf(upper, key), below, of, manner)
    return merged ? [[key, merged] as const] : []
  })
  return {
    ...upper,
    ...Object.fromEntries(keys),
    isBroken: (upper.isBroken ?? false) || (lower.isBroken ?? false),
    unread: [...(lower.unread ?? []).filter((key) => !isAbove(key)), ...(upper.unread ?? [])],
  }
}

function nodeOver(
  upper: AnyNode | undefined,
  lower: AnyNode | undefined,
  shape: Shape,
  manner: Manner,
): AnyNode | undefined {
  if (!upper || !lower) return upper ?? lower
  if (shape.kind === 'object') return branchOver(upper as AnyBranch, lower as AnyBranch, shape, manner)
  if (!isList(upper) || !isList(lower)) return upper
  if (shape.kind === 'map') return manner === 'extends' ? mapsMerged(upper, lower) : upper
  if (shape.kind !== 'list' || !shape.byName || shape.of.kind !== 'object') return upper
  return manner === 'extends' ? entriesAdded(upper, lower, shape.of) : entriesChosen(upper, lower, shape.of)
}

/** The entries of both. If two have the same name, the upper one wins. */
const mapsMerged = (upper: List<AnyNode>, lower: List<AnyNode>): List<AnyNode> =>
  withItems(upper, lower, [
    ...lower.items.filter((entry) => !upper.items.some((one) => sameName(nameOf(one), nameOf(entry)))),
    ...upper.items,
  ])

/** The entries of both. If two have the same name, they are merged. */
function entriesAdded(upper: List<AnyNode>, lower: List<AnyNode>, shape: ObjectShape): List<AnyNode> {
  const remaining = [...upper.items]
  const items = lower.items.map((entry) => {
    const index = remaining.findIndex((one) => sameName(nameOf(one), nameOf(entry)))
    const [over] = index === -1 ? [] : remaining.splice(index, 1)
    return over ? branchOver(over as AnyBranch, entry as AnyBranch, shape, 'extends') : entry
  })
  return withItems(upper, lower, [...items, ...remaining])
}

const withItems = (upper: List<AnyNode>, lower: List<AnyNode>, items: readonly AnyNode[]): List<AnyNode> => ({
  ...upper,
  isBroken: (upper.isBroken ?? false) || (lower.isBroken ?? false),
  items,
})

/** The entries of the upper list, each merged with the lower entry of its name. */
const entriesChosen = (upper: List<AnyNode>, lower: List<AnyNode>, shape: ObjectShape): List<AnyNode> => ({
  ...upper,
  items: upper.items.map((entry) => {
    const below = lower.items.find((one) => sameName(nameOf(one), nameOf(entry)))
    return below ? branchOver(entry as AnyBranch, below as AnyBranch, shape, 'decides') : entry
  }),
})

/** The lower layer without its values for one hub that the upper layer gives for all hubs. */
function withoutOverruled(lower: AnyBranch, shape: ObjectShape, upper: AnyBranch): AnyBranch {
  const visit = (node: AnyNode, of: Shape): AnyNode => {
    if (of.kind === 'list' && isList(node)) return { ...node, items: node.items.map((item) => visit(item, of.of)) }
    const keys = of.kind === 'object' ? of : of.kind === 'choice' ? of.long : undefined
    if (!keys || isLeaf(node)) return node
    return Object.entries(keys.keys).reduce<AnyBranch>((branch, [key, child]) => {
      const own = childOf(branch, key)
      if (!own) return branch
      const left = keys.forAll?.includes(key) ? withoutKeysOf(own, childOf(upper, key), child) : own
      return { ...branch, [key]: left && visit(left, child) }
    }, node as AnyBranch)
  }
  return visit(lower, shape) as AnyBranch
}

/** What is left of a node that the upper layer gives too: the other keys of a branch, otherwise nothing. */
function withoutKeysOf(own: AnyNode, said: AnyNode | undefined, shape: Shape): AnyNode | undefined {
  if (!said) return own
  if (isLeaf(own) || isList(own)) return undefined
  const keys = Object.keys(own).filter((key) => childOf(own, key))
  const { either = [] } = shape as Partial<ObjectShape>
  const rivals = either.some((key) => childOf(said, key)) ? either : []
  const overruled = keys.filter((key) => childOf(said, key) !== undefined || rivals.includes(key))
  if (overruled.length === keys.length && keys.length > 0) return undefined
  return Object.fromEntries(Object.entries(own).filter(([key]) => !overruled.includes(key))) as AnyBranch
}
