import { describe, expect, test } from 'vitest'
import { startTestAzure } from '../support/azure.ts'
import type { TestOptions } from '../support/test-deps.ts'
import { BIG_CREATE, documentOf, ESCAPE, PLACE, SMALL, SMALL_CREATE, TARGET, unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const TERM = { TERM: 'xterm-256color', COLORTERM: 'truecolor' }

interface Place {
  readonly place: string
  readonly options: TestOptions
  readonly flags: readonly string[]
}
/** Where nobody is asked: on a terminal because of what is set or given, elsewhere always. */
const PLACES: readonly Place[] = [
  { place: 'terminal, CI set', options: { tty: true, env: { ...TERM, CI: 'true' } }, flags: [] },
  { place: 'terminal, --no-input', options: { tty: true, env: TERM }, flags: ['--no-input'] },
  { place: 'terminal', options: { tty: true, env: TERM }, flags: [] },
  { place: 'terminal, stdout caught', options: { tty: 'stderr', env: TERM }, flags: [] },
  { place: 'pipe', options: { env: TERM }, flags: [] },
  { place: 'CI', options: { env: { ...TERM, CI: 'true' } }, flags: [] },
  { place: 'Azure Pipelines', options: { env: { ...TERM, TF_BUILD: 'True' } }, flags: [] },
]

interface Line {
  readonly given: string
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly exitCode: number
  /** What the text says, on which stream. */
  readonly stdout: RegExp
  readonly stderr: RegExp
  readonly result: string
}

/** The text needs a format, which contradicts --json. */
const RAW = ['--format', 'raw']

const NOTHING = /^$/
const NO_SUBSCRIPTION = { AZURE_SUBSCRIPTION_ID: '' }
const MISSING =
  /1 input is missing[^]*subscription +-s, --subscription <id> +AZURE_SUBSCRIPTION_ID[^]*Nothing was changed/

const LINES: readonly Line[] = [
  {
    given: 'create, complete',
    argv: SMALL_CREATE,
    exitCode: 0,
    stdout: /Endpoint=sb:\S+\n$/,
    stderr: /5 created/,
    result: 'changed',
  },
  {
    given: 'create, missing',
    argv: SMALL_CREATE,
    env: NO_SUBSCRIPTION,
    exitCode: 2,
    stdout: NOTHING,
    stderr: MISSING,
    result: 'failed',
  },
  {
    given: 'create, wrong',
    argv: [...SMALL_CREATE, '--tier', 'Standrad', '--partitions', '0', '--retention', '1y'],
    exitCode: 2,
    stdout: NOTHING,
    stderr: /3 inputs are not valid[^]*--tier Standrad[^]*Standard[^]*--partitions 0[^]*--retention 1y/,
    result: 'failed',
  },
  {
    given: 'plan, complete',
    argv: ['plan', ...PLACE, ...SMALL],
    exitCode: 0,
    stdout: /5 to create/,
    stderr: NOTHING,
    result: 'planned',
  },
  {
    given: 'plan, missing',
    argv: ['plan', ...PLACE, ...SMALL],
    env: NO_SUBSCRIPTION,
    exitCode: 2,
    stdout: NOTHING,
    stderr: MISSING,
    result: 'failed',
  },
  {
    given: 'plan, wrong',
    argv: ['plan', ...PLACE, '--capacity', 'x'],
    exitCode: 2,
    stdout: NOTHING,
    stderr: /--capacity x/,
    result: 'failed',
  },
  {
    given: 'plan, an unknown flag',
    argv: ['plan', ...PLACE, '--capcity', '2'],
    exitCode: 2,
    stdout: NOTHING,
    stderr: /--capcity[^]*--capacity/,
    result: 'failed',
  },
  {
    given: 'show-connection, complete, nothing there',
    argv: ['show-connection', ...TARGET, ...RAW],
    exitCode: 1,
    stdout: NOTHING,
    stderr: /there is no resource group/,
    result: 'failed',
  },
  {
    given: 'show-connection, missing',
    argv: ['show-connection', ...TARGET, ...RAW],
    env: NO_SUBSCRIPTION,
    exitCode: 2,
    stdout: NOTHING,
    stderr: MISSING,
    result: 'failed',
  },
  {
    given: 'show-connection, wrong',
    argv: ['show-connection', ...TARGET, '--format', 'rwa', '--name', '1x'],
    exitCode: 2,
    stdout: NOTHING,
    stderr: /--format rwa[^]*raw[^]*--name 1x/,
    result: 'failed',
  },
  {
    given: 'local status, wrong',
    argv: ['local', 'status', '--data', ''],
    exitCode: 2,
    stdout: NOTHING,
    stderr: /--data/,
    result: 'failed',
  },
  { given: 'an unknown command', argv: ['crate'], exitCode: 2, stdout: NOTHING, stderr: /create/, result: 'failed' },
]

describe.each(PLACES)('$place', ({ options, flags }) => {
  const optionsFor = (line: Line): TestOptions => ({ ...options, env: { ...options.env, ...line.env } })

  test.each(LINES)('$given', async (line) => {
    const azure = await startTestAzure({ provisioningMs: 70_000 })
    const run = await azure.run([...line.argv, ...flags], optionsFor(line))
    expect(run.exitCode, run.stderr).toBe(line.exitCode)
    expect(plainText(run.stdout)).toMatch(line.stdout)
    expect(stayingText(run.stderr)).toMatch(line.stderr)
    if (options.tty !== true) expect(run.stdout).not.toContain(ESCAPE)
    if (!options.tty) expect(run.stderr).not.toContain(ESCAPE)
    if (run.exitCode === 2) expect(azure.requests).toEqual([])
  })

  test.each(LINES)('$given, --json', async (line) => {
    const azure = await startTestAzure()
    const run = await azure.run(
      [...line.argv.filter((word) => !RAW.includes(word)), ...flags, '--json'],
      optionsFor(line),
    )
    expect(run.exitCode, run.stderr).toBe(line.exitCode)
    const document = documentOf(run)
    expect(document).toMatchObject({ result: line.result })
    expect(document.error === null).toBe(line.exitCode === 0)
    if (!line.given.startsWith('create, complete')) expect(stayingText(run.stderr)).toBe('')
    if (options.tty !== true) expect(run.stdout).not.toContain(ESCAPE)
    if (!options.tty) expect(run.stderr).not.toContain(ESCAPE)
  })

  test('show-connection of what is there, as text or JSON', async () => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const argv = ['show-connection', ...TARGET, '--hub', 'clicks', ...flags]
    const text = await azure.run(argv, options)
    if (options.tty === true) {
      expect({ ...text, stderr: stayingText(text.stderr) }).toMatchObject({ exitCode: 0, stderr: '' })
      expect(text.stdout).toMatch(/Hub +clicks[^]*Connection\nEndpoint=sb:\S+\n$/)
    } else {
      expect(text).toMatchObject({ exitCode: 2, stdout: '' })
      expect(unwrapped(text.stderr)).toContain('stdout is not a terminal, and the result is a secret')
    }
    const json = await azure.run([...argv, '--json'], options)
    expect(documentOf(json)).toMatchObject({
      result: 'ok',
      connections: [{ hub: 'clicks', connectionString: expect.stringMatching(/^Endpoint=/) as string }],
    })
  })

  test('local status', async () => {
    const folder = temporaryFolder()
    const azure = await startTestAzure()
    const argv = ['local', 'status', '--data', folder, ...flags]
    const text = await azure.run(argv, options)
    expect(text).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('not running') as string })
    expect(stayingText(text.stderr)).toBe('')
    const json = await azure.run([...argv, '--json'], options)
    expect(stayingText(json.stderr)).toBe('')
    expect(documentOf(json)).toMatchObject({
      command: 'local status',
      running: false,
      armEndpoint: null,
      dataFolder: folder,
      pid: null,
    })
    expect(text.stdout + json.stdout).not.toContain(ESCAPE)
  })
})

