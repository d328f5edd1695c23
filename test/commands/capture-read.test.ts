import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { blobNameOf } from '../../src/lib/capture-names.ts'
import { realClock } from '../../src/lib/clock.ts'
import { flushCapture, startService, type LocalService } from '../../src/local/index.ts'
import { main } from '../../src/main.ts'
import { avroFile, record } from '../data/capture/avro-files.ts'
import { startAzurite } from '../support/azurite.ts'
import { Capture, runCli, testDeps, type TestOptions } from '../support/test-deps.ts'
import { documentOf, unwrapped, SERVICE_HOST as host, quoted } from './support.ts'
import { folderOfSuite } from '../support/temporary-folder.ts'

const LAKE =
  '/subscriptions/99999999-2222-3333-4444-555555555555/resourceGroups/rg-lake/providers/Microsoft.Storage/storageAccounts/lake'
const NS = ['-g', 'rg', '-n', 'ns-one-7k2p', '--local']
const FORMAT = '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}'
const HUB = { partitions: 2, retentionHours: 24, consumerGroups: [] }

const folder = folderOfSuite()
let service: LocalService
const run = (argv: readonly string[], options: TestOptions = {}) =>
  runCli([...argv, '--data', folder], { clock: realClock, host, cwd: folder, ...options })

beforeAll(async () => {
  const hubs = ['clicks', 'written', 'plain'].map((name) => ({ ...HUB, name }))
  service = await startService({
    ...{ host, clock: realClock, version: '1.2.3', dataFolder: folder, memory: false },
    ...{ arm: { namespaces: [{ group: 'rg', name: 'ns-one-7k2p', hubs }] } },
    ...{ dataPlane: { ports: { amqp: 0, kafka: 0 } }, log: () => undefined },
  })
  const into = ['--capture-storage-account', LAKE, '--capture-container', 'raw']
  for (const hub of ['clicks', 'written']) {
    const made = await run(['create', ...NS, '--hub', hub, ...into, '--yes', '--no-connection'])
    expect(made).toMatchObject({ exitCode: 0 })
  }
  await writeFiles()
})
afterAll(async () => {
  await service.close()
})

const placeOf = (partition: number, time: string, container = 'raw') => {
  const window = { namespace: 'ns-one-7k2p', hub: 'written', partition, timeMs: Date.parse(time) }
  return join(folder, 'capture', 'lake', container, ...blobNameOf(FORMAT, window).split('/'))
}

async function put(path: string, bytes: Buffer) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}

const event = (sequence: number, time: string, body: string) =>
  record({
    SequenceNumber: sequence,
    Offset: String(sequence * 10),
    EnqueuedTimeUtc: time,
    Body: { bytes: Buffer.from(body) },
  })

/** Two windows of partition 0 and one of partition 1, an empty file between, and what is no file of the hub. */
async function writeFiles() {
  await put(
    placeOf(0, '2026-11-30T10:00:00Z'),
    await avroFile([event(0, '11/30/2026 10:00:01 AM', '{"i":0}'), event(1, '11/30/2026 10:04:00 AM', '{"i":1}')]),
  )
  await put(placeOf(0, '2026-11-30T10:10:00Z'), await avroFile([]))
  await put(
    placeOf(0, '2026-11-30T10:20:00Z'),
    await avroFile([event(2, '11/30/2026 10:21:00 AM', 'no json')], { codec: 'deflate' }),
  )
  await put(placeOf(1, '2026-11-30T10:00:00Z'), await avroFile([event(0, '11/30/2026 10:02:00 AM', '"one"')]))
  await put(join(folder, 'capture/lake/raw/ns-one-7k2p/written/notes.txt'), Buffer.from('hello'))
  await put(`${placeOf(1, '2026-11-30T10:30:00Z')}.part`, Buffer.from('half'))
}

interface Entry {
  readonly time: string
  readonly partition: string
  readonly empty: boolean
  readonly name: string
  readonly where: string
}
const linesOf = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T)
const cat = (...more: readonly string[]) => run(['capture', 'cat', 'written', ...NS, ...more])
const ls = (...more: readonly string[]) => run(['capture', 'ls', 'written', ...NS, ...more])
interface Line {
  readonly partition: string
  readonly sequenceNumber: number
  readonly body: unknown
}
const idsOf = (text: string) =>
  linesOf<Line>(text).map(({ partition, sequenceNumber }) => `${partition}/${sequenceNumber}`)

