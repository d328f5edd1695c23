import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
// Loaded lazily by the program; while a test loads them nothing else seems to happen, and its clock would run.
import '../../src/prompt/ask-target.ts'
import '../../src/prompt/confirm.ts'
import '../../src/prompt/inquirer-prompter.ts'
import '../../src/prompt/wizard.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { FakeTerminal, KEYS } from '../support/fake-terminal.ts'
import { testDeps, type TestOptions } from '../support/test-deps.ts'
import { GROUP, NAMESPACE, PLACE, SMALL, SMALL_CREATE, TARGET } from './support.ts'

const TERMINAL: TestOptions = { tty: true, columns: 100, env: { TERM: 'xterm', NO_COLOR: '1' } }
const STILL = ['--progress', 'none']
const WHERE = `-s ${LOCAL_SUBSCRIPTION.subscriptionId} -g ${GROUP} -n ${NAMESPACE}`

const nextFor = (hub: string) => [
  '',
  '  Next',
  '    test it: send an event and read it back',
  `      npx ml-ingest verify ${WHERE} --hub ${hub}`,
  '    send generated events',
  `      npx ml-ingest send ${WHERE} --hub ${hub} --sample clicks`,
  '    see the events',
  `      npx ml-ingest tail ${WHERE} --hub ${hub} --count 5`,
  '    see whether all is well: load, throttling, lag',
  `      npx ml-ingest status ${WHERE} --hub ${hub}`,
  '    for a new pipeline, a program that speaks AMQP: python, node, java',
  `      npx ml-ingest show-connection ${WHERE} --hub ${hub} --format python`,
  '    for a pipeline that speaks Kafka already, its settings',
  `      npx ml-ingest show-connection ${WHERE} --hub ${hub} --format kafka`,
  '    take it down',
  `      npx ml-ingest delete ${WHERE}`,
  '',
]

describe('what a person at a terminal sees of create', () => {
  test('blocks with one blank line between them, and what comes next', async () => {
    const azure = await startTestAzure()
    const { stdout, stderr } = await azure.run([...SMALL_CREATE, ...STILL], TERMINAL)
    const lines = stderr.split('\n')
    expect(lines.slice(0, 14)).toEqual([
      '  Plan for subscription 00000000-0000-0000-0000-000000000000',
      '',
      '+ create     resource group  rg-clicks              westeurope',
      '+ create     namespace       ns-clicks-test         Standard, 1 throughput unit, westeurope',
      '+ create     hub             clicks                 4 partitions, retention 24h',
      '+ create     consumer group  trainer',
      '+ create     access rule     ml-ingest-send-listen  Send, Listen',
      '',
      '  5 to create. Partition count is final on Standard.',
      expect.stringMatching(/^ {2}Cost {13}about /),
      expect.stringMatching(/^ {19}\w/),
      '',
      '  5 created (0.0s)',
      // The connection, on stdout.
      '',
    ])
    expect(lines.slice(14)).toEqual(nextFor('clicks'))
    expect(stdout).toMatch(/^ {2}Resource group {3}rg-clicks\n[^]*\n {2}Connection\nEndpoint=\S+\n$/)
  })

  test.each(['listen', 'send'])('with --access %s only what that right allows comes next', async (access) => {
    const azure = await startTestAzure()
    const { stderr } = await azure.run([...SMALL_CREATE, '--access', access, ...STILL], TERMINAL)
    const lines = stderr.split('  Next\n')[1]!.match(/npx ml-ingest (verify|send|tail|status) .*/g)!
    expect(lines.map((line) => line.split(' ')[2])).toEqual(['verify', access === 'send' ? 'send' : 'tail', 'status'])
    expect(lines[1]).not.toContain('--access')
  })

  test('progress in the columns of the plan, names with their hub where there are two', async () => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const argv = ['create', ...PLACE, '--hub', 'clicks', '--hub', 'views', '--yes', '--no-connection']
    const { stderr } = await azure.run(argv, TERMINAL)
    const lines = stripVTControlCharacters(stderr).split('\n')
    expect(lines.filter((line) => line.startsWith('+ '))).toEqual([
      '+ create     hub             views                         4 partitions, retention 24h',
      '+ create     consumer group  views/ml-data-consumer-group',
      '+ create     access rule     views/ml-ingest-send-listen   Send, Listen',
    ])
    // Moving lines were cleared before each.
    expect(lines.flatMap((line) => /✓ created .* (?=\d+\.\ds$)/.exec(line) ?? [])).toEqual([
      '✓ created    hub             views                         ',
      '✓ created    consumer group  views/ml-data-consumer-group  ',
      '✓ created    access rule     views/ml-ingest-send-listen   ',
    ])
    expect(lines.slice(-nextFor('clicks').length)).toEqual(nextFor('clicks'))
    expect(stderr).not.toContain('\n\n\n')
  })

  test.each<[string, TestOptions, readonly string[]]>([
    ['off a terminal', {}, []],
    ['in CI', { ...TERMINAL, env: { ...TERMINAL.env, CI: 'true' } }, []],
    ['as a document', TERMINAL, ['--json']],
    ['with --quiet', TERMINAL, ['--quiet']],
  ])('nothing comes next %s', async (_, options, flags) => {
    const azure = await startTestAzure()
    const { exitCode, stderr } = await azure.run([...SMALL_CREATE, ...flags], options)
    expect(exitCode).toBe(0)
    expect(stderr).not.toMatch(/^ {2}Next$/m)
  })

  test('nothing of Kafka comes next on Basic', async () => {
    const azure = await startTestAzure()
    const argv = ['create', ...PLACE, '--tier', 'Basic', '--hub', 'clicks', '--yes', '--no-connection']
    const { stderr } = await azure.run(argv, TERMINAL)
    expect(stderr).toMatch(/^ {2}Next$/m)
    expect(stderr).not.toContain('Kafka')
  })

  test('nothing comes next where there was nothing to do', async () => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    expect((await azure.run(SMALL_CREATE, TERMINAL)).stderr).not.toMatch(/^ {2}Next$/m)
  })
})

