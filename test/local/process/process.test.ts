import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { realClock } from '../../../src/lib/clock.ts'
import { type LocalHost, realHost } from '../../../src/local/process/host.ts'
import { localStatus, resetLocal, startDetached, stopLocal } from '../../../src/local/process/launcher.ts'
import { Failure } from '../../../src/lib/errors.ts'
import { Phrase } from '../../../src/lib/phrase.ts'
import { askHeld, askToStop, type Listener, readRecord, writeRecord } from '../../../src/local/process/record.ts'
import { type LocalService, startService } from '../../../src/local/process/service.ts'
import { folderOfSuite, temporaryFolder } from '../../support/temporary-folder.ts'

const scratch = folderOfSuite()
let host: LocalHost
const started: number[] = []

beforeAll(async () => {
  const entry = join(scratch, 'child.mjs')
  const bundle = await rolldown({
    input: fileURLToPath(new URL('fixtures/child.ts', import.meta.url)),
    platform: 'node',
  })
  await bundle.write({ file: entry, format: 'esm', codeSplitting: false })
  const real = realHost({
    execPath: process.execPath,
    entry,
    env: process.env,
    platform: process.platform,
    homedir: scratch,
    pid: process.pid,
    kill: (pid, signal) => process.kill(pid, signal),
  })
  host = {
    ...real,
    spawnDetached: async (args, logFile, variables) => {
      const pid = await real.spawnDetached(args, logFile, variables)
      started.push(pid)
      return pid
    },
  }
})
afterEach(() => {
  for (const pid of started.splice(0)) if (host.isAlive(pid)) host.kill(pid, 'SIGKILL')
})

let dataFolder: string
beforeEach(() => {
  dataFolder = join(temporaryFolder(), 'data')
})
const inputs = () => ({ host, clock: realClock, dataFolder })
const detached = () => startDetached({ ...inputs(), args: [dataFolder] })
const SERVICE = { version: '1.2.3', log: () => undefined, dataPlane: { ports: { amqp: 0, kafka: 0 } } }
const local = () => startService({ ...inputs(), ...SERVICE })

const createGroup = async (endpoint: string) =>
  fetch(`${endpoint}/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg?api-version=2022-09-01`, {
    method: 'PUT',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: '{"location":"westeurope"}',
  })
const readGroup = async (endpoint: string) =>
  fetch(`${endpoint}/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg?api-version=2022-09-01`, {
    headers: { authorization: 'Bearer x' },
  })

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

async function untilGone(pid: number): Promise<void> {
  while (host.isAlive(pid)) await realClock.sleep(5)
}

test('start, use, stop: the record comes and goes, the state stays', async () => {
  expect(await localStatus(inputs())).toEqual({ running: false, dataFolder })
  const { started: isNew, record } = await detached()
  expect(isNew).toBe(true)
  expect(await localStatus(inputs())).toEqual({ running: true, ...record })
  expect(record).toMatchObject({ version: '1.2.3', dataFolder, pid: started[0] })
  expect((await createGroup(record.armEndpoint)).status).toBe(201)
  expect(await detached()).toEqual({ started: false, record: { running: true, ...record } })
  expect(await stopLocal(inputs())).toEqual({ stopped: true, pid: record.pid })
  await untilGone(record.pid)
  expect((await readdir(dataFolder)).sort()).toEqual(['local.log', 'ports.json', 'state.json'])
  expect(await stopLocal(inputs())).toEqual({ stopped: false })
  const again = await detached()
  expect((await readGroup(again.record.armEndpoint)).status).toBe(200)
})

test('two that start it at once end with one process, and both have it', async () => {
  const both = await Promise.all([detached(), detached()])
  expect(both[0].record.id).toBe(both[1].record.id)
  expect(both.filter(({ started: isNew }) => isNew)).toHaveLength(1)
  const loser = started.find((pid) => pid !== both[0].record.pid)!
  await untilGone(loser)
  expect(await readFile(join(dataFolder, 'local.log'), 'utf8')).toContain('already runs')
})

test('killed without warning, it is not taken for running, and the next start goes on where it was', async () => {
  const { record } = await detached()
  await createGroup(record.armEndpoint)
  host.kill(record.pid, 'SIGKILL')
  await untilGone(record.pid)
  expect(await localStatus(inputs())).toEqual({ running: false, dataFolder })
  const again = await detached()
  expect(again.started).toBe(true)
  expect((await readGroup(again.record.armEndpoint)).status).toBe(200)
})

