import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
// Loaded lazily by the program; while a test loads them nothing else seems to happen, and its clock would run.
import '../../src/commands/rotate-key.ts'
import '../../src/prompt/confirm.ts'
import '../../src/prompt/ask-target.ts'
import '../../src/prompt/inquirer-prompter.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { FakeTerminal, KEYS } from '../support/fake-terminal.ts'
import { testDeps } from '../support/test-deps.ts'
import { SMALL_CREATE, TARGET, unwrapped, quoted } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROTATE = ['rotate-key', ...TARGET, '--hub', 'clicks']
const FIRST = 'Renew the secondary key?'
const SECOND = 'Renew the primary key?'

async function startWithHub(): Promise<TestAzure> {
  const azure = await startTestAzure()
  expect(await azure.run([...SMALL_CREATE, '--no-connection'])).toMatchObject({ exitCode: 0 })
  return azure
}

/** The program at a terminal, and a person who types when a text has been drawn. */
async function play(
  { arm, clock }: TestAzure,
  argv: readonly string[],
  script: readonly (readonly [text: string, ...keys: string[]])[],
  stdoutIsTTY = true,
) {
  const terminal = new FakeTerminal({ columns: 100, env: { TERM: 'xterm' }, stdoutIsTTY })
  const { stdin, stdout, stderr } = terminal.io
  const env = {
    TERM: 'xterm',
    ML_INGEST_ARM_ENDPOINT: arm.endpoint,
    AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId,
  }
  const running = main([...argv, '--progress', 'plain', '--no-color'], {
    ...testDeps({ clock, env }),
    ...{ stdin, stdout, stderr },
  })
  await terminal.play(script)
  return { exitCode: await running, terminal, said: unwrapped(terminal.raw) }
}

const keysOf = ({ arm }: TestAzure) => {
  const { primaryKey, secondaryKey } = arm.directory.rules().find(({ hub }) => hub === 'clicks')!
  return { primary: primaryKey, secondary: secondaryKey }
}

test('a person is asked before each key, and sees each new string', async () => {
  const azure = await startWithHub()
  const before = keysOf(azure)
  const { exitCode, terminal, said } = await play(azure, ROTATE, [
    [FIRST, 'y', KEYS.enter],
    [SECOND, 'y', KEYS.enter],
  ])
  expect(exitCode).toBe(0)
  const after = keysOf(azure)
  expect([after.primary === before.primary, after.secondary === before.secondary]).toEqual([false, false])
  expect(terminal.stdout.match(/SharedAccessKey=[^;]+/g)).toEqual([
    `SharedAccessKey=${after.secondary}`,
    `SharedAccessKey=${after.primary}`,
  ])
  expect(said).toContain('Switch every reader and writer to the string above')
  expect(said).toContain('no when stage 1 was done already')
  expect(said).toContain('Do not run stage 1 again')
  expect(said).not.toContain('or whether stage 1 was done')
  expect(terminal.raw).not.toContain(after.primary)
})

test.each([
  ['Enter, which is a no', KEYS.enter],
  ['Ctrl+C', KEYS.ctrlC],
])('%s at the first question renews nothing', async (_, ...keys) => {
  const azure = await startWithHub()
  const before = keysOf(azure)
  const { exitCode, said } = await play(azure, ROTATE, [[FIRST, ...keys]])
  expect([exitCode, keysOf(azure)]).toEqual([130, before])
  expect(said).toContain('Cancelled. Nothing was changed.')
})

test.each([
  ['Enter, which is a no', KEYS.enter],
  ['Ctrl+C', KEYS.ctrlC],
])('%s at the second leaves the primary, and tells how to go on', async (_, ...keys) => {
  const azure = await startWithHub()
  const before = keysOf(azure)
  const { exitCode, said } = await play(azure, ROTATE, [
    [FIRST, 'y', KEYS.enter],
    [SECOND, ...keys],
  ])
  const after = keysOf(azure)
  expect([exitCode, after.primary === before.primary, after.secondary === before.secondary]).toEqual([130, true, false])
  expect(said).toContain('Stopped after stage 1: the primary key was not renewed')
  expect(said).toContain('The primary key works as before, and the new secondary key does too.')
  expect(said).toMatch(/npx ml-ingest rotate-key .*--stage 2/)
  expect(said).toContain('Do not run stage 1 again')
})

test('one stage alone is asked for once', async () => {
  const azure = await startWithHub()
  const before = keysOf(azure)
  const { exitCode, said } = await play(azure, [...ROTATE, '--stage', '2'], [[SECOND, 'y', KEYS.enter]])
  expect([exitCode, keysOf(azure).secondary]).toEqual([0, before.secondary])
  expect(keysOf(azure).primary).not.toBe(before.primary)
  expect(said).not.toContain(FIRST)
  expect(said).toContain('or whether stage 1 was done')
})

test.each([true, false])(
  'with --output the file gets each new string, in the format that is asked for',
  async (isTTY) => {
    const azure = await startWithHub()
    const file = join(temporaryFolder(), 'key')
    const script = [
      ['Format of the file?', 'raw'],
      ['❯ raw', KEYS.enter],
      [FIRST, 'y', KEYS.enter],
      [SECOND, 'y', KEYS.enter],
    ] as const
    const { exitCode, terminal, said } = await play(azure, [...ROTATE, '--output', file], script, isTTY)
    expect([exitCode, terminal.stdout]).toEqual([0, ''])
    expect(readFileSync(file, 'utf8')).toMatch(/^Endpoint=sb:\S+\n$/)
    expect(readFileSync(file, 'utf8')).toContain(keysOf(azure).primary)
    expect(said).toContain(`Switch every reader and writer to the string in ${file}`)
  },
)

test('stopped between the stages with --output, the command of stage 2 writes to the file as well', async () => {
  const azure = await startWithHub()
  const file = join(temporaryFolder(), 'key')
  const flags = ['--output', file, '--format', 'raw']
  const { exitCode, said } = await play(
    azure,
    [...ROTATE, ...flags],
    [
      [FIRST, 'y', KEYS.enter],
      [SECOND, KEYS.ctrlC],
    ],
  )
  expect(exitCode).toBe(130)
  expect(said).toContain(`--format raw --output ${quoted(file)} --force --stage 2`)
  expect(readFileSync(file, 'utf8')).toContain(keysOf(azure).secondary)
})

test.each([
  ['--yes', ['--yes'], true],
  ['--json', ['--json'], true],
  ['an answer that goes into a pipe', ['--format', 'raw'], false],
  ['--output and --yes', ['--output', 'x', '--format', 'raw', '--yes'], true],
] as const)('with %s nobody could say when all have switched: the stage has to be said', async (_, flags, isTTY) => {
  const azure = await startWithHub()
  const before = keysOf(azure)
  const { exitCode, said, terminal } = await play(azure, [...ROTATE, ...flags], [], isTTY)
  expect([exitCode, keysOf(azure)]).toEqual([2, before])
  expect(said + terminal.stdout).toContain('--stage')
})
