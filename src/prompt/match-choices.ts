import type { Choice } from './prompter.ts'

/**
 * The choices that hold every word of the term, in any order and case. What is offered always comes first as long as
 * nothing is typed, and after what was found then.
 */
export function matchChoices<T>(choices: readonly Choice<T>[], term: string | undefined): readonly Choice<T>[] {
  const words = (term ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return choices
  const found = choices.filter((choice) => {
    const text = `${choice.label} ${choice.detail ?? ''}`.toLowerCase()
    return !choice.always && words.every((word) => text.includes(word))
  })
  return [...found, ...choices.filter((choice) => choice.always)]
}
