import { OWNERSHIP_TAG } from '../../inputs/defaults.ts'
import { input } from '../../inputs/refer.ts'
import { TAG_LIMITS } from '../../lib/limits.ts'
import { nameKeyOf, sameName } from '../../lib/names.ts'
import { say } from '../../lib/phrase.ts'
import { NO_DELTA, type NamespaceActual, type NamespaceDelta, type Tags } from './namespace.ts'

/** Marks what we make. A tag of that name that the user gives is theirs to give. */
export const owned = (tags: Tags): Tags =>
  Object.keys(tags).some((name) => sameName(name, OWNERSHIP_TAG.name))
    ? tags
    : { ...tags, [OWNERSHIP_TAG.name]: OWNERSHIP_TAG.value }

/** Azure compares tag names without regard to case, and values with. */
export const isOurs = ({ tags }: { readonly tags: Tags }): boolean =>
  Object.entries(tags).some(([name, value]) => sameName(name, OWNERSHIP_TAG.name) && value === OWNERSHIP_TAG.value)

/** The tags that were asked for: that we mark what is ours is no news. */
export const tagWords = (tags: Tags): readonly string[] =>
  Object.entries(tags).map(([name, value]) => `tag ${name}=${value}`)

/** Given tags are laid over those that are there; names compare without case and keep their spelling. */
export function planTags(wanted: Tags, live: NamespaceActual): NamespaceDelta {
  const spelling = new Map(Object.keys(live.tags).map((name) => [nameKeyOf(name), name]))
  const changes = Object.entries(wanted).flatMap(([name, value]) => {
    const known = spelling.get(nameKeyOf(name))
    const from = known === undefined ? null : live.tags[known]!
    const shown = known ?? name
    return from === value ? [] : [{ name: shown, change: { field: `tag ${shown}`, from, to: value } }]
  })
  if (changes.length === 0) return NO_DELTA
  const tags = { ...live.tags, ...Object.fromEntries(changes.map(({ name, change }) => [name, change.to])) }
  const count = Object.keys(tags).length
  if (count <= TAG_LIMITS.count) return { ...NO_DELTA, changes: changes.map(({ change }) => change), send: { tags } }
  return {
    ...NO_DELTA,
    changes: changes.map(({ change }) => change),
    refusals: [
      {
        what: `Can't put the tags given on namespace ${live.name}`,
        because: `It would have ${count}, and a resource has at most ${TAG_LIMITS.count}.`,
        waysOut: [{ text: say`remove tags that nobody needs, or give fewer ${input('tag')}` }],
        link: 'https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources',
      },
    ],
  }
}
