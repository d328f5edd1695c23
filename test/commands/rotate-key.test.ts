import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
// Loaded lazily by the program; while a test loads it nothing else seems to happen, and its clock would run.
import '../../src/commands/rotate-key.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { LOCAL_SUBSCRIPTION } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import type { RotationDocument } from '../../src/ui/document-schema.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { testDeps } from '../support/test-deps.ts'
import { armSend, documentOf, NAMESPACE_PATH, PLACE, TARGET, unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const HUB = [...TARGET, '--hub', 'clicks']
const ROTATE = ['rotate-key', ...HUB]
const STAGE_1 = [...ROTATE, '--stage', '1', '--yes']
const STAGE_2 = [...ROTATE, '--stage', '2', '--yes']
const RAW = ['--format', 'raw']

const schema = JSON.parse(
  readFileSync(new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url), 'utf8'),
) as object
const isDocument = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

async function startWithHubs(options: Parameters<typeof startTestAzure>[0] = {}): Promise<TestAzure> {
  const azure = await startTestAzure(options)
  const made = ['create', ...PLACE, '--hub', 'clicks', '--hub', 'views', '--yes', '--no-connection']
  expect(await azure.run(made)).toMatchObject({ exitCode: 0 })
  azure.requests.length = 0
  return azure
}

interface Keys {
  readonly primary: string
  readonly secondary: string
}
const ruleIn = ({ arm }: TestAzure, hub: string | undefined, name: string): Keys => {
  const rule = arm.directory.rules().find((one) => one.name === name && one.hub === hub)!
  return { primary: rule.primaryKey, secondary: rule.secondaryKey }
}
const keysOf = (azure: TestAzure) => ruleIn(azure, 'clicks', 'ml-ingest-send-listen')
const rootOf = (azure: TestAzure) => ruleIn(azure, undefined, 'RootManageSharedAccessKey')
const renewals = (azure: TestAzure) =>
  azure.writes().map(({ method, path }) => `${method} ${path.split('?')[0]!.split('/').slice(-2).join('/')}`)

