import { execFileSync, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Deps } from '../../src/run/invocation.ts'
import type { Seed } from '../../src/local/index.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { modeHere, modeOf } from '../support/mode.ts'
import {
  armSend,
  BIG_CREATE,
  documentOf,
  GROUP,
  GROUP_PATH,
  NAMESPACE,
  NAMESPACE_PATH,
  SMALL_CREATE,
  TARGET,
  unwrapped,
} from './support.ts'
import { tapWire } from './wire-tap.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SHOW = ['show-connection', ...TARGET, '--hub', 'clicks']
const HOST = `${NAMESPACE}.servicebus.windows.net`

async function madeAzure(): Promise<TestAzure> {
  const azure = await startTestAzure()
  expect(await azure.run(SMALL_CREATE)).toMatchObject({ exitCode: 0 })
  azure.requests.length = 0
  return azure
}

/** The wire as real Azure speaks it: connection strings name the namespace's own host. */
const asInTheCloud = (azure: TestAzure) =>
  tapWire(azure, {
    edit: (text) =>
      text
        .replaceAll('sb://localhost', `sb://${HOST}/`)
        .replaceAll('UseDevelopmentEmulator=true;', '')
        .replaceAll(';UseDevelopmentEmulator=true', ''),
  })

const keyOf = ({ arm }: TestAzure, rule = 'ml-ingest-send-listen', secondary = false): string => {
  const found = arm.store.state.namespaces.get(NAMESPACE)!.hubs.get('clicks')!.rules.get(rule)!
  return secondary ? found.secondaryKey : found.primaryKey
}

