import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ApplyReport } from '../../src/engine/apply.ts'
import { isWrite } from '../../src/resources/step.ts'
import type { Step, Plan } from '../../src/engine/plan.ts'
import { Failure, Interruption } from '../../src/lib/errors.ts'
import { EXIT } from '../../src/ui/exit.ts'
import type { Document } from '../../src/ui/document-schema.ts'
import { localDocument } from '../../src/commands/local.ts'
import { connectionDocument } from '../../src/ui/connection/formats.ts'
import { statusDocument } from '../../src/ui/status/document.ts'
import { errorDocument, stringifyDocument } from '../../src/ui/document.ts'
import { planDocument } from '../../src/ui/render-plan.ts'
import { applyDocument, outcomeOf } from '../../src/ui/render-report.ts'
import { inputError } from '../../src/ui/problems.ts'
import {
  ABOUT,
  anyPlan,
  speller,
  createStep,
  entraConnection,
  forbidden,
  FRONT_DOOR,
  KEY,
  keepStep,
  refuseStep,
  sasConnection,
  stringOf,
  problem,
} from './samples.ts'
import { missing } from '../../src/inputs/given.ts'
import { anyStatus, HOUR_MS, NOW_MS, status, troubled } from './status/statuses.ts'

const TARGET = { subscriptionId: 'sub', resourceGroup: 'rg-demo', namespace: 'ns-demo' }
const SCHEMA = new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url)

let validate: ValidateFunction
beforeAll(() => {
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as object
  validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema)
})

/** As printed: what JSON loses is lost before it is checked. */
function check(document: Document): string {
  const text = stringifyDocument(document)
  expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true)
  return text
}

const steps = FRONT_DOOR.map((target) => createStep(target, ['detail']))
const applicable: Plan = {
  outcome: 'applicable',
  steps: [...steps, keepStep({ kind: 'hub', name: 'kept' })],
  notes: [],
}
const facts = { command: 'create', plan: applicable, target: TARGET, speller } as const
const report = (changes: Partial<ApplyReport>): ApplyReport => ({
  done: [],
  failed: [],
  leftRunning: [],
  isOvertaken: false,
  notStarted: [],
  elapsedMs: 10,
  ...changes,
})
const written = { about: ABOUT, connections: [sasConnection()], reveal: false }

describe('planDocument', () => {
  it.each<[Plan['outcome'], Plan, string, number]>([
    ['applicable', applicable, 'planned', 0],
    ['no-op', { outcome: 'no-op', steps: [keepStep({ kind: 'hub', name: 'a' })], notes: [] }, 'unchanged', 0],
    ['refused', { outcome: 'refused', steps: [refuseStep], notes: [] }, 'refused', 4],
  ])('%s', (_outcome, plan, result, exitCode) => {
    const document = planDocument({ ...facts, plan })
    check(document)
    expect(document).toMatchObject({ result, exitCode })
  })

  it('of a refusal has the ways out as commands', () => {
    const document = planDocument({ ...facts, plan: { outcome: 'refused', steps: [refuseStep], notes: [] } })
    expect(document.changes[0]).toMatchObject({
      action: 'refuse',
      fields: [{ field: 'partitions', from: 8, to: 16 }],
      refusals: [{ waysOut: [{ command: 'npx ml-ingest create -n ns-demo --hub clicks:8:7d' }, { command: null }] }],
    })
    expect(document.error).toMatchObject({ code: 'refused', message: "Can't change the partition count of hub clicks" })
  })

  it('is the same object for plan and for create', () => {
    expect(planDocument({ ...facts, command: 'plan' })).toEqual({ ...planDocument(facts), command: 'plan' })
    expect(planDocument({ ...facts, exitCode: EXIT.pending }).exitCode).toBe(5)
  })

  it('is valid for any plan', () => {
    fc.assert(fc.property(anyPlan, (plan) => void check(planDocument({ ...facts, plan }))))
  })
})