/** The program at a terminal, and a person who types when a text has been drawn. */
async function play(
  { arm, clock }: TestAzure,
  argv: readonly string[],
  script: readonly (readonly [text: string, ...keys: string[]])[],
  think: () => void = () => undefined,
) {
  const terminal = new FakeTerminal({ columns: 100, env: { TERM: 'xterm' } })
  const { stdin, stdout, stderr } = terminal.io
  const env = {
    ...{ TERM: 'xterm', NO_COLOR: '1', ML_INGEST_ARM_ENDPOINT: arm.endpoint },
    AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId,
  }
  const running = main([...argv, '--progress', 'plain'], { ...testDeps({ clock, env }), stdin, stdout, stderr })
  for (const [text, ...keys] of script) {
    await terminal.see(text)
    think()
    terminal.type(...keys)
  }
  const exitCode = await running
  return { exitCode, stdout: terminal.stdout, text: stripVTControlCharacters(terminal.raw) }
}

describe('create that asks', () => {
  const ASKING = ['create', ...PLACE, ...SMALL, '--tier', 'Standard', '--capacity', '1', '--retention', '24h']
  const QUESTIONS = [['How much will come in?', KEYS.enter] as const, ['Partitions?', KEYS.enter] as const]
  const AGREE = 'Create 5 resources in rg-clicks?'
  const REPEAT = /\n\n {2}To repeat without questions:\n {2}(npx ml-ingest create .*--partitions 4.* --yes)\n/

  test('"No" at the plan prints the line that repeats the answers, and changes nothing', async () => {
    const azure = await startTestAzure()
    const { exitCode, text } = await play(azure, ASKING, [...QUESTIONS, [AGREE, 'n', KEYS.enter]])
    expect([exitCode, azure.writes()]).toEqual([130, []])
    expect(text).toMatch(REPEAT)
    expect(text).toContain('Cancelled. Nothing was changed.')
    const line = REPEAT.exec(text)![1]!.split(' ').slice(2)
    expect((await azure.run(line)).exitCode).toBe(0)
    expect(azure.writes()).toHaveLength(5)
  })

  test('counts no time in which the person thinks', async () => {
    const azure = await startTestAzure()
    const think = () => azure.clock.advance(7 * 60_000)
    const made = await play(azure, ASKING, [...QUESTIONS, [AGREE, KEYS.enter]], think)
    expect(made.exitCode).toBe(0)
    expect(made.text).toMatch(/ {2}5 created \(\d\.\ds\)/)
    expect(made.text).toMatch(REPEAT)
    const again = await play(azure, ['create', ...PLACE, ...SMALL.slice(2)], [['Hub?', KEYS.enter]], think)
    expect(again.exitCode).toBe(0)
    expect(again.text).toMatch(/No write was sent\. +\(\d\.\ds\)/)
  })
})

describe('show-connection that finds its target', () => {
  test.each<[string, readonly string[], boolean]>([
    ['leaves to the rows what they name', [], false],
    ['names the target where there are no rows', ['--format', 'raw'], true],
  ])('%s', async (_, flags, isNamed) => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const { exitCode, text, stdout } = await play(azure, ['show-connection', ...flags], [])
    expect(exitCode).toBe(0)
    const rows = ['Resource group   rg-clicks', `Namespace        ${NAMESPACE}`, 'Hub              clicks']
    for (const row of rows) {
      expect(text.includes(row), row).toBe(isNamed)
      expect(stdout.includes(row), row).toBe(!isNamed)
    }
  })

  test('of a named target repeats nothing', async () => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const { stdout, stderr } = await azure.run(['show-connection', ...TARGET, '--hub', 'clicks', ...STILL], TERMINAL)
    expect(stderr).toBe('')
    expect(stdout.match(/rg-clicks/g)).toHaveLength(1)
  })
})
