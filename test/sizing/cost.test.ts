import { expect, test } from 'vitest'
import { chargedOf } from '../../src/resources/charged.ts'
import { costOf } from '../../src/sizing/cost.ts'
import { renderCost } from '../../src/ui/render-plan.ts'
import { aCapture, aSpec, aWorld, STORAGE_ID } from '../support/worlds.ts'

const nothing = aWorld().actual(aSpec())

test.each([
  ['', { monthly: 21.9, monthlyCeiling: 21.9, perMillionEvents: 0.028 }],
  ['--capacity 2', { monthly: 43.8, monthlyCeiling: 43.8 }],
  ['--auto-inflate-max 10', { monthly: 21.9, monthlyCeiling: 219 }],
  ['--tier Basic --no-consumer-group', { monthly: 10.95, monthlyCeiling: 10.95 }],
  ['--tier Premium --capacity 4', { monthly: 2998.84, monthlyCeiling: 2998.84, perMillionEvents: 0 }],
])('what will be made costs by its units: %s', (line, expected) => {
  expect(costOf(chargedOf(aSpec(line), nothing))).toMatchObject(expected)
})

test('what exists costs what it has, inflated units and their ceiling included', () => {
  const live = aWorld().withGroup().withNamespace({ capacity: 6, autoInflateMax: 10 }).actual(aSpec())
  expect(costOf(chargedOf(aSpec('--capacity 2'), live))).toMatchObject({ monthly: 131.4, monthlyCeiling: 219 })
})

test('a namespace in a cluster has no price of its own: unknown, not nothing', () => {
  const live = aWorld().withGroup().withNamespace({ tier: 'Dedicated' }).actual(aSpec())
  expect(costOf(chargedOf(aSpec(), live))).toBeNull()
  expect(renderCost(null, 'Dedicated')).toBe('unknown: it is billed with its cluster')
  expect(renderCost(null, 'Standard')).toBe('unknown: this cloud has its own prices')
})

test('the line names the floor, the ceiling and the date', () => {
  const cost = costOf(chargedOf(aSpec('--auto-inflate-max 40'), nothing))
  expect(renderCost(cost, 'Standard')).toBe(
    'about $22 a month, up to $876 by auto-inflate, and $0.028 per million events in (US list price of 2024-07, without network)',
  )
})

const CAPTURE = `--capture-storage-account ${STORAGE_ID} --capture-container raw`
const captured = () =>
  aWorld().withNamespace({ capacity: 2 }).withHub('clicks', { capture: aCapture() }).withHub('views')

test.each([
  ['asked for', CAPTURE, aWorld(), { monthly: 94.9, withCapture: true }],
  ['included in Premium', `${CAPTURE} --tier Premium`, aWorld(), { monthly: 749.71, withCapture: true }],
  ['there, on a hub that nobody names', '--hub views', captured(), { monthly: 189.8, withCapture: true }],
  ['switched off', '--hub clicks --no-capture', captured(), { monthly: 43.8, withCapture: false }],
  ['switched off on one hub of two', '--hub views --no-capture', captured(), { monthly: 189.8, withCapture: true }],
] as const)('Capture costs by unit, for all hubs together: %s', (_, line, world, expected) => {
  const spec = aSpec(line)
  expect(costOf(chargedOf(spec, world.actual(spec)))).toMatchObject(expected)
})

test('the line says that Capture is in it', () => {
  const spec = aSpec(CAPTURE)
  expect(renderCost(costOf(chargedOf(spec, aWorld().actual(spec))), 'Standard')).toBe(
    'about $95 a month with Capture, and $0.028 per million events in (US list price of 2024-07, without storage and network)',
  )
})
