import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DamagedEvents } from '../../../src/local/log/damage.ts'
import { Scratch, type StoredEvent, UnstorableEvent } from '../../../src/local/log/record.ts'
import { diskFolder } from '../../../src/local/log/disk-files.ts'
import { type Folder, MemoryFolder } from '../../../src/local/log/files.ts'
import { PartitionLog, type PartitionOptions } from '../../../src/local/log/partition-log.ts'
import { folderName, LogStore, type LoggedHub } from '../../../src/local/log/store.ts'
import { testDirectory } from '../amqp/support/local.ts'
import { event, unpack } from './text-batch.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const HOUR_MS = 3_600_000
const T0 = Date.parse('2026-03-01T12:00:00Z')

const lines: string[] = []
const COMMON = { durable: false, log: (line: string) => lines.push(line), unpack }
/** It is closed when the test has finished: what a test opens again before that is as after a crash. */
function open(folder: Folder, options: Partial<PartitionOptions> = {}): PartitionLog {
  const log = new PartitionLog(folder, {
    ...{ ...COMMON, maxBytes: 2 ** 30, label: 'p', scratch: new Scratch() },
    ...options,
  })
  onTestFinished(() => log.close())
  return log
}
function openStore(root: Folder): LogStore {
  const store = new LogStore(root, { ...COMMON, maxBytes: 2 ** 20 })
  onTestFinished(() => store.close())
  return store
}

const readFrom = (log: PartitionLog, from: number, most: number) => log.reader(from).read(most, Infinity)
const texts = (log: PartitionLog, from = 0): string[] =>
  readFrom(log, from, Infinity).map(({ bare }) => bare.toString())

