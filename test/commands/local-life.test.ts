import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import type { LocalDocument } from '../../src/ui/document-schema.ts'
import { runCli, type TestRun } from '../support/test-deps.ts'
import { Background } from './background.ts'
import { documentOf, unwrapped, whileServing, quoted } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let folder: string
let data: string
let background: Background
beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'data')
  background = new Background(folder)
})
afterEach(async () => {
  await background.end()
})

const run = (...argv: string[]): Promise<TestRun> =>
  runCli([...argv, '--data', data], { clock: realClock, host: background.host, cwd: folder })
const local = (...argv: string[]): Promise<TestRun> => run('local', ...argv)
const statusIn = (ran: TestRun): LocalDocument => documentOf(ran) as unknown as LocalDocument

describe('create --local', () => {
  const CREATE = ['create', '--local', '--yes', '-n', 'ns-clicks-test', '--hub', 'clicks']

  test('starts the embedded Azure, says how to stop it, and finds it running the next time', async () => {
    const first = await run(...CREATE)
    expect(first.exitCode, first.stderr).toBe(0)
    expect(unwrapped(first.stderr)).toContain(`Started the embedded Azure: process ${process.pid}, folder ${data}`)
    expect(unwrapped(first.stderr)).toContain(`Stop it with: npx ml-ingest local stop --data ${quoted(data)}`)
    expect(background.spawned).toEqual([['local', 'start', '--data', data]])

    const second = await run(...CREATE)
    expect(second.exitCode).toBe(0)
    expect(second.stderr).not.toContain('Started')
    expect(second.stderr).toContain('Nothing to do.')
    expect(second.stdout).toBe(first.stdout)
    expect(background.spawned).toHaveLength(1)
  })

  test('starts one that enforces limits, if it has to start one', async () => {
    const first = await run(...CREATE, '--enforce-limits')
    expect(first.exitCode, first.stderr).toBe(0)
    expect(background.spawned).toEqual([['local', 'start', '--data', data, '--enforce-limits']])
    expect(statusIn(await local('status', '--json'))).toMatchObject({
      limits: [{ namespace: 'ns-clicks-test', units: 1 }],
    })
    const again = await local('start', '--detach', '--enforce-limits')
    expect(unwrapped(again.stderr)).not.toContain('without limits')
  })

  test('what it made outlives a stop: the same key after the next start', async () => {
    const first = await run(...CREATE, '--format', 'raw')
    expect((await local('stop')).exitCode).toBe(0)
    const second = await run(...CREATE, '--format', 'raw')
    const keyOf = ({ stdout }: TestRun) => /SharedAccessKey=([^;]+)/.exec(stdout)?.[1]
    expect(keyOf(first)).toMatch(/^[\w+/]{43}=$/)
    expect(keyOf(second)).toBe(keyOf(first))
    expect(second.stderr).toContain('Nothing to do.')
  })

  test('captures into a storage account that only has a name, or none', async () => {
    const first = await run(...CREATE, '--capture-container', 'clicks', '--capture-interval', '1s')
    expect(first.exitCode, first.stderr).toBe(0)
    expect(unwrapped(first.stderr)).toContain('Capture to lake/clicks')
    expect((await run(...CREATE, '--capture-storage-account', 'lake')).stderr).toContain('Nothing to do.')
    const moved = await run(...CREATE, '--capture-storage-account', 'pond')
    expect(unwrapped(moved.stderr)).toContain('pond/clicks')
  })
})