describe('formats', () => {
  const string = `Endpoint=sb://${HOST}/;SharedAccessKeyName=ml-ingest-send-listen;SharedAccessKey=KEY;EntityPath=clicks`
  const cases: readonly (readonly [format: string, stdout: string | RegExp])[] = [
    ['raw', `${string}\n`],
    ['env', `export EVENTHUB_CONNECTION_STRING='${string}'\nexport EVENTHUB_NAME='clicks'\n`],
    ['powershell', /^# .*\n\$Env:EVENTHUB_CONNECTION_STRING = '.*KEY.*'\n\$Env:EVENTHUB_NAME = 'clicks'\n$/],
    ['fish', `set -gx EVENTHUB_CONNECTION_STRING '${string}'\nset -gx EVENTHUB_NAME 'clicks'\n`],
    ['cmd', /set "EVENTHUB_CONNECTION_STRING=Endpoint=[^"]*KEY[^"]*"/],
    ['dotenv', `EVENTHUB_CONNECTION_STRING='${string}'\nEVENTHUB_NAME='clicks'\n`],
    ['env-file', `EVENTHUB_CONNECTION_STRING=${string}\nEVENTHUB_NAME=clicks\n`],
    ['compose', /EVENTHUB_CONNECTION_STRING[^]*KEY/],
    [
      'text',
      /Namespace +ns-clicks-test\n *Host +ns-clicks-test\.servicebus\.windows\.net[^]*Hub +clicks[^]*Consumer groups +trainer[^]*Right +send, listen[^]*Rule +ml-ingest-send-listen[^]*Connection\nEndpoint=\S+KEY\S*\n$/,
    ],
    ['json', /"connectionString": "Endpoint=[^"]*KEY[^"]*"/],
    ['kafka', new RegExp(`bootstrap\\.servers=${HOST}:9093[^]*\\$ConnectionString[^]*KEY`)],
    ['librdkafka', new RegExp(`bootstrap\\.servers=${HOST}:9093[^]*sasl\\.password=[^]*KEY`)],
    ['python', /^(?![^]*KEY)[^]*EVENTHUB_CONNECTION_STRING/],
    ['node', /^(?![^]*KEY)[^]*EVENTHUB_CONNECTION_STRING/],
    ['java', /^(?![^]*KEY)[^]*EVENTHUB_CONNECTION_STRING/],
    ['spark', /^(?![^]*KEY)[^]*EVENTHUB_CONNECTION_STRING/],
    ['ipynb', /^(?![^]*KEY)\{[^]*EVENTHUB_CONNECTION_STRING[^]*"nbformat": 4/],
    ['databricks', /^(?![^]*KEY)[^]*eventhub-connection-string/],
    ['fabric', /^(?![^]*KEY)[^]*eventhub-connection-string/],
  ]

  test.each(cases)('%s', async (format, wanted) => {
    const azure = await madeAzure()
    const tap = await asInTheCloud(azure)
    const run = await azure.run([...SHOW, '--format', format], { env: tap.env })
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const stdout = run.stdout.replaceAll(keyOf(azure), 'KEY')
    if (typeof wanted === 'string') expect(stdout).toBe(wanted)
    else expect(stdout).toMatch(wanted)
    expect(azure.writes()).toEqual([])
  })

  test.each(['spark', 'databricks', 'fabric'])('%s is not for the embedded Azure', async (format) => {
    const azure = await madeAzure()
    const run = await azure.run([...SHOW, '--format', format])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain(`Can't give ${format} settings for the embedded Azure`)
  })

  test.each(['kafka', 'librdkafka'])('%s is not for an embedded Azure that serves no Kafka', async (format) => {
    const azure = await madeAzure()
    const run = await azure.run([...SHOW, '--format', format])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unwrapped(run.stderr)).toContain('was started by an older version')
  })

  test('--json is --format json', async () => {
    const azure = await madeAzure()
    const json = await azure.run([...SHOW, '--json'])
    expect(documentOf(json)).toMatchObject({
      command: 'show-connection',
      result: 'ok',
      target: { resourceGroup: GROUP, namespace: NAMESPACE },
      connections: [
        {
          hub: 'clicks',
          namespaceId: NAMESPACE_PATH,
          consumerGroups: ['trainer'],
          auth: 'sas',
          rule: 'ml-ingest-send-listen',
          ruleScope: 'hub',
          rights: ['Send', 'Listen'],
          key: 'primary',
          roles: [],
        },
      ],
    })
    expect((await azure.run([...SHOW, '--format', 'json'])).stdout).toBe(json.stdout)
  })

  test('--name names the one variable', async () => {
    const azure = await madeAzure()
    const run = await azure.run([...SHOW, '--format', 'env', '--name', 'EH'])
    expect(run.stdout).toMatch(/^export EH='Endpoint=[^']+'\n$/)
    expect((await azure.run([...SHOW, '--format', 'python', '--name', 'EH'])).stdout).toContain('EH')
  })

  test('--hub-name names the variable of the hub', async () => {
    const azure = await madeAzure()
    const run = await azure.run([...SHOW, '--format', 'env', '--name', 'EH', '--hub-name', 'HUB'])
    expect(run.stdout).toMatch(/^export EH='Endpoint=[^']+'\nexport HUB='clicks'\n$/)
    const program = await azure.run([...SHOW, '--format', 'node', '--hub-name', 'HUB'])
    expect(program.stdout).toContain('process.env.HUB')
  })

  test.each(['--name X --hub-name x', '--hub-name EVENTHUB_CONNECTION_STRING'])(
    'one variable for both is a contradiction: %s',
    async (names) => {
      const azure = await startTestAzure()
      const run = await azure.run([...SHOW, '--format', 'env', ...names.split(' ')])
      expect(run).toMatchObject({ exitCode: 2, stdout: '' })
      expect(unwrapped(run.stderr)).toContain('is the variable of the connection string, too')
      expect(azure.requests).toEqual([])
    },
  )
})

describe('several hubs', () => {
  const hubs = ['--hub', 'clicks', '--hub', 'views', '--hub', 'orders']

  test.each(['raw', 'text', 'json'])('%s holds them all, in the order of the flags', async (format) => {
    const azure = await startTestAzure()
    await azure.run(BIG_CREATE)
    const run = await azure.run(['show-connection', ...TARGET, ...hubs, '--format', format])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect([...run.stdout.matchAll(/EntityPath=(\w+)/g)].map(([, hub]) => hub)).toEqual(['clicks', 'views', 'orders'])
  })

  test.each(['env', 'dotenv', 'compose', 'python'])('%s would hide one behind the other', async (format) => {
    const azure = await startTestAzure()
    await azure.run(BIG_CREATE)
    const run = await azure.run(['show-connection', ...TARGET, ...hubs, '--format', format])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unwrapped(run.stderr)).toContain('clicks, views, orders')
  })
})