describe('a stage', () => {
  test.each([
    ['1', 'secondary', 'primary'],
    ['2', 'primary', 'secondary'],
  ] as const)(
    '%s renews the %s key, prints its string, and leaves the %s key as it is',
    async (stage, renewed, other) => {
      const azure = await startWithHubs()
      const [before, root] = [keysOf(azure), rootOf(azure)]
      const run = await azure.run([...ROTATE, '--stage', stage, '--yes', ...RAW])
      const after = keysOf(azure)
      expect(run.exitCode, run.stderr).toBe(0)
      expect(after[renewed]).not.toBe(before[renewed])
      expect(after[other]).toBe(before[other])
      expect(run.stdout).toMatch(/^Endpoint=sb:\S+;EntityPath=clicks\n$/)
      expect(run.stdout).toContain(`SharedAccessKey=${after[renewed]};`)
      expect(run.stderr).not.toContain(after[renewed])
      expect(rootOf(azure)).toEqual(root)
      expect(ruleIn(azure, 'views', 'ml-ingest-send-listen')).not.toEqual(after)
      expect(renewals(azure)).toEqual(['POST ml-ingest-send-listen/regenerateKeys'])
    },
  )

  test('1 names the command of stage 2, and 2 says that nobody can tell whether 1 came before', async () => {
    const azure = await startWithHubs()
    const first = await azure.run([...STAGE_1, ...RAW])
    expect(first.stderr).toContain('npx ml-ingest rotate-key')
    expect(first.stderr).toMatch(/--stage 2\n$/)
    expect(unwrapped(first.stderr)).toContain('including clients that switched to it after an earlier stage 1')
    expect(unwrapped(first.stderr)).toContain('Do not run stage 1 again')
    const second = await azure.run([...STAGE_2, ...RAW])
    expect(unwrapped(second.stderr)).toContain(
      'Azure does not show which client uses which key, or whether stage 1 was done.',
    )
    expect(unwrapped(second.stderr)).toContain('the next rotation, which starts by renewing it')
    expect(unwrapped(second.stderr)).not.toContain('Do not run stage 1 again')
  })

  test('done again renews again, and what is printed holds', async () => {
    const azure = await startWithHubs()
    const first = await azure.run([...STAGE_1, ...RAW])
    const again = await azure.run([...STAGE_1, ...RAW])
    expect(again.stdout).not.toBe(first.stdout)
    expect(again.stdout).toContain(keysOf(azure).secondary)
  })

  test('chooses the rule: of another access, by name, or the root rule, for which the hub need not exist', async () => {
    const azure = await startWithHubs()
    const rule = (path: string) =>
      armSend(azure.arm, 'PUT', `${NAMESPACE_PATH}${path}`, { properties: { rights: ['Listen'] } })
    await rule('/eventhubs/clicks/authorizationRules/ml-ingest-listen')
    await rule('/eventhubs/clicks/authorizationRules/theirs')
    await rule('/authorizationRules/everywhere')
    const kept = keysOf(azure)
    for (const [flags, name, end] of [
      [['--access', 'listen'], 'ml-ingest-listen', 'clicks'],
      [['--policy', 'theirs'], 'theirs', 'clicks'],
      [['--policy', 'everywhere'], 'everywhere', undefined],
    ] as const) {
      const run = await azure.run([...STAGE_1, ...flags, ...RAW])
      expect(run.exitCode, run.stderr).toBe(0)
      expect(run.stdout).toContain(ruleIn(azure, end, name).secondary)
      expect(run.stdout.includes('EntityPath')).toBe(end !== undefined)
    }
    const root = await azure.run(['rotate-key', ...TARGET, '--access', 'manage', '--stage', '1', '--yes', ...RAW])
    expect(root.stdout).toContain(rootOf(azure).secondary)
    expect(keysOf(azure)).toEqual(kept)
  })

  test('writes the new string to a file, and knows before that it may not', async () => {
    const azure = await startWithHubs()
    const cwd = temporaryFolder()
    const toFile = [...STAGE_1, '--format', 'dotenv', '--output', '.env']
    const run = await azure.run(toFile, { cwd })
    expect([run.exitCode, run.stdout]).toEqual([0, ''])
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toContain(keysOf(azure).secondary)
    expect(unwrapped(run.stderr)).toContain(
      'Switch every reader and writer to the string in .env, which has the new key.',
    )
    const next = run.stderr.trimEnd().split('\n').at(-1)!
    expect(next).toMatch(/^ {2}npx ml-ingest rotate-key .*--format dotenv .*--output \.env --force --stage 2$/)
    const second = await azure.run(next.trim().split(' ').slice(2), { cwd })
    expect([second.exitCode, second.stdout]).toEqual([0, ''])
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toContain(keysOf(azure).primary)
    writeFileSync(join(cwd, '.env'), 'mine')
    const before = keysOf(azure)
    expect((await azure.run(toFile, { cwd })).exitCode).toBe(2)
    expect(keysOf(azure)).toEqual(before)
    expect((await azure.run([...toFile, '--force'], { cwd })).exitCode).toBe(0)
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toContain(keysOf(azure).secondary)
  })
})

describe('as a document', () => {
  test('it holds the new string, and the command of the next stage', async () => {
    const azure = await startWithHubs()
    const documents: RotationDocument[] = []
    for (const argv of [STAGE_1, STAGE_2]) {
      const run = await azure.run([...argv, '--json'])
      const document = JSON.parse(run.stdout) as RotationDocument
      expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
      documents.push(document)
    }
    const { primary, secondary } = keysOf(azure)
    expect(documents.map(({ note }) => note.includes('Do not run stage 1 again'))).toEqual([true, false])
    const said = documents.map(({ stage, renewed, next, connections: [one] }) => ({
      ...{ stage, renewed, key: one!.key, rule: one!.rule },
      ...{ hasNew: one!.connectionString!.includes(stage === 1 ? secondary : primary), next },
    }))
    expect(said).toEqual([
      {
        ...{ stage: 1, renewed: 'secondary', key: 'secondary', rule: 'ml-ingest-send-listen', hasNew: true },
        next: expect.stringMatching(/^npx ml-ingest rotate-key .*--json --stage 2$/) as string,
      },
      { stage: 2, renewed: 'primary', key: 'primary', rule: 'ml-ingest-send-listen', hasNew: true, next: null },
    ])
  })

  test('with --output the string is in the file alone', async () => {
    const azure = await startWithHubs()
    const cwd = temporaryFolder()
    const run = await azure.run([...STAGE_1, '--json', '--output', 'key.json'], { cwd })
    const { secondary } = keysOf(azure)
    expect(run.stdout).not.toContain(secondary)
    const { connections, next } = JSON.parse(run.stdout) as RotationDocument
    expect(connections[0]!.connectionString).toBeNull()
    expect(next).toMatch(/--json --output key\.json --force --stage 2$/)
    expect(readFileSync(join(cwd, 'key.json'), 'utf8')).toContain(secondary)
  })

  test('of a run that renewed nothing it is that of any run', async () => {
    const azure = await startTestAzure()
    const run = await azure.run([...STAGE_1, '--json'])
    expect(documentOf(run)).toMatchObject({
      command: 'rotate-key',
      result: 'failed',
      exitCode: 1,
      error: { code: 'absent' },
    })
  })
})

