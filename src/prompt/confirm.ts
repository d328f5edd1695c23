import { isWrite, type Change, type DeleteStep, describe, nounOf } from '../resources/step.ts'
import type { WriteStep, ApplicablePlan } from '../engine/plan.ts'
import { parseHours } from '../lib/duration.ts'
import { count, plain } from '../ui/text.ts'
import { type Prompter, pick, type Choice } from './prompter.ts'
import { FORMATS, type Format } from '../inputs/run.ts'
import { FORMAT_FACTS } from '../ui/connection/facts.ts'
import { sameName } from '../lib/names.ts'

/** Asks whether to carry out the plan. The default is yes, unless a change cannot be undone. */
export function confirmPlan(prompter: Prompter, plan: ApplicablePlan, place: string): Promise<boolean> {
  const writes = plan.steps.filter(isWrite)
  return prompter.confirm({ message: messageOf(writes, place), default: !writes.some(isFinalChange) })
}

/** `Update 1 and create 2 resources in rg-demo?` */
function messageOf(writes: readonly WriteStep[], place: string): string {
  const resources = writes.filter((step) => step.target.kind !== 'provider')
  const created = resources.filter((step) => step.action === 'create').length
  const updated = resources.length - created
  if (resources.length === 0) return 'Register the resource provider?'
  if (updated === 0) return `Create ${count(created, 'resource')} in ${place}?`
  if (created === 0) return `Update ${count(updated, 'resource')} in ${place}?`
  return `Update ${updated} and create ${count(created, 'resource')} in ${place}?`
}

/** Changes that cannot be undone (more partitions, shorter retention), or that lock out clients with a key. */
function isFinalChange(step: WriteStep): boolean {
  if (step.action !== 'update') return false
  if (step.write.op === 'update-namespace') return step.write.changes.localAuthDisabled === true
  if (step.write.op !== 'update-hub') return false
  return step.write.changes.partitions !== undefined || step.changes.some(isShorterRetention)
}

function isShorterRetention({ field, from, to }: Change): boolean {
  if (field !== 'retention') return false
  const [before, after] = [parseHours(String(from)), parseHours(String(to))]
  return before !== undefined && after !== undefined && after < before
}

/** Asks for the format of a file with a connection string. */
export function askFormat(prompter: Prompter): Promise<Format> {
  const rows = FORMATS.filter((format) => FORMAT_FACTS[format].secret).map((format): Choice<Format> => ({
    value: format,
    label: format,
    detail: FORMAT_FACTS[format].summary,
  }))
  const choices = rows as [Choice<Format>, ...Choice<Format>[]]
  return pick(prompter, { message: 'Format of the file?', choices, default: 'dotenv' })
}

/**
 * Asks to confirm a deletion by typing the name of the namespace (https://clig.dev/#arguments-and-flags), or with yes or
 * no if `--confirm` has named it.
 */
export async function confirmDeletion(
  prompter: Prompter,
  steps: readonly DeleteStep[],
  { namespace, isConfirmed }: { readonly namespace: string; readonly isConfirmed: boolean },
): Promise<boolean> {
  if (isConfirmed) return prompter.confirm({ message: `Delete ${thingsOf(steps)}?`, default: false })
  const isWhole = steps.some(({ target }) => target.kind === 'namespace')
  await prompter.text({
    message: `Type ${namespace} to delete ${isWhole ? 'it' : thingsOf(steps)}:`,
    validate: (text) => (sameName(text, namespace) ? undefined : `That is not ${namespace}. Nothing was deleted`),
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
