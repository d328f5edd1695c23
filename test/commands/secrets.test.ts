import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setLogLevel } from '@azure/logger'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FaultKind } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { startTestAzure, type TestAzure } from '../support/azure.ts'
import { testDeps, type TestOptions, type TestRun } from '../support/test-deps.ts'
import {
  BIG_CREATE,
  documentOf,
  ESCAPE,
  NAMESPACE,
  NAMESPACE_PATH,
  PLACE,
  SMALL,
  SMALL_CREATE,
  TARGET,
} from './support.ts'
import { tapWire } from './wire-tap.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Every key that the Azure of a test holds. */
function keysIn({ arm }: TestAzure): readonly string[] {
  const namespaces = [...arm.store.state.namespaces.values()]
  const rules = namespaces.flatMap(({ rules: own, hubs }) => [own, ...[...hubs.values()].map((hub) => hub.rules)])
  return rules.flatMap((all) => [...all.values()].flatMap(({ primaryKey, secondaryKey }) => [primaryKey, secondaryKey]))
}

function assertNoKey(text: string, keys: readonly string[]): void {
  expect(keys.length).toBeGreaterThanOrEqual(4)
  for (const key of keys) expect(text).not.toContain(key)
  expect(text).not.toMatch(/SharedAccessKey=(?!\*\*\*)[^;\s]/)
}

const SHOW = ['show-connection', ...TARGET, '--hub', 'clicks']
const QUIET_ABOUT_KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['create with nothing to do', [...SMALL_CREATE, '--no-connection']],
  ['create with something to do', [...SMALL_CREATE, '--retention', '48h', '--no-connection']],
  ['create, JSON without the connection', [...SMALL_CREATE, '--no-connection', '--json']],
  ['create --debug', [...SMALL_CREATE, '--no-connection', '--debug']],
  ['plan', ['plan', ...PLACE, ...SMALL, '--debug']],
  ['plan, JSON', ['plan', ...PLACE, ...SMALL, '--json', '--debug']],
  ['plan, refused', ['plan', ...PLACE, '--hub', 'clicks:8', '--json']],
  ['show-connection without a format', SHOW],
  [
    'show-connection of a hub that is not there',
    ['show-connection', ...TARGET, '--hub', 'nobody', '--format', 'raw', '--debug'],
  ],
  [
    'show-connection of a hub that is not there, JSON',
    ['show-connection', ...TARGET, '--hub', 'nobody', '--json', '--debug'],
  ],
  ['show-connection as code', [...SHOW, '--format', 'python', '--debug']],
  ['usage', [...SMALL_CREATE, '--tier', 'x', '--json']],
]

test.each(QUIET_ABOUT_KEYS)('%s prints no key at all', async (_, argv) => {
  const azure = await startTestAzure()
  await azure.run(SMALL_CREATE)
  const run = await azure.run(argv)
  assertNoKey(run.stdout + run.stderr, keysIn(azure))
})

test.each([
  ['create', [...SMALL_CREATE, '--debug']],
  ['create, JSON', [...SMALL_CREATE, '--json', '--debug']],
  ['show-connection', [...SHOW, '--format', 'env', '--debug']],
  ['show-connection, secondary', [...SHOW, '--format', 'raw', '--secondary', '--debug']],
])('%s prints the key that was asked for on stdout, and none on stderr', async (_, argv) => {
  const azure = await startTestAzure()
  await azure.run(SMALL_CREATE)
  const run = await azure.run(argv)
  expect(run.exitCode).toBe(0)
  const keys = keysIn(azure)
  expect(keys.filter((key) => run.stdout.includes(key))).toHaveLength(1)
  assertNoKey(run.stderr, keys)
  expect(run.stderr).toMatch(/POST \S+\/listKeys/)
})

test("the SDK's own log stays free of keys and tokens", async () => {
  setLogLevel('verbose')
  onTestFinished(() => setLogLevel(undefined))
  const azure = await startTestAzure()
  const run = await azure.run([...SMALL_CREATE, '--debug'])
  expect(run.stderr).toContain('azure:')
  assertNoKey(run.stderr, keysIn(azure))
  expect(run.stderr).not.toContain('ml-ingest-loopback')
})

