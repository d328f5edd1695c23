import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { realClock } from '../../src/lib/clock.ts'
import type { CaptureStateDocument, LocalDocument } from '../../src/ui/document-schema.ts'
import { runCli, type TestOptions, type TestRun } from '../support/test-deps.ts'
import { Background } from './background.ts'
import { documentOf, unwrapped, quoted } from './support.ts'
import { folderOfSuite } from '../support/temporary-folder.ts'

const folder = folderOfSuite()
let data: string
let background: Background
const run = (argv: readonly string[], options: TestOptions = {}): Promise<TestRun> =>
  runCli([...argv, '--data', data], { clock: realClock, host: background.host, cwd: folder, ...options })
const capture = (...argv: readonly string[]): Promise<TestRun> => run(['local', 'capture', ...argv])
const send = async (hub: string, lines: number): Promise<void> => {
  const stdin = '{"a":1}\n'.repeat(lines)
  const { exitCode, stderr } = await run(['local', 'send', hub, '--partition', '0'], { stdin })
  expect(exitCode, stderr).toBe(0)
}
const CREATE = ['create', '--local', '--yes', '-n', 'ns-clicks-test', '--no-connection'] as const
const captureIn = (ran: TestRun): CaptureStateDocument => documentOf(ran) as unknown as CaptureStateDocument

beforeAll(async () => {
  data = join(folder, 'data')
  background = new Background(folder)
  for (const hub of [
    ['clicks:1', '--capture-container', 'raw', '--capture-skip-empty'],
    ['views:1', '--capture-storage-account', 'pond', '--capture-interval', '1m', '--capture-skip-empty'],
    ['plain:1'],
  ]) {
    const made = await run([...CREATE, '--hub', ...hub])
    expect(made.exitCode, made.stderr).toBe(0)
  }
})
afterAll(async () => {
  await background.end()
})

test('shows where each hub is captured, and what waits for the next file', async () => {
  await send('clicks', 3)
  const shown = await capture('CLICKS')
  expect(shown.exitCode, shown.stderr).toBe(0)
  const told = unwrapped(shown.stdout)
  expect(told).toContain('Captured to lake/raw')
  expect(told).toContain('A file every 5m, or 300MB')
  expect(told).toContain('Waiting 3 events')
  expect(told).not.toContain('views')
  expect(captureIn(await capture('--json')).hubs.map(({ name, capture }) => [name, capture?.intervalSeconds])).toEqual([
    ['clicks', 300],
    ['views', 60],
  ])
  expect(unwrapped((await run(['local', 'status'])).stdout)).toContain(
    'Capture ns-clicks-test/clicks: to lake/raw, 0 files, 3 events waiting',
  )
})

test('--flush writes the files now, and prints one path a line off a terminal', async () => {
  await send('clicks', 2)
  const flushed = await capture('ns-clicks-test/clicks', '--flush')
  expect(flushed.exitCode, flushed.stderr).toBe(0)
  const [path, ...others] = flushed.stdout.trim().split('\n')
  expect(others).toEqual([])
  expect(path).toMatch(/data.capture.lake.raw.ns-clicks-test.clicks.0.*\.avro$/)
  expect((await readFile(path!)).subarray(0, 4).toString('latin1')).toBe('Obj\u0001')
  const again = await capture('--flush')
  expect(again.stdout).toBe('')
  expect(unwrapped(again.stderr)).toContain('Nothing to write: no event came since the last file.')
  await send('clicks', 4)
  const document = captureIn(await capture('clicks', '--flush', '--json'))
  expect(document.files).toMatchObject([{ hub: 'clicks', partition: '0', events: 4 }])
  expect(document.hubs).toMatchObject([{ name: 'clicks', capture: { pendingEvents: 0, files: 2 } }])
  const { hubs } = documentOf(await run(['local', 'status', '--json'])) as unknown as LocalDocument
  expect(hubs.map(({ name, capture }) => [name, capture?.files])).toEqual([
    ['clicks', 2],
    ['plain', undefined],
    ['views', 0],
  ])
})

test('storage that fails ends with 1, the reason and the next command', async () => {
  await mkdir(join(data, 'capture'), { recursive: true })
  await writeFile(join(data, 'capture', 'pond'), 'in the way')
  await send('views', 1)
  const failed = await capture('views', '--flush')
  expect(failed.exitCode).toBe(1)
  expect(unwrapped(failed.stderr)).toContain("Can't write the captured files now")
  expect(unwrapped(failed.stderr)).toContain(`npx ml-ingest local capture --data ${quoted(data)} --flush`)
  const document = captureIn(await capture('views', '--flush', '--json'))
  expect(document).toMatchObject({
    result: 'failed',
    exitCode: 1,
    files: [],
    hubs: [{ capture: { pendingEvents: 1 } }],
  })
  expect(document.hubs[0]?.capture?.failing).toContain('pond')
  expect(unwrapped((await capture('views')).stdout)).toContain('Failing')
  await rm(join(data, 'capture', 'pond'))
  expect((await capture('views', '--flush')).stdout).toContain('pond')
})

test('a hub that is not captured, or not there, is told with the way on', async () => {
  const plain = await capture('plain', '--flush')
  expect(plain.exitCode).toBe(1)
  expect(unwrapped(plain.stderr)).toContain('Hub plain is not captured')
  const [, command = ''] = /npx ml-ingest (create .*)$/m.exec(unwrapped(plain.stderr)) ?? []
  expect(command).toContain('--namespace ns-clicks-test --hub plain')
  expect(command).toContain('--yes')
  const absent = await capture('nothing')
  expect(absent.exitCode).toBe(1)
  expect(unwrapped(absent.stderr)).toContain(
    'It has: ns-clicks-test/clicks, ns-clicks-test/plain, ns-clicks-test/views.',
  )
})

test('where nothing runs it says so', async () => {
  const ran = await runCli(['local', 'capture', '--data', join(folder, 'other')], {
    host: background.host,
    cwd: folder,
  })
  expect(ran.exitCode).toBe(1)
  expect(unwrapped(ran.stderr)).toContain('The embedded Azure is not running')
})

test('what to do next is shown to a person at a terminal', async () => {
  const tty = { tty: true, columns: 100, env: { TERM: 'xterm', NO_COLOR: '1' } }
  const next = async (...argv: readonly string[]) => (await run([...CREATE, '--progress', 'none', ...argv], tty)).stderr
  const told = await next('--hub', 'paths:1', '--capture-interval', '1s', '--capture-skip-empty')
  expect(told).toContain(`      npx ml-ingest local capture --data ${quoted(data)} --flush\n`)
  expect(told).toMatch(/^ {6}npx ml-ingest capture ls\b/m)
  expect(await next('--hub', 'quiet:1')).not.toContain('local capture')
})
