import { sameName } from '../lib/names.ts'
import { childOf, isLeaf, isList, nameOf, type AnyBranch, type AnyNode, type List } from './node.ts'
import type { ObjectShape, Shape } from './shape.ts'

/**
 * How one layer lies over another. `extends`: it adds to lists of named things, as an environment does to its file.
 * `decides`: what it lists is all there is, and what it says for all beats what the lower layer says of one, as flags do.
 */
export type Manner = 'extends' | 'decides'

/** Two layers of one shape in one: where both say something, the upper one counts. */
export function layOver<T>(upper: T, lower: T, shape: ObjectShape, manner: Manner): T {
  const above = upper as AnyBranch
  const below = manner === 'decides' ? withoutOutvoted(lower as AnyBranch, shape, above) : (lower as AnyBranch)
  return branchOver(above, below, shape, manner) as T
}

function branchOver(upper: AnyBranch, lower: AnyBranch, shape: ObjectShape, manner: Manner): AnyBranch {
  const isSaid = (key: string): boolean => childOf(upper, key) !== undefined
  const outdone = shape.either?.some(isSaid) ? shape.either : []
  const keys = Object.entries(shape.keys).flatMap(([key, of]) => {
    const below = outdone.includes(key) ? undefined : childOf(lower, key)
    const merged = nodeOver(childOf(upper, key), below, of, manner)
    return merged ? [[key, merged] as const] : []
  })
  return {
    ...upper,
    ...Object.fromEntries(keys),
    isBroken: (upper.isBroken ?? false) || (lower.isBroken ?? false),
    unread: [...(lower.unread ?? []).filter((key) => !isSaid(key)), ...(upper.unread ?? [])],
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
  if (shape.kind === 'map') return manner === 'extends' ? besides(upper, lower) : upper
  if (shape.kind !== 'list' || !shape.byName || shape.of.kind !== 'object') return upper
  return manner === 'extends' ? entriesAdded(upper, lower, shape.of) : entriesChosen(upper, lower, shape.of)
}

/** The entries of both; of those of one name the upper one. */
const besides = (upper: List<AnyNode>, lower: List<AnyNode>): List<AnyNode> => {
  const isOutdone = (entry: AnyNode): boolean => upper.items.some((one) => sameName(nameOf(one), nameOf(entry)))
  return both(upper, lower, [...lower.items.filter((entry) => !isOutdone(entry)), ...upper.items])
}

/** The entries of both; of two of one name, the upper one over the lower one. */
function entriesAdded(upper: List<AnyNode>, lower: List<AnyNode>, shape: ObjectShape): List<AnyNode> {
  const open = [...upper.items]
  const items = lower.items.map((entry) => {
    const index = open.findIndex((one) => sameName(nameOf(one), nameOf(entry)))
    const [over] = index === -1 ? [] : open.splice(index, 1)
    return over ? branchOver(over as AnyBranch, entry as AnyBranch, shape, 'extends') : entry
  })
  return both(upper, lower, [...items, ...open])
}

const both = (upper: List<AnyNode>, lower: List<AnyNode>, items: readonly AnyNode[]): List<AnyNode> => ({
  ...upper,
  isBroken: (upper.isBroken ?? false) || (lower.isBroken ?? false),
  items,
})

/** The entries of the upper list, with what the lower one says of those. */
const entriesChosen = (upper: List<AnyNode>, lower: List<AnyNode>, shape: ObjectShape): List<AnyNode> => ({
  ...upper,
  items: upper.items.map((entry) => {
    const below = lower.items.find((one) => sameName(nameOf(one), nameOf(entry)))
    return below ? branchOver(entry as AnyBranch, below as AnyBranch, shape, 'decides') : entry
  }),
})

/** The lower layer without what it says of one thing and the upper layer says for all of them. */
function withoutOutvoted(lower: AnyBranch, shape: ObjectShape, upper: AnyBranch): AnyBranch {
  const visit = (node: AnyNode, of: Shape): AnyNode => {
    if (of.kind === 'list' && isList(node)) return { ...node, items: node.items.map((item) => visit(item, of.of)) }
    const keys = of.kind === 'object' ? of : of.kind === 'choice' ? of.long : undefined
    if (!keys || isLeaf(node)) return node
    return Object.entries(keys.keys).reduce<AnyBranch>((branch, [key, child]) => {
      const own = childOf(branch, key)
      if (!own) return branch
      const left = keys.forAll?.includes(key) ? rest(own, childOf(upper, key)) : own
      return { ...branch, [key]: left && visit(left, child) }
    }, node as AnyBranch)
  }
  return visit(lower, shape) as AnyBranch
}

/** What of a node is left when the upper layer says it too: nothing, or of a branch its other keys. */
function rest(own: AnyNode, said: AnyNode | undefined): AnyNode | undefined {
  if (!said) return own
  if (isLeaf(own) || isList(own)) return undefined
  const keys = Object.keys(own).filter((key) => childOf(own, key))
  const left = keys.filter((key) => !childOf(said, key))
  if (left.length === 0 && keys.length > 0) return undefined
  return Object.fromEntries(
    Object.entries(own).filter(([key]) => !keys.includes(key) || left.includes(key)),
  ) as AnyBranch
}
