import { describe, expect, it } from 'vitest'
import { Failure, Interruption } from '../../src/lib/errors.ts'
import type { ApplyReport } from '../../src/engine/apply.ts'
import { renderReport } from '../../src/ui/render-report.ts'
import { ABOUT, canvas, createStep, forbidden, FRONT_DOOR, updateStep } from './samples.ts'

const steps = FRONT_DOOR.map((target) => createStep(target))
const done = (n: number) => steps.slice(0, n).map((step) => ({ step, elapsedMs: 1_000 }))
const EMPTY: ApplyReport = {
  done: [],
  failed: [],
  leftRunning: [],
  notStarted: [],
  isOvertaken: false,
  elapsedMs: 72_000,
}
const render = (report: Partial<ApplyReport>, interruption?: Interruption, width = 80) =>
  `\n${renderReport({ ...EMPTY, ...report }, { canvas: canvas(width), about: ABOUT, unchanged: 2, interruption })}`

describe('renderReport', () => {
  it('sums up a success in one line', () => {
    const report = { done: [...done(4), { step: updateStep({ kind: 'hub', name: 'a' }, []), elapsedMs: 1 }] }
    expect(render(report)).toBe('\n  4 created, 1 updated, 2 unchanged (72s)')
  })

  it('says after an interruption what is done, what goes on and what did not start', () => {
    const report = { done: done(1), leftRunning: [steps[1]!], notStarted: steps.slice(2) }
    expect(render(report, new Interruption('SIGINT'))).toMatchInlineSnapshot(`
      "
        Done             resource group rg-demo
        Still running    namespace ns-demo
        Not started      hub clicks, consumer group clicks/trainer, access rule
                         clicks/ml-ingest-send-listen
        Run the same command again to finish."
    `)
  })

  it('says that the deadline passed', () => {
    expect(render({ leftRunning: [steps[1]!] }, new Interruption('timeout'))).toMatchInlineSnapshot(`
      "
      ✗ Can't finish: the time limit (--timeout) was reached
        Azure keeps working on what it accepted.

        Still running    namespace ns-demo
        Run the same command again to finish."
    `)
  })

  it('explains a failure and what became of the rest', () => {
    const report = { done: done(2), failed: [{ step: steps[2]!, error: forbidden() }], notStarted: steps.slice(3) }
    expect(render(report)).toMatchInlineSnapshot(`
      "
      ✗ Failed to create hub clicks
        dana@contoso.com may not write event hubs in ns-demo.
        Azure: AuthorizationFailed, HTTP 403, request
        6f1c0b7e-5a41-4c0e-9a53-1f2f0c3d9b10

        Done             resource group rg-demo, namespace ns-demo
        Failed           hub clicks
        Not started      consumer group clicks/trainer, access rule
                         clicks/ml-ingest-send-listen
        Ask an owner of rg-demo for the role Contributor, then run the same command
        again."
    `)
  })

  it('tells failures with one cause once, others apart, and names them all', () => {
    const other = new Failure({
      message: 'x',
      azure: { status: 500, message: 'Internal error.' },
      why: [],
      code: 'azure',
      retryable: true,
    })
    const text = render({
      failed: [
        { step: steps[2]!, error: forbidden() },
        { step: steps[4]!, error: forbidden() },
        { step: steps[3]!, error: other },
      ],
    })
    expect(text).toContain('✗ Failed to create hub clicks and 1 other')
    expect(text).toContain('✗ Failed to create consumer group clicks/trainer\n  Azure says: Internal error.')
    expect(text.replace(/\s+/g, ' ')).toContain(
      'Failed hub clicks, access rule clicks/ml-ingest-send-listen, consumer group clicks/trainer',
    )
  })

  it('ends with how to finish where no failure says more', () => {
    expect(render({ notStarted: steps }).endsWith('  Run the same command again to finish.')).toBe(true)
  })
})
