import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import { startService, type LocalService } from '../../src/local/index.ts'
import type { LocalDocument } from '../../src/ui/document-schema.ts'
import { runCli } from '../support/test-deps.ts'
import { documentOf, SERVICE_HOST as host } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const HUBS = [{ name: 'clicks', partitions: 1, retentionHours: 24, consumerGroups: [] }]
const MEGABYTE = 1024 * 1024

let folder: string
let service: LocalService
/** Where a small disk is mounted. */
let disk: string | undefined
const lines: string[] = []

async function start({ maxPartitionBytes = MEGABYTE } = {}): Promise<void> {
  service = await startService({
    ...{ host, clock: realClock, version: '1.2.3', dataFolder: folder },
    arm: { namespaces: [{ group: 'rg', name: 'ns-one-7k2p', hubs: HUBS }] },
    dataPlane: { ports: { amqp: 0, kafka: 0 }, maxPartitionBytes },
    log: (line) => lines.push(line),
  })
}

beforeEach(async () => {
  lines.length = 0
  folder = temporaryFolder()
  await start()
})
afterEach(async () => {
  await service.close()
  if (disk !== undefined) spawnSync('umount', [disk])
  disk = undefined
})

const run = (...argv: readonly string[]) => runCli([...argv, '--data', folder], { clock: realClock, host, cwd: folder })
async function send(bodies: readonly unknown[]): Promise<void> {
  await writeFile(join(folder, 'events.jsonl'), bodies.map((body) => JSON.stringify(body)).join('\n'))
  expect(await run('local', 'send', 'clicks', 'events.jsonl')).toMatchObject({ exitCode: 0 })
}

test('local tail says which events are lost, and prints the others', async () => {
  await send([{ i: 0 }, { i: 1 }, { lost: true }, { i: 3 }])
  await service.close()
  const partition = join(folder, 'events', 'ns-one-7k2p', 'clicks', '0')
  const [name] = await readdir(partition)
  const bytes = await readFile(join(partition, name!))
  bytes.write('LOST', bytes.indexOf('lost'))
  await writeFile(join(partition, name!), bytes)
  await start()

  for (const says of [/Event 2 is lost: \S+\.log is damaged at byte \d+\. The next receiver/, /^$/]) {
    const { exitCode, stdout, stderr } = await run('local', 'tail', 'clicks')
    expect(exitCode).toBe(0)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { body: { i: number } }).body.i),
    ).toEqual([0, 1, 3])
    expect(stderr.replace(/\s+/g, ' ').trim()).toMatch(says)
  }
  expect(lines).toEqual([
    expect.stringMatching(
      /Event 2 is lost: \S+ is damaged at byte \d+: \d+ bytes are no events\. They are kept in \S+damaged-\d+$/,
    ),
  ])
})

test('local status shows the most that a partition holds, and what was dropped for it', async () => {
  const status = async () => documentOf(await run('local', 'status', '--json')) as unknown as LocalDocument
  expect(await status()).toMatchObject({ maxPartitionBytes: MEGABYTE, hubs: [{ droppedEvents: 0 }] })
  await send(Array.from({ length: 1_500 }, (_, i) => ({ i, text: 'x'.repeat(1_000) })))
  const { hubs } = await status()
  const { events, droppedEvents } = hubs[0]!
  expect(droppedEvents).toBeGreaterThan(400)
  expect(events + droppedEvents).toBe(1_500)
  const { stdout } = await run('local', 'status')
  expect(stdout).toContain('up to 1.0 MB each, then the oldest events are dropped')
  expect(stdout.replace(/\s+/g, ' ')).toContain(`${droppedEvents.toLocaleString('en')} dropped for size`)
  expect(lines.filter((line) => line.includes('oldest events are dropped'))).toHaveLength(1)
})

test('local send on a full disk says so, and what to do; what was sent before stays', async (context) => {
  const events = join(folder, 'events', 'ns-one-7k2p')
  await service.close()
  await mkdir(events, { recursive: true })
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', events])
  if (mount.status === 0) disk = events
  await start({ maxPartitionBytes: 1024 * MEGABYTE })
  if (disk === undefined) return context.skip('this user cannot mount a small disk')
  const bodies = Array.from({ length: 5_000 }, (_, i) => JSON.stringify({ i, text: 'x'.repeat(1_000) }))
  await writeFile(join(folder, 'events.jsonl'), bodies.join('\n'))
  const { exitCode, stderr } = await run('local', 'send', 'clicks', 'events.jsonl')
  const text = stderr.replace(/\s+/g, ' ')
  expect(exitCode).toBe(1)
  expect(text).toContain("Can't send to hub clicks: the disk is full")
  expect(text).toContain(`The disk with ${join(folder, 'events')} is full.`)
  expect(text).toMatch(
    /Free some space, and send the rest: what was sent is counted above\..* local start .*--max-partition-size SIZE/,
  )
  expect(text).not.toMatch(/capacity|busy/)
  const sent = Number(/Sent ([\d,]+) events/.exec(text)![1]!.replace(',', ''))
  expect(sent).toBeGreaterThan(1_000)
  const tail = await run('local', 'tail', 'clicks')
  expect(tail.stdout.trimEnd().split('\n').length).toBeGreaterThanOrEqual(sent)
})

test.each([
  ['500', 'is not a size, such as 500MB or 2GB'],
  ['2 PB', 'is not a size'],
  ['10KB', 'is too small: a partition holds at least 1MB'],
])('local start --max-partition-size %s is refused', async (size, message) => {
  const { exitCode, stderr } = await run('local', 'start', '--max-partition-size', size)
  expect(exitCode).toBe(2)
  expect(stderr.replace(/\s+/g, ' ')).toContain(message)
})
