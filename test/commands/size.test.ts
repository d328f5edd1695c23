import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
// Loaded lazily by the program; while a test loads them nothing else seems to happen, and its clock would run.
import '../../src/prompt/answers.ts'
import '../../src/prompt/inquirer-prompter.ts'
import '../../src/prompt/load.ts'
import { main } from '../../src/main.ts'
import type { SizeDocument } from '../../src/ui/document-schema.ts'
import { startTestAzure } from '../support/azure.ts'
import { FakeTerminal, KEYS } from '../support/fake-terminal.ts'
import { runCli, testDeps, type TestOptions } from '../support/test-deps.ts'
import { aFolder, aFolderWith, unwrapped } from './support.ts'

const SCHEMA = new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url)
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
)

const THREE = '--events-per-second 5k --readers 3 --retention 7d'

/** Runs `size` in a folder without a manifest. */
const sized = async (line: string, options: TestOptions = {}) =>
  runCli(['size', ...line.split(' ').filter(Boolean)], { cwd: await aFolder(), ...options })

async function documentOf(line: string, options: TestOptions = {}): Promise<SizeDocument> {
  const { stdout } = await sized(`${line} --json`, options)
  const document = JSON.parse(stdout) as SizeDocument
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  return document
}

/** The lines of a section, by its title. */
const sectionOf = (text: string, title: string): readonly string[] => {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(title))
  const end = lines.findIndex((line, i) => i > start && line === '')
  return lines.slice(start + 1, end === -1 ? undefined : end).filter((line) => line !== '')
}