test('CI hides string and key before they are printed, and gets outputs without them', async () => {
  const azure = await startWithHubs()
  const file = join(temporaryFolder(), 'outputs')
  const run = await azure.run([...STAGE_1, ...RAW], { env: { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: file } })
  const { secondary } = keysOf(azure)
  expect(run.stderr.split('\n').filter((line) => line.startsWith('::add-mask::'))).toEqual([
    `::add-mask::${run.stdout.trim()}`,
    `::add-mask::${secondary}`,
  ])
  expect(readFileSync(file, 'utf8')).not.toContain(secondary)
})

describe('nothing is renewed', () => {
  const untouched = async (azure: TestAzure, argv: readonly string[], exitCode: number, options = {}) => {
    const before = [keysOf(azure), rootOf(azure)]
    const run = await azure.run(argv, options)
    expect(run.exitCode, run.stderr).toBe(exitCode)
    expect(run.stdout).toBe('')
    expect(renewals(azure)).toEqual([])
    expect([keysOf(azure), rootOf(azure)]).toEqual(before)
    return unwrapped(run.stderr)
  }

  test('while stage, agreement and format are not said: all are listed, and nothing is sent', async () => {
    const azure = await startWithHubs()
    const said = await untouched(azure, ROTATE, 2)
    for (const flag of ['--stage <n>', '-y, --yes', '--format <format>']) expect(said).toContain(flag)
    expect(said).toMatch(/npx ml-ingest rotate-key .*--yes --stage 1 --format dotenv/)
    expect(azure.requests).toEqual([])
    expect(await untouched(azure, [...ROTATE, '--stage', '3', '--yes', ...RAW], 2)).toContain('is not a stage')
    expect(await untouched(azure, [...ROTATE, '--yes', ...RAW], 2)).toContain('--stage')
  })

  test.each(['python', 'ipynb', 'node', 'java', 'spark', 'databricks', 'fabric'])(
    'with a format that holds no string: %s',
    async (format) => {
      const azure = await startWithHubs()
      const said = await untouched(azure, [...ROTATE, '--stage', '1', '--yes', '--format', format], 2)
      expect(said).toContain(`--format ${format} does not contain the connection string`)
    },
  )

  test('of several hubs at once, which are named', async () => {
    const azure = await startWithHubs()
    const argv = ['rotate-key', ...TARGET, '--hub', 'clicks', '--hub', 'views', '--stage', '1', '--yes', ...RAW]
    expect(await untouched(azure, argv, 2)).toContain(
      'has to name one hub, because keys are renewed hub by hub: clicks, views',
    )
  })

  test.each([
    ['a rule that is not there', ['--access', 'listen'], 1, 'there is no access rule ml-ingest-listen for hub clicks'],
    ['a hub that is not there', ['--hub', 'nope'], 1, 'there is no hub nope'],
    ['a format that cannot be made', ['--format', 'kafka'], 2, "Can't give Kafka settings"],
  ])('for %s', async (_, flags, exitCode, words) => {
    const azure = await startWithHubs()
    const format = flags.includes('--format') ? [] : RAW
    const target = flags.includes('--hub') ? TARGET : HUB
    const argv = ['rotate-key', ...target, '--stage', '1', '--yes', ...flags, ...format]
    expect(await untouched(azure, argv, exitCode)).toContain(words)
  })

  test('where keys are off', async () => {
    const azure = await startWithHubs()
    await armSend(azure.arm, 'PATCH', NAMESPACE_PATH, { properties: { disableLocalAuth: true } })
    azure.requests.length = 0
    const said = await untouched(azure, [...STAGE_1, ...RAW], 4)
    expect(said).toContain('takes no keys')
    expect(said).toMatch(
      /: npx ml-ingest show-connection -s \S+ -g rg-clicks -n ns-clicks-test --hub clicks --format text $/,
    )
  })

  test.each([
    ['a namespace', ['-n', 'ns-nope-1', '--hub', 'a'], 'namespace ns-nope-1', '-n ns-nope-1 --hub a'],
    ['a hub', ['-n', 'ns-clicks-test', '--hub', 'nope'], 'hub nope', '-n ns-clicks-test --hub nope'],
    [
      'a rule',
      ['-n', 'ns-clicks-test', '--hub', 'clicks', '--access', 'send'],
      'access rule ml-ingest-send',
      '-n ns-clicks-test --hub clicks --access send',
    ],
  ])('without %s: the command that makes it is whole, about this target', async (_, flags, what, target) => {
    const azure = await startWithHubs()
    const argv = ['rotate-key', '-g', 'rg-clicks', ...flags, '--stage', '1', '--yes', ...RAW]
    const said = await untouched(azure, argv, 1)
    expect(said).toContain(`Can't renew a key: there is no ${what}`)
    expect(said.trimEnd()).toMatch(new RegExp(`or make it with: npx ml-ingest create -s \\S+ -g rg-clicks ${target}$`))
    const verified = await azure.run(['verify', '-g', 'rg-clicks', ...flags])
    expect(verified.stderr).toContain(`Can't try a connection: there is no ${what}`)
  })

  test.each([
    ['403', 3, 'Ask an owner', 'No key was renewed: every string works as before.'],
    ['locked', 4, 'A lock', 'No key was renewed: every string works as before.'],
  ] as const)('after %s, which is told', async (kind, exitCode, why, holds) => {
    const azure = await startWithHubs()
    azure.arm.faults.add({ kind, path: 'regenerateKeys' })
    const before = keysOf(azure)
    const run = await azure.run([...STAGE_1, ...RAW])
    expect([run.exitCode, keysOf(azure)]).toEqual([exitCode, before])
    expect(unwrapped(run.stderr)).toContain(why)
    expect(unwrapped(run.stderr)).toContain(holds)
  })
})

