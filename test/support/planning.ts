import { expect } from 'vitest'
import { plan, type Plan, type Step } from '../../src/engine/plan.ts'
import { type Refusal, type WayOut, describe as nameOf } from '../../src/resources/step.ts'
import { argvOf } from '../../src/inputs/argv.ts'
import { judge, wantedOf, type Spec } from '../../src/resources/front-door.ts'
import { CREATE, givenBy } from './argv.ts'
import { homeWords, specOf, type World } from './worlds.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

/** Plans these flags in this world. */
export function planIn(world: World, line: string | readonly string[] = ''): Plan {
  return planWords(world, homeWords(line))
}

export function planWords(world: World, words: readonly string[]): Plan {
  const spec = specFor(world, words)
  return plan(spec, world.actual(spec))
}

/** Checked before anything is known, as off a terminal; what only the live tier allows, as after looking. */
function specFor(world: World, words: readonly string[]): Spec {
  const judged = judge(wantedOf(givenBy(words)))
  return judged.ok ? judged.spec : specOf(words, world.tier ? { liveTier: world.tier } : {})
}

export const refusalsIn = (planned: Plan): readonly Refusal[] =>
  planned.steps.flatMap((step) => (step.action === 'refuse' ? step.refusals : []))

export function onlyRefusal(planned: Plan): Refusal {
  expect(planned.outcome).toBe('refused')
  const [first, ...others] = refusalsIn(planned)
  expect(others).toEqual([])
  return first!
}

/** The words of a way out, taken. */
export const wordsAfter = (words: readonly string[], way: WayOut): readonly string[] =>
  argvOf(CREATE, givenBy(words), way.edit).slice(1)

/** Every way out that a command takes leads to a command that is valid and no longer refused for this reason. */
export function expectWaysOutToWork(
  world: World,
  words: readonly string[],
  known = refusalsIn(planWords(world, words)),
) {
  for (const refusal of known) {
    expect(refusal.waysOut.length, refusal.what).toBeGreaterThan(0)
    for (const way of refusal.waysOut.filter((one) => one.edit)) {
      const next = refusalsIn(planWords(world, wordsAfter(words, way)))
      expect(next.map((one) => one.what)).not.toContain(refusal.what)
    }
  }
}

/** `create hub clicks`, `keep resource group rg`: what a plan does, in its order. */
export const summary = (planned: Plan): readonly string[] =>
  planned.steps.map((step) => `${step.action} ${nameOf(step.target)}`)
export const notesIn = (planned: Plan): readonly string[] =>
  planned.notes.map((note) => `${nameOf(note.target)}: ${plainSpeller.text(note.text)}`)

export function stepOf(planned: Plan, name: string): Step {
  const found = planned.steps.filter((step: Step) => nameOf(step.target) === name)
  expect(found, `one step for ${name}`).toHaveLength(1)
  return found[0]!
}

/** `capacity: 2 throughput units -> 4 throughput units` of all steps. */
export const changesIn = (planned: Plan): readonly string[] =>
  planned.steps.flatMap((step) =>
    step.action === 'update' || step.action === 'refuse'
      ? step.changes.map(({ field, from, to }) => `${field}: ${from} -> ${to}`)
      : [],
  )