describe('the answer of size', () => {
  test('tells the load, the choice and its reasons, what would change it, and the line that makes it', async () => {
    const { exitCode, stdout, stderr } = await sized(THREE)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 10)).toEqual([
      'Size for 5,000 events/s of 1 KB, 3 readers',
      '  Standard with 8 throughput units carries it.',
      '',
      'Load            needs        of               used  8 throughput units',
      '  bytes in      5 MB/s       8 MB/s           63 %',
      '  events in     5,000/s      8,000/s          63 %',
      '  bytes out     15 MB/s      16 MB/s          94 %  shared by 3 readers',
      '  events out    15,000/s     32,768/s         46 %  shared by 3 readers',
      '  partitions    5 MB/s       5 MB/s          100 %  1 MB/s in each of 5',
      '  kept          3.02 TB      672 GB          450 %  the rest is charged',
    ])
    expect(sectionOf(stdout, 'Choice').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['Tier', 'Standard', 'the cheapest tier that carries the'],
      ['load and has consumer groups'],
      ['Capacity', '8 throughput units', '15 MB/s out, 2 MB/s a unit'],
      ['Auto-inflate', 'off', 'the load is steady'],
      ['Partitions', '5', '5 MB/s in at the busiest, 1 MB/s a'],
      ['partition'],
      ['Retention', '7d', 'as given'],
      ['Consumer groups', 'ml-data-consumer-group', 'the usual one; 3 readers need one'],
      ['each'],
    ])
    expect(sectionOf(stdout, 'Assumed').map((line) => line.trim().split(' ')[0])).toEqual([
      ...['--event-size', '--peak', '--workers', '--location'],
    ])
    expect(sectionOf(stdout, 'What would change it')).toEqual([
      '  a fourth reader   10 throughput units',
      '  twice the events  15 throughput units, 10 partitions',
      '  a peak of 2       8 throughput units (up to 15 by auto-inflate), 10 partitions',
      '  a sixth worker    6 partitions',
    ])
    expect(stdout).toContain('\n  Standard in parts\n')
    expect(stdout).not.toContain('https:')
    expect(sectionOf(stdout, 'To make it')).toEqual([`  npx ml-ingest create ${THREE}`])
  })

  test('with --debug has what the rules say', async () => {
    const { stdout } = await sized(`${THREE} --debug`, { columns: 40, tty: true })
    expect(sectionOf(stripVTControlCharacters(stdout), 'Rules of Azure').slice(0, 2)).toEqual([
      '  https://learn.microsoft.com/azure/event-hubs/event-hubs-scalability',
      '  (2026-02-05)',
    ])
    expect(unwrapped(stdout)).toContain(
      'a throughput unit gives out 2 MB/s or 4,096 events/s, and all readers share it',
    )
  })

  test('is one table for all hubs, and partitions for each', async () => {
    const { stdout } = await sized('--events-per-second 100 --hub a --hub b:8:48h --consumer-group b/x')
    expect(stdout).toContain('Size for 2 hubs, together 200 events/s, 200 KB/s')
    expect(stdout).toContain('  partitions of b  100 KB/s     8 MB/s            2 %  1 MB/s in each of 8')
    expect(stdout).toContain('  Hub b\n  Partitions       8                       as given')
    expect(stdout).toContain('  more workers than partitions  5 partitions in a and 9 in b')
  })

  test('on average and at the busiest, where auto-inflate carries the peak', async () => {
    const document = await documentOf('--events-per-second 5k --peak 3')
    expect(document.choice).toMatchObject({ capacity: 5, autoInflateMax: 15, partitions: [15] })
    expect(document.uses.map(({ at, units }) => [at, units])).toEqual([
      ['mean', 5],
      ['peak', 15],
    ])
    for (const { percent } of document.uses.flatMap(({ uses }) => uses)) expect(percent).toBeLessThanOrEqual(100)
  })

  test.each([80, 40])('fits %i columns, but for links and commands', async (columns) => {
    for (const line of [THREE, '--events-per-second 60k --tier Standard', '--events-per-second 9k --peak 2 --hub a']) {
      const { stdout } = await sized(line, { tty: true, columns })
      const wide = stripVTControlCharacters(stdout)
        .split('\n')
        .filter((text) => text.length > columns && !/https:|npx/.test(text))
      expect(wide).toEqual([])
    }
  })

  test('the document has all of it', async () => {
    const document = await documentOf(THREE)
    expect(document).toMatchObject({
      ...{ command: 'size', result: 'ok', exitCode: 0, carries: true, error: null },
      choice: { tier: 'Standard', capacity: 8, autoInflateMax: 0, partitions: [5] },
      storage: { included: 672e9, needs: 3.024e12, percent: 450 },
      hubs: [
        { name: 'ml-data-stream', readers: 3, assumed: ['bytesPerEvent', 'peak', 'workers'], retentionHours: 168 },
      ],
      next: `npx ml-ingest create ${THREE}`,
    })
    expect(document.variants.map(({ text, leadsTo }) => [text, leadsTo])).toEqual([
      ...['a fourth reader', 'twice the events', 'a peak of 2', 'a sixth worker'].map((text) => [text, 'larger']),
    ])
    expect(document.costs.map(({ tier, capture, isChoice }) => [tier, capture, isChoice])).toEqual([
      ['Standard', false, true],
      ['Standard', true, false],
      ['Basic', false, false],
      ['Premium', false, false],
    ])
    expect(document.costs[2]).toMatchObject({ size: null, cost: null, obstacles: ['it keeps events up to 24h'] })
    for (const { rule } of document.reasons) expect(rule.link).toMatch(/^https:\/\/learn\.microsoft\.com\//)
  })

  test.each([
    ['--events-per-second 100 --readers 0', 'a first reader'],
    ['--events-per-second 100 --readers 10', 'an 11th reader'],
    ['--events-per-second 100 --readers 20', 'a 21st reader'],
  ])('counts as people do: %s', async (line, text) => {
    expect((await documentOf(line)).variants[0]).toMatchObject({ text })
  })
})