describe('an Azure in trouble', () => {
  test.each(['429', '503', 'in-transition', 'reset', 'hang-up-after-write'] as const)(
    '%s passes: what is printed is what holds',
    async (kind) => {
      const azure = await startWithHubs()
      azure.arm.faults.add({ kind, path: 'regenerateKeys', times: 2 })
      const before = keysOf(azure)
      const run = await azure.run([...STAGE_1, ...RAW])
      expect(run.exitCode, run.stderr).toBe(0)
      const { primary, secondary } = keysOf(azure)
      expect(primary).toBe(before.primary)
      expect(secondary).not.toBe(before.secondary)
      expect(run.stdout).toContain(secondary)
    },
  )

  test('an answer that never comes leaves it open, and says which string works for sure', async () => {
    const azure = await startWithHubs()
    azure.arm.faults.add({ kind: 'hang-up-after-write', path: 'regenerateKeys' })
    for (const [argv, holds] of [
      [STAGE_1, 'Whether the secondary key was renewed is not known. Strings with the primary key work as before.'],
      [STAGE_2, 'Whether the primary key was renewed is not known. Strings with the secondary key work as before.'],
    ] as const) {
      const run = await azure.run([...argv, ...RAW])
      expect([run.exitCode, run.stdout]).toEqual([1, ''])
      expect(unwrapped(run.stderr)).toContain(holds)
      expect(unwrapped(run.stderr)).toMatch(/Run the same stage again.*npx ml-ingest rotate-key .*--stage \d/)
    }
  })

  test('the time that is over while Azure puts it off has renewed nothing', async () => {
    const azure = await startWithHubs()
    azure.arm.faults.add({ kind: '429', path: 'regenerateKeys' })
    const before = keysOf(azure)
    const run = await azure.run([...STAGE_2, ...RAW, '--timeout', '2m'])
    expect([run.exitCode, keysOf(azure)]).toEqual([7, before])
    expect(unwrapped(run.stderr)).toContain('The primary key was not renewed: strings with either key work as before.')
  })

  test('a stop while Azure is at it tells nobody to press a key where nobody is', async () => {
    const stop = new AbortController()
    const azure = await startWithHubs({
      onRequest: ({ path }) => {
        if (path.includes('regenerateKeys')) stop.abort(new Interruption('timeout'))
      },
    })
    azure.arm.faults.add({ kind: '503', path: 'regenerateKeys', times: 1 })
    const run = await azure.run([...STAGE_1, ...RAW], { stop: stop.signal })
    expect(run.stderr).toContain('Stopping. Azure keeps working on what it accepted.\n')
    expect(run.stderr).not.toContain('Ctrl+C')
  })

  test('an interruption before anything was asked is a plain one', async () => {
    const azure = await startWithHubs()
    const stop = new AbortController()
    stop.abort(new Interruption('SIGINT'))
    const run = await azure.run([...STAGE_1, ...RAW], { stop: stop.signal })
    expect(run.exitCode).toBe(130)
    expect(run.stderr).toContain('Cancelled. Nothing was changed.')
  })
})