describe('capture ls', () => {
  test('prints the files of the hub as JSON lines, newest last, and how to read them', async () => {
    const { exitCode, stdout, stderr } = await ls()
    expect(exitCode).toBe(0)
    const entries = linesOf<Entry>(stdout)
    expect(entries.map(({ time, partition, empty }) => [time.slice(11, 16), partition, empty])).toEqual([
      ['10:00', '0', false],
      ['10:00', '1', false],
      ['10:10', '0', true],
      ['10:20', '0', false],
    ])
    expect(entries[0]).toMatchObject({
      name: 'ns-one-7k2p/written/0/2026/11/30/10/00/00.avro',
      where: placeOf(0, '2026-11-30T10:00:00Z'),
    })
    expect(unwrapped(stderr)).toContain('4 files, 1 empty')
    expect(unwrapped(stderr)).toContain('npx ml-ingest capture cat')
  })

  test('--json is one document of the published schema', async () => {
    const document = documentOf(await ls('--json')) as unknown as { readonly files: readonly Entry[] }
    expect(document).toMatchObject({ command: 'capture ls', account: 'lake', container: 'raw', hub: 'written' })
    expect(document.files.length).toBe(4)
  })

  test('a terminal gets a table without empty files, and their number', async () => {
    const { exitCode, stdout, stderr } = await run(['capture', 'ls', 'written', ...NS], { tty: true })
    expect(exitCode).toBe(0)
    expect(unwrapped(stderr)).toContain('4 files, 1 empty')
    expect(unwrapped(stderr)).toContain('Empty files are not shown. Capture writes none with --capture-skip-empty.')
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).toBe(3)
    expect(lines[2]).toMatch(/^ {2}2026-11-30 10:20:00 UTC {2}partition 0 {2}\d+ \w+ +ns-one-7k2p\/written/)
  })

  test('takes one partition, and leaves out files that ended before', async () => {
    expect(linesOf<Entry>((await ls('--partition', '1')).stdout).length).toBe(1)
    const since = linesOf<Entry>((await ls('--since', '2026-11-30T10:10:00Z')).stdout)
    expect(since.map(({ time, partition }) => `${time.slice(11, 16)}/${partition}`)).toEqual([
      '10:00/1',
      '10:10/0',
      '10:20/0',
    ])
  })

  test('says that there is no file yet', async () => {
    const { exitCode, stdout, stderr } = await run(['capture', 'ls', 'clicks', ...NS])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(unwrapped(stderr)).toContain('There is no file of hub clicks, in')
    expect(unwrapped(stderr)).toContain('No event waits for the next file. Send some with: npx ml-ingest local send')
  })
})

