import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathOf } from '../../src/resources/step.ts'
import type { Plan } from '../../src/engine/plan.ts'
import { TIERS } from '../../src/lib/limits.ts'
import { costOf } from '../../src/sizing/cost.ts'
import { listPricesFor } from '../../src/sizing/list-prices.ts'
import { finalSentences, listTargets, noOpText, renderPlan } from '../../src/ui/render-plan.ts'
import { makeStyle, columnsOf, plain } from '../../src/ui/text.ts'
import { refusalsOf } from '../../src/ui/told.ts'
import { anyPlan, canvas, speller, createStep, FRONT_DOOR, keepStep, refuseStep, updateStep } from './samples.ts'

const view = (width = 80) => ({
  canvas: canvas(width),
  where: 'ML Platform Dev',
  tier: 'Standard' as const,
  speller,
})
const [group, namespace, hub, consumerGroup] = FRONT_DOOR as [...typeof FRONT_DOOR] & { length: 5 }
const details = [
  ['westeurope'],
  ['Standard', '1 throughput unit'],
  ['4 partitions', 'retention 24h'],
  [],
  ['send', 'listen'],
]
const first: Plan = {
  outcome: 'applicable',
  steps: FRONT_DOOR.map((target, i) => createStep(target, details[i])),
  notes: [],
}

