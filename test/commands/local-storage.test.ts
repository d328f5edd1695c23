import { EventHubProducerClient } from '@azure/event-hubs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startLocalAzure } from '../../src/index.ts'
import { realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { flushCapture, localStatus, type LocalHost, type LocalRecord } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { type Azurite, startAzurite } from '../support/azurite.ts'
import { runCli, testDeps } from '../support/test-deps.ts'
import { unwrapped, quoted } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const LAKE =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-lake/providers/Microsoft.Storage/storageAccounts/lake'
const CREATE = [
  ...['create', '--local', '--yes', '-n', 'ns-clicks-test', '--hub', 'clicks', '--partitions', '1'],
  ...['--capture-storage-account', LAKE, '--capture-container', 'raw'],
]

let azurite: Azurite
let key: string
beforeAll(async () => {
  azurite = await startAzurite()
  key = /AccountKey=([^;]+)/.exec(azurite.connectionString)![1]!
})
afterAll(() => azurite.stop())

let folder: string
let data: string
let stop: AbortController
let ended: Promise<number> | undefined
let spawned: { readonly args: readonly string[]; readonly variables: Readonly<Record<string, string>> }[]
/** Starts processes that are part of this one. */
let host: LocalHost
beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'data')
  spawned = []
  stop = new AbortController()
  ended = undefined
  host = {
    ...{ env: {}, platform: process.platform, homedir: folder, pid: process.pid },
    spawnDetached: async (args, logFile, variables) => {
      spawned.push({ args, variables })
      const own = { ...host, env: { ML_INGEST_DETACHED: '1' } }
      const deps = testDeps({ clock: realClock, host: own, cwd: folder, stop: stop.signal, env: variables })
      const ports = ['--amqp-port', '0', '--kafka-port', '0']
      ended = main([...args, ...ports], deps).finally(() => writeFile(logFile, deps.stdout.text + deps.stderr.text))
      return process.pid
    },
    isAlive: (pid) => pid === process.pid && ended !== undefined,
    kill: () => false,
  }
})
afterEach(async () => {
  stop.abort(new Interruption('SIGTERM'))
  await ended
})

const run = (argv: readonly string[], env: Record<string, string> = {}) =>
  runCli([...argv, '--data', data], { clock: realClock, host, cwd: folder, env })

/** Everything that is on disk, as text. */
async function kept(): Promise<string> {
  const paths = (await readdir(data, { recursive: true })).map((name) => join(data, name))
  const files = await Promise.all(paths.map(async (path) => ((await stat(path)).isFile() ? [path] : [])))
  return (await Promise.all(files.flat().map((path) => readFile(path, 'latin1')))).join('\n')
}

test.each([
  ['the flag', (given: string) => [['--storage', given], {}] as const],
  [
    'the variable',
    (given: string) => [[], { ML_INGEST_STORAGE: `\n${given}\n  other=UseDevelopmentStorage=true` }] as const,
  ],
])('%s: files go to the blob endpoint, and its key nowhere', async (_, give) => {
  const [flags, env] = give(`lake=${azurite.connectionString}`)
  const created = await run([...CREATE, ...flags], env)
  expect(created.exitCode, created.stderr).toBe(0)
  expect(spawned[0]!.args.join(' ')).toBe(`local start --data ${data}`)
  expect(spawned[0]!.variables['ML_INGEST_STORAGE']).toContain(azurite.connectionString)

  const producer = new EventHubProducerClient(created.stdout.trim())
  await producer.sendBatch([{ body: `sent by ${flags.length}` }])
  await producer.close()
  const record = (await localStatus({ host, dataFolder: data })) as LocalRecord
  expect(record.captureStorage).toMatchObject({ lake: azurite.connection.blobEndpoint })
  const { files } = await flushCapture(record, {})
  const container = azurite.referee.getContainerClient('raw')
  expect(files).toMatchObject([{ events: 1, partition: '0' }])
  const blob = files[0]!.where.slice(`${container.url}/`.length)
  expect(blob).toMatch(/^ns-clicks-test\/clicks\/0\/\d{4}(\/\d{2}){5}\.avro$/)
  const bytes = await container.getBlobClient(blob).downloadToBuffer()
  expect(bytes.length).toBe(files[0]!.bytes)
  expect(bytes.toString('latin1')).toContain(`sent by ${flags.length}`)

  const status = await run(['local', 'status', '--json'])
  const again = await run([...CREATE, '--debug', ...flags], env)
  stop.abort(new Interruption('SIGTERM'))
  expect(await ended).toBe(0)
  const told = [created, status, again].map(({ stdout, stderr }) => stdout + stderr).join('\n')
  expect(`${told}${JSON.stringify(files)}${await kept()}`).not.toContain(key.slice(0, 20))
  expect(told).not.toContain('elsewhere')
})

