import { describe, expect, it } from 'vitest'
import type { Target } from '../../src/resources/step.ts'
import { bestColumns, namesIn, stepRows, type StepRow } from '../../src/ui/step-rows.ts'
import { makeStyle } from '../../src/ui/text.ts'
import { LiveReporter } from '../../src/ui/progress/live-reporter.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { asOut, FakeStream } from './fake-stream.ts'
import { canvas, createStep } from './samples.ts'

const namespace: Target = { kind: 'namespace', name: 'ns-demo' }
const hub = (name: string): Target => ({ kind: 'hub', name })
const group = (of: string, name: string): Target => ({ kind: 'consumer-group', hub: of, name })
const rule = (of: string, name: string): Target => ({ kind: 'rule', hub: of, name })

describe('the name of what is in a hub', () => {
  it.each<[string, readonly Target[], Target, string]>([
    ['is its own in a plan of one hub', [namespace, hub('clicks')], group('clicks', 'trainer'), 'trainer'],
    ['is its path in a plan of two hubs', [hub('clicks'), hub('views')], rule('clicks', 'send'), 'clicks/send'],
    ['is its path in a plan of no hub', [namespace], group('clicks', 'trainer'), 'clicks/trainer'],
    ['is its path in a plan of another hub', [hub('views')], group('clicks', 'trainer'), 'clicks/trainer'],
    ['is its own where the one hub comes up twice', [hub('clicks'), hub('clicks')], rule('clicks', 'send'), 'send'],
  ])('%s', (_, targets, target, name) => {
    expect(namesIn(targets)(target)).toBe(name)
  })

  it('of other resources is always their own', () => {
    expect([namespace, hub('clicks')].map(namesIn([hub('clicks'), hub('views')]))).toEqual(['ns-demo', 'clicks'])
  })
})

describe('rows', () => {
  const row = (noun: string, name: string, ...details: readonly string[]): StepRow => ({
    ...{ sign: '+', word: 'create', tone: undefined, noun, name, details },
  })
  const draw = (rows: readonly StepRow[], width = 80) =>
    stepRows(rows, bestColumns(rows, width), canvas(width)).join('\n')

  it('without details line up with those that have some', () => {
    const rows = [
      row('hub', 'clicks', '4 partitions'),
      row('consumer group', 'a-long-name-of-a-group'),
      row('x', 'y', 'z'),
    ]
    expect(`\n${draw(rows)}`).toMatchInlineSnapshot(`
      "
      + create     hub             clicks                  4 partitions
      + create     consumer group  a-long-name-of-a-group
      + create     x               y                       z"
    `)
  })

  it('give way to a name that would break the details of others', () => {
    const rows = [row('hub', 'clicks', '4 partitions, retention 24h'), row('hub', 'x'.repeat(50), '1 partition')]
    expect(`\n${draw(rows)}`).toMatchInlineSnapshot(`
      "
      + create     hub  clicks  4 partitions, retention 24h
      + create     hub  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                                1 partition"
    `)
  })

  it('leave their columns to the progress, whose longest word fits too', () => {
    const rows = [row('hub', 'clicks', '4 partitions'), row('consumer group', 'trainer')]
    const stream = new FakeStream({ columns: 80 })
    const reporter = new LiveReporter(asOut(stream), makeStyle(0, false), new ManualClock())
    const nameOf = namesIn([hub('clicks')])
    reporter.lineUp({ ...bestColumns(rows, 80), nameOf })
    for (const target of [hub('clicks'), group('clicks', 'trainer')])
      reporter.event({ type: 'finished', step: createStep(target), elapsedMs: 1_234 })
    reporter.event({ type: 'failed', step: createStep(group('clicks', 'audit')), elapsedMs: 70_000 })
    reporter.close()
    expect(`\n${draw(rows)}\n${stream.screen().join('\n')}`).toMatchInlineSnapshot(`
      "
      + create     hub             clicks   4 partitions
      + create     consumer group  trainer
      ok created   hub             clicks   1.2s
      ok created   consumer group  trainer  1.2s
      x failed     consumer group  audit    70s
      "
    `)
  })
})
