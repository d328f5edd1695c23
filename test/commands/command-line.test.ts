import { describe, expect, test } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { startTestAzure } from '../support/azure.ts'
import { runCli } from '../support/test-deps.ts'
import { documentOf, PLACE, unwrapped } from './support.ts'

const words = (line: string): readonly string[] => line.split(' ')

describe('a line that cannot be read', () => {
  test.each<[line: string, what: string, meant: string | undefined, help: string]>([
    ['vrify', 'there is no command vrify', 'verify', '--help'],
    ['Plan', 'there is no command Plan', 'plan', '--help'],
    ['lcoal start', 'there is no command lcoal', 'local', '--help'],
    ['version', 'there is no command version', '--version', '--help'],
    ['destroy', 'there is no command destroy', 'delete', '--help'],
    ['stop', 'there is no command stop', 'local stop', '--help'],
    ['local strat', 'there is no command local strat', 'local start', 'local --help'],
    ['local verify', 'there is no command local verify', 'verify', 'local --help'],
    ['local nope', 'there is no command local nope', undefined, 'local --help'],
    ['help nope', 'there is no command nope', undefined, '--help'],
    ['nope --help', 'there is no command nope', undefined, '--help'],
    ['constructor', 'there is no command constructor', undefined, '--help'],
    ['plan --retntion 7d', "unknown option '--retntion'", '--retention', 'plan --help'],
    ['plan --retntion=7d', "unknown option '--retntion=7d'", '--retention', 'plan --help'],
    ['plan --no-consumer-grou', "unknown option '--no-consumer-grou'", '--no-consumer-group', 'plan --help'],
    ['plan --consumer-grou x', "unknown option '--consumer-grou'", '--consumer-group', 'plan --help'],
    ['plan --hepl', "unknown option '--hepl'", '--help', 'plan --help'],
    ['--versoin', "unknown option '--versoin'", '--version', '--help'],
    // Its opposite is --no-capture.
    ['create --capture', "unknown option '--capture'", undefined, 'create --help'],
    // Similar to delete, which takes something away.
    ['delta', 'there is no command delta', undefined, '--help'],
    ['select', 'there is no command select', undefined, '--help'],
    ...Object.entries({
      ...{ list: ['ls', 'lst'], status: ['top', 'lag', 'health'], open: ['portal'] },
      ...{ send: ['put', 'produce', 'publish'], tail: ['consume', 'cat', 'read'] },
    }).flatMap(([meant, typed]) =>
      typed.map((word): [string, string, string, string] => [word, `there is no command ${word}`, meant, '--help']),
    ),
    ['tpo', 'there is no command tpo', undefined, '--help'],
    ['send --lcoal --smaple x', "unknown options '--lcoal', '--smaple'", '--local and --sample', 'send --help'],
    ['send --local --smaple=x --xyzzy', "unknown options '--smaple=x', '--xyzzy'", '--sample', 'send --help'],
  ])('%s', async (line, what, meant, help) => {
    const run = await runCli(words(line))
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    const hint = `See npx ml-ingest ${help}`
    expect(unwrapped(run.stderr).trim()).toBe(
      `✗ Can't read the command line: ${what} ${meant === undefined ? hint : `Did you mean ${meant}? ${hint}`}`,
    )
  })

  test.each<[line: string, command: string | null]>([
    ['vrify', null],
    ['local', null],
    ['local strat', null],
    ['vrify -n plan', null],
    ['--no-such-flag', null],
    ...PROGRAM.commands.map(({ name }): [string, string] => [`${name} --no-such-flag`, name]),
  ])('%s --json is about the command %s', async (line, command) => {
    const run = await runCli([...words(line), '--json'])
    expect(run).toMatchObject({ exitCode: 2, stderr: '' })
    expect(documentOf(run)).toMatchObject({ command, result: 'failed', error: { code: 'usage' } })
  })
})

test('what Git Bash made of an id is told, with how to keep it from that', async () => {
  const made = 'C:/Program Files/Git/subscriptions/x/resourceGroups/rg/providers/y'
  const line = ['create', '--local', '--yes', '--capture-account', made]
  const run = await runCli(line, { platform: 'win32', env: { MSYSTEM: 'MINGW64' } })
  expect(run.exitCode).toBe(2)
  expect(unwrapped(run.stderr)).toContain('put MSYS_NO_PATHCONV=1 before the command')
  const other = await runCli([...line.slice(0, -1), 'no account'], { platform: 'win32', env: { MSYSTEM: 'MINGW64' } })
  expect(other.stderr).not.toContain('MSYS_NO_PATHCONV')
})

test('a terminal that Git Bash hides is told where a question is missing, and nowhere else', async () => {
  const gitBash = { platform: 'win32', env: { MSYSTEM: 'MINGW64' } } as const
  expect((await runCli(['create'], gitBash)).stderr).toContain('Git Bash? Prefix with winpty')
  expect((await runCli(['create', '--no-such-flag'], gitBash)).stderr).not.toContain('winpty')
})

describe('help', () => {
  test.each([
    ['help', '--help'],
    ['help plan', 'plan --help'],
    ['plan help', 'plan --help'],
    ['local help', 'local --help'],
    ['help local', 'local --help'],
    ['help local tail', 'local tail --help'],
    ['local help tail', 'local tail --help'],
  ])('%s is %s', async (line, same) => {
    const run = await runCli(words(line))
    expect(run).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Usage: ml-ingest/m) as string,
    })
    expect(run).toEqual(await runCli(words(same)))
  })
})

describe('--consumer-group and --no-consumer-group', () => {
  const GROUP = ['--consumer-group', 'trainer']
  const NONE = ['--no-consumer-group']
  const PLAN = ['plan', ...PLACE, '--hub', 'clicks']
  const SET = { ML_INGEST_CONSUMER_GROUP: 'fromenv' }

  test.each([
    ['this order', [...GROUP, ...NONE], {}],
    ['the other order', [...NONE, ...GROUP], {}],
    ['this order, the variable set', [...GROUP, ...NONE], SET],
    ['the other order, the variable set', [...NONE, ...GROUP], SET],
  ])('contradict each other in %s', async (_, flags, env) => {
    const azure = await startTestAzure()
    const run = await azure.run([...PLAN, ...flags], { env })
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unwrapped(run.stderr)).toContain(
      '--consumer-group trainer contradicts --no-consumer-group. Give one of the two Nothing was changed. Correct it and run again.',
    )
    expect(azure.requests).toEqual([])
  })

  test.each<[string, readonly string[], readonly string[]]>([
    ['the variable', [], ['fromenv']],
    ['--consumer-group before the variable', GROUP, ['trainer']],
    ['--no-consumer-group before the variable', NONE, []],
    ['--no-consumer-group twice', [...NONE, ...NONE], []],
  ])('alone: %s', async (_, flags, groups) => {
    const azure = await startTestAzure()
    const { changes } = documentOf(await azure.run([...PLAN, ...flags, '--json'], { env: SET })) as unknown as {
      readonly changes: readonly { readonly kind: string; readonly name: string }[]
    }
    const made = changes.filter(({ kind }) => kind === 'consumer-group').map(({ name }) => name)
    expect(made).toEqual(groups)
  })
})