describe('applyDocument', () => {
  const done = (n: number) => steps.slice(0, n).map((step) => ({ step, elapsedMs: 12.6 }))
  const failed = [{ step: steps[2]!, error: forbidden() }]
  const interrupted = new Interruption('SIGINT')
  const timeout = new Interruption('timeout')
  it.each<[string, Partial<ApplyReport>, Interruption | undefined, string, number]>([
    ['all done', { done: done(5) }, undefined, 'changed', 0],
    ['all done although Ctrl-C came', { done: done(5) }, interrupted, 'changed', 0],
    ['some failed', { done: done(2), failed, notStarted: steps.slice(3) }, undefined, 'partial', 6],
    ['the first failed', { failed, notStarted: [...steps.slice(0, 2), ...steps.slice(3)] }, undefined, 'failed', 3],
    [
      'interrupted',
      { done: done(1), leftRunning: [steps[1]!], notStarted: steps.slice(2) },
      interrupted,
      'partial',
      130,
    ],
    ['interrupted before a write', { notStarted: steps }, interrupted, 'cancelled', 130],
    ['terminated', { leftRunning: steps }, new Interruption('SIGTERM'), 'partial', 143],
    ['out of time', { leftRunning: steps }, timeout, 'partial', 7],
    ['out of time before a write', { notStarted: steps }, timeout, 'failed', 7],
  ])('%s', (_name, changes, interruption, result, exitCode) => {
    const document = applyDocument({ ...facts, ...written, report: report(changes), interruption })
    check(document)
    expect(document).toMatchObject({ result, exitCode })
    expect(document.error === null).toBe(exitCode === 0)
    expect(outcomeOf(report(changes), interruption)).toEqual({ result, exitCode })
  })

  it('tells the state of each step', () => {
    const changes = { done: done(2), failed, leftRunning: [steps[3]!], notStarted: [steps[4]!] }
    const document = applyDocument({ ...facts, ...written, report: report(changes) })
    expect(document.changes.map(({ state }) => state)).toEqual([
      ...['done', 'done', 'failed', 'running', 'not-started', 'unchanged'],
    ])
    expect(document.changes.map(({ elapsedMs }) => elapsedMs)).toEqual([13, 13, null, null, null, null])
    expect(document.changes[2]!.error).toMatchObject({ code: 'access', azure: { code: 'AuthorizationFailed' } })
  })

  it('is valid whatever became of any plan', () => {
    fc.assert(
      fc.property(anyPlan, fc.infiniteStream(fc.nat(3)), (plan, fates) => {
        const fate = () => fates.next().value as number
        const lists = (plan.steps as readonly Step[]).filter(isWrite).map((step) => ({ step, fate: fate() }))
        const of = (n: number) => lists.filter((one) => one.fate === n).map(({ step }) => step)
        const whole = report({
          done: of(0).map((step) => ({ step, elapsedMs: 1 })),
          failed: of(1).map((step) => ({ step, error: forbidden() })),
          leftRunning: of(2),
          notStarted: of(3),
        })
        check(applyDocument({ ...facts, ...written, plan, report: whole }))
      }),
    )
  })
})

describe('secrets', () => {
  it('stand in a document only where they were asked for', () => {
    const connections = [sasConnection(), entraConnection({ hub: 'audit' })]
    expect(check(connectionDocument(connections, { reveal: true }))).toContain(
      stringOf('clicks', 'ml-ingest-send-listen'),
    )
    expect(check(connectionDocument(connections, { reveal: false }))).not.toContain(KEY)
    expect(check(planDocument({ ...facts, connections }))).not.toContain(KEY)
    expect(check(planDocument({ ...facts, connections, reveal: true }))).toContain(KEY)
    expect(check(applyDocument({ ...facts, ...written, report: report({}) }))).not.toContain(KEY)
  })

  it('never come with an error', () => {
    const text = `cannot use ${stringOf('clicks')}`
    const error = new Failure({
      code: 'azure',
      message: text,
      why: [text],
      hint: text,
      azure: { message: text },
      problems: [{ ...problem('tier', '--tier', text), message: text }],
    })
    expect(check(errorDocument({ command: 'create', error, about: ABOUT }))).not.toContain(KEY)
    expect(check(errorDocument({ command: 'create', error: new Error(text), about: ABOUT }))).not.toContain(KEY)
  })
})

