import { expect, it } from 'vitest'
import type { Plan } from '../../src/engine/plan.ts'
import { stringifyDocument } from '../../src/ui/document.ts'
import { planDocument, renderPlan } from '../../src/ui/render-plan.ts'
import { renderNothingToDelete } from '../../src/ui/render-report.ts'
import { renderSummary } from '../../src/ui/render-summary.ts'
import { canvas, speller, createStep, keepStep, KEY, refuseStep, stringOf, updateStep } from './samples.ts'

const hub = { kind: 'hub', name: 'clicks' } as const
const leaky = [`tag note=${stringOf('clicks')}`, `user metadata ${KEY}`]
const changes = [{ field: 'user metadata', from: stringOf(undefined), to: `${KEY} and more` }]
const [refusal] = refuseStep.refusals
const PLANS: readonly Plan[] = [
  { outcome: 'no-op', steps: [keepStep(hub, leaky)], notes: [{ target: hub, text: `says ${KEY}` }] },
  { outcome: 'applicable', steps: [createStep(hub, leaky), updateStep(hub, changes)], notes: [] },
  {
    outcome: 'refused',
    steps: [{ ...refuseStep, changes, refusals: [{ ...refusal!, because: `Its notes say: ${stringOf('clicks')}` }] }],
    notes: [],
  },
]

it.each(PLANS)('keys in what Azure has are told nowhere: $outcome', (plan) => {
  const target = { subscriptionId: 'sub', resourceGroup: 'rg', namespace: 'ns' }
  const told = [
    renderPlan(plan, { canvas: canvas(80), where: 'Dev', tier: 'Standard', speller }),
    stringifyDocument(planDocument({ command: 'plan', plan, target, speller })),
    renderSummary({ kind: 'planned', plan, title: 'Plan', speller }),
    ...(plan.outcome === 'no-op' ? [renderNothingToDelete(plan, { width: 80, elapsed: '1s', speller })] : []),
  ]
  for (const text of told) expect(text).not.toContain(KEY.slice(0, 20))
})
