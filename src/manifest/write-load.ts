import { LOAD, mergedLoad, type WantedLoad } from '../resources/load/load.ts'
import { needed } from '../resources/setting.ts'
import { childOf, type AnyNode, type Branch, type Leaf } from '../wanted/node.ts'
import { EMPTY_BRANCH, type Layer } from './layer.ts'

type Key = keyof typeof LOAD.keys
const KEYS = Object.keys(LOAD.keys) as readonly Key[]
const RATES: readonly string[] = LOAD.either ?? []

/** Writes the load for all hubs, in the words that were typed. What the run did not say of it is removed. */
export function writeLoad(top: Layer, said: WantedLoad | undefined): void {
  if (!said) return
  const layer = layerIn(top, childOf(top.below, 'load'))
  for (const key of KEYS)
    if (said[key]) layer.put(key, needed(wordsOf(key, said[key])))
    else layer.drop(key)
}

/**
 * Writes what the run says of one hub. What the load for all hubs overruled is removed, or written again where the rest of
 * the file says it.
 */
export function writeHubLoad(hub: Layer, said: WantedLoad | undefined, forAll: WantedLoad | undefined): void {
  if (!said && !forAll) return
  const below = childOf(hub.below, 'load')
  const layer = layerIn(hub, below)
  const merged = mergedLoad(said, forAll)
  for (const key of KEYS) {
    const rivals = RATES.includes(key) ? RATES : [key]
    const isBelow = rivals.some((one) => childOf(below, one))
    const value = said?.[key] ?? (isBelow ? merged?.[key] : undefined)
    if (value) layer.put(key, needed(wordsOf(key, value)))
    else layer.drop(key)
  }
  const own = childOf(hub.own, 'load')
  if (own && !KEYS.some((key) => said?.[key]) && layer.node().items.length === 0) hub.drop('load')
}

const layerIn = (parent: Layer, below: AnyNode | undefined): Layer =>
  parent.child(LOAD, 'load', (below as Branch | undefined) ?? EMPTY_BRANCH)

/** As it was typed. A number stands without quotes. */
function wordsOf(key: Key, { text, value }: Leaf<boolean | number>): string | number | boolean {
  const words = text.trim()
  if (words === '' || LOAD.keys[key].type !== 'string') return value
  return String(Number(words)) === words ? Number(words) : words
}
