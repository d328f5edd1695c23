import { type DeleteStep, describe, nounOf } from '../resources/step.ts'
import { sameName } from '../lib/names.ts'
import { count, plain } from '../ui/text.ts'
import type { Prompter } from './prompter.ts'

/**
 * Asks whether it shall all go: by the name of the namespace, typed, as a mere Enter is too little for what nobody brings
 * back (https://clig.dev/#arguments-and-flags), or with a plain question where it was named beforehand.
 */
export async function confirmDeletion(
  prompter: Prompter,
  steps: readonly DeleteStep[],
  { namespace, isNamed }: { readonly namespace: string; readonly isNamed: boolean },
): Promise<boolean> {
  if (isNamed) return prompter.confirm({ message: `Delete ${thingsOf(steps)}?`, default: false })
  const isWhole = steps.some(({ target }) => target.kind === 'namespace')
  await prompter.text({
    message: `Type ${namespace} to delete ${isWhole ? 'it' : thingsOf(steps)}:`,
    validate: (text) =>
      sameName(text, namespace) ? undefined : `That is not ${namespace}. Nothing is deleted until it is`,
  })
  return true
}

/** `hub clicks`, `namespace and resource group`, `2 hubs` */
function thingsOf(steps: readonly DeleteStep[]): string {
  const [first, ...others] = steps
  if (first && others.length === 0) return plain(describe(first.target))
  const nouns = steps.map(({ target }) => nounOf(target))
  const words = [...new Set(nouns)].map((noun) => {
    const number = nouns.filter((other) => other === noun).length
    return number === 1 ? noun : count(number, noun)
  })
  return words.join(' and ')
}
