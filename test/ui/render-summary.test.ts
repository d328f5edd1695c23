import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/engine/plan.ts'
import { Failure } from '../../src/lib/errors.ts'
import { viewOf } from '../../src/ui/error-view.ts'
import { renderEnvironments, renderSummary, type Summary } from '../../src/ui/render-summary.ts'
import { ABOUT, anyPlan, speller, createStep, forbidden, keepStep, refuseStep, updateStep, problem } from './samples.ts'

const hub = { kind: 'hub', name: 'clicks' } as const
const group = { kind: 'consumer-group', hub: 'clicks', name: 'trainer' } as const
const drifted: Plan = {
  outcome: 'applicable',
  steps: [
    updateStep(hub, [
      { field: 'retention', from: '24h', to: '7d' },
      { field: 'tag team', from: null, to: 'a|b <img>' },
    ]),
    createStep(group, ['user metadata nightly']),
  ],
  notes: [{ target: { kind: 'hub', name: 'rogue' }, text: 'is not in the manifest; it stays as it is' }],
}
const unchanged: Plan = { outcome: 'no-op', steps: [keepStep(hub)], notes: [] }
const refused: Plan = { outcome: 'refused', steps: [createStep(group), refuseStep], notes: [] }

const planned = (plan: Plan): Summary => ({ kind: 'planned', plan, title: 'Plan for Dev', speller })
const failed = (error: unknown): Summary => ({ kind: 'error', error: viewOf(error, ABOUT) })
const notValid = failed(
  new Failure({
    code: 'usage',
    message: "Can't run with these inputs",
    problems: [{ ...problem('capacity', '--capacity', '99'), message: 'is at most 40' }],
  }),
)

it('tells of every environment: first how it ended, then what there is to say', () => {
  const page = renderEnvironments([
    { environment: 'dev', summary: planned(drifted) },
    { environment: 'test', summary: planned(unchanged) },
    { environment: 'prod', summary: notValid },
    { environment: 'third', summary: planned(refused) },
    { environment: 'fourth', summary: failed(forbidden()) },
    { environment: 'fifth', summary: { kind: 'not-reached' } },
  ])
  expect(page).toMatchInlineSnapshot(`
    "## Plan of all environments

    | Environment | Result | In short |
    | --- | --- | --- |
    | dev | drifted | 1 to create, 1 to update |
    | test | unchanged | 1 unchanged |
    | prod | not valid | Can't run with these inputs. --capacity 99 is at most 40 |
    | third | refused | Can't change the partition count of hub clicks |
    | fourth | failed | Failed to create hub clicks |
    | fifth | not checked |  |

    ### dev: drifted

    Plan for Dev

    | Change | Resource | Field | From | To |
    | --- | --- | --- | --- | --- |
    | update | hub clicks | retention | 24h | 7d |
    | update | hub clicks | tag team | not set | a\\|b \\<img\\> |
    | create | consumer group clicks/trainer |  |  | user metadata nightly |

    Notes:

    - hub rogue is not in the manifest; it stays as it is

    ### test: unchanged

    Plan for Dev

    ### prod: not valid

    Can't run with these inputs

    - --capacity 99 is at most 40

    ### third: refused

    Plan for Dev

    | Change | Resource | Field | From | To |
    | --- | --- | --- | --- | --- |
    | create | consumer group clicks/trainer |  |  |  |
    | refused | hub clicks | partitions | 8 | 16 |

    **Can't change the partition count of hub clicks**

    On Standard it is fixed when the hub is created. https://learn.microsoft.com/azure/event-hubs/dynamically-add-partitions

    What you can do:

    - keep 8 partitions: \`npx ml-ingest create -n ns-demo --hub clicks:8:7d\`
    - Premium can grow partitions, but needs a new namespace.

    ### fourth: failed

    Failed to create hub clicks

    - dana@contoso.com may not write event hubs in ns-demo.
    - Ask an owner of rg-demo for the role Contributor, then run the same command again.

    "
  `)
})

it('of a single plan begins with its result', () => {
  expect(renderSummary(planned(unchanged))).toBe('### Plan: unchanged\n\nPlan for Dev\n\n')
})

describe('for any plan', () => {
  it('every line of a table has its columns, and nothing in a value is Markdown', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const rows = renderSummary(planned(plan))
          .split('\n')
          .filter((line) => line.startsWith('| '))
        const columnsIn = (row: string) => row.match(/(?<!\\)\|/g)!.length
        for (const row of rows) expect(columnsIn(row), row).toBe(columnsIn(rows[0]!))
      }),
    )
  })
})

it('stays below what GitHub takes, and says how much is left out', () => {
  const steps = Array.from({ length: 1_000 }, (_, i) =>
    createStep({ kind: 'hub', name: `hub-${i}` }, ['x'.repeat(200)]),
  )
  const page = renderSummary(planned({ outcome: 'applicable', steps, notes: [] }))
  expect(page.length).toBeLessThan(200_000)
  expect(page).toContain('| and 800 more |')
})