describe('a load that is too much', () => {
  test.each([
    ['for the units of a tier', '--events-per-second 60k --tier Standard', '--tier Premium'],
    ['for the capacity', '--throughput 20MB/s --tier Premium --capacity 1', '--capacity 4'],
    [
      'for the capacity, and below it the maximum of auto-inflate',
      '--throughput 10MB/s --tier Standard --capacity 3 --auto-inflate-max 5',
      '--capacity 10 --auto-inflate-max 10',
    ],
    [
      'for the maximum of auto-inflate',
      '--events-per-second 5k --peak 3 --auto-inflate-max 6',
      '--auto-inflate-max 15',
    ],
    ['for the partitions of a hub', '--events-per-second 10k --hub clicks:4:48h', '--hub clicks:10:48h'],
    [
      'for the partitions of two hubs, in their order',
      '--events-per-second 5k --hub a:2 --hub b:3 --hub c:9',
      '--hub a:5 --hub b:5 --hub c:9',
    ],
    ['for the partitions of all hubs', '--events-per-second 10k --partitions 4', '--partitions 10'],
    [
      'for Basic, by its tier and units',
      '--events-per-second 60k --tier Basic --capacity 2',
      '--tier Premium --capacity 12',
    ],
    [
      'surely for Standard, perhaps for Premium',
      '--throughput 100MB/s --tier Standard --capacity 40',
      '--tier Premium',
    ],
  ])('%s is answered, with what carries it', async (_, line, better) => {
    const document = await documentOf(line)
    expect(document).toMatchObject({ result: 'ok', exitCode: 0, carries: false, error: null })
    expect(document.next).toMatch(new RegExp(` ${better}$`))
    const again = await documentOf(document.next!.replace('npx ml-ingest create ', ''))
    const isSure = !line.includes('100MB/s')
    expect(again.carries).toBe(isSure)
    expect(again.next).toBe(document.next)
  })

  test.each([
    ['for every namespace', '--events-per-second 200k --event-size 4KB', 'Only a dedicated cluster carries it.', null],
    [
      'in one order',
      '--events-per-second 2k --ordered',
      'No namespace carries it in one order: that is one partition, which takes in about 1 MB/s.',
      'npx ml-ingest create --events-per-second 2k',
    ],
    [
      'in one order, with too few partitions for it without',
      '--events-per-second 2k --ordered --hub a:1',
      'Without --ordered it has more partitions, with the events of each key in order.',
      'npx ml-ingest create --events-per-second 2k --hub a:4',
    ],
  ])('%s is refused, and still answered', async (_, line, words, next) => {
    const { exitCode, stdout } = await sized(line)
    expect(exitCode).toBe(4)
    expect(unwrapped(stdout)).toContain(words)
    const document = await documentOf(line)
    expect(document).toMatchObject({ result: 'refused', exitCode: 4, next, error: { code: 'refused' } })
    if (!line.includes('--ordered')) return
    expect(document.costs.map(({ size, cost }) => size ?? cost)).toEqual([null, null, null])
    expect(stdout).not.toContain('--location')
  })

  test('for what the units start with is carried by auto-inflate', async () => {
    const line = '--events-per-second 10k --capacity 1'
    const { stdout } = await sized(line)
    expect(unwrapped(stdout)).toContain(
      'Standard with 1 throughput unit (up to 10 by auto-inflate) carries it once auto-inflate has raised the units. It starts with 1, and the load needs 10 on average.',
    )
    expect(stdout).not.toContain('too much')
    const { carries, exitCode, next, variants } = await documentOf(line)
    expect({ carries, exitCode, next }).toEqual({ carries: true, exitCode: 0, next: `npx ml-ingest create ${line}` })
    expect(variants.map(({ outcome }) => outcome)).toEqual([
      ...['nothing changes', '20 throughput units, 20 partitions'],
      ...['10 throughput units (up to 20 by auto-inflate), 20 partitions', '11 partitions'],
    ])
  })

  describe('by a manifest', () => {
    const MANIFEST = `version: 1
load: { throughput: 20MB/s }
hubs:
  - { name: clicks, load: { eventsPerSecond: 5k } }
  - { name: orders, partitions: 2 }
environments:
  dev: { capacity: 2, autoInflateMax: 0 }
  ordered: { hubs: [{ name: clicks, load: { ordered: true } }] }
  prod: {}
`
    test.each<[line: string, next: string | null, changes: readonly string[]]>([
      ['-e prod', null, ['hub orders: partitions: 20']],
      ['-e prod --partitions 2', 'npx ml-ingest create -e prod --partitions 20', []],
      ['-e prod --hub orders', 'npx ml-ingest create -e prod --hub orders:20', []],
      ['-e dev', null, ['environments.dev: capacity: 25', 'hub orders: partitions: 20']],
      ['-e dev --capacity 3', null, ['hub orders: partitions: 20', 'on the command line: --capacity 25']],
      ['-e ordered', null, ['environments.ordered: hub clicks: load: ordered: false']],
      ['-e ordered --ordered', null, ['environments.ordered: hub clicks: load: ordered: false']],
    ])('%s tells where to change what is too small', async (line, next, changes) => {
      const cwd = await aFolderWith(MANIFEST)
      expect(await documentOf(line, { cwd })).toMatchObject({ next, changes })
      const { stdout } = await sized(line, { cwd })
      const title = 'To make what carries it, change in the manifest'
      expect(sectionOf(stdout, next === null ? title : 'To make what carries it')).toEqual(
        (next === null ? changes : [next]).map((text) => `  ${text}`),
      )
    })
  })
})