describe.each(['disk', 'memory'] as const)('the log of a partition on %s', (mode) => {
  const storage = (): Folder => (mode === 'disk' ? diskFolder(join(temporaryFolder(), 'new', '0')) : new MemoryFolder())

  it('gives back what was stored, each part as it was', () => {
    const folder = storage()
    const stored = event('bare', {
      partitionKey: 'ключ',
      header: Buffer.from('head'),
      annotations: [Buffer.from('one'), Buffer.from('three')],
    })
    open(folder).append([stored, event('', { partitionKey: '' })], T0)
    const [first, second] = readFrom(open(folder), 0, 10)
    expect(first).toMatchObject({
      partitionKey: 'ключ',
      annotationCount: 2,
      sequenceNumber: 0,
      offset: 0,
      enqueuedTimeMs: T0,
    })
    expect(Buffer.concat([first!.header, first!.annotations, first!.bare]).toString()).toBe('headonethreebare')
    expect(second).toMatchObject({ partitionKey: '', sequenceNumber: 1 })
    expect(second!.offset).toBeGreaterThan(1)
  })

  it('goes on counting after a restart, and after everything has been dropped', () => {
    const folder = storage()
    const first = open(folder)
    first.append([event('a'), event('b')], T0)
    first.close()
    const second = open(folder)
    expect(second.append([event('c')], T0 + 1)).toMatchObject({ firstSequenceNumber: 2, lastSequenceNumber: 2 })
    const { lastOffset } = second.state()
    second.trimToAge(T0 + 30 * HOUR_MS, 24)
    expect(second.state()).toMatchObject({ isEmpty: true, beginSequenceNumber: 3, lastSequenceNumber: 2, bytes: 0 })
    const third = open(folder)
    expect(third.state()).toMatchObject({ isEmpty: true, beginSequenceNumber: 3, lastSequenceNumber: 2 })
    expect(third.append([event('d')], T0)).toMatchObject({ firstSequenceNumber: 3 })
    expect(third.state().lastOffset).toBeGreaterThan(lastOffset)
    expect(texts(open(folder))).toEqual(['d'])
  })

  it('is at its end for a reader whose next events have all been dropped, and loses nothing by that', () => {
    const log = open(storage())
    log.append([event('a'), event('b')], T0)
    const [reader, stored] = [log.reader(1), log.storedReader(1)]
    log.trimToAge(T0 + 30 * HOUR_MS, 24)
    expect(reader.atEnd && stored.atEnd).toBe(true)
    expect(reader.read(10, Infinity)).toEqual([])
    expect(stored.read(1024)).toEqual([])
    log.append([event('c')], T0 + 30 * HOUR_MS)
    expect(reader.read(10, Infinity).map(({ bare }) => bare.toString())).toEqual(['c'])
  })

  it('drops what is older than the retention, a segment at a time, and nothing that is younger', () => {
    const log = open(storage())
    for (let hour = 0; hour < 30; hour++) log.append([event(`hour ${hour}`)], T0 + hour * HOUR_MS)
    const reader = log.reader(0)
    expect(reader.read(2, Infinity).map(({ bare }) => bare.toString())).toEqual(['hour 0', 'hour 1'])
    log.trimToAge(T0 + 29 * HOUR_MS, 24)
    const kept = texts(log)
    expect(kept.at(-1)).toBe('hour 29')
    expect(kept).toContain('hour 5')
    expect(kept).not.toContain('hour 3')
    expect(log.state().beginSequenceNumber).toBe(30 - kept.length)
    // A reader whose place is gone goes on at the oldest event.
    expect(reader.read(1, Infinity)[0]!.sequenceNumber).toBe(30 - kept.length)
    log.trimToAge(T0 + 10_000 * HOUR_MS, Infinity)
    expect(texts(log)).toEqual(kept)
  })

  it('keeps to its size, and says once that it drops events', () => {
    lines.length = 0
    const log = open(storage(), { maxBytes: 100_000 })
    for (let i = 0; i < 500; i++) log.append([event('x'.repeat(1_000))], T0)
    const { bytes, beginSequenceNumber, lastSequenceNumber } = log.state()
    expect(bytes).toBeLessThanOrEqual(100_000)
    expect(bytes).toBeGreaterThan(70_000)
    expect(lastSequenceNumber).toBe(499)
    expect(readFrom(log, 0, 1)[0]!.sequenceNumber).toBe(beginSequenceNumber)
    expect(lines.filter((line) => line.includes('the oldest events are dropped'))).toHaveLength(1)
  })

  it('reads no more once it has the bytes that were asked for, and one event at least', () => {
    const log = open(storage())
    for (let i = 0; i < 20; i++) log.append([event('x'.repeat(1_000))], T0)
    log.append([event('y'.repeat(300_000)), event('z')], T0)
    const reader = log.reader(0)
    expect(reader.read(100, 5_000)).toHaveLength(5)
    expect(reader.read(100, 1)).toHaveLength(1)
    expect(reader.read(3, 1_000_000)).toHaveLength(3)
    // On a disk, the large one does not fit beside those of the window.
    const sizes: number[] = []
    while (sizes.length < 12) sizes.push(...reader.read(100, 20_000).map(({ bare }) => bare.length))
    expect(sizes).toEqual([...Array<number>(11).fill(1_000), 300_000])
    expect(reader.read(100, 20_000).map(({ bare }) => bare.toString())).toEqual(['z'])
    expect(reader.read(100, 20_000)).toEqual([])
  })

  it('never lets the time of a partition go back', () => {
    const log = open(storage())
    log.append([event('a')], T0)
    log.append([event('b')], T0 - 5_000)
    expect(readFrom(log, 0, 2).map(({ enqueuedTimeMs }) => enqueuedTimeMs)).toEqual([T0, T0])
  })

  it('finds any place by number, offset and time, before and after a restart', () => {
    const publications = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 0, max: HOUR_MS }),
        sizes: fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 40 },
    )
    fc.assert(
      fc.property(publications, fc.boolean(), (all, restart) => {
        const folder = storage()
        let log = open(folder, { maxBytes: 800_000 })
        let timeMs = T0
        for (const { gapMs, sizes } of all)
          log.append(
            sizes.map((size) => event('x'.repeat(size))),
            (timeMs += gapMs),
          )
        if (restart) log = open(folder, { maxBytes: 800_000 })
        const events: StoredEvent[] = []
        for (const reader = log.reader(0); !reader.atEnd;) events.push(...reader.read(Infinity, Infinity))
        expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
          Array.from(events, (_, i) => log.state().beginSequenceNumber + i),
        )
        const next = log.nextSequenceNumber
        for (const [i, { sequenceNumber, offset, enqueuedTimeMs }] of events.entries()) {
          expect(readFrom(log, sequenceNumber, 1)[0]).toMatchObject({ sequenceNumber, offset })
          expect(log.locate({ kind: 'offset', value: offset, inclusive: true })).toBe(sequenceNumber)
          expect(log.locate({ kind: 'offset', value: offset, inclusive: false })).toBe(sequenceNumber + 1)
          const after = events.find((other) => other.enqueuedTimeMs > enqueuedTimeMs)?.sequenceNumber ?? next
          const at = events.find((other) => other.enqueuedTimeMs >= enqueuedTimeMs)!.sequenceNumber
          expect(log.locate({ kind: 'time', value: enqueuedTimeMs, inclusive: false })).toBe(after)
          expect(log.locate({ kind: 'time', value: enqueuedTimeMs, inclusive: true }), `time of ${i}`).toBe(at)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('keeps the places of readers by their names over a restart, and not those of a hub that is gone', () => {
    const root = mode === 'disk' ? diskFolder(temporaryFolder()) : new MemoryFolder()
    const directory = testDirectory()
    const hub = directory.hubs()[0]!
    const first = openStore(root).cursors(hub)
    expect(first.get('trainer', 0)?.next).toBeUndefined()
    first.move('trainer', 0, { next: 7 })
    first.move('trainer', 3, { next: 2 })
    first.move('__proto__', 1, { next: 5 })
    first.move('gone', 0, { next: 1 })
    first.move('trainer', 0, { next: 8 })
    first.forget('gone')
    const second = openStore(root).cursors(hub)
    const places = ['trainer', '__proto__', 'gone'].map((name) => [0, 1, 2, 3].map((p) => second.get(name, p)?.next))
    const none = undefined
    expect(places).toEqual([
      [8, none, none, 2],
      [none, 5, none, none],
      [none, none, none, none],
    ])
    const again = { ...hub, createdAt: hub.createdAt + 1 }
    expect(openStore(root).cursors(again).get('trainer', 0)?.next).toBeUndefined()
  })

  it('starts a hub that was deleted and created again at nothing, and leaves the others alone', () => {
    const root = mode === 'disk' ? diskFolder(temporaryFolder()) : new MemoryFolder()
    const directory = testDirectory()
    const [hub] = directory.hubs()
    const other = directory.addHub('other')
    const store = openStore(root)
    store.partition(hub!, 0).append([event('old')], T0)
    store.partition(other, 1).append([event('kept')], T0)
    directory.removeHub(hub!.name)
    store.reconcile(directory.hubs())
    const again = directory.addHub(hub!.name)
    expect(store.partition(again, 0).state().lastSequenceNumber).toBe(-1)
    store.partition(again, 0).append([event('new')], T0)
    store.close()

    // The same when it was deleted and created while nobody listened, as after a crash.
    const later = openStore(root)
    later.adopt([{ ...again, createdAt: again.createdAt + 1 }, other])
    expect(later.partition({ ...again, createdAt: again.createdAt + 1 }, 0).state().isEmpty).toBe(true)
    expect(texts(later.partition(other, 1))).toEqual(['kept'])
  })
})

/** One whose files somebody holds, so that they cannot be deleted. */
class HeldFolder extends MemoryFolder {
  isHeld = true

  override remove(name: string): void {
    if (this.isHeld) throw new Error(`EBUSY: resource busy '${name}'`)
    super.remove(name)
  }
}

it('stores a publication although an old file cannot be deleted, and deletes it at the next start', () => {
  const folder = new HeldFolder()
  const log = open(folder, { maxBytes: 100_000 })
  lines.length = 0
  for (let i = 0; i < 200; i++) log.append([event('x'.repeat(1_000))], T0)
  expect(log.state()).toMatchObject({ lastSequenceNumber: 199 })
  expect(lines.filter((line) => line.includes('cannot delete 0'))).not.toEqual([])
  const given = log.givenOut
  log.close()
  const before = folder.list().length
  folder.isHeld = false
  lines.length = 0
  const again = open(folder, { maxBytes: 100_000, given })
  expect(folder.list().length).toBeLessThan(before)
  expect(again.state()).toEqual({ ...log.state(), droppedEvents: 0 })
  expect(again.losses(0)).toEqual([])
  expect(lines).toEqual([])
})

it('refuses an event that a record has no room for, and stores nothing of it', () => {
  const log = open(new MemoryFolder())
  expect(() => log.append([event('a'), event('b', { partitionKey: 'k'.repeat(65_535) })], T0)).toThrow(UnstorableEvent)
  const tooMany = Array<Buffer>(65_536).fill(Buffer.from('x'))
  expect(() => log.append([event('b', { annotations: tooMany })], T0)).toThrow(UnstorableEvent)
  expect(log.state().isEmpty).toBe(true)
  log.append([event('c', { partitionKey: 'k'.repeat(65_534) })], T0)
  expect(readFrom(log, 0, 1)[0]!.partitionKey).toHaveLength(65_534)
})

describe('the log on disk', () => {
  const segment = (folder: string) =>
    join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.log'))!,
    )

  it('reads on behind rubbish without writing over what it has read', () => {
    const folder = temporaryFolder()
    const log = open(diskFolder(folder))
    const all = Array.from({ length: 2_000 }, (_, i) => `${String(i).padStart(4, '0')}${'x'.repeat(1_000)}`)
    for (const text of all) log.append([event(text)], T0)
    log.close()
    const bytes = readFileSync(segment(folder))
    const place = bytes.indexOf('0020x') - 33
    // It claims to be short.
    const rubbish = Buffer.alloc(48)
    writeFileSync(segment(folder), Buffer.concat([bytes.subarray(0, place), rubbish, bytes.subarray(place)]))
    const reader = open(diskFolder(folder)).reader(0)
    const read: string[] = []
    while (!reader.atEnd) read.push(...reader.read(Infinity, Infinity).map(({ bare }) => bare.toString()))
    expect(read).toEqual(all)
  })

  it('cuts a torn tail at every byte of the last record, and loses nothing that was whole', () => {
    const folder = temporaryFolder()
    const log = open(diskFolder(folder))
    log.append([event('first')], T0)
    const whole = log.state().bytes
    log.append([event('second', { partitionKey: 'k', annotations: [Buffer.from('note')] })], T0)
    log.close()
    const bytes = readFileSync(segment(folder))
    for (let length = whole; length < bytes.length; length++) {
      writeFileSync(segment(folder), bytes.subarray(0, length))
      const reopened = open(diskFolder(folder))
      expect(texts(reopened), `cut at ${length}`).toEqual(['first'])
      expect(reopened.append([event('next')], T0).firstSequenceNumber).toBe(1)
      reopened.close()
      const after = open(diskFolder(folder))
      expect(texts(after)).toEqual(['first', 'next'])
      after.close()
    }
  })

  it('keeps a publication whole or not at all', () => {
    const folder = temporaryFolder()
    const log = open(diskFolder(folder))
    log.append([event('a')], T0)
    const whole = log.state().bytes
    log.append([event('b'), event('c'), event('d')], T0)
    log.close()
    const size = readFileSync(segment(folder)).length
    for (const length of [size - 1, size - 30, whole + 30, whole + 1]) {
      truncateSync(segment(folder), length)
      expect(texts(open(diskFolder(folder)))).toEqual(['a'])
    }
  })

  it('does not pass on a record that is damaged while it is open', () => {
    const folder = temporaryFolder()
    const log = open(diskFolder(folder))
    log.append([event('good')], T0)
    const bytes = readFileSync(segment(folder))
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(segment(folder), bytes)
    expect(() => readFrom(log, 0, 1)).toThrow(DamagedEvents)
  })

  it('waits for the disk before it says that something is stored, when durable', async () => {
    const log = open(diskFolder(temporaryFolder()), { durable: true })
    const results = Array.from({ length: 20 }, (_, i) => log.append([event(String(i))], T0))
    await Promise.all(results.map(({ stored }) => stored ?? Promise.reject(new Error('acknowledged at once'))))
    log.close()
    expect(() => log.append([event('late')], T0)).toThrow(/closed/)
  })

  describe('a hub.json that does not say whose the events are', () => {
    const hub = testDirectory().hubs()[0]!
    const whole = JSON.stringify({ format: 3, namespace: hub.namespace, name: hub.name, createdAt: hub.createdAt })

    it.each([
      ['is missing', undefined, 'is missing'],
      ['is empty', '', 'is not JSON'],
      ['is cut short', whole.slice(0, -3), 'is not JSON'],
      ['is something else', '[]', 'does not name a hub'],
      ['has no time', '{"format":2}', 'does not name a hub'],
      ['has no name', `{"format":2,"createdAt":${hub.createdAt}}`, 'does not name a hub'],
      ['is of another hub', whole.replace(hub.name, 'other'), `names another hub, ${hub.namespace}/other`],
      ['is of another namespace', whole.replace(hub.namespace, 'ns2'), `names another hub, ns2/${hub.name}`],
      ['is of a newer version', whole.replace('"format":3', '"format":4'), 'has format 4'],
    ])('%s: nothing is removed, and the file is named', (_, text, why) => {
      const root = temporaryFolder()
      const store = openStore(diskFolder(root))
      store.partition(hub, 2).append([event('acknowledged')], T0)
      store.close()
      const description = join(root, hub.namespace, hub.name, 'hub.json')
      if (text === undefined) rmSync(description)
      else writeFileSync(description, text)

      const again = openStore(diskFolder(root))
      const refusal = expect.objectContaining({
        code: 'local-state',
        message: expect.stringContaining(`${description} ${why}`) as string,
      }) as Error
      expect(() => again.adopt([hub])).toThrow(refusal)
      expect(() => again.partition(hub, 2)).toThrow(refusal)
      writeFileSync(description, whole)
      again.adopt([hub])
      expect(texts(again.partition(hub, 2))).toEqual(['acknowledged'])
    })

    it('is made anew where there are no events beside it', () => {
      const root = temporaryFolder()
      const store = openStore(diskFolder(root))
      store.partition(hub, 0)
      const description = join(root, hub.namespace, hub.name, 'hub.json')
      writeFileSync(description, '')
      const again = openStore(diskFolder(root))
      again.adopt([hub])
      again.partition(hub, 0).append([event('first')], T0)
      expect(readFileSync(description, 'utf8')).toBe(whole)
    })

    it('does not keep the events of a hub that is deleted, and says so', () => {
      lines.length = 0
      const root = temporaryFolder()
      const store = openStore(diskFolder(root))
      store.partition(hub, 0).append([event('old')], T0)
      rmSync(join(root, hub.namespace, hub.name, 'hub.json'))
      store.reconcile([])
      expect(readdirSync(root)).toEqual([])
      expect(lines).toEqual([`${hub.namespace}/${hub.name}: removed its events, as the hub was deleted`])
    })
  })

  describe('events that belong to no hub at a start', () => {
    const hub = testDirectory().hubs()[0]!
    const made = { ...hub, createdAt: hub.createdAt + 1 }

    /** A folder with one event of `hub`, and how many it set aside before. */
    function stored(): string {
      lines.length = 0
      const root = temporaryFolder()
      const store = openStore(diskFolder(root))
      store.partition(hub, 0).append([event('acknowledged')], T0)
      store.close()
      return root
    }
    const asideIn = (root: string, name: string) => {
      const store = openStore(diskFolder(root))
      renameSync(join(root, hub.namespace, name), join(root, hub.namespace, hub.name))
      return texts(store.partition(hub, 0))
    }

    it.each<[string, readonly LoggedHub[]]>([
      ['no hub is left', []],
      ['the hub was made again', [made]],
    ])('are set aside where %s, and the place is told', (_, hubs) => {
      const root = stored()
      const again = openStore(diskFolder(root))
      again.adopt(hubs)
      const aside = join(root, hub.namespace, `${hub.name}+1`)
      expect(lines).toEqual([
        `${hub.namespace}/${hub.name}: these events belong to no present hub. They were set aside in ${aside}`,
      ])
      if (hubs.length > 0) expect(again.partition(made, 0).state().isEmpty).toBe(true)
      again.close()
      rmSync(join(root, hub.namespace, hub.name), { recursive: true, force: true })
      expect(asideIn(root, `${hub.name}+1`)).toEqual(['acknowledged'])
    })

    it('stay aside at later starts and while hubs are deleted', () => {
      const root = stored()
      openStore(diskFolder(root)).adopt([])
      const again = openStore(diskFolder(root))
      again.adopt([made])
      again.partition(made, 0).append([event('new')], T0)
      again.reconcile([])
      again.close()
      const third = openStore(diskFolder(root))
      third.adopt([])
      expect(readdirSync(join(root, hub.namespace))).toEqual([`${hub.name}+1`])
      expect(asideIn(root, `${hub.name}+1`)).toEqual(['acknowledged'])
    })

    it('get a place of their own each time', () => {
      const root = stored()
      openStore(diskFolder(root)).adopt([])
      const again = openStore(diskFolder(root))
      again.partition(made, 0).append([event('second')], T0)
      again.close()
      openStore(diskFolder(root)).adopt([])
      expect(readdirSync(join(root, hub.namespace)).sort()).toEqual([`${hub.name}+1`, `${hub.name}+2`])
    })
  })

  it.each(['', '{"format":1,"cursors":{"a":{"0":"x"}}}', '{"format":2}', '[]', 'null'])(
    'begins anew, and says so, where the places of readers cannot be read: %s',
    (text) => {
      lines.length = 0
      const root = temporaryFolder()
      const hub = testDirectory().hubs()[0]!
      openStore(diskFolder(root)).cursors(hub).move('a', 0, { next: 1 })
      const file = join(root, hub.namespace, hub.name, 'cursors.json')
      writeFileSync(file, text)
      const cursors = openStore(diskFolder(root)).cursors(hub)
      expect(cursors.get('a', 0)?.next).toBeUndefined()
      expect(lines).toEqual([expect.stringContaining(file)])
      cursors.move('a', 0, { next: 2 })
      expect(openStore(diskFolder(root)).cursors(hub).get('a', 0)?.next).toBe(2)
    },
  )

  it('opens nothing after it was closed', () => {
    const folder = temporaryFolder()
    const [hub] = testDirectory().hubs()
    const store = openStore(diskFolder(folder))
    store.close()
    expect(() => store.partition(hub!, 0)).toThrow('The events are closed')
    expect(readdirSync(folder)).toEqual([])
  })

  it('holds at most 256 files open', () => {
    const directory = testDirectory()
    const hub = directory.addHub('wide', { partitionCount: 400 })
    const store = openStore(diskFolder(temporaryFolder()))
    const openFiles = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0)
    const before = openFiles()
    for (let round = 0; round < 2; round++) {
      for (let partition = 0; partition < 400; partition++)
        store.partition(hub, partition).append([event(`${round}`)], T0)
    }
    expect(openFiles() - before).toBeLessThanOrEqual(256)
    for (let partition = 0; partition < 400; partition++)
      expect(texts(store.partition(hub, partition))).toEqual(['0', '1'])
    store.close()
  })

  it('gives every hub a folder name that all file systems take', () => {
    expect(folderName('Clicks')).toBe('clicks')
    expect(folderName('con')).not.toBe('con')
    const long = [folderName(`${'a'.repeat(255)}x`), folderName(`${'a'.repeat(255)}y`)]
    expect(new Set(long).size).toBe(2)
    expect(long[0]!.length).toBeLessThanOrEqual(80)
  })
})
