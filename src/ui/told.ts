import type { Plan, Step } from '../engine/plan.ts'
import { mapText, type Text } from '../lib/phrase.ts'
import { redact } from '../lib/secret.ts'
import type { Change, Shown, Target } from '../resources/step.ts'
import type { RefusalEntry } from './document-schema.ts'
import type { Speller } from './spell.ts'

/**
 * What a plan says of Azure, as it may be shown. Tags and user metadata are anybody's to write, and some write keys into
 * them: whoever tells a plan, as text, JSON or Markdown, takes its words from here.
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

/** What stands in the way of several steps alike is told once. */
export function refusalsOf(plan: Plan, speller: Speller): readonly RefusalEntry[] {
  const all = plan.steps.flatMap((step) => refusalsIn(step, speller))
  return [...new Map(all.map((refusal) => [`${refusal.what} ${refusal.because}`, refusal])).values()]
}

const spelled = (text: Text, speller: Speller): string => speller.text(mapText(text, redact))

const told = (value: Shown): Shown => (typeof value === 'string' ? redact(value) : value)