describe('renderPlan', () => {
  it('draws a first run', () => {
    expect(`\n${renderPlan(first, view())}`).toMatchInlineSnapshot(`
      "
        Plan for ML Platform Dev

      + create     resource group  rg-demo                westeurope
      + create     namespace       ns-demo                Standard, 1 throughput unit
      + create     hub             clicks                 4 partitions, retention 24h
      + create     consumer group  trainer
      + create     access rule     ml-ingest-send-listen  send, listen

        5 to create. Partition count is final on Standard."
    `)
  })

  it('draws changes, notes and refusals with their ways out', () => {
    const plan: Plan = {
      outcome: 'refused',
      steps: [
        keepStep(namespace!, ['Standard', '6 throughput units']),
        updateStep(hub!, [
          { field: 'retention', from: '48h', to: '7d' },
          { field: 'tags', from: null, to: 'team=ml' },
        ]),
        refuseStep,
      ],
      notes: [{ target: namespace!, text: 'inflated to 6, floor 2' }],
    }
    expect(`\n${renderPlan(plan, view())}`).toMatchInlineSnapshot(`
      "
        Plan for ML Platform Dev

      = unchanged  namespace  ns-demo  Standard, 6 throughput units
      ~ update     hub        clicks   retention 48h -> 7d
                                       tags not set -> team=ml
      ! refused    hub        clicks   partitions 8 -> 16
      * note       namespace  ns-demo  inflated to 6, floor 2

        1 to update, 1 refused, 1 unchanged. Nothing was written.

      ✗ Can't change the partition count of hub clicks
        On Standard it is fixed when the hub is created.
        https://learn.microsoft.com/azure/event-hubs/dynamically-add-partitions
        What you can do:
          keep 8 partitions
            npx ml-ingest create -n ns-demo --hub clicks:8:7d
          Premium can grow partitions, but needs a new namespace."
    `)
  })

  it.each([
    [null, '  Plan for ML Platform Dev (ml-ingest.yaml)'],
    ['prod', '  Plan for ML Platform Dev (ml-ingest.yaml, environment prod)'],
  ])('names the manifest, with environment %s', (environment, title) => {
    const manifest = { file: 'ml-ingest.yaml', environment }
    expect(renderPlan(first, { ...view(), manifest }).split('\n')[0]).toBe(title)
  })

  it('has a price only for what is going to be applied', () => {
    const charged = { tier: 'Standard', units: 1, maxUnits: 1, capture: false, hubs: undefined } as const
    const cost = costOf(charged, listPricesFor('westeurope'))
    expect(renderPlan(first, { ...view(), cost })).toContain('Cost')
    const refused: Plan = { outcome: 'refused', steps: [...first.steps, refuseStep], notes: [] }
    expect(renderPlan(refused, { ...view(), cost })).not.toContain('Cost')
  })

  it('stacks on a narrow terminal', () => {
    expect(`\n${renderPlan(first, view(40))}`).toMatchInlineSnapshot(`
      "
        Plan for ML Platform Dev

      + create resource group rg-demo
          westeurope
      + create namespace ns-demo
          Standard, 1 throughput unit
      + create hub clicks
          4 partitions, retention 24h
      + create consumer group trainer
      + create access rule
          ml-ingest-send-listen
          send, listen

        5 to create. Partition count is final
        on Standard."
    `)
  })

  it('says that there is nothing to do, and counts what is unchanged from six on', () => {
    const steps = [...FRONT_DOOR, { kind: 'hub', name: 'audit' } as const].map((target) => keepStep(target))
    expect(`\n${renderPlan({ outcome: 'no-op', steps, notes: [] }, { ...view(), elapsed: '1.1s' })}`)
      .toMatchInlineSnapshot(`
        "
          Plan for ML Platform Dev

        = unchanged  resource group  rg-demo
        = unchanged  namespace       ns-demo
        = unchanged  4 resources              2 hubs, 1 consumer group, 1 access rule

          Nothing to do. 6 resources match. No write was sent. (1.1s)"
      `)
    const five = renderPlan({ outcome: 'no-op', steps: steps.slice(0, 5), notes: [] }, view())
    expect(five.match(/^= unchanged/gm)).toHaveLength(5)
  })

  it('says the same without colour', () => {
    const colored = renderPlan(first, { ...view(), canvas: { style: makeStyle(1, true), width: 80 } })
    expect(colored).toContain('\x1b[')

    expect(colored.replace(/\x1b\[\d+m/g, '')).toBe(renderPlan(first, view()))
  })

  it('fits 40 to 120 columns, but never cuts a name or a command', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 40, max: 120 }), fc.constantFrom(...TIERS), (plan, width, tier) => {
        const text = renderPlan(plan, { canvas: canvas(width), where: 'Dev', tier, speller })
        const commands = refusalsOf(plan, speller).flatMap(({ waysOut }) => waysOut.flatMap((way) => way.command ?? []))
        for (const line of text.split('\n')) {
          const uncut = !line.trim().includes(' ') || commands.includes(line.trim())
          expect(columnsOf(line) <= width || uncut, line).toBe(true)
        }
        for (const command of commands) expect(text).toContain(command)
        if (plan.outcome !== 'no-op') {
          for (const step of plan.steps) if (step.action !== 'keep') expect(text).toContain(plain(pathOf(step.target)))
        }
      }),
    )
  })

  it('gives a name that is wider than the rest of its row a line of its own', () => {
    const long = 'x'.repeat(256)
    const steps = [createStep({ kind: 'hub', name: long }, ['4 partitions']), createStep(group!, ['westeurope'])]
    for (const width of [40, 80, 120]) {
      const lines = renderPlan({ outcome: 'applicable', steps, notes: [] }, view(width)).split('\n')
      expect(lines.slice(2, 4).map((line) => line.trim())).toEqual([expect.stringMatching(/^\+ create +hub$/), long])
      expect(lines[4]).toMatch(/^ +4 partitions$/)
    }
  })

  it('lets no control character through', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        expect(renderPlan(plan, view())).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      }),
    )
  })
})

describe('what is final', () => {
  it.each([
    [first, 'Standard', ['Partition count is final on Standard.']],
    [first, 'Premium', ['A Premium namespace cannot move to another tier.']],
    [{ ...first, steps: [createStep(consumerGroup!)] }, 'Basic', []],
  ] as const)('case %#', (plan, tier, sentences) => {
    expect(finalSentences(plan, tier)).toEqual(sentences)
  })
  it('names added partitions', () => {
    const write = { op: 'update-hub', changes: { partitions: 8 } } as const
    const step = { ...updateStep(hub!, []), write }
    expect(finalSentences({ outcome: 'applicable', steps: [step], notes: [] }, 'Premium')).toHaveLength(1)
  })
})

it('counts in words', () => {
  expect(noOpText(1)).toBe('Nothing to do. 1 resource matches. No write was sent.')
  expect(noOpText(5, '0.9s')).toBe('Nothing to do. 5 resources match. No write was sent.  (0.9s)')
  expect(listTargets([createStep(group!), createStep(hub!)], 1)).toBe('resource group rg-demo and 1 more')
})
