import type { Filter, FilterTerms } from '../../core/filter.ts'
import { keyOf } from '../../core/model.ts'

/** What a filter by tags is tried on: one tag after the other, so that a name and a value are those of one tag. */
export interface Tagged {
  readonly tag: readonly [name: string, value: unknown]
}

/** Azure compares the names of tags without regard to case, and their values exactly. */
export const TAG_TERMS: FilterTerms<Tagged> = {
  'tagname eq ?':
    (wanted) =>
    ({ tag: [name] }) =>
      keyOf(name) === keyOf(wanted),
  'tagvalue eq ?':
    (wanted) =>
    ({ tag: [, value] }) =>
      value === wanted,
}

/** Only lists of resources have it. */
export const TAG_PREFIX: FilterTerms<Tagged> = {
  'startswith(tagname,?)':
    (prefix) =>
    ({ tag: [name] }) =>
      keyOf(name).startsWith(keyOf(prefix)),
}

const SHAPES = ['tagname eq ?', 'tagname eq ? and tagvalue eq ?', 'startswith(tagname,?)']

/** Whether a filter asks for one tag, and for nothing else. */
export const isByTag = ({ shape }: Pick<Filter<never>, 'shape'>): boolean => SHAPES.includes(shape)

/** Tags cannot be asked for in any other way, nor together with other things: Azure refuses that. */
export const mentionsTags = ({ shape }: Pick<Filter<never>, 'shape'>): boolean => /\btag(?:name|value)\b/.test(shape)