test('where a signal kills hard, as on Windows, it is asked to stop and leaves nothing behind', async () => {
  const { record } = await detached()
  const windows: LocalHost = { ...host, kill: (pid) => host.kill(pid, 'SIGKILL') }
  expect(await stopLocal({ ...inputs(), host: windows })).toEqual({ stopped: true, pid: record.pid })
  await untilGone(record.pid)
  expect((await readdir(dataFolder)).sort()).toEqual(['local.log', 'ports.json'])
  expect((await detached()).started).toBe(true)
})

/** One of an older version: it says who it is, and does not know the request to stop. */
async function olderVersion(): Promise<string> {
  const service = await local()
  const server = createHttpServer((request, response) => {
    const body = request.method === 'GET' ? { id: service.record.id } : { error: { code: 'InvalidUri' } }
    response.writeHead(request.method === 'GET' ? 200 : 400).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  onTestFinished(() => service.close())
  await once(server, 'listening')
  const armEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeRecord(join(dataFolder, 'local.json'), { ...service.record, armEndpoint })
  return service.record.id
}

test('one of an older version, which cannot be asked, gets the signal', async () => {
  await olderVersion()
  let alive = true
  const killed: string[] = []
  const older: LocalHost = {
    ...host,
    isAlive: () => alive,
    kill: (_pid, signal) => {
      killed.push(signal)
      alive = false
      return true
    },
  }
  expect(await stopLocal({ ...inputs(), host: older })).toEqual({ stopped: true, pid: process.pid })
  expect(killed).toEqual(['SIGTERM'])
})

test('one that this user may not end, as one that was started as administrator, is told as what it is', async () => {
  await olderVersion()
  const theirs: LocalHost = {
    ...host,
    isAlive: () => true,
    kill: () => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM', syscall: 'kill' })
    },
  }
  for (const end of [stopLocal, resetLocal])
    await expect(end({ ...inputs(), host: theirs })).rejects.toMatchObject({
      code: 'local-stop',
      why: [`Process ${process.pid} still runs.`, expect.stringContaining('started as administrator')],
    })
})

test('another one than the one that is meant does not stop', async () => {
  const service = await local()
  onTestFinished(() => service.close())
  expect(await askToStop({ ...service.record, id: 'another' })).toBe(false)
  expect(service.stopAsked.aborted).toBe(false)
  expect(await askToStop(service.record)).toBe(true)
  expect(service.stopAsked.aborted).toBe(true)
})

test('a process whose pid stays, as in a container where nobody collects it, is stopped all the same', async () => {
  const { record } = await detached()
  const container: LocalHost = { ...host, isAlive: () => true }
  const before = performance.now()
  expect(await stopLocal({ ...inputs(), host: container })).toEqual({ stopped: true, pid: record.pid })
  expect(performance.now() - before).toBeLessThan(5_000)
  expect((await startDetached({ ...inputs(), args: [dataFolder], host: container })).started).toBe(true)
})

test('a child that dies is told at once, with the end of its log', async () => {
  const before = performance.now()
  const start = startDetached({ ...inputs(), args: [dataFolder, 'crash'] })
  await expect(start).rejects.toMatchObject({
    code: 'local-start',
    why: expect.arrayContaining(['It ended at once.', expect.stringContaining('the disk is on fire')]) as string[],
  })
  expect(performance.now() - before).toBeLessThan(5_000)
})

test('a second process in the folder is refused, and told where the first one is', async () => {
  const service = await local()
  await expect(local()).rejects.toMatchObject({
    code: 'local-running',
    why: [`Process ${process.pid} runs it at ${service.record.armEndpoint}.`],
  })
  await service.close()
  await (await local()).close()
})

test('a pid and a port that went to others are not mistaken for it', async () => {
  const other = await local()
  const { armEndpoint } = other.record
  const elsewhere = join(dataFolder, '..', 'other')
  const theirs = { host, clock: realClock, dataFolder: elsewhere }
  await rm(elsewhere, { recursive: true, force: true })
  const stale = await startService({ ...theirs, ...SERVICE })
  await stale.close()
  // A living pid, an endpoint that answers, but not to this id.
  await writeRecord(join(elsewhere, 'local.json'), { ...stale.record, armEndpoint, pid: process.pid })
  await writeFile(join(elsewhere, 'lock-3'), JSON.stringify({ id: stale.record.id, pid: process.pid, since: 0 }))
  expect(await localStatus(theirs)).toEqual({ running: false, dataFolder: elsewhere })
  expect(await stopLocal(theirs)).toEqual({ stopped: false })
  const next = await startService({ ...theirs, ...SERVICE })
  expect(await localStatus(theirs)).toMatchObject({ running: true, id: next.record.id })
  await next.close()
  expect(await readRecord(join(elsewhere, 'local.json'))).toBeUndefined()
  await other.close()
})

test.skipIf(process.platform === 'win32')('one that does not answer is not said to be stopped', async () => {
  const { record } = await detached()
  process.kill(record.pid, 'SIGSTOP')
  const told = {
    code: 'local-running',
    message: `The embedded Azure in ${dataFolder} doesn't answer`,
    why: [`Process ${record.pid} is there, and nothing comes from ${record.armEndpoint}.`],
    hint: expect.stringContaining(`end it: kill -9 ${record.pid} `) as string,
  }
  await Promise.all(
    [localStatus, stopLocal, resetLocal, detached].map((ask) => expect(ask(inputs())).rejects.toMatchObject(told)),
  )
  process.kill(record.pid, 'SIGCONT')
  expect(await stopLocal(inputs())).toEqual({ stopped: true, pid: record.pid })
})

test('reset ends it and forgets what it knew, and nothing else in the folder', async () => {
  expect(await resetLocal(inputs())).toEqual({ stopped: false, removed: false })
  const { record } = await detached()
  await createGroup(record.armEndpoint)
  await writeFile(join(dataFolder, 'notes.txt'), 'mine')
  expect(await resetLocal(inputs())).toEqual({ stopped: true, removed: true })
  expect(await readdir(dataFolder)).toEqual(['notes.txt'])
  const again = await detached()
  expect((await readGroup(again.record.armEndpoint)).status).toBe(404)
})

test('in memory nothing is kept but the way to find it, and its port', async () => {
  const service = await startService({ ...inputs(), ...SERVICE, memory: true })
  await createGroup(service.record.armEndpoint)
  expect((await readdir(dataFolder)).sort()).toEqual(['local.json', 'lock-1', 'ports.json'])
  await service.close()
  expect(await readdir(dataFolder)).toEqual(['ports.json'])
})

test('the data plane gives its port to connection strings and to the record, and ends with it', async () => {
  const service = await startService({
    ...{ ...inputs(), ...SERVICE },
    arm: { seed: { namespaces: [{ group: 'rg', name: 'namespace1' }] } },
  })
  const [{ port }, { port: kafkaPort }] = service.record.listeners as [Listener, Listener]
  expect(service.record.listeners).toEqual([
    { protocol: 'amqp', port },
    { protocol: 'kafka', port: kafkaPort },
  ])
  const keys = await fetch(
    `${service.record.armEndpoint}/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1/authorizationRules/RootManageSharedAccessKey/listKeys?api-version=2024-01-01`,
    { method: 'POST', headers: { authorization: 'Bearer x' } },
  )
  expect(await keys.text()).toContain(`Endpoint=sb://localhost:${port};`)
  await service.close()
  await expect(isOpen(port)).resolves.toBe(false)
  await expect(isOpen(kafkaPort)).resolves.toBe(false)
})

test('a data plane that does not start leaves nothing behind', async () => {
  // An address for documentation, which no machine has: https://www.rfc-editor.org/rfc/rfc5737
  const failing = startService({ ...inputs(), ...SERVICE, dataPlane: { host: '203.0.113.1' } })
  await expect(failing).rejects.toMatchObject({
    code: 'local-host',
    message: "Can't listen on 203.0.113.1",
    why: ['This machine has no such address.'],
    cause: { code: 'EADDRNOTAVAIL' },
  })
  expect(await readdir(dataFolder)).toEqual([])
  await (await local()).close()
})

test('a port that is taken, and a folder that is a file, are said plainly', async () => {
  const service = await local()
  const port = Number(new URL(service.record.armEndpoint).port)
  const other = { ...inputs(), ...SERVICE, dataFolder: `${dataFolder}2` }
  await expect(startService({ ...other, arm: { port } })).rejects.toMatchObject({ code: 'local-port' })
  await writeFile(`${dataFolder}3`, '')
  await expect(startService({ ...other, dataFolder: `${dataFolder}3` })).rejects.toMatchObject({ code: 'local-folder' })
  await service.close()
})

const wanting = (partitions: number, names = ['eh1', 'eh2']) => ({
  group: 'rg',
  name: 'emulatorNs1',
  hubs: names.map((name) => ({ name, partitions, retentionHours: 1, consumerGroups: ['cg1'] })),
})

/** A port that somebody else holds until `free`, or to the end of the test. */
async function takenPort(): Promise<{ readonly port: number; readonly free: () => Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const free = () => new Promise<void>((resolve) => server.close(() => resolve()))
  onTestFinished(free)
  return { port: (server.address() as AddressInfo).port, free }
}

describe('what is wanted at a start', () => {
  const starting = (partitions: number, names?: string[]) =>
    startService({ ...inputs(), ...SERVICE, arm: { namespaces: [wanting(partitions, names)] } })

  test('is there, and stored, when the port of clients opens', async () => {
    const { port } = await takenPort()
    let storedThen = ''
    const service = await startService({
      ...{ ...inputs(), ...SERVICE, arm: { namespaces: [wanting(4)] }, dataPlane: { ports: { amqp: port, kafka: 0 } } },
      // Told as soon as it listens on another port.
      log: () => (storedThen = readFileSync(join(dataFolder, 'state.json'), 'utf8')),
    })
    onTestFinished(() => service.close())
    for (const name of ['eh1', 'eh2', 'cg1']) expect(storedThen).toContain(`"name":"${name}"`)
    const held = await askHeld(service.record)
    expect(held?.hubs.map(({ resourceGroup, name, partitions }) => [resourceGroup, name, partitions])).toEqual([
      ['rg', 'eh1', 4],
      ['rg', 'eh2', 4],
    ])
  })

  test('needs no patience: latency, faults, limits and slow provisioning are for clients', async () => {
    const before = performance.now()
    const service = await startService({
      ...{ ...inputs(), ...SERVICE, clock: realClock },
      arm: {
        ...{ namespaces: [wanting(4)], latencyMs: 60_000, provisioningMs: 60_000, rateLimits: true },
        faults: [{ kind: '500' }, { kind: 'provisioning-failed' }],
      },
    })
    onTestFinished(() => service.close())
    expect((await askHeld(service.record))?.hubs).toHaveLength(2)
    expect(performance.now() - before).toBeLessThan(5_000)
  })

  test('that contradicts what is kept is refused whole, with every contradiction and the ways on', async () => {
    await (await starting(4)).close()
    const stored = await readFile(join(dataFolder, 'state.json'), 'utf8')
    const failure = await starting(8, ['eh0', 'eh1', 'eh2']).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'local-contradiction',
      why: [
        'Hub eh1 is kept with 4 partitions, and should have 8.',
        'Hub eh2 is kept with 4 partitions, and should have 8.',
        expect.stringMatching(/^PartitionCount can only be changed/) as string,
        'Nothing was changed.',
      ],
      hint: {
        parts: expect.arrayContaining([
          expect.objectContaining({ command: 'local reset' }),
          expect.objectContaining({ command: 'local start', edit: { memory: true } }),
        ]) as unknown[],
      },
    })
    expect(await readFile(join(dataFolder, 'state.json'), 'utf8')).toBe(stored)
    await (await starting(4, ['eh0', 'eh1', 'eh2'])).close()
  })

  test('is not said to contradict anything in a new folder', async () => {
    await expect(starting(4, ['no spaces please'])).rejects.toMatchObject({
      code: 'local-request',
      why: expect.arrayContaining([expect.stringContaining('not valid for an event hub')]) as string[],
    })
  })
})