describe('which key', () => {
  test('--secondary', async () => {
    const azure = await madeAzure()
    const run = await azure.run([...SHOW, '--format', 'raw', '--secondary'])
    expect(run.stdout).toContain(keyOf(azure, 'ml-ingest-send-listen', true))
    expect(run.stdout).not.toContain(keyOf(azure))
    expect(documentOf(await azure.run([...SHOW, '--json', '--secondary'])).connections[0]).toMatchObject({
      key: 'secondary',
    })
  })

  test.each([
    ['listen', ['Listen']],
    ['send', ['Send']],
    ['send-listen', ['Send', 'Listen']],
  ])('--access %s', async (access, rights) => {
    const azure = await startTestAzure()
    await azure.run([...SMALL_CREATE, '--access', access])
    const [connection] = documentOf(await azure.run([...SHOW, '--json', '--access', access])).connections
    expect(connection).toMatchObject({ rule: `ml-ingest-${access}`, ruleScope: 'hub', rights })
    expect(connection!.connectionString).toContain(keyOf(azure, `ml-ingest-${access}`))
  })

  test('--access manage is the root key of the namespace, without a hub in the string', async () => {
    const azure = await madeAzure()
    const [connection] = documentOf(await azure.run([...SHOW, '--json', '--access', 'manage'])).connections
    expect(connection).toMatchObject({
      rule: 'RootManageSharedAccessKey',
      ruleScope: 'namespace',
      rights: expect.arrayContaining(['Manage', 'Send', 'Listen']) as unknown,
    })
    expect(connection!.connectionString).not.toContain('EntityPath')
    const text = await azure.run([...SHOW, '--format', 'text', '--access', 'manage'])
    expect(text.stdout).toContain('opens every hub')
  })

  const WITH_POLICIES: Seed = {
    namespaces: [
      {
        group: GROUP,
        name: NAMESPACE,
        rules: [
          { name: 'everywhere', rights: ['Listen'] },
          { name: 'both', rights: ['Listen'] },
        ],
        hubs: [
          {
            name: 'clicks',
            rules: [
              { name: 'here', rights: ['Send'] },
              { name: 'both', rights: ['Send'] },
            ],
          },
        ],
      },
    ],
  }

  test.each([
    ['here', 'hub', ['Send']],
    ['everywhere', 'namespace', ['Listen']],
    ['both', 'hub', ['Send']],
    ['HERE', 'hub', ['Send']],
  ])('--policy %s', async (policy, ruleScope, rights) => {
    const azure = await startTestAzure({ seed: WITH_POLICIES })
    expect(documentOf(await azure.run([...SHOW, '--json', '--policy', policy])).connections).toMatchObject([
      { rule: policy.toLowerCase(), ruleScope, rights },
    ])
    expect(azure.writes()).toEqual([])
  })
})

describe('what is not there', () => {
  const seeds: readonly (readonly [string, Seed, readonly string[], RegExp])[] = [
    ['group', {}, [], /no resource group rg-clicks in the subscription/],
    ['namespace', { groups: [{ name: GROUP }] }, [], /no namespace ns-clicks-test/],
    ['hub', { namespaces: [{ group: GROUP, name: NAMESPACE }] }, [], /no hub clicks in namespace ns-clicks-test/],
    [
      'rule',
      { namespaces: [{ group: GROUP, name: NAMESPACE, hubs: [{ name: 'clicks' }] }] },
      [],
      /no access rule ml-ingest-send-listen for hub clicks/,
    ],
    [
      'policy',
      { namespaces: [{ group: GROUP, name: NAMESPACE, hubs: [{ name: 'clicks' }] }] },
      ['--policy', 'x'],
      /no access rule x for hub clicks/,
    ],
  ]

  test.each(seeds)('%s: exit 1, and what makes it', async (_, seed, flags, says) => {
    const azure = await startTestAzure({ seed })
    const text = await azure.run([...SHOW, ...flags, '--format', 'raw'])
    expect(text).toMatchObject({ exitCode: 1, stdout: '' })
    expect(unwrapped(text.stderr)).toMatch(says)
    expect(unwrapped(text.stderr)).toMatch(/npx ml-ingest create|--policy/)
    expect(documentOf(await azure.run([...SHOW, ...flags, '--json']))).toMatchObject({
      result: 'failed',
      exitCode: 1,
      connections: [],
      error: { code: 'absent' },
    })
    expect(azure.writes()).toEqual([])
  })
})