describe('errorDocument', () => {
  it('lists what is missing and what is wrong', () => {
    const error = inputError([
      missing('namespace', { example: 'ns' }),
      { ...problem('tier', '--tier', 'x'), message: 'is not a tier' },
    ])
    const document = errorDocument({ command: 'create', error, about: ABOUT })
    check(document)
    expect(document).toMatchObject({
      result: 'failed',
      exitCode: 2,
      target: null,
      error: {
        code: 'usage',
        missing: [{ input: 'namespace', flag: '-n, --namespace <name>', env: 'ML_INGEST_NAMESPACE', example: 'ns' }],
        invalid: [{ input: 'tier', flag: '--tier x', message: 'is not a tier' }],
      },
    })
  })

  it.each<[unknown, string, number]>([
    [new Interruption('SIGINT'), 'cancelled', 130],
    [new Failure({ code: 'refused', message: 'm' }), 'refused', 4],
    [forbidden(), 'failed', 3],
    [new TypeError('x'), 'failed', 1],
    ['text', 'failed', 1],
  ])('%s', (error, result, exitCode) => {
    const document = errorDocument({ command: 'local start', error, about: ABOUT, target: TARGET })
    check(document)
    expect(document).toMatchObject({ result, exitCode })
  })
})

describe('localDocument', () => {
  it('is valid, running or not', () => {
    check(localDocument('local status', { running: false, dataFolder: '/data' }))
    const listeners = [{ protocol: 'amqp', port: 5672 } as const]
    const record = { id: 'a', startedAt: '2026-11-23T10:00:00Z', version: '1.2.0', listeners }
    const status = {
      ...record,
      running: true,
      dataFolder: '/data',
      armEndpoint: 'http://127.0.0.1:4000',
      pid: 4711,
    } as const
    const hub = {
      ...{
        resourceGroup: 'rg-clicks',
        namespace: 'ns-clicks',
        name: 'clicks',
        partitions: 4,
        retentionHours: null,
        status: 'Active',
      },
      ...{ consumerGroups: ['$Default'], events: 3, bytes: 812, droppedEvents: 0, senders: 1, receivers: 0 },
    }
    const held = { connections: 2, maxPartitionBytes: 2 ** 30, limits: null, hubs: [hub] }
    const text = check(localDocument('local start', status, { held }))
    const namespace = { resourceGroup: 'rg-clicks', namespace: 'ns-clicks', unit: 'throughput unit', units: 2 } as const
    check(localDocument('local status', status, { held: { ...held, limits: [{ ...namespace, refused: 3 }] } }))
    expect(JSON.parse(text)).toMatchObject({ schemaVersion: 1, command: 'local start', running: true, pid: 4711 })
  })
})

it('the schema takes nothing that it does not know', () => {
  const document = connectionDocument([sasConnection()], { reveal: false })
  expect(validate({ ...document, extra: 1 })).toBe(false)
  expect(validate({ ...document, connections: [{ ...document.connections[0], key2: 'x' }] })).toBe(false)
  const without = JSON.parse(JSON.stringify({ ...document, notes: undefined })) as unknown
  expect(validate(without)).toBe(false)
})

describe('statusDocument', () => {
  const facts = { target: TARGET, speller, usesExitCode: false }

  it('is valid whatever the status', () => {
    fc.assert(fc.property(anyStatus, (any) => void check(statusDocument(any, facts))))
  })

  it('has times in ISO 8601, null where nothing is known, and the error of what was not read', () => {
    const document = statusDocument(troubled(), facts)
    check(document)
    expect(document).toMatchObject({
      readAt: '2026-03-01T12:04:31.000Z',
      window: { from: '2026-03-01T11:03:31.000Z', to: '2026-03-01T12:03:31.000Z' },
      unread: [
        { what: 'checkpoints', hubs: ['views'], error: { code: 'access', why: ['You have no right to read them.'] } },
      ],
    })
    const [, unknown] = document.hubs
    expect(unknown?.groups[0]).toMatchObject({ group: '$Default', source: null, lag: null, lossAt: null })
    expect(unknown?.groups[1]).toMatchObject({ lag: 12_345, lossAt: new Date(NOW_MS + 3.2 * HOUR_MS).toISOString() })
  })

  it('has exit code 5 for a crossed threshold, if asked to', () => {
    expect(statusDocument(troubled(), facts).exitCode).toBe(EXIT.ok)
    expect(statusDocument(troubled(), { ...facts, usesExitCode: true }).exitCode).toBe(EXIT.pending)
    expect(statusDocument(status(), { ...facts, usesExitCode: true }).exitCode).toBe(EXIT.ok)
  })
})