test('off a terminal, create --yes is missing together with all else, and the example line does', async () => {
  const azure = await startTestAzure()
  const run = await azure.run(['create', ...SMALL, '--json'], { env: NO_SUBSCRIPTION })
  const { error } = documentOf(run)
  expect(run.exitCode).toBe(2)
  expect(error!.missing.map(({ flag }) => flag)).toEqual([
    '-s, --subscription <id>',
    '-y, --yes',
    '-l, --location <region>',
  ])
  expect(error!.missing.map(({ onlyIf }) => onlyIf)).toEqual([null, null, 'new group'])
  const example = error!
    .hint!.split('\n')
    .at(-1)!
    .replace(/^npx ml-ingest /, '')
    .split(' ')
  expect(example).toContain('--location')
  expect(await azure.run(example)).toMatchObject({ exitCode: 3 })
})

test('a place that only reading shows to be missing is told like every other gap', async () => {
  const azure = await startTestAzure()
  const run = await azure.run(['create', ...TARGET, '--yes', '--json'])
  expect(run.exitCode).toBe(2)
  expect(documentOf(run).error!.missing).toMatchObject([{ flag: '-l, --location <region>' }])
  expect(azure.writes()).toEqual([])
})

describe('CONN="$(ml-ingest create --yes)"', () => {
  test.each(['changed', 'unchanged'])('stdout is exactly the string and a line break: %s', async (state) => {
    const azure = await startTestAzure({ provisioningMs: 70_000 })
    if (state === 'unchanged') await azure.run(SMALL_CREATE)
    const run = await azure.run(SMALL_CREATE, { tty: 'stderr', env: TERM })
    expect(run.stdout).toMatch(
      /^Endpoint=sb:\/\/localhost;SharedAccessKeyName=ml-ingest-send-listen;SharedAccessKey=[A-Za-z0-9+/]{43}=;UseDevelopmentEmulator=true;EntityPath=clicks\n$/,
    )
    expect(run.stderr).not.toContain('SharedAccessKey')
  })

  test('--quiet leaves stderr empty', async () => {
    const azure = await startTestAzure({ provisioningMs: 70_000 })
    for (const state of ['changed', 'unchanged']) {
      const run = await azure.run([...SMALL_CREATE, '--quiet'], { tty: 'stderr', env: TERM })
      expect(run, state).toMatchObject({
        exitCode: 0,
        stderr: '',
        stdout: expect.stringMatching(/^Endpoint=\S+\n$/) as string,
      })
    }
  })

  test('--no-connection prints nothing, and asks for no key', async () => {
    const azure = await startTestAzure()
    expect(await azure.run([...SMALL_CREATE, '--no-connection'])).toMatchObject({ exitCode: 0, stdout: '' })
    expect(await azure.run([...SMALL_CREATE, '--no-connection'])).toMatchObject({ exitCode: 0, stdout: '' })
    expect(azure.requests.filter(({ path }) => path.includes('listKeys'))).toEqual([])
  })
})

