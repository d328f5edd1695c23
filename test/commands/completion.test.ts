import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { runCli, type TestOptions } from '../support/test-deps.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MANIFEST = `version: 1
hubs: [{ name: clicks }]
environments:
  dev: { namespace: ns-clicks-dev }
  prod: { namespace: ns-clicks-prod }
`

/** The lines for words of which the last one is being typed. */
async function linesFor(words: readonly string[], options?: TestOptions): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await runCli(['complete', '--', ...words], options)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout.split('\n').slice(0, -1)
}

/** The candidates, without what is said about them. */
const offered = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await linesFor(words)).map((line) => line.split('\t')[0] ?? '')

describe('what is offered', () => {
  test('commands, and what is said about them', async () => {
    const lines = await linesFor([''])
    expect(lines.map((line) => line.split('\t')[0])).toEqual([
      ...[
        'create',
        'plan',
        'size',
        'show-connection',
        'verify',
        'status',
        'send',
        'tail',
        'capture',
        'list',
        'open',
        'delete',
        'rotate-key',
        'local',
        'completion',
        'help',
      ],
      ...['--help', '--version'],
    ])
    expect(lines).toContain('plan\tshow what create would change; never writes')
    expect(await offered('help', 'show')).toEqual(['show-connection'])
    expect(await offered('local', 'st')).toEqual(['start', 'stop', 'status'])
    expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish', 'powershell', '--help'])
    expect(await offered('creat', '')).toEqual([])
  })

  test('flags of the command', async () => {
    expect(await offered('create', '--retent')).toEqual(['--retention'])
    expect(await offered('create', '--no-con')).toEqual(['--no-consumer-group', '--no-connection'])
    expect(await offered('show-connection', '--retent')).toEqual([])
    expect(await offered('local', 'start', '--am')).toEqual(['--amqp-port'])
    expect(await offered('create', '--hub', '--ti')).toEqual([])
  })

  test('values, after a blank and after =', async () => {
    expect(await offered('create', '--tier', '')).toEqual(['Basic', 'Standard', 'Premium'])
    expect(await offered('create', '--tier=')).toEqual(['--tier=Basic', '--tier=Standard', '--tier=Premium'])
    expect(await offered('create', '-l', 'weste')).toEqual(['westeurope'])
    expect(await offered('show-connection', '--format', 'lib')).toEqual(['librdkafka'])
    expect(await offered('plan', '--access=send-')).toEqual(['--access=send-listen'])
    expect(await offered('plan', '--auth', 'man')).toEqual(['managed-identity'])
    expect(await offered('plan', '--cloud', 'AzureU')).toEqual(['AzureUSGovernment'])
    expect(await offered('plan', '--progress', '')).toEqual(['auto', 'plain', 'none'])
    expect(await offered('create', '--capacity', '')).toEqual([])
  })

  test.each([
    ['create', '--file', ''],
    ['create', '-f', 'm'],
    ['create', '--save', ''],
    ['show-connection', '--output='],
    ['local', 'start', '--config', ''],
    ['local', 'stop', '--data', ''],
    ['local', 'send', 'clicks', ''],
    ['local', 'exec', '--hub', 'clicks', '--', 'node', ''],
    ['show-connection', '--format', 'env', '>', ''],
    ['show-connection', '2>err'],
  ])('files: %s %s %s', async (...words) => expect(await linesFor(words)).toEqual([':files']))

  test('a flag whose value may be left out, and what follows a redirection', async () => {
    expect(await offered('create', '--save', '--y')).toEqual(['--yes'])
    expect(await offered('show-connection', '>', 'out.txt', '--forc')).toEqual(['--force'])
  })

  test('environments of the manifest, unless a name could be read as something else', async () => {
    const cwd = temporaryFolder()
    const write = (name: string, text: string) => writeFile(join(cwd, name), text)
    expect(await linesFor(['plan', '-e', ''], { cwd })).toEqual([])
    await write('ml-ingest.yaml', `${MANIFEST}  "$(touch pwned)": { namespace: ns-clicks-eve }\n`)
    expect(await linesFor(['plan', '-e', ''], { cwd })).toEqual(['dev', 'prod'])
    await write('other one.yaml', MANIFEST.replace('dev', 'test'))
    const OTHER = ['--env=test', '--env=prod']
    expect(await linesFor(['plan', '-f', 'other one.yaml', '--env='], { cwd })).toEqual(OTHER)
    const [HOME, FILE] = [cwd, 'other one.yaml']
    expect(await linesFor(['plan', '--file=~/other one.yaml', '--env='], { env: { HOME } })).toEqual(OTHER)
    expect(await linesFor(['plan', '-e', 't'], { cwd, env: { ML_INGEST_FILE: FILE } })).toEqual(['test'])
    await write('ml-ingest.yaml', 'version: [')
    expect(await linesFor(['plan', '-e', ''], { cwd })).toEqual([])
  })

  test('nothing that takes more than one line', async () => {
    const all = await Promise.all(PROGRAM.commands.map(({ name }) => linesFor([...name.split(' '), '-'])))
    for (const line of all.flat()) expect(line).toMatch(/^--[a-z-]+\t[ -~]+$/)
  })
})

describe('the scripts', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])('of %s evaluates nothing', async (shell) => {
    const { stdout } = await runCli(['completion', shell])
    expect(stdout).toContain('ml-ingest complete')
    expect(stdout).not.toMatch(/\b(eval|source|iex|Invoke-\w+|bash -c|sh -c)\b|\$\{!|\(e\)|compgen -W/i)
  })

  test('of PowerShell hands the words over in a variable, one a line', async () => {
    expect((await runCli(['completion', 'powershell'])).stdout).toContain('Register-ArgumentCompleter -Native')
    const env = { ML_INGEST_COMPLETE: 'create\n--tier=$(touch pwned)\n--tier\nSt' }
    expect((await runCli(['complete'], { env })).stdout).toBe('Standard\n')
    expect(await runCli(['complete'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('an unknown shell is told which there are', async () => {
    const unknown = await runCli(['completion', 'tcsh'])
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unknown.stderr).toContain('bash, zsh, fish, powershell')
  })
})
