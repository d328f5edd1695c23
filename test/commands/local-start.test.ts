import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { LocalHost } from '../../src/local/index.ts'
import type { LocalDocument } from '../../src/ui/document-schema.ts'
import { runCli } from '../support/test-deps.ts'
import { documentOf, unwrapped, whileServing } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CONFIG = {
  UserConfig: {
    NamespaceConfig: [
      {
        Type: 'EventHub',
        Name: 'emulatorNs1',
        Entities: [
          { Name: 'eh1', PartitionCount: '2', ConsumerGroups: [{ Name: 'cg1' }] },
          ...Array.from({ length: 11 }, (_, i) => ({ Name: `more-${i}`, PartitionCount: 32 })),
        ],
      },
    ],
    LoggingConfig: { Type: 'File' },
  },
}

let folder: string
let spawned: (readonly string[])[]
let host: LocalHost
beforeEach(() => {
  folder = temporaryFolder()
  spawned = []
  host = {
    ...{ env: {}, platform: process.platform, homedir: folder, pid: process.pid },
    spawnDetached: async (args) => {
      spawned.push(args)
      return 0
    },
    isAlive: (pid) => pid === process.pid,
    kill: () => false,
  }
})

const PORTS = ['--amqp-port', '0', '--kafka-port', '0', '--health-port', '0']
const START = ['local', 'start', '--config', 'Config.json', ...PORTS, '--json']

const serving = (work: (status: LocalDocument) => Promise<void>): Promise<string> =>
  whileServing([...START.slice(2), '--data', join(folder, 'data')], { host, cwd: folder }, (stdout) =>
    work(documentOf({ stdout, exitCode: 0 }) as unknown as LocalDocument),
  )

test("the official emulator's file: its entities, its namespace, its key, unchanged at the next start", async () => {
  await writeFile(join(folder, 'Config.json'), JSON.stringify(CONFIG))
  const stringAt = ({ dataEndpoint }: LocalDocument) =>
    `Endpoint=sb://${dataEndpoint};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`
  await serving(async (status) => {
    expect(status.hubs).toHaveLength(12)
    expect(status.connectionString).toBe(stringAt(status).replace(/;$/, ''))
    expect(await (await fetch(status.healthEndpoint!)).json()).toMatchObject({ status: 'healthy' })
    expect(status.hubs[0]).toMatchObject({ namespace: 'emulatorNs1', name: 'eh1', consumerGroups: ['$Default', 'cg1'] })
    const producer = new EventHubProducerClient(stringAt(status), 'eh1')
    await producer.sendBatch([{ body: 1 }], { partitionId: '1' })
    await producer.close()
  })
  await serving(async (status) => {
    const consumer = new EventHubConsumerClient('cg1', stringAt(status), 'eh1')
    expect((await consumer.getPartitionProperties('1')).lastEnqueuedSequenceNumber).toBe(0)
    await consumer.close()
  })
})

test('every mistake of the file is told, and nothing is started', async () => {
  const bad = structuredClone(CONFIG) as { UserConfig: { NamespaceConfig: Record<string, unknown>[] } }
  Object.assign(bad.UserConfig.NamespaceConfig[0]!, { Entities: 7, Type: 'x' })
  await writeFile(join(folder, 'Config.json'), JSON.stringify(bad))
  for (const more of [[], ['--detach']]) {
    const run = await runCli([...START.slice(0, -1), ...more, '--data', join(folder, 'data')], { host, cwd: folder })
    expect(run.exitCode).toBe(2)
    expect(unwrapped(run.stderr)).toContain('UserConfig.NamespaceConfig[0].Type is "x": it must be EventHub')
    expect(unwrapped(run.stderr)).toContain('UserConfig.NamespaceConfig[0].Entities is 7')
  }
  expect(spawned).toEqual([])
  const none = await runCli(['local', 'start', '--config', 'none.json'], { host, cwd: folder })
  expect(none.exitCode).toBe(2)
  expect(unwrapped(none.stderr)).toContain('--config none.json does not exist')
})

test('what the emulator only warns of is told, and the string is printed for people too', async () => {
  const other = structuredClone(CONFIG) as { UserConfig: { NamespaceConfig: Record<string, unknown>[] } }
  Object.assign(other.UserConfig.NamespaceConfig[0]!, { Name: 'mine', Type: undefined })
  await writeFile(join(folder, 'Config.json'), JSON.stringify(other))
  const argv = ['--config', 'Config.json', ...PORTS, '--data', join(folder, 'data')]
  let printed = ''
  const told = await whileServing(argv, { host, cwd: folder }, async (stdout) => void (printed = stdout))
  expect(told).toContain('Config.json: UserConfig.NamespaceConfig[0].Type is missing: EventHub is taken')
  expect(told).toContain('NamespaceConfig[0].Name is "mine": the namespace is called emulatorNs1 here')
  expect(printed).toMatch(/ {2}Connection +Endpoint=sb:\/\/localhost:\d+;.*SharedAccessKey=SAS_KEY_VALUE;/)
  expect(printed).toMatch(/ {2}Health check +http:\/\/localhost:\d+\/health\n/)
})

test('a file without hubs has no string to print', async () => {
  const none = structuredClone(CONFIG) as { UserConfig: { NamespaceConfig: Record<string, unknown>[] } }
  Object.assign(none.UserConfig.NamespaceConfig[0]!, { Entities: [] })
  await writeFile(join(folder, 'Config.json'), JSON.stringify(none))
  await serving(async (status) => {
    expect(status).toMatchObject({ hubs: [], connectionString: null })
  })
})

test('a process behind gets the whole path of the file', async () => {
  await writeFile(join(folder, 'Config.json'), JSON.stringify(CONFIG))
  const run = await runCli([...START, '--detach', '--data', join(folder, 'data')], { host, cwd: folder })
  expect(run.exitCode).toBe(1)
  expect(spawned[0]!.join(' ')).toContain(`--config ${join(folder, 'Config.json')} --amqp-port 0`)
})

test.each([
  ['--amqp-port', '--kafka-port'],
  ['--port', '--amqp-port'],
  ['--kafka-port', '--health-port'],
])('%s and %s do not share a port: nothing starts', async (one, other) => {
  const argv = ['local', 'start', '--detach', one, '45599', other, '45599']
  const ran = await runCli([...argv, '--data', join(folder, 'data')], { host, cwd: folder })
  expect(ran.exitCode).toBe(2)
  expect(unwrapped(ran.stderr)).toMatch(/(--\S+) 45599 contradicts (--\S+) 45599: each needs a port of its own/)
  for (const flag of [one, other]) expect(ran.stderr).toContain(flag)
  expect(spawned).toEqual([])
})
