import { randomInt } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join, relative, sep } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DRAFT } from '../../../src/lib/capture-folder.ts'
import { startAzurite, stringAt } from '../../support/azurite.ts'
import { bundleScript } from '../amqp/support/spawn.ts'
import { Program, until } from '../kafka/clients/support/program.ts'
import { eventsOf } from './support/capture.ts'
import { CAPTURE } from './support/settings.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const KILLS = Number(process.env['CAPTURE_KILLS'] ?? 3)
const TIMEOUT_MS = 60_000 + KILLS * 5_000
const MB = 1024 * 1024
/** Of an upload. The list makes the blob of its blocks. */
const MOMENTS = ['in a block', 'before the list', 'before its answer'] as const
const LIST = 'comp=blocklist'

/** A publication that was acknowledged. The bodies of its events begin with its name and their place in it. */
interface Acknowledged {
  readonly name: string
  readonly partition: string
  readonly first: number
  readonly events: number
}

interface Load {
  readonly sizeLimitBytes: number
  /** A publication, every 10 ms. */
  readonly events: number
  readonly eventBytes: number
}

/** A folder of this test, and a captured hub in it that is sent to, by one process after another. */
async function prepare({ sizeLimitBytes, events, eventBytes }: Load, storage: readonly string[] = []) {
  const folder = temporaryFolder()
  const script = await bundleScript('../../capture/support/capture-process.ts', folder)
  const acknowledged: Acknowledged[] = []
  const lines: string[] = []
  const failures: unknown[] = []
  const hear = (line: string) => {
    if (!line.startsWith('{')) return void lines.push(line)
    const told = JSON.parse(line) as Acknowledged | { readonly failures: unknown }
    if ('failures' in told) failures.push(told.failures)
    else acknowledged.push(told)
    return {}
  }
  const args = [folder, sizeLimitBytes, events, eventBytes, ...storage].map(String)
  const start = () => {
    const program = new Program([process.execPath, script, ...args], hear)
    onTestFinished(() => program.kill())
    return program
  }
  return {
    ...{ folder, acknowledged, lines, failures, start },
    /** So many publications more are acknowledged. */
    sent: (program: Program, publications: number) => {
      const enough = acknowledged.length + publications
      return until([program], `${publications} more publications`, () => acknowledged.length >= enough)
    },
    told: (program: Program, text: string) => until([program], text, () => lines.some((line) => line.includes(text))),
  }
}

/** Each event that was acknowledged is in the files of its partition once, and these have the events in their order. */
async function expectExact(
  acknowledged: readonly Acknowledged[],
  names: readonly string[],
  pathOf: (name: string) => string,
) {
  const read = new Map<string, string[]>()
  for (const name of names.toSorted()) {
    const [, partition = ''] = /^test-ns\/clicks\/(\d)\/2/.exec(name) ?? []
    const events = read.get(partition) ?? []
    read.set(partition, events)
    for (const { SequenceNumber, Body } of await eventsOf(pathOf(name))) {
      if (SequenceNumber !== events.length) throw new Error(`${name}: ${SequenceNumber} after ${events.length - 1}`)
      events.push(Body.toString('latin1', 0, Body.indexOf(' ')))
    }
  }
  const missing = acknowledged.filter(({ name, partition, first, events }) =>
    Array.from({ length: events }).some((_, i) => read.get(partition)?.[first + i] !== `${name}-${i}`),
  )
  expect(missing).toEqual([])
  expect([...read.keys()].sort()).toEqual(['0', '1'])
}