test.each([
  ['the namespace', NAMESPACE_PATH, `Namespace ${NAMESPACE} is being deleted`],
  ['the resource group', GROUP_PATH, `Resource group ${GROUP} is being deleted`],
])('says that %s is being deleted', async (_, path, said) => {
  const azure = await startTestAzure({
    provisioningMs: 60_000,
    seed: {
      namespaces: [
        {
          group: GROUP,
          name: NAMESPACE,
          hubs: [{ name: 'clicks', rules: [{ name: 'ml-ingest-send-listen', rights: ['Send', 'Listen'] }] }],
        },
      ],
    },
  })
  expect(await armSend(azure.arm, 'DELETE', path)).toBe(202)
  const run = await azure.run([...SHOW, '--format', 'raw'])
  expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('SharedAccessKey=') as string })
  expect(unwrapped(run.stderr)).toContain(`${said}: this connection is about to stop working.`)
})

describe('local authentication is off', () => {
  const seed: Seed = {
    namespaces: [
      {
        group: GROUP,
        name: NAMESPACE,
        properties: { disableLocalAuth: true },
        hubs: [{ name: 'clicks', consumerGroups: [{ name: 'trainer' }] }],
      },
    ],
  }

  test('rows name host, roles and how to give them; no key is made or asked for', async () => {
    const azure = await startTestAzure({ seed })
    const [shown, made] = [await azure.run([...SHOW, '--format', 'text']), await azure.run(SMALL_CREATE)]
    expect([shown.exitCode, made.exitCode, made.stdout]).toEqual([0, 0, ''])
    for (const told of [unwrapped(shown.stdout), unwrapped(made.stderr)]) {
      expect(told).toContain('Microsoft Entra ID')
      expect(told).toContain('Azure Event Hubs Data Sender, Azure Event Hubs Data Receiver')
      expect(told).toContain(
        `az role assignment create --role 'Azure Event Hubs Data Sender' --assignee PRINCIPAL_ID --scope ${NAMESPACE_PATH}/eventhubs/clicks`,
      )
      expect(told).not.toContain('SharedAccessKey')
    }
    expect(azure.writes()).toEqual([])
  })

  test.each(['kafka', 'librdkafka', 'databricks', 'fabric'])('%s signs in with a token', async (format) => {
    const azure = await startTestAzure({ seed })
    const tap = await asInTheCloud(azure)
    const run = await azure.run([...SHOW, '--format', format], { env: tap.env })
    expect(run, run.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('OAUTHBEARER') as string })
  })

  test.each(['python', 'ipynb', 'node', 'java'])('%s signs in with a credential', async (format) => {
    const azure = await startTestAzure({ seed })
    const run = await azure.run([...SHOW, '--format', format])
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('DefaultAzureCredential') as string })
  })

  test.each(['raw', 'env', 'dotenv', 'compose'])('%s has nothing to give', async (format) => {
    const azure = await startTestAzure({ seed })
    const run = await azure.run([...SHOW, '--format', format])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain('takes no keys')
  })

  test('JSON names the roles of the access', async () => {
    const azure = await startTestAzure({ seed })
    expect(documentOf(await azure.run([...SHOW, '--json', '--access', 'listen'])).connections).toMatchObject([
      { auth: 'entra', roles: ['Azure Event Hubs Data Receiver'], connectionString: null, rule: null, key: null },
    ])
  })
})