const COLOUR = /\u001b\[[\d;]*m/

describe('colour and width of a terminal', () => {
  const lines: readonly (readonly string[])[] = [
    BIG_CREATE,
    [...BIG_CREATE, '--tier', 'x'],
    ['plan', ...PLACE, '--hub', 'clicks:8'],
  ]

  test.each(lines.map((argv) => [argv.slice(0, 1).concat(argv.slice(-2)).join(' '), argv] as const))(
    '%s',
    async (_, argv) => {
      const azure = await startTestAzure()
      const coloured = await azure.run(argv, { tty: true, env: TERM })
      expect(coloured.stdout + coloured.stderr).toMatch(COLOUR)
      for (const env of [{ NO_COLOR: '1' }, { NO_COLOR: '1', FORCE_COLOR: '3' }, { TERM: 'dumb' }]) {
        const plain = await azure.run(argv, { tty: true, env: { ...TERM, ...env } })
        expect(plain.stdout + plain.stderr).not.toMatch(COLOUR)
      }
      const piped = await azure.run([...argv, '--color'], { env: TERM })
      expect(piped.stdout + piped.stderr).toMatch(COLOUR)
    },
  )

  test('a terminal without columns gets lines, not movement', async () => {
    const azure = await startTestAzure({ provisioningMs: 70_000 })
    const run = await azure.run(BIG_CREATE, { tty: true, columns: 0, env: { ...TERM, NO_COLOR: '1' } })
    expect(run.exitCode).toBe(0)
    expect(run.stderr).not.toContain(ESCAPE)
    expect(run.stderr).toContain('create namespace ns-clicks-test: still creating')
  })

  test('40 columns: nothing but a single word is wider', async () => {
    const azure = await startTestAzure()
    const options = { tty: true, columns: 40, env: { ...TERM, NO_COLOR: '1', CI: '1' } }
    const runs = [
      await azure.run(['plan', ...PLACE, ...BIG_CREATE.slice(7, -1)], options),
      await azure.run(BIG_CREATE, options),
      await azure.run(['plan', ...PLACE, '--hub', 'clicks:8', '--tier', 'Premium'], options),
      await azure.run(['create', '--tier', 'x', '--partitions', '0'], options),
    ]
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 4, 2])
    const lines = runs.flatMap(({ stdout, stderr }) => `${stdout}${stderr}`.split('\n'))
    const isOneWord = (line: string) => !line.trim().includes(' ') || /npx ml-ingest|^\d\d:\d\d:\d\dZ /.test(line)
    expect(lines.filter((line) => line.length > 40 && !isOneWord(line))).toEqual([])
  })
})

/** What stays of a text without colours and cursor movements. */
const plainText = (text: string): string => text.replaceAll(/\u001b\[[\d;?]*[A-Za-z]/g, '')

/** What stays on a screen that showed lines of waiting. The clock of these tests runs while they read. */
const stayingText = (text: string): string => plainText(text).replaceAll(/\S (?:Reading|Connecting) [^…]*… \d+s/g, '')
