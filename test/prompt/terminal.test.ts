import { judgeGiven } from './support.ts'
import { CREATE } from '../support/argv.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectAzure } from '../../src/azure/connect.ts'
import { apply } from '../../src/engine/apply.ts'
import { Gate } from '../../src/engine/gate.ts'
import { plan as planOf } from '../../src/engine/plan.ts'
import { readActual } from '../../src/engine/actual.ts'
import { realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { startLocalArm, type LocalArm } from '../../src/local/index.ts'
import { confirmPlan } from '../../src/prompt/confirm.ts'
import { inquirerPrompter } from '../../src/prompt/inquirer-prompter.ts'
import type { AskOptions } from '../../src/prompt/talk.ts'
import { askForCreate, type Answered } from '../../src/prompt/wizard.ts'
import { argvOf } from '../../src/inputs/argv.ts'
import { DEFAULTS } from '../../src/inputs/defaults.ts'
import { defaultNamespaceName } from '../../src/resources/namespace/name.ts'
import type { Spec } from '../../src/resources/front-door.ts'
import { row } from '../../src/ui/text.ts'
import { FakeTerminal, KEYS } from '../support/fake-terminal.ts'

/** The questions of a first run, with the text that shows that each is open. */
const FIRST_RUN = [
  'Resource group? (ml-data-ingestion-rg)',
  '❯ West Europe  westeurope',
  'Namespace? (ml-ingest-',
  "(I don't know yet)",
  '❯ Standard',
  'Capacity?  1 to 40 throughput units of 1 MB/s or 1,000 events/s in (1)',
  'Hub?  several with commas (ml-data-stream)',
  'cannot be changed later on Standard (4)',
  'Retention?  1h to 7d (24h)',
  'Consumer group?  - for none (ml-data-consumer-group)',
] as const
const RE_RUN = [
  '❯ ml-data-ingestion-rg  westeurope',
  '❯ ml-ingest-',
  '❯ ml-data-stream  4 partitions, retention 24h',
  'Consumer group?  - for none (ml-data-consumer-group)',
] as const

let arm: LocalArm
beforeEach(async () => {
  arm = await startLocalArm()
})
afterEach(() => arm.close())

const connect = () =>
  connectAzure({
    cloud: 'AzureCloud',
    auth: 'auto',
    authGiven: false,
    armEndpoint: arm.endpoint,
    env: {},
    clock: realClock,
    userAgent: 'ml-ingest/test',
  })

const gateUntil = (stop: AbortSignal): Gate => new Gate({ clock: realClock, random: () => 0.5, stop })

function optionsFor({ io }: FakeTerminal, stop = new AbortController().signal): AskOptions {
  const connection = connect()
  return {
    given: {},
    problems: [],
    gate: gateUntil(stop),
    prompter: inquirerPrompter(io, stop),
    catalog: connection.catalog,
    cloudFor: (subscriptionId) => connection.cloud(subscriptionId),
    row: (label, value) => io.note(row(label, value, io.width).join('\n')),
    waiting: (_, work) => work(),
    note: (text) => io.note(`  ${text}`),
    local: true,
    clock: realClock,
    signal: stop,
  }
}

/** Enter at every question; the word typed before it, where there is one. */
async function run(terminal: FakeTerminal, questions: readonly string[], words: Record<string, string> = {}) {
  const answered = askForCreate(optionsFor(terminal))
  await terminal.play(questions.map((question) => [question, words[question] ?? '', KEYS.enter] as const))
  return answered
}

function specOf({ given, ...known }: Answered): Spec {
  const validated = judgeGiven(given, known)
  if (!validated.ok) throw new Error(JSON.stringify(validated.problems))
  return validated.spec
}

async function planFor(spec: Spec) {
  const cloud = connect().cloud(spec.subscriptionId)
  const gate = gateUntil(new AbortController().signal)
  return { cloud, planned: planOf(spec, await readActual(cloud, gate, spec, { withKeys: false })) }
}

async function make(terminal: FakeTerminal, spec: Spec): Promise<void> {
  const { cloud, planned } = await planFor(spec)
  if (planned.outcome !== 'applicable') throw new Error(planned.outcome)
  const agreed = confirmPlan(inquirerPrompter(terminal.io, new AbortController().signal), planned, spec.resourceGroup)
  await terminal.play([['Create 5 resources in ml-data-ingestion-rg? (Y/n)', KEYS.enter]])
  expect(await agreed).toBe(true)
  const at = { group: spec.resourceGroup, namespace: spec.namespace.name }
  const stop = new AbortController().signal
  const world = { cloud, clock: realClock, gate: gateUntil(stop), stop }
  await apply(planned, at, { ...world, onEvent: () => undefined })
}

describe('at a terminal, on the embedded Azure', () => {
  it('Enter all the way makes the front door, and again changes nothing', async () => {
    const first = new FakeTerminal()
    const spec = specOf(await run(first, FIRST_RUN))
    expect(spec.namespace.name).toBe(defaultNamespaceName(spec.subscriptionId, DEFAULTS.resourceGroup))
    await make(first, spec)
    expect(first.stdout).toBe('')

    const second = new FakeTerminal()
    const again = await run(second, RE_RUN)
    expect((await planFor(specOf(again))).planned.outcome).toBe('no-op')
    expect(second.raw).toContain('  Partitions       4\n')
    expect(argvOf(CREATE, again.given)).not.toContain('--tier')
  })

  it('a wrong answer is retyped in place', async () => {
    const terminal = new FakeTerminal()
    const answered = askForCreate(optionsFor(terminal))
    await terminal.play([
      ...FIRST_RUN.slice(0, 7).map((question) => [question, KEYS.enter] as const),
      [FIRST_RUN[7], '64', KEYS.enter],
      ['> "64" is above 32, the limit of a hub on Standard', KEYS.backspace.repeat(2), '8', KEYS.enter],
      ...FIRST_RUN.slice(8).map((question) => [question, KEYS.enter] as const),
    ])
    expect((await answered).given.partitions?.value).toBe(8)
    expect(terminal.raw).toContain('✓')
  })

  it('a long list of regions is searched by typing', async () => {
    const terminal = new FakeTerminal()
    const answered = askForCreate(optionsFor(terminal))
    await terminal.play([
      [FIRST_RUN[0], KEYS.enter],
      ['type to filter', 'aus eas'],
      ['❯ Australia East  australiaeast', KEYS.enter],
      ...FIRST_RUN.slice(2).map((question) => [question, KEYS.enter] as const),
    ])
    expect((await answered).given.location?.value).toBe('australiaeast')
  })

  it('a search that was cleared takes its default', async () => {
    const terminal = new FakeTerminal()
    const answered = askForCreate(optionsFor(terminal))
    await terminal.play([
      [FIRST_RUN[0], KEYS.enter],
      ['❯ West Europe  westeurope', 'aus eas'],
      ['❯ Australia East  australiaeast', KEYS.backspace.repeat('aus eas'.length)],
      ['❯ West Europe  westeurope', KEYS.enter],
      ...FIRST_RUN.slice(2).map((question) => [question, KEYS.enter] as const),
    ])
    expect((await answered).given.location?.value).toBe('westeurope')
  })

  it('works in 40 columns, no line broken in the middle of a word that fits', async () => {
    const terminal = new FakeTerminal({ columns: 40 })
    const spec = specOf(
      await run(terminal, [
        'Resource group?',
        '❯ West Europe',
        'Namespace?',
        "I don't know yet)",
        '❯ Standard',
        'events/s in (1)',
        'Hub?',
        'Standard (4)',
        'Retention?',
        'Consumer group?',
      ]),
    )
    expect(spec.hubs[0].name).toBe(DEFAULTS.hub)
  })

  it.each([80, 40])('shows each question about a load within %i columns', async (columns) => {
    const terminal = new FakeTerminal({ columns })
    const answered = askForCreate(optionsFor(terminal))
    const frames: string[] = []
    const steps = [
      ...[['Resource group?'], ['West Europe'], ['Namespace?'], ['yet)', '5k'], ['large', '2KB'], ['busiest', '2']],
      ...[['read it all', '3'], ['workers', '8'], ['Hub?'], ['Standard:'], ['Capacity?'], ['maximum?']],
      ...[['Partitions?'], ['Retention?'], ['Consumer group?']],
    ] as const
    for (const [question, answer = ''] of steps) {
      await terminal.see(question)
      frames.push(terminal.frame())
      terminal.type(answer, KEYS.enter)
    }
    const spec = specOf(await answered)
    expect(spec.namespace).toMatchObject({ capacity: { value: 15 }, autoInflateMax: { value: 30 } })
    const lines = frames.slice(3).flatMap((frame) => frame.trimEnd().split('\n'))
    expect(lines.filter((line) => line.length > columns)).toEqual([])
  })

  it.each(FIRST_RUN.map((question, index) => [index, question] as const))(
    'Ctrl-C at question %i (%s) interrupts and leaves the terminal as it was',
    async (index, question) => {
      const terminal = new FakeTerminal()
      const answered = askForCreate(optionsFor(terminal))
      const interrupted = expect(answered).rejects.toEqual(new Interruption('SIGINT'))
      await terminal.play([
        ...FIRST_RUN.slice(0, index).map((before) => [before, KEYS.enter] as const),
        [question, KEYS.ctrlC],
      ])
      await interrupted
      expect(terminal.stdin.isRaw).toBe(false)
      expect(terminal.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001b[?25l'))
    },
  )
})