describe('--output', () => {
  const run: Deps['run'] = (program, args, cwd) =>
    new Promise((resolve) => {
      const child = spawn(program, args, { cwd, stdio: 'ignore' })
      child.once('error', () => resolve(undefined))
      child.once('close', (code) => resolve(code ?? undefined))
    })

  async function inFolder() {
    const azure = await madeAzure()
    const cwd = temporaryFolder()
    const show = (...flags: string[]) => azure.run([...SHOW, '--format', 'dotenv', ...flags], { cwd, run })
    return { azure, cwd, show, file: join(cwd, '.env') }
  }

  test('writes a file that only its owner can read, and nothing to stdout', async () => {
    const { azure, show, file } = await inFolder()
    expect(await show('--output', '.env')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining(
        process.platform === 'win32' ? 'Written to .env.' : 'Written to .env, readable only by you.',
      ) as string,
    })
    expect(await readFile(file, 'utf8')).toContain(keyOf(azure))
    expect(await modeOf(file)).toBe(modeHere(0o600))
  })

  test('says on Windows that the folder decides who can read it, and not the opposite', async () => {
    const { azure, cwd } = await inFolder()
    const flags = ['--format', 'dotenv', '--output', '.env']
    const { stderr } = await azure.run([...SHOW, ...flags], { cwd, run, platform: 'win32' })
    expect(unwrapped(stderr)).toContain('.env has the permissions of its folder')
    expect(stderr).toMatch(/Written to \.env\.$/m)
  })

  test('replaces a file with --force alone, and then makes it private', async () => {
    const { show, file } = await inFolder()
    await writeFile(file, 'mine', { mode: 0o644 })
    expect(await show('--output', '.env')).toMatchObject({ exitCode: 2, stdout: '' })
    expect(await readFile(file, 'utf8')).toBe('mine')
    expect(await show('--output', '.env', '--force')).toMatchObject({ exitCode: 0 })
    expect(await readFile(file, 'utf8')).toContain('EVENTHUB_CONNECTION_STRING=')
    expect(await modeOf(file)).toBe(modeHere(0o600))
  })

  test('a file that git tracks is refused, forced or not; one beside it is not', async () => {
    const { cwd, show, file } = await inFolder()
    await writeFile(file, 'mine')
    const git = (...args: string[]) => execFileSync('git', args, { cwd, stdio: 'ignore' })
    git('init')
    git('add', '.env')
    for (const force of [[], ['--force']]) {
      const refused = await show('--output', '.env', ...force)
      expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
      expect(refused.stderr).toContain('tracked by git')
    }
    expect(await readFile(file, 'utf8')).toBe('mine')
    expect(await show('--output', '.env.local')).toMatchObject({ exitCode: 0 })
  })

  test('a folder that is not there is a usage error', async () => {
    const { show } = await inFolder()
    expect(await show('--output', 'nowhere/.env')).toMatchObject({ exitCode: 2, stdout: '' })
  })

  test('a format has to be said, on a terminal too', async () => {
    const { azure, cwd } = await inFolder()
    const shown = await azure.run([...SHOW, '--output', '.env'], { cwd, run, tty: true })
    expect(shown).toMatchObject({ exitCode: 2, stdout: '' })
    expect(azure.requests).toEqual([])
  })

  test('with --json, stdout is still one document, without the string that went to the file', async () => {
    const { azure, cwd, file } = await inFolder()
    const shown = await azure.run([...SHOW, '--json', '--output', '.env'], { cwd, run })
    expect(shown.exitCode, shown.stderr).toBe(0)
    expect(documentOf(shown)).toMatchObject({ result: 'ok', connections: [{ hub: 'clicks', connectionString: null }] })
    expect(shown.stdout).not.toContain(keyOf(azure))
    expect(await readFile(file, 'utf8')).toContain(keyOf(azure))
  })

  test('a refused file is refused before a key is asked for', async () => {
    const { azure, show, file } = await inFolder()
    await writeFile(file, 'mine')
    await show('--output', '.env')
    expect(azure.requests.filter(({ path }) => path.includes('listKeys'))).toEqual([])
  })
})