describe('failures', () => {
  const kinds: readonly FaultKind[] = ['401', '403', '409', '500', '502', 'locked', 'reset', 'hang-up-after-write']

  test.each(kinds.flatMap((kind) => [/listkeys/, /eventhubs\/clicks$/].map((path) => [kind, path] as const)))(
    '%s at %s',
    async (kind, path) => {
      const azure = await startTestAzure()
      await azure.run(SMALL_CREATE)
      azure.arm.faults.add({ kind, path })
      for (const form of [[], ['--json']]) {
        const run = await azure.run([...SMALL_CREATE, '--retention', '72h', '--timeout', '2m', '--debug', ...form])
        expect(run.exitCode).not.toBe(0)
        assertNoKey(run.stdout + run.stderr, keysIn(azure))
      }
    },
  )

  const bodies = (key: string): readonly object[] => {
    const string = `Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=r;SharedAccessKey=${key}`
    return [
      { error: { code: 'Weird', message: `The rule has primaryKey ${key}.` } },
      { error: { code: 'Weird', message: string } },
      { error: { code: 'BadRequest', message: `{"primaryKey":"${key}","primaryConnectionString":"${string}"}` } },
      { error: { code: `\u001b[2J ${key}`, message: 'The code is the key.' } },
      { Message: `Authorization: Bearer ${key}` },
      { primaryKey: key, secondaryConnectionString: string },
    ]
  }

  test.each([0, 1, 2, 3, 4, 5])('an answer of Azure with a key in it (%i)', async (index) => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const keys = keysIn(azure)
    const tap = await tapWire(azure, {
      answer: ({ method }) => (method === 'PUT' ? { status: 400, body: bodies(keys.at(-2)!)[index]! } : undefined),
    })
    for (const form of [[], ['--json'], ['--debug']]) {
      const run = await azure.run([...SMALL_CREATE, '--retention', '72h', ...form], { env: tap.env })
      expect(run.exitCode, run.stderr).not.toBe(0)
      assertNoKey(run.stdout + run.stderr, keys)
      expect(run.stdout + run.stderr).not.toContain(ESCAPE)
    }
  })

  const pasted = (key: string): readonly (readonly string[])[] => {
    const string = `Endpoint=sb://localhost;SharedAccessKeyName=r;SharedAccessKey=${key};EntityPath=clicks`
    const flags = [
      '--namespace',
      '--hub',
      '--tier',
      '--location',
      '--capacity',
      '--policy',
      '--consumer-group',
      '--tag',
      '--format',
      '--name',
      '--hub-name',
      '--access',
      '--retention',
      '--timeout',
      '--auth',
      '--subscription',
      '--output',
    ]
    return [
      ...flags.flatMap((flag) => [key, string].map((text) => ['show-connection', ...TARGET, flag, text])),
      ...flags.flatMap((flag) => [key, string].map((text) => ['create', ...TARGET, flag, text])),
      ['create', key],
      ['create', string],
      [string],
      [string.replace(key, 'chosen-by-hand')],
      ['plan', ...PLACE, '--hub', string.replace(key, 'chosen-by-hand')],
      [key],
      ['create', `--${string}`],
      ['create', `--key=${key}`],
      ['plan', ...PLACE, '--user-metadata', key, '--tier', 'x'],
    ]
  }

  test('the key of a storage account, pasted where it belongs and where it does not, is not repeated', async () => {
    const azure = await startTestAzure()
    const key = Buffer.alloc(64, 'storage-key').toString('base64')
    const strings = [
      `DefaultEndpointsProtocol=https;AccountName=lake;AccountKey=${key};EndpointSuffix=core.windows.net`,
      `BlobEndpoint=https://lake.blob.core.windows.net;SharedAccessSignature=sig=${encodeURIComponent(key)}&sv=2022-11-02`,
    ]
    const argvs = strings.flatMap((string) => [
      ...pasted(key).map((argv) => argv.map((word) => (word.includes('Endpoint=sb:') ? string : word))),
      ...['', 'lake=', 'Lake='].flatMap((name) => [
        ['local', 'start', '--storage', `${name}${string};oops`],
        ['local', 'start', `--storage=${name}${string}`, '--amqp-port', 'x'],
        [...SMALL_CREATE, '--storage', `${name}${string}`],
        ['local', 'start', `--${name}${string}`],
      ]),
    ])
    for (const argv of argvs) {
      for (const form of [[], ['--json']]) {
        const run = await azure.run([...argv, ...form])
        expect(run.exitCode, argv.join(' ')).not.toBe(0)
        for (const words of [key.slice(0, 24), encodeURIComponent(key).slice(0, 24)])
          expect(run.stdout + run.stderr, argv.join(' ')).not.toContain(words)
      }
    }
  })

  test('a key pasted where it does not belong is not repeated', async () => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const keys = keysIn(azure)
    for (const argv of pasted(keys.at(-2)!)) {
      for (const form of [[], ['--json']]) {
        const run = await azure.run([...argv, ...form])
        expect(run.exitCode, argv.join(' ')).not.toBe(0)
        assertNoKey(run.stdout + run.stderr, keys)
      }
    }
  })
})

/** What was written, in order, whatever the stream. */
async function inOrder(
  argv: readonly string[],
  azure: TestAzure,
  options: TestOptions,
): Promise<TestRun & { readonly both: string }> {
  const env = {
    ML_INGEST_ARM_ENDPOINT: azure.arm.endpoint,
    AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000',
    ...options.env,
  }
  const deps = testDeps({ clock: azure.clock, ...options, env })
  let both = ''
  for (const stream of [deps.stdout, deps.stderr]) {
    const write = stream._write.bind(stream)
    stream._write = (chunk: Buffer | string, encoding: BufferEncoding, done: () => void) => {
      both += chunk.toString()
      write(chunk, encoding, done)
    }
  }
  const exitCode = await main(argv, deps)
  return { exitCode, stdout: deps.stdout.text, stderr: deps.stderr.text, both }
}