describe('capture cat', () => {
  test('prints lines like those of local tail, file by file, in order within each partition', async () => {
    const { exitCode, stdout, stderr } = await cat()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(idsOf(stdout)).toEqual(['0/0', '0/1', '1/0', '0/2'])
    expect(linesOf(stdout)[0]).toEqual({
      ...{ partition: '0', sequenceNumber: 0, offset: '0', enqueuedTime: '2026-11-30T10:00:01.000Z' },
      ...{ key: null, properties: {}, body: { i: 0 } },
    })
    expect(linesOf<Line>(stdout)[3]!.body).toBe('no json')
  })

  test('prints what came since a time', async () => {
    expect(idsOf((await cat('--since', '2026-11-30T10:04:00.900Z')).stdout)).toEqual(['0/1', '0/2'])
    expect(idsOf((await cat('--partition', '1')).stdout)).toEqual(['1/0'])
  })

  test('--csv has a header', async () => {
    const lines = (await cat('--csv')).stdout.split('\n')
    expect(lines[0]).toBe(
      'partition,sequence_number,offset,enqueued_time,partition_key,kafka_key,content_type,properties,system_properties,body,body_encoding',
    )
    expect(lines[1]).toBe('0,0,0,2026-11-30T10:00:01.000Z,,,,{},{},"{""i"":0}",')
    expect(lines.length).toBe(6)
  })

  test.each([[], ['--csv']])('--output writes what %j would print', async (...form) => {
    const output = `out${form.length}.txt`
    const { stdout } = await cat(...form)
    const done = await cat(...form, '--output', output)
    expect(done).toMatchObject({ exitCode: 0, stdout: '' })
    expect(done.stderr).toContain(`Wrote 4 events to ${output}.`)
    expect(await readFile(join(folder, output), 'utf8')).toBe(stdout)
  })

  test('--parquet writes a file whole, says the next line, and replaces it only when told', async () => {
    const first = await cat('--parquet', 'out.parquet')
    expect(first).toMatchObject({ exitCode: 0, stdout: '' })
    expect(first.stderr).toContain('Wrote 4 events')
    expect(first.stderr).toContain('pandas.read_parquet("out.parquet")')
    const bytes = await readFile(join(folder, 'out.parquet'))
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
    const compressors = { GZIP: (packed: Uint8Array) => gunzipSync(packed) }
    const rows: Record<string, unknown>[] = await parquetReadObjects({ file, compressors })
    expect(rows.map(({ body }) => body)).toEqual(['{"i":0}', '{"i":1}', '"one"', 'no json'])
    const again = await cat('--parquet', 'out.parquet')
    expect(again.exitCode).toBe(2)
    expect(unwrapped(again.stderr)).toContain("Can't write to out.parquet: it exists To replace it, add --force.")
    expect((await cat('--parquet', 'out.parquet', '--force', '--partition', '1')).stderr).toContain('Wrote 1 event ')
    expect((await readdir(folder)).filter((name) => name.startsWith('.ml-ingest'))).toEqual([])
  })

  test('a reader that leaves after one line ends it, as with head -1', async () => {
    class OneLine extends Capture {
      override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error) => void): void {
        if (this.text === '') return super._write(chunk, encoding, done)
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      }
    }
    const stdout = new OneLine()
    const deps = { ...testDeps({ clock: realClock, host, cwd: folder }), stdout }
    expect(await main(['capture', 'cat', 'written', ...NS, '--data', folder], deps)).toBe(0)
    expect(stdout.text.split('\n').length).toBe(2)
    expect(deps.stderr.text).toBe('')
  })

  test('a broken file is told by its name, and the others are read', async () => {
    const half = placeOf(0, '2026-11-30T10:05:00Z')
    const none = placeOf(0, '2026-11-30T10:06:00Z')
    await put(
      half,
      (
        await avroFile(
          [event(9, '11/30/2026 10:05:00 AM', 'x'), event(10, '11/30/2026 10:05:00 AM', 'y'.repeat(999))],
          { blockSize: 100 },
        )
      ).subarray(0, -3),
    )
    await put(none, Buffer.alloc(1_000, 'no'))
    try {
      const { exitCode, stdout, stderr } = await cat()
      expect(exitCode).toBe(1)
      expect(idsOf(stdout)).toEqual(['0/0', '0/1', '1/0', '0/9', '0/2'])
      expect(unwrapped(stderr)).toContain(`${half} ends in the middle.`)
      expect(unwrapped(stderr)).toContain(`${none} is no Avro file.`)
      expect(unwrapped(stderr)).toContain('2 files could not be read to the end')
      expect(unwrapped(stderr)).toMatch(/the hub still has those that are missing: npx ml-ingest local tail .*written/)
    } finally {
      await Promise.all([rm(half), rm(none)])
    }
  })

  test('--json means JSON lines, and an error is a document', async () => {
    const { exitCode, stdout } = await cat('--json')
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: (await cat()).stdout })
    const refused = await run(['capture', 'cat', 'plain', ...NS, '--json'])
    expect(documentOf(refused)).toMatchObject({ command: 'capture cat', exitCode: 1, error: { code: 'absent' } })
    for (const form of [['--csv'], ['--parquet', 'x.parquet']])
      expect(documentOf(await cat('--json', ...form))).toMatchObject({
        exitCode: 2,
        error: { invalid: [{ flag: '--json', message: `contradicts ${form[0]}. Give one of the two` }] },
      })
  })

  test('finding nothing is said, with why and what to run', async () => {
    const late = await cat('--since', '2999-01-01')
    expect(late).toMatchObject({ exitCode: 0, stdout: '' })
    expect(unwrapped(late.stderr)).toContain(
      'There is no event of hub written, since 2999-01-01T00:00:00Z, in the 2 files',
    )
    const none = await run(['capture', 'cat', 'clicks', ...NS, '--partition', '1'])
    expect(none).toMatchObject({ exitCode: 0, stdout: '' })
    expect(unwrapped(none.stderr)).toContain('There is no file of hub clicks, partition 1, in')
  })

  test('events that wait for their file are told: where nothing is printed, and on a terminal', async () => {
    const hub = [...NS, '--hub', 'waiting']
    const made = await run(['create', ...hub, '--capture-container', 'raw', '--yes', '--no-connection'])
    expect(made).toMatchObject({ exitCode: 0 })
    const send = async () => {
      await writeFile(join(folder, 'one.jsonl'), '{"i":1}\n')
      expect((await run(['local', 'send', 'waiting', 'one.jsonl'])).exitCode).toBe(0)
    }
    const waits = `1 event waits for the next file. To write it now: npx ml-ingest local capture --data ${quoted(folder)} --flush`
    await send()
    expect(unwrapped((await run(['capture', 'cat', ...hub])).stderr)).toContain(waits)
    expect(unwrapped((await run(['capture', 'ls', ...hub])).stderr)).toContain(waits)
    await flushCapture({ armEndpoint: service.record.armEndpoint }, { hub: 'waiting' })
    await send()
    expect((await run(['capture', 'cat', ...hub])).stderr).toBe('')
    for (const command of ['cat', 'ls'])
      expect(unwrapped((await run(['capture', command, ...hub], { tty: true })).stderr)).toContain(waits)
    await run(['create', ...hub, '--no-capture', '--yes', '--no-connection'])
  })

  test('what Capture itself wrote comes back', async () => {
    const sent = [{ page: '/' }, { page: '/cart', n: 12345678901234 }]
    await writeFile(join(folder, 'events.jsonl'), sent.map((one) => `${JSON.stringify(one)}\n`).join(''))
    expect((await run(['local', 'send', 'clicks', 'events.jsonl', '--key', 'k1'])).exitCode).toBe(0)
    const flushed = await flushCapture({ armEndpoint: service.record.armEndpoint }, { hub: 'clicks' })
    expect(flushed.failures).toEqual([])
    const { exitCode, stdout } = await run(['capture', 'cat', 'clicks', ...NS])
    expect(exitCode).toBe(0)
    expect(linesOf<Line>(stdout).map(({ body }) => body)).toEqual(sent)
    const tailed = linesOf<Record<string, unknown>>((await run(['local', 'tail', 'clicks'])).stdout)
    const seconds = (line: Record<string, unknown>) => ({
      ...line,
      enqueuedTime: String(line['enqueuedTime']).slice(0, 19),
    })
    expect(linesOf<Record<string, unknown>>(stdout).map(seconds)).toEqual(tailed.map(seconds))
  })
})