test('one that already runs and writes elsewhere is told', async () => {
  await run(CREATE)
  const given = ['--storage', `lake=${azurite.connectionString}`]
  for (const argv of [CREATE, ['local', 'start', '--detach']]) {
    const ran = await run([...argv, ...given])
    expect(ran.exitCode, ran.stderr).toBe(0)
    expect(ran.stderr).toContain(
      `  Captured files of lake go to the data folder.
  To have them where --storage says, run this again after:
  npx ml-ingest local stop --data ${quoted(data)}
`,
    )
    expect(ran.stderr).not.toContain('have no effect')
  }
  const read = await run(['capture', 'ls', 'clicks', '--local', ...given])
  expect(read.stderr).not.toContain('local stop')
})

/** Ends the one in the background. */
async function stopped(): Promise<void> {
  stop.abort(new Interruption('SIGTERM'))
  await ended
  ended = undefined
  stop = new AbortController()
}

test('one that starts without the connection string of before says where files go now', async () => {
  await run([...CREATE, '--storage', `lake=${azurite.connectionString}`])
  const endpoint = azurite.connection.blobEndpoint
  for (const argv of [
    ['local', 'start', '--detach'],
    CREATE,
    ['plan', '--local', '-n', 'ns-clicks-test', '--hub', 'clicks'],
  ]) {
    await stopped()
    const ran = await run(argv)
    expect(ran.exitCode, ran.stderr).toBe(0)
    expect(ran.stderr).toContain(
      `  Captured files of lake go to the data folder now, before to ${endpoint}
  To have them there again:
  npx ml-ingest local stop --data ${quoted(data)}
  npx ml-ingest local start --data ${quoted(data)} --detach --storage lake=CONNECTIONSTRING
`,
    )
  }
  await stopped()
  const again = await run(['local', 'start', '--detach', '--storage', `lake=${azurite.connectionString}`])
  expect(again.stderr).not.toContain('before to')
  await stopped()
  await run(['local', 'reset'])
  const anew = await run(CREATE)
  expect(anew.stderr).not.toContain('before to')
  expect(await kept()).not.toContain(key.slice(0, 20))
})

const WRONG = [
  [`lake=AccountName=lake;AccountKey=${'x'.repeat(30)}!`, 'for lake has an AccountKey that is not base64'],
  ['lake=AccountName=lake;SharedAccessSignature=xyzxyzxyz', 'for lake has a SharedAccessSignature without sig='],
  ['DefaultEndpointsProtocol=https;AccountKey=xyzxyzxyz', 'is not NAME=CONNECTIONSTRING without spaces'],
] as const

test('every mistake is told, and nothing of what was given', async () => {
  const flags = WRONG.flatMap(([text]) => ['--storage', text])
  for (const argv of [CREATE, ['local', 'start'], ['local', 'start', '--detach']])
    for (const json of [[], ['--json']]) {
      const ran = await run([...argv, ...flags, ...json])
      expect(ran.exitCode).toBe(2)
      for (const [, message] of WRONG) expect(unwrapped(ran.stdout + ran.stderr)).toContain(message)
      expect(ran.stdout + ran.stderr).not.toMatch(/x{5}|xyz/)
    }
  const byVariable = await run(['local', 'start'], { ML_INGEST_STORAGE: WRONG.map(([text]) => text).join('\n') })
  for (const [, message] of WRONG) expect(unwrapped(byVariable.stderr)).toContain(`ML_INGEST_STORAGE ${message}`)
  expect(byVariable.stderr).not.toMatch(/x{5}|xyz/)
  expect(spawned).toEqual([])
})

test('an account has one place, and Azure itself needs none', async () => {
  const given = ['--storage', 'lake=UseDevelopmentStorage=true']
  for (const argv of [CREATE, ['local', 'start']]) {
    const ran = await run([...argv, ...given, ...given])
    expect(ran.exitCode).toBe(2)
    expect(unwrapped(ran.stderr)).toContain('--storage for lake is given twice. Give one')
  }
  const onAzure = await runCli(['create', '--yes', ...given], { cwd: folder })
  expect(onAzure.exitCode).toBe(2)
  expect(unwrapped(onAzure.stderr)).toContain('--storage has no effect without --local')
})

test('startLocalAzure tells every mistake, and nothing of the strings', async () => {
  const storage = { lake: 'AccountName=lake;AccountKey=x!yz', sea: 'AccountName=sea' }
  const error = await startLocalAzure({ storage }).catch((error: unknown) => error as { why: readonly string[] })
  expect(error).toMatchObject({
    code: 'local-request',
    why: [
      'The connection string for storage account lake has an AccountKey that is not base64.',
      'The connection string for storage account sea has no AccountKey and no SharedAccessSignature.',
    ],
  })
})