async function tempFolder(): Promise<string> {
  const folder = temporaryFolder()
  return folder
}

const LINES: readonly (readonly [string, readonly string[], hubs: number])[] = [
  ['create that makes it', SMALL_CREATE, 1],
  ['create of three hubs', BIG_CREATE, 3],
  ['create, JSON', [...SMALL_CREATE, '--json'], 1],
  ['create with nothing to do', SMALL_CREATE, 1],
  ['show-connection', [...SHOW, '--format', 'dotenv'], 1],
  ['show-connection, JSON', [...SHOW, '--json'], 1],
  ['show-connection, the secondary key', [...SHOW, '--format', 'raw', '--secondary'], 1],
]

describe.each([
  { system: 'GitHub Actions', env: { GITHUB_ACTIONS: 'true' }, mask: '::add-mask::' },
  { system: 'Azure Pipelines', env: { TF_BUILD: 'True' }, mask: '##vso[task.setsecret]' },
])('$system', ({ env, mask }) => {
  test.each(LINES)('%s: string and key are masked before they appear anywhere', async (name, argv, hubs) => {
    const azure = await startTestAzure()
    const output = join(await tempFolder(), 'output')
    if (/nothing to do|show-/.test(name)) await azure.run(SMALL_CREATE)
    const run = await inOrder(argv, azure, { env: { ...env, GITHUB_OUTPUT: output } })
    expect(run.exitCode, run.stderr).toBe(0)
    const strings = [...run.stdout.matchAll(/Endpoint=[^\s"']+/g)].map(([text]) => text)
    expect(strings).toHaveLength(hubs)
    for (const string of strings) {
      const key = /SharedAccessKey=([^;]+)/.exec(string)![1]!
      for (const secret of [string, key]) {
        const line = `${mask}${secret}\n`
        expect(run.stderr).toContain(line)
        expect(run.both.indexOf(secret)).toBeGreaterThanOrEqual(run.both.indexOf(mask))
        expect(run.both.indexOf(line)).toBeLessThan(run.both.lastIndexOf(string))
      }
      expect(run.both.indexOf(string)).toBe(run.both.indexOf(`${mask}${string}`) + mask.length)
    }
    const unmasked = run.stderr
      .split('\n')
      .filter((line) => !line.startsWith(mask))
      .join('\n')
    assertNoKey(unmasked, keysIn(azure))
    assertNoKey(await readFile(output, 'utf8').catch(() => ''), keysIn(azure))
  })

  test('without a connection, nothing is masked and no key is asked for', async () => {
    const azure = await startTestAzure()
    const run = await azure.run([...SMALL_CREATE, '--no-connection'], { env })
    expect(run.stderr).not.toContain(mask)
  })
})

const outputsIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(\S+)\n([^]*?)\n\2\n/gm)].map(([, name, , value]) => [name!, value!]),
  )

const OUTPUTS = { namespace: NAMESPACE, hub: 'clicks', fqdn: 'localhost', 'resource-id': NAMESPACE_PATH }

test('later steps of GitHub Actions get what is no secret', async () => {
  const azure = await startTestAzure()
  const folder = await tempFolder()
  const runs = [SMALL_CREATE, SMALL_CREATE, [...SHOW, '--format', 'raw']]
  const outputs = []
  for (const [i, argv] of runs.entries()) {
    const file = join(folder, `output-${i}`)
    await azure.run(argv, { env: { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: file } })
    outputs.push(outputsIn(await readFile(file, 'utf8')))
  }
  expect(outputs).toEqual([
    { ...OUTPUTS, changed: 'true' },
    { ...OUTPUTS, changed: 'false' },
    { ...OUTPUTS, changed: 'false' },
  ])
})

test('later steps of Azure Pipelines get the same as variables', async () => {
  const azure = await startTestAzure()
  const { stderr } = await azure.run(SMALL_CREATE, { env: { TF_BUILD: 'True' } })
  const variables = [...stderr.matchAll(/^##vso\[task\.setvariable variable=([\w-]+);isOutput=true\](.*)$/gm)]
  expect(Object.fromEntries(variables.map(([, name, value]) => [name!, value!]))).toEqual({
    ...OUTPUTS,
    changed: 'true',
  })
})

test('--ci off writes no commands', async () => {
  const azure = await startTestAzure()
  const { stderr } = await azure.run([...SMALL_CREATE, '--ci', 'off'], {
    env: { GITHUB_ACTIONS: 'true', TF_BUILD: 'True' },
  })
  expect(stderr).not.toMatch(/::add-mask|##vso/)
})

test('the document of a failure holds no connection', async () => {
  const azure = await startTestAzure()
  azure.arm.faults.add({ kind: '403', method: 'PUT', path: 'authorizationRules' })
  expect(documentOf(await azure.run([...SMALL_CREATE, '--json']))).toMatchObject({ connections: [], exitCode: 6 })
})
