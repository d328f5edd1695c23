import { describe } from '../resources/step.ts'
import type { Step } from '../engine/step.ts'
import { type NoOpPlan, type Plan } from '../engine/plan.ts'
import { paragraph, plain, row } from './text.ts'
import { detailsOf, notesOf } from './told.ts'
import type { Speller } from './spell.ts'

/** `Nothing to delete: namespace ns is not there. No write was sent.`, and what is left. */
export function renderNothingToDelete(
  plan: NoOpPlan,
  view: { readonly width: number; readonly elapsed: string; readonly speller: Speller },
): string {
  const absent = notesOf(plan, view.speller).map(({ target, text }) => `${plain(describe(target))} ${text}`)
  const why = absent.length === 0 ? '.' : `: ${absent.join(', ')}.`
  return [
    ...paragraph(`Nothing to delete${why} No write was sent.  (${view.elapsed})`, view.width),
    ...leftRows(plan, view.width),
  ].join('\n')
}

/** What of the plan stays, with why: `Left  resource group rg (not made by ml-ingest)`. */
export function leftRows(plan: Plan, width: number): readonly string[] {
  const steps: readonly Step[] = plan.steps
  const left = steps.flatMap((step) => {
    if (step.action !== 'keep') return []
    const details = step.details.length === 0 ? '' : ` (${detailsOf(step).join(', ')})`
    return [plain(`${describe(step.target)}${details}`)]
  })
  return left.length === 0 ? [] : row('Left', left.join('; '), width)
}