describe('local start --detach', () => {
  test('returns once the process serves, and hands it the switches', async () => {
    const started = await local('start', '--detach', '--latency', '5ms', '--rate-limits', '--json')
    expect(started.exitCode, started.stderr).toBe(0)
    expect(started.stderr).toContain('Started.')
    expect(background.spawned[0]!.join(' ')).toBe(`local start --latency 5ms --rate-limits --data ${data}`)
    expect(statusIn(started)).toMatchObject({
      command: 'local start',
      running: true,
      pid: process.pid,
      dataFolder: data,
    })
  })

  test('hands on what a variable says', async () => {
    const options = { clock: realClock, host: background.host, cwd: folder, env: { ML_INGEST_ENFORCE_LIMITS: '1' } }
    const started = await runCli(['local', 'start', '--detach', '--json', '--data', data], options)
    expect(started.exitCode, started.stderr).toBe(0)
    expect(background.spawned[0]!.join(' ')).toBe(`local start --enforce-limits --data ${data}`)
    expect(statusIn(started)).toMatchObject({ limits: [] })
  })

  test('a second one says that its switches change nothing', async () => {
    await local('start', '--detach')
    const again = await local('start', '--detach', '--latency', '1s')
    expect(again.exitCode).toBe(0)
    expect(unwrapped(again.stderr)).toContain('It is already running. The flags given here have no effect.')
    expect(background.spawned).toHaveLength(1)
  })

  test('a second one in the foreground is refused, and names the process that holds the folder', async () => {
    await local('start', '--detach')
    const again = await local('start', '--amqp-port', '0', '--kafka-port', '0')
    expect(again.exitCode).not.toBe(0)
    expect(unwrapped(again.stderr)).toContain(String(process.pid))
  })
})

describe('local start --detach --config', () => {
  const CONFIG = ['--config', 'Config.json', '--health-port', '0']
  const hubs = (partitions: number, ...names: readonly string[]) =>
    writeFile(
      join(folder, 'Config.json'),
      JSON.stringify({
        UserConfig: {
          NamespaceConfig: [{ Entities: names.map((Name) => ({ Name, PartitionCount: partitions })) }],
        },
      }),
    )

  test('lists its hubs and gives their string, and no log has it', async () => {
    await hubs(2, 'eh1', 'eh2')
    const ran = await local('start', '--detach', ...CONFIG, '--latency', '60s', '--json')
    expect(ran.exitCode, ran.stderr).toBe(0)
    const { hubs: listed, connectionString, dataEndpoint } = statusIn(ran)
    expect(listed.map(({ name, partitions }) => [name, partitions])).toEqual([
      ['eh1', 2],
      ['eh2', 2],
    ])
    expect(connectionString).toContain(`Endpoint=sb://${dataEndpoint};`)
    await background.end()
    expect(await readFile(join(data, 'local.log'), 'utf8')).not.toContain('SharedAccessKey=')
  })

  test('that contradicts what is kept fails with the reason and the ways on', async () => {
    await hubs(2, 'eh1')
    await local('start', '--detach', ...CONFIG)
    await local('stop')
    await hubs(4, 'eh1')
    const ran = await local('start', '--detach', ...CONFIG)
    expect(ran.exitCode).toBe(4)
    expect(ran.stderr).not.toContain('Started')
    const said = unwrapped(ran.stderr)
    expect(said).toContain('Hub eh1 is kept with 2 partitions, and should have 4.')
    expect(said).toContain(`Begin with nothing: npx ml-ingest local reset --data ${quoted(data)}`)
    expect(said).toMatch(/Or leave what is kept alone: npx ml-ingest local start .*--detach .*--memory/)
    expect((await local('status')).stdout).toContain('not running')
  })

  test('is no success where a running one lacks the hubs', async () => {
    await hubs(2, 'eh1')
    await local('start', '--detach', ...CONFIG)
    expect((await local('start', '--detach', ...CONFIG)).exitCode).toBe(0)
    await hubs(2, 'EH1', 'eh2')
    const ran = await local('start', '--detach', ...CONFIG)
    expect(ran.exitCode).toBe(1)
    expect(unwrapped(ran.stderr)).toContain(`Process ${process.pid} was started before, and lacks: eh2`)
  })

  test('makes hubs that show-connection and verify find by their names', async () => {
    await hubs(2, 'eh1', 'eh2')
    await local('start', '--detach', ...CONFIG)
    const show = (...argv: readonly string[]) => run('show-connection', '--local', '--format', 'raw', ...argv)
    for (const where of [[], ['-n', 'emulatorNs1'], ['-g', 'EMULATOR-RG']]) {
      const found = await show('--hub', 'EH2', ...where)
      expect(found.exitCode, found.stderr).toBe(0)
      expect(found.stdout).toContain(';EntityPath=eh2')
    }
    expect((await show('--hub', 'eh1', '--hub', 'eh2')).stdout.trim().split('\n')).toHaveLength(2)
    expect((await show('--hub', 'eh3')).exitCode).toBe(1)
    expect((await show('--hub', 'eh1', '-g', 'elsewhere')).exitCode).toBe(1)

    await run('create', '--local', '--yes', '-n', 'ns-clicks-test', '-g', 'rg-clicks', '--hub', 'eh1')
    const unclear = await show('--hub', 'eh1')
    expect(unclear.exitCode).toBe(2)
    expect(unwrapped(unclear.stderr)).toContain('emulatorNs1 (resource group emulator-rg), ns-clicks-test')
    await run('create', '--local', '--yes', '--hub', 'eh1')
    expect((await show('--hub', 'eh1')).stdout).toContain(';EntityPath=eh1')
  })
})