describe('what size is given', () => {
  const problems = async (line: string, options: TestOptions = {}) => {
    const { exitCode, stdout, stderr } = await sized(line, options)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    return unwrapped(stderr)
  }

  test('nothing: the rate is missing, with an example', async () => {
    const text = await problems('')
    expect(text).toContain('1 input is missing (no questions: stdin is not a terminal)')
    expect(text).toContain('npx ml-ingest size --events-per-second 5k')
  })

  test('wrong values are all told at once', async () => {
    const text = await problems('--events-per-second x --tier Foo --hub clicks:0')
    expect(text).toContain('3 inputs are not valid')
    for (const flag of ['--events-per-second x', '--tier Foo', '--hub clicks:0']) expect(text).toContain(flag)
  })

  test.each([
    ['--readers 3', '--readers 3 needs --events-per-second or --throughput'],
    ['--events-per-second 1k --tier Dedicated', '--tier Dedicated cannot be sized'],
    ['--events-per-second 1k --retention 30d --tier Standard', '--retention 30d is above 7d'],
    ['--events-per-second 1k --tier Basic --event-size 300KB', '--event-size 300KB is above 256 KiB'],
    ['--throughput 2x', '--throughput 2x'],
  ])('%s', async (line, expected) => expect(await problems(line)).toContain(expected))

  test('a manifest has the load, and its environments', async () => {
    const cwd = await aFolderWith(`version: 1
load: { eventsPerSecond: 5k, readers: 3 }
hubs:
  - { name: clicks, load: { eventsPerSecond: 20k } }
  - { name: views }
environments:
  dev: { load: { eventsPerSecond: 10 } }
  prod: {}
`)
    const document = await documentOf('--env prod', { cwd })
    expect(document).toMatchObject({
      choice: { tier: 'Standard', capacity: 38, partitions: [20, 5] },
      manifest: { file: 'ml-ingest.yaml', environment: 'prod' },
      next: 'npx ml-ingest create -e prod',
    })
  })

  test('variables are on the line too', async () => {
    const document = await documentOf('', { env: { ML_INGEST_EVENTS_PER_SECOND: '20M/day' } })
    expect(document.next).toBe('npx ml-ingest create --events-per-second 20M/day')
  })

  test('a person at a terminal is asked for what lacks', async () => {
    const terminal = new FakeTerminal()
    const { stdin, stdout, stderr } = terminal.io
    const running = main(['size'], { ...testDeps({ cwd: await aFolder() }), stdin, stdout, stderr })
    await terminal.play([
      ['How much will come in?', '5k/s', KEYS.enter],
      ...['How large', 'at the busiest', 'How many applications', 'How many workers'].map(
        (question) => [question, KEYS.enter] as const,
      ),
    ])
    expect(await running).toBe(0)
    expect(terminal.stdout).toContain('npx ml-ingest create --events-per-second 5k/s')
  })
})

test('size asks Azure nothing, and what it says is what create makes', async () => {
  const azure = await startTestAzure()
  const cwd = await aFolder()
  const { stdout } = await azure.run(['size', ...THREE.split(' '), '--peak', '2', '--json'], { cwd })
  const { choice, next } = JSON.parse(stdout) as SizeDocument
  expect(azure.requests).toEqual([])
  const words = next!.replace('npx ml-ingest ', '').split(' ')
  const made = await azure.run([...words, '-l', 'westeurope', '--yes', '--json'], { cwd })
  expect(made.exitCode, made.stderr).toBe(0)
  const { load } = JSON.parse(made.stdout) as { load: { units: number; hubs: readonly { partitions: number }[] } }
  expect(load).toMatchObject({ units: choice.autoInflateMax, hubs: [{ partitions: choice.partitions[0] }] })
})