describe('a place for the new string that cannot be written', () => {
  test('is told before the key is renewed', async () => {
    const azure = await startWithHubs()
    const before = keysOf(azure)
    for (const output of ['/proc/z.env', join(temporaryFolder(), 'no', 'z.env')]) {
      const run = await azure.run([...STAGE_1, '--format', 'dotenv', '--output', output])
      expect(run).toMatchObject({ exitCode: 2, stdout: '' })
      expect(run.stderr).toContain(`Can't write to ${output}`)
    }
    expect(keysOf(azure)).toEqual(before)
    expect(renewals(azure)).toEqual([])
  })

  test('is left as it was where the renewal fails', async () => {
    const azure = await startWithHubs()
    const folder = temporaryFolder()
    azure.arm.faults.add({ kind: '403', method: 'POST', path: '/regenerateKeys' })
    const run = await azure.run([...STAGE_1, '--format', 'dotenv', '--output', join(folder, 'z.env')])
    expect(run.exitCode).toBe(3)
    expect(readdirSync(folder)).toEqual([])
  })

  /** Runs the command that the message names. */
  const asAdvised = (azure: TestAzure, text: string) => {
    const [, line = ''] = /npx ml-ingest (show-connection .*)/.exec(text) ?? []
    return azure.run(line.split(' '))
  }

  test.each([
    ['1', 'secondary', []],
    ['2', 'primary', []],
    ['1', 'secondary', ['--json']],
  ] as const)(
    'after the renewal of stage %s is said with the command that shows the string: %s %j',
    async (stage, key, json) => {
      const output = join(temporaryFolder(), 'z.env')
      const azure = await startWithHubs({
        onRequest: ({ path }) => {
          if (path.includes('/regenerateKeys')) writeFileSync(output, 'theirs')
        },
      })
      const format = json.length > 0 ? json : ['--format', 'dotenv']
      const run = await azure.run([...ROTATE, '--stage', stage, '--yes', ...format, '--output', output])
      expect(run.exitCode).toBe(1)
      const { message, hint } = json.length > 0 ? documentOf(run).error! : { message: run.stderr, hint: run.stderr }
      expect(unwrapped(message)).toContain(`The ${key} key is new, but its string could not be written to ${output}`)
      expect(readdirSync(dirname(output))).toEqual(['z.env'])
      expect(readFileSync(output, 'utf8')).toBe('theirs')
      expect((await asAdvised(azure, hint!)).stdout).toContain(keysOf(azure)[key])
    },
  )

  test.each([[RAW], [['--json']]])('is stdout, which fails: %j', async (format) => {
    const azure = await startWithHubs()
    const env = { ML_INGEST_ARM_ENDPOINT: azure.arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
    const deps = testDeps({ clock: azure.clock, env })
    const full = new Writable({
      write: (_chunk, _encoding, done) => done(new Error('ENOSPC: no space left on device')),
    })
    expect(await main([...STAGE_1, ...format], { ...deps, stdout: full })).toBe(1)
    expect(unwrapped(deps.stderr.text)).toContain('The secondary key is new, but its string could not be printed')
    expect(deps.stderr.text).toContain('no space left on device')
    expect((await asAdvised(azure, deps.stderr.text)).stdout).toContain(keysOf(azure).secondary)
  })
})
