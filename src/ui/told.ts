import type { Plan, Step } from '../engine/plan.ts'
import { mapText, type Text } from '../lib/phrase.ts'
import { redact } from '../lib/secret.ts'
import type { Change, Shown, Target } from '../resources/step.ts'
import type { RefusalEntry } from './document-schema.ts'
import type { Speller } from './spell.ts'

/**
 * The texts of a plan, safe to show. Anybody can write tags and user metadata in Azure, and some people put keys into
 * them. Every renderer of a plan (text, JSON, Markdown) gets its texts from here, with secrets removed.
 */

export const changesOf = (step: Step): readonly Change[] =>
  'changes' in step
    ? step.changes.map(({ field, from, to }) => ({ field: redact(field), from: told(from), to: told(to) }))
    : []

export const detailsOf = (step: Step): readonly string[] => ('details' in step ? step.details.map(redact) : [])

export interface ToldNote {
  readonly target: Target
  readonly text: string
}
export const notesOf = (plan: Plan, speller: Speller): readonly ToldNote[] =>
  plan.notes.map(({ target, text }) => ({ target, text: spelled(text, speller) }))

export const refusalsIn = (step: Step, speller: Speller): readonly RefusalEntry[] =>
  step.action === 'refuse'
    ? step.refusals.map(({ what, because, waysOut, link = null }) => ({
        what: redact(what),
        because: spelled(because, speller),
        waysOut: waysOut.map(({ text, edit, action }) => ({
          text: spelled(text, speller),
          command: edit ? speller.command(edit) : action ? speller.action(action) : null,
        })),
        link,
      }))
    : []

/** The refusals of all steps. Steps that are refused for the same reason share one. */
export function refusalsOf(plan: Plan, speller: Speller): readonly RefusalEntry[] {
  const all = plan.steps.flatMap((step) => refusalsIn(step, speller))
  return [...new Map(all.map((refusal) => [`${refusal.what} ${refusal.because}`, refusal])).values()]
}

/** A text with its references written out and secrets removed. */
export const spelled = (text: Text, speller: Speller): string => speller.text(mapText(text, redact))

const told = (value: Shown): Shown => (typeof value === 'string' ? redact(value) : value)
