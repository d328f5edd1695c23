import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { realClock } from '../../../src/lib/clock.ts'
import { type LocalHost, realHost } from '../../../src/local/process/host.ts'
import { localStatus, resetLocal, startDetached, stopLocal } from '../../../src/local/process/launcher.ts'
import { readRecord, writeRecord } from '../../../src/local/process/record.ts'
import { startService } from '../../../src/local/process/service.ts'

let scratch: string
let host: LocalHost
const started: number[] = []

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ml-ingest-process-'))
  const entry = join(scratch, 'child.mjs')
  const bundle = await rolldown({ input: new URL('fixtures/child.ts', import.meta.url).pathname, platform: 'node' })
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
    spawnDetached: async (args, logFile) => {
      const pid = await real.spawnDetached(args, logFile)
      started.push(pid)
      return pid
    },
  }
})
afterEach(() => {
  for (const pid of started.splice(0)) if (host.isAlive(pid)) host.kill(pid, 'SIGKILL')
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

let dataFolder: string
beforeEach(async () => {
  dataFolder = join(await mkdtemp(join(scratch, 'case-')), 'data')
})
const inputs = () => ({ host, clock: realClock, dataFolder })
const detached = () => startDetached({ ...inputs(), args: [dataFolder] })
const SERVICE = { version: '1.2.3', log: () => undefined, dataPlane: { ports: { amqp: 0 } } }
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
  expect((await readdir(dataFolder)).sort()).toEqual(['local.log', 'state.json'])
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

test('a process that cannot tidy up after itself, as on Windows, is stopped all the same', async () => {
  const { record } = await detached()
  const windows: LocalHost = { ...host, kill: (pid) => host.kill(pid, 'SIGKILL') }
  expect(await stopLocal({ ...inputs(), host: windows })).toEqual({ stopped: true, pid: record.pid })
  expect(await readRecord(join(dataFolder, 'local.json'))).toBeUndefined()
  expect((await detached()).started).toBe(true)
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

test('in memory nothing is kept but the way to find it', async () => {
  const service = await startService({ ...inputs(), ...SERVICE, memory: true })
  await createGroup(service.record.armEndpoint)
  expect((await readdir(dataFolder)).sort()).toEqual(['local.json', 'lock-1'])
  await service.close()
  expect(await readdir(dataFolder)).toEqual([])
})

test('the data plane gives its port to connection strings and to the record, and ends with it', async () => {
  const service = await startService({
    ...{ ...inputs(), ...SERVICE },
    arm: { seed: { namespaces: [{ group: 'rg', name: 'namespace1' }] } },
  })
  const { port } = service.record.listeners[0]!
  expect(service.record.listeners).toEqual([{ protocol: 'amqp', port }])
  const keys = await fetch(
    `${service.record.armEndpoint}/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1/authorizationRules/RootManageSharedAccessKey/listKeys?api-version=2024-01-01`,
    { method: 'POST', headers: { authorization: 'Bearer x' } },
  )
  expect(await keys.text()).toContain(`Endpoint=sb://localhost:${port};`)
  await service.close()
  await expect(isOpen(port)).resolves.toBe(false)
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

test('is ready soon after its start', async () => {
  const before = performance.now()
  await detached()
  const elapsedMs = performance.now() - before
  expect(elapsedMs).toBeLessThan(5_000)
})