describe('the port of clients', () => {
  test('that is taken is told by whatever starts it in the background', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const told = new RegExp(`Port ${port} is taken: Event Hubs clients connect to \\d+`)
    try {
      const started = await local('start', '--detach', '--amqp-port', String(port), '--quiet')
      expect(unwrapped(started.stderr)).toMatch(told)
      await background.end()
      await writeFile(join(data, 'ports.json'), JSON.stringify({ amqp: port }))
      background.usesLastPort = true
      const made = await run('create', '--local', '--yes', '-n', 'ns-clicks-test')
      expect(unwrapped(made.stderr)).toMatch(told)
    } finally {
      other.close()
    }
  })

  test('warns when others than this machine can connect, in the background too', async () => {
    const started = await local('start', '--detach', '--host', '0.0.0.0')
    expect(unwrapped(started.stderr)).toContain('Listening on 0.0.0.0: everybody who can reach this machine')
  })
})

describe('local status', () => {
  test('when it does not run', async () => {
    const ran = await local('status')
    expect(ran.exitCode).toBe(0)
    expect(ran.stdout).toContain('not running')
    expect(statusIn(await local('status', '--json'))).toMatchObject({
      ...{ command: 'local status', running: false, pid: null, armEndpoint: null, connections: null, hubs: [] },
      dataFolder: data,
    })
  })

  test('what it holds, hub by hub', async () => {
    await run('create', '--local', '--yes', '-n', 'ns-clicks-test', '--hub', 'views:2:48h', '--hub', 'clicks')
    const ran = await local('status')
    expect(ran.stdout).toMatch(/Embedded Azure +running/)
    expect(ran.stdout).toMatch(/Clients +none connected/)
    expect(ran.stdout).toMatch(/ns-clicks-test\/clicks: 4 partitions, 0 events, 0 B/)
    const { hubs, armEndpoint, dataEndpoint, connections } = statusIn(await local('status', '--json'))
    expect(hubs.map(({ name, partitions, retentionHours }) => [name, partitions, retentionHours])).toEqual([
      ['clicks', 4, 24],
      ['views', 2, 48],
    ])
    expect(connections).toBe(0)
    expect(armEndpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(dataEndpoint).toMatch(/^localhost:\d+$/)
  })

  test('events that were sent, one and many', async () => {
    await run('create', '--local', '--yes', '-n', 'ns-clicks-test', '--hub', 'clicks')
    const send = (lines: string) =>
      runCli(['local', 'send', 'clicks', '--data', data], {
        ...{ clock: realClock, host: background.host, cwd: folder, stdin: lines },
      })
    const first = await send('{"a":1}\n')
    expect(first.exitCode, first.stderr).toBe(0)
    expect((await local('status')).stdout).toContain('1 event, ')
    expect((await send('{"a":2}\n{"a":3}\n')).exitCode).toBe(0)
    expect((await local('status')).stdout).toContain('3 events, ')
  })
})

describe('local stop', () => {
  test('ends the process and keeps the folder', async () => {
    await local('start', '--detach')
    const ran = await local('stop')
    expect(ran).toMatchObject({ exitCode: 0, stdout: '' })
    expect(unwrapped(ran.stderr)).toContain(
      `Stopped the embedded Azure, process ${process.pid}. Its data folder stays.`,
    )
    expect(existsSync(join(data, 'local.json'))).toBe(false)
    expect(statusIn(await local('status', '--json')).running).toBe(false)
  })

  test('where nothing runs it is done already', async () => {
    const ran = await local('stop')
    expect(ran).toMatchObject({ exitCode: 0, stdout: '' })
    expect(ran.stderr).toContain('The embedded Azure is not running.')
    expect(statusIn(await local('stop', '--json'))).toMatchObject({ command: 'local stop', running: false })
  })
})

describe('local reset', () => {
  test('forgets resources, keys and events, and leaves other files alone', async () => {
    await run('create', '--local', '--yes', '-n', 'ns-clicks-test', '--hub', 'clicks')
    await writeFile(join(data, 'notes.txt'), 'mine')
    const ran = await local('reset')
    expect(ran.exitCode).toBe(0)
    expect(unwrapped(ran.stderr)).toContain(`Removed everything that the embedded Azure kept in ${data}.`)
    expect(existsSync(join(data, 'state.json'))).toBe(false)
    expect(existsSync(join(data, 'events'))).toBe(false)
    expect(await readFile(join(data, 'notes.txt'), 'utf8')).toBe('mine')
    const next = await run('create', '--local', '--yes', '-n', 'ns-clicks-test', '--hub', 'clicks')
    expect(next.stderr).toContain('5 created')
  })

  test('where there is nothing it says so', async () => {
    const ran = await local('reset')
    expect(ran.exitCode).toBe(0)
    expect(ran.stderr).toContain('There was nothing to remove.')
    expect(statusIn(await local('reset', '--json'))).toMatchObject({ command: 'local reset', running: false })
  })
})

describe('local start in the foreground', () => {
  const served = (...argv: string[]): Promise<string> =>
    whileServing([...argv, '--data', data], { host: background.host, cwd: folder })

  test('warns when others than this machine can connect', async () => {
    expect(await served('--host', '0.0.0.0', '--amqp-port', '0', '--kafka-port', '0')).toContain(
      'Listening on 0.0.0.0:',
    )
    expect(await served('--host', '127.0.0.2', '--amqp-port', '0', '--kafka-port', '0')).not.toContain('Listening on')
  })

  test('takes another port for clients when theirs is in use, and says which', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    try {
      const said = await served('--amqp-port', String(port))
      expect(said).toMatch(new RegExp(`Port ${port} is taken: Event Hubs clients connect to (?!${port})\\d+`))
    } finally {
      other.close()
    }
  })

  test('every mistake in the faults is told before anything starts', async () => {
    const ran = await local(
      'start',
      '--fault',
      'no-such-thing',
      '--fault',
      'hang-up:never',
      '--amqp-port',
      '0',
      '--kafka-port',
      '0',
    )
    expect(ran.exitCode).toBe(2)
    expect(ran.stderr).toContain('no-such-thing')
    expect(ran.stderr).toContain('hang-up:never')
    expect(existsSync(data)).toBe(false)
  })

  test('every wrong input is told at once', async () => {
    const ran = await local('start', '--port', '99999', '--latency', 'soon', '--provisioning', '-')
    expect(ran.exitCode).toBe(2)
    for (const flag of ['--port', '--latency', '--provisioning']) expect(ran.stderr).toContain(flag)
    for (const command of ['stop', 'status', 'reset']) {
      const bad = await runCli(['local', command, '--data', ''], { host: background.host, cwd: folder })
      expect([command, bad.exitCode]).toEqual([command, 2])
    }
  })
})
