import { sameName } from '../lib/names.ts'
import {
  listAt,
  nameOf,
  objectAt,
  objectsAt,
  type ManifestList,
  type ManifestNode,
  type ManifestObject,
} from './nodes.ts'

/** Scalars of the environment win; tags, keys of `capture:` and hubs are laid over those of the same name, or added. */
export function overlaid(base: ManifestObject, overlay: ManifestObject): ManifestObject {
  const both = new Map<string, ManifestNode | undefined>([
    ['tags', bothAt(base, overlay, 'tags')],
    ['capture', bothAt(base, overlay, 'capture')],
    ['hubs', hubsOf(base, overlay)],
  ])
  const { entries, ...merged } = laidOver(base, overlay)
  return { ...merged, entries: new Map([...entries].map(([key, node]) => [key, both.get(key) ?? node])) }
}

/** The keys of both; where both say one, the second. Names of tags differ in case only by spelling. */
function laidOver(base: ManifestObject, overlay: ManifestObject): ManifestObject {
  const isSaidAgain = (key: string): boolean => [...overlay.entries.keys()].some((one) => sameName(one, key))
  return {
    kind: 'object',
    at: overlay.at,
    isBroken: base.isBroken || overlay.isBroken,
    entries: new Map([...[...base.entries].filter(([key]) => !isSaidAgain(key)), ...overlay.entries]),
    unread: [...base.unread.filter((key) => !isSaidAgain(key)), ...overlay.unread],
  }
}

/** The mapping of one key, what the second says laid over what the first says. */
function bothAt(base: ManifestObject, overlay: ManifestObject, key: string): ManifestObject | undefined {
  const [first, second] = [objectAt(base, key), objectAt(overlay, key)]
  return first && second ? laidOver(first, second) : (second ?? first)
}

function hubsOf(base: ManifestObject, overlay: ManifestObject): ManifestList | undefined {
  const [first, second] = [listAt(base, 'hubs'), listAt(overlay, 'hubs')]
  if (!first || !second) return second ?? first
  const open = [...objectsAt(overlay, 'hubs')]
  const hubs = objectsAt(base, 'hubs').map((hub) => {
    const index = open.findIndex((one) => sameName(nameOf(one), nameOf(hub)))
    const [over] = index === -1 ? [] : open.splice(index, 1)
    return over ? hubLaidOver(hub, over) : hub
  })
  return { ...second, isBroken: first.isBroken || second.isBroken, items: [...hubs, ...open] }
}

function hubLaidOver(hub: ManifestObject, over: ManifestObject): ManifestObject {
  const { entries, ...merged } = laidOver(hub, over)
  const capture = bothAt(hub, over, 'capture')
  return { ...merged, entries: capture ? new Map([...entries, ['capture', capture]]) : entries }
}
