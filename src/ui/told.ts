import type { Change, Note, Plan, Refusal, Shown, Step } from '../engine/plan-types.ts'
import { redact } from '../lib/redact.ts'

/**
 * What a plan says of Azure, as it may be shown. Tags and user metadata are anybody's to write, and some write keys into
 * them: whoever tells a plan, as text, JSON or Markdown, takes its words from here.
 */

export const changesOf = (step: Step): readonly Change[] =>
  'changes' in step
    ? step.changes.map(({ field, from, to }) => ({ field: redact(field), from: told(from), to: told(to) }))
    : []

export const detailsOf = (step: Step): readonly string[] => ('details' in step ? step.details.map(redact) : [])

export const notesOf = (plan: Plan): readonly Note[] =>
  plan.notes.map(({ target, text }) => ({ target, text: redact(text) }))

export const refusalsIn = (step: Step): readonly Refusal[] =>
  step.action === 'refuse'
    ? step.refusals.map((refusal) => ({
        ...refusal,
        what: redact(refusal.what),
        because: redact(refusal.because),
        waysOut: refusal.waysOut.map((way) => ({ ...way, text: redact(way.text) })),
      }))
    : []

/** What stands in the way of several steps alike is told once. */
export function refusalsOf(plan: Plan): readonly Refusal[] {
  const all = plan.steps.flatMap(refusalsIn)
  return [...new Map(all.map((refusal) => [`${refusal.what} ${refusal.because}`, refusal])).values()]
}

const told = (value: Shown): Shown => (typeof value === 'string' ? redact(value) : value)