describe('the port of clients', () => {
  const NO_PORT = { version: '1.2.3', log: () => undefined }
  const portOf = (service: LocalService) => service.record.listeners[0]!.port
  const withPort = async (amqp?: number): Promise<{ port: number; notes: readonly string[] }> => {
    const service = await startService({
      ...{ ...inputs(), ...NO_PORT },
      dataPlane: { ports: { ...(amqp !== undefined && { amqp }), kafka: 0 } },
    })
    await service.close()
    return { port: portOf(service), notes: service.record.notes ?? [] }
  }

  test('that replaced a taken one is told, and is that of the next starts, until another one is asked for', async () => {
    const taken = await takenPort()
    const first = await withPort(taken.port)
    expect(first.port).not.toBe(taken.port)
    expect(first.notes).toEqual([`Port ${taken.port} is taken: Event Hubs clients connect to ${first.port}`])
    expect(await withPort()).toEqual({ port: first.port, notes: [] })
    expect((await withPort(taken.port)).port).toBe(first.port)
    await taken.free()
    expect(await withPort()).toEqual({ port: first.port, notes: [] })
    expect(await withPort(taken.port)).toEqual({ port: taken.port, notes: [] })
    expect((await withPort()).port).toBe(taken.port)
  })

  test('is another one, which is told, when that of the last start is taken', async () => {
    const taken = await takenPort()
    await taken.free()
    await withPort(taken.port)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(taken.port, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
    const next = await withPort()
    expect(next.notes).toEqual([`Port ${taken.port} is taken: Event Hubs clients connect to ${next.port}`])
  })

  test('is told and kept for Kafka as well', async () => {
    const taken = await takenPort()
    const kafka = async (port?: number) => {
      const ports = { amqp: 0, ...(port !== undefined && { kafka: port }) }
      const service = await startService({ ...inputs(), ...NO_PORT, dataPlane: { ports } })
      await service.close()
      const listener = service.record.listeners.find(({ protocol }) => protocol === 'kafka')
      return { port: listener!.port, notes: service.record.notes }
    }
    const first = await kafka(taken.port)
    expect(first.notes).toEqual([`Port ${taken.port} is taken: Kafka clients connect to ${first.port}`])
    expect(await kafka()).toEqual({ port: first.port, notes: [] })
    await taken.free()
  })

  test('is forgotten by a reset, and a damaged note of it is no obstacle', async () => {
    await withPort(0)
    const ports = join(dataFolder, 'ports.json')
    await writeFile(ports, '{"amqp":"x"')
    await withPort(0)
    expect(JSON.parse(await readFile(ports, 'utf8'))).toEqual({
      amqp: expect.any(Number) as number,
      kafka: expect.any(Number) as number,
    })
    await resetLocal(inputs())
    expect(await readdir(dataFolder)).toEqual([])
  })
})

test('a detached process that cannot start leaves its reason to whoever waits for it', async () => {
  await (await startService({ ...inputs(), ...SERVICE, arm: { namespaces: [wanting(4)] } })).close()
  const starting = startDetached({ ...inputs(), args: [dataFolder, 'hubs', JSON.stringify(wanting(8))] })
  const failure = (await starting.catch((error: unknown) => error)) as Failure
  expect(failure).toBeInstanceOf(Failure)
  expect(failure).toMatchObject({
    code: 'local-contradiction',
    why: expect.arrayContaining(['Hub eh1 is kept with 4 partitions, and should have 8.']) as string[],
  })
  expect(failure.hint).toBeInstanceOf(Phrase)
  expect(await readdir(dataFolder)).not.toContain('failure.json')
  expect(await localStatus(inputs())).toMatchObject({ running: false })
})

test('one that cannot start in the foreground leaves nothing behind', async () => {
  const failing = startService({ ...inputs(), ...SERVICE, arm: { namespaces: [wanting(4, ['no spaces please'])] } })
  await expect(failing).rejects.toMatchObject({ code: 'local-request' })
  expect(await readdir(dataFolder)).toEqual([])
})

test('a detached process is ready when all is there, however slow its answers are to others', async () => {
  const args = [dataFolder, 'hubs', JSON.stringify(wanting(32)), '60000']
  const { started: isNew, record } = await startDetached({ ...inputs(), args })
  expect(isNew).toBe(true)
  expect((await askHeld(record))?.hubs.map(({ name }) => name)).toEqual(['eh1', 'eh2'])
})

test('the health check of the official emulator, and a port of it that is taken', async () => {
  const service = await startService({ ...inputs(), ...SERVICE, healthPort: 0 })
  const { healthUrl = '' } = service.record
  const answer = await fetch(healthUrl)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe('{"status":"healthy","message":"Service is healthy."}')
  expect((await fetch(new URL('/', healthUrl))).status).toBe(404)
  expect((await fetch(healthUrl, { method: 'POST' })).status).toBe(405)
  const healthPort = Number(new URL(healthUrl).port)
  const other = await startService({ ...inputs(), ...SERVICE, dataFolder: `${dataFolder}2`, healthPort })
  expect(other.record).not.toHaveProperty('healthUrl')
  expect(other.record.notes).toEqual([`Port ${healthPort} is taken: the health check of the official emulator is off`])
  await other.close()
  await service.close()
  await expect(fetch(healthUrl)).rejects.toThrow()
})

test('is ready soon after its start', async () => {
  const before = performance.now()
  await detached()
  const elapsedMs = performance.now() - before
  expect(elapsedMs).toBeLessThan(5_000)
})