test(`${KILLS} kills while files are written: the folder has each event once`, { timeout: TIMEOUT_MS }, async () => {
  const { folder, acknowledged, failures, start, sent } = await prepare({
    ...{ sizeLimitBytes: MB, events: 100, eventBytes: 1_024 },
  })
  let program = start()
  for (let kill = 0; kill < KILLS; kill++) {
    await sent(program, randomInt(1, 60))
    await program.kill()
    program = start()
  }
  await sent(program, 20)
  await program.leave()
  expect(failures, String(program)).toEqual([[]])
  const container = join(folder, 'capture', CAPTURE.account, CAPTURE.container)
  const files = readdirSync(container, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  const names = files.map((one) => relative(container, join(one.parentPath, one.name)).replaceAll(sep, '/'))
  expect(names.filter((name) => name.endsWith(DRAFT))).toEqual([])
  expect(names.length).toBeGreaterThan(KILLS)
  await expectExact(acknowledged, names, (name) => join(container, name))
})

// Azurite has to be stopped in order, or it forgets what it took last. Windows can only kill it.
test.skipIf(process.platform === 'win32')(
  `${KILLS} kills in the middle of uploads, and a storage that is gone for a while: the blobs have each event once`,
  { timeout: TIMEOUT_MS },
  async () => {
    const lake = temporaryFolder()
    let azurite = await startAzurite(0, lake)
    onTestFinished(() => azurite.stop())
    const relay = await startRelay(azurite.port)
    const { folder, acknowledged, lines, failures, start, sent, told } = await prepare(
      // A file is sent as some blocks.
      { sizeLimitBytes: 5 * MB, events: 10, eventBytes: 20_000 },
      [stringAt(`http://127.0.0.1:${relay.port}/devstoreaccount1`)],
    )
    let program = start()
    for (let kill = 0; kill < KILLS; kill++) {
      relay.stopAt(MOMENTS[kill % MOMENTS.length]!)
      await until([program], 'a part of an upload', relay.hasStopped)
      await program.kill()
      relay.reset()
      program = start()
    }
    await sent(program, 20)
    await azurite.stop()
    await told(program, 'cannot capture into')
    await sent(program, 30)
    azurite = await startAzurite(azurite.port, lake)
    await told(program, 'it is captured again')
    await program.leave()
    expect(failures, String(program)).toEqual([[]])
    expect(lines.filter((line) => line.includes('captur'))).toHaveLength(2)

    const container = azurite.referee.getContainerClient(CAPTURE.container)
    const names: string[] = []
    for await (const { name } of container.listBlobsFlat()) names.push(name)
    const pathOf = (name: string) => join(folder, 'blobs', name.replaceAll('/', '-'))
    mkdirSync(join(folder, 'blobs'))
    for (const name of names) await container.getBlobClient(name).downloadToFile(pathOf(name))
    await expectExact(acknowledged, names, pathOf)
  },
)

type Moment = (typeof MOMENTS)[number]

/** Stands before a storage, and lets nothing through any more from a moment on. */
async function startRelay(to: number) {
  const sockets = new Set<Socket>()
  let moment: Moment | undefined
  let hasStopped = false
  let left = Infinity
  /** How much of what was sent goes through. */
  const passes = (chunk: Buffer) => {
    if (hasStopped) return 0
    if (moment === 'before the list' && chunk.includes(LIST)) hasStopped = true
    if (hasStopped) return 0
    left -= chunk.length
    if (left <= 0) hasStopped = true
    return chunk.length + Math.min(0, left)
  }
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    let isList = false
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(one)
      one.once('close', () => other.destroy()).on('error', () => undefined)
    }
    near.on('data', (chunk: Buffer) => {
      isList = chunk.includes(LIST)
      if (far.write(chunk.subarray(0, passes(chunk)))) return
      near.pause()
      far.once('drain', () => near.resume())
    })
    far.on('data', (chunk: Buffer) => {
      if (moment === 'before its answer' && isList) hasStopped = true
      if (!hasStopped) near.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    port: (server.address() as AddressInfo).port,
    stopAt: (next: Moment) => {
      moment = next
      left = next === 'in a block' ? randomInt(1, 8 * MB) : Infinity
    },
    hasStopped: () => hasStopped,
    /** Ends all connections, and lets new ones through. */
    reset: () => {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
      moment = undefined
      hasStopped = false
      left = Infinity
    },
  }
}