describe('what cannot be read is said', () => {
  test.each([
    [['capture', 'cat', 'plain', ...NS], 1, 'hub plain is not captured', '--hub plain --capture-container raw'],
    [
      ['capture', 'cat', 'written', ...NS, '--partition', '9'],
      2,
      'hub written has no partition 9',
      'It has 2: 0 to 1.',
    ],
    [['capture', 'cat', 'written', ...NS, '--hub', 'clicks'], 2, 'HUB', 'contradicts --hub clicks'],
    [['capture', 'ls', 'writen', ...NS], 1, 'there is no hub writen in namespace ns-one-7k2p', 'Did you mean written?'],
    [['capture', 'ls', ...NS], 2, "Can't tell which hub is meant", 'These are captured: clicks, written'],
    [
      ['capture', 'ls', '-g', 'rg', '-n', 'ns-gone-7k2p', '--local'],
      1,
      'there is no namespace ns-gone-7k2p in resource group rg',
      '--hub HUB --capture-container raw',
    ],
    [['capture', 'cat', 'a/b', ...NS], 2, 'a/b', 'HUB'],
    [['capture', 'cat', 'written', ...NS, '--csv', '--parquet', 'x.parquet'], 2, '--csv', 'contradicts --parquet'],
    [['capture', 'cat', 'written', ...NS, '--output', 'x', '--parquet', 'y'], 2, '--output', 'contradicts --parquet'],
    [['capture', 'cat', 'written', ...NS, '--force'], 2, '--force', 'has no effect without --output or --parquet'],
    [['capture', 'cat', 'written', ...NS, '--since', 'soon'], 2, '--since', 'is neither a time such as'],
    [['capture', 'cat', 'written', ...NS, '--parquet', 'none/x.parquet'], 2, "Can't write to none/x.parquet", 'folder'],
  ])('%j', async (argv, exitCode, ...told) => {
    const done = await run(argv)
    expect(done.stdout).toBe('')
    for (const words of told) expect(unwrapped(done.stderr)).toContain(words)
    expect(done.exitCode).toBe(exitCode)
  })
})

test('with --storage the files come from a storage account, and the key is shown nowhere', async () => {
  const azurite = await startAzurite()
  onTestFinished(() => azurite.stop())
  const storage = ['--storage', `lake=${azurite.connectionString}`]
  const key = /AccountKey=([^;]+)/.exec(azurite.connectionString)![1]!
  const none = await ls(...storage)
  expect(none).toMatchObject({ exitCode: 0, stdout: '' })
  const container = azurite.referee.getContainerClient('raw')
  await container.create()
  const bytes = await avroFile([event(7, '11/30/2026 10:00:01 AM', '{"from":"azurite"}')])
  await container.getBlockBlobClient('ns-one-7k2p/written/1/2026/11/30/10/00/00.avro').uploadData(bytes)
  const read = await cat(...storage)
  expect(idsOf(read.stdout)).toEqual(['1/7'])
  const listed = await ls(...storage, '--debug')
  expect(linesOf<Entry>(listed.stdout)[0]!.where).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1\/raw\/ns-one/)
  expect(unwrapped(listed.stderr)).toContain('--storage lake=CONNECTIONSTRING')
  for (const { stdout, stderr } of [none, read, listed]) expect(stdout + stderr).not.toContain(key)
})
