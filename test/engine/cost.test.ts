import { expect, test } from 'vitest'
import { costOf } from '../../src/engine/cost.ts'
import { renderCost } from '../../src/ui/render-cost.ts'
import { aSpec, aWorld } from '../support/worlds.ts'

const nothing = aWorld().actual(aSpec())

test.each([
  ['', { monthly: 21.9, monthlyCeiling: 21.9, perMillionEvents: 0.028 }],
  ['--capacity 2', { monthly: 43.8, monthlyCeiling: 43.8 }],
  ['--auto-inflate-max 10', { monthly: 21.9, monthlyCeiling: 219 }],
  ['--tier Basic --no-consumer-group', { monthly: 10.95, monthlyCeiling: 10.95 }],
  ['--tier Premium --capacity 4', { monthly: 2998.84, monthlyCeiling: 2998.84, perMillionEvents: 0 }],
])('what will be made costs by its units: %s', (line, expected) => {
  expect(costOf(aSpec(line), nothing)).toMatchObject(expected)
})

test('what exists costs what it has, inflated units and their ceiling included', () => {
  const live = aWorld().withGroup().withNamespace({ capacity: 6, autoInflateMax: 10 }).actual(aSpec())
  expect(costOf(aSpec('--capacity 2'), live)).toMatchObject({ monthly: 131.4, monthlyCeiling: 219 })
})

test('a namespace in a cluster has no price of its own: unknown, not nothing', () => {
  const live = aWorld().withGroup().withNamespace({ tier: 'Dedicated' }).actual(aSpec())
  expect(costOf(aSpec(), live)).toBeNull()
  expect(renderCost(null)).toContain('unknown')
})

test('the line names the floor, the ceiling and the date', () => {
  const cost = costOf(aSpec('--auto-inflate-max 40'), nothing)
  expect(renderCost(cost)).toBe(
    'about $22 a month, up to $876 by auto-inflate, and $0.028 per million events in (US list price of 2024-07, without Capture and network)',
  )
})
