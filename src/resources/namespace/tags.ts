import { OWNERSHIP_TAG } from '../../inputs/defaults.ts'
import { input } from '../../inputs/refer.ts'
import { TAG_LIMITS } from '../../lib/limits.ts'
import { nameKeyOf, sameName } from '../../lib/names.ts'
import { say } from '../../lib/phrase.ts'
import { NO_DELTA, type NamespaceActual, type NamespaceDelta, type Tags } from './namespace.ts'

/** Adds the tag that marks our resources. A tag of that name from the user wins. */
export const withOwnershipTag = (tags: Tags): Tags =>
  Object.keys(tags).some((name) => sameName(name, OWNERSHIP_TAG.name))
    ? tags
    : { ...tags, [OWNERSHIP_TAG.name]: OWNERSHIP_TAG.value }

/** Azure ignores case in tag names, but not in values. */
export const isOwnershipTag = (name: string, value: string): boolean =>
  sameName(name, OWNERSHIP_TAG.name) && value === OWNERSHIP_TAG.value

/** Whether ml-ingest made the resource. */
export const isOurs = ({ tags }: { readonly tags: Tags }): boolean =>
  Object.entries(tags).some(([name, value]) => isOwnershipTag(name, value))

/** The tags for a plan, without our own. */
export const tagWords = (tags: Tags): readonly string[] =>
  Object.entries(tags).map(([name, value]) => `tag ${name}=${value}`)

/** Adds the given tags to the existing ones. A name keeps its existing spelling. */
export function planTags(wanted: Tags, live: NamespaceActual): NamespaceDelta {
  const spelling = new Map(Object.keys(live.tags).map((name) => [nameKeyOf(name), name]))
  const tagChanges = Object.entries(wanted).flatMap(([name, value]) => {
    const known = spelling.get(nameKeyOf(name))
    const from = known === undefined ? null : live.tags[known]!
    const shown = known ?? name
    return from === value ? [] : [{ name: shown, from, to: value }]
  })
  if (tagChanges.length === 0) return NO_DELTA
  const tags = { ...live.tags, ...Object.fromEntries(tagChanges.map(({ name, to }) => [name, to])) }
  const changes = tagChanges.map(({ name, from, to }) => ({ field: `tag ${name}`, from, to }))
  const count = Object.keys(tags).length
  if (count <= TAG_LIMITS.count) return { ...NO_DELTA, changes, send: { tags } }
  return {
    ...NO_DELTA,
    changes,
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
