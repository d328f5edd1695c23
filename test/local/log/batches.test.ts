import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DamagedEvents } from '../../../src/local/log/damage.ts'
import { MemoryFolder } from '../../../src/local/log/files.ts'
import { PartitionLog, type PartitionOptions } from '../../../src/local/log/partition-log.ts'
import { Scratch, type StoredEvent } from '../../../src/local/log/record.ts'
import { event, textBatch, unpack } from './text-batch.ts'

const T0 = Date.parse('2026-03-01T12:00:00Z')
const SEGMENT = /\.log$/

const lines: string[] = []
const open = (folder: MemoryFolder, options: Partial<PartitionOptions> = {}): PartitionLog =>
  new PartitionLog(folder, {
    ...{ maxBytes: 2 ** 30, durable: false, label: 'p', scratch: new Scratch(), unpack },
    log: (line) => lines.push(line),
    ...options,
  })

const readAll = (log: PartitionLog, from: number, most = Infinity): StoredEvent[] => {
  const reader = log.reader(from)
  const events: StoredEvent[] = []
  while (!reader.atEnd) events.push(...reader.read(most, Infinity))
  return events
}
const textOf = ({ bare }: StoredEvent): string => bare.toString()

/** What is stored from a number on, as texts; a batch without its stamp. */
function stored(log: PartitionLog, from: number, mostBytes = 1): string[] {
  const reader = log.storedReader(from)
  const texts: string[] = []
  while (!reader.atEnd)
    for (const one of reader.read(mostBytes))
      if (one.kind === 'events') texts.push(...one.events.map(textOf))
      else
        texts.push(
          `batch ${one.batch.firstSequenceNumber} ${unpack(one.batch.bytes)
            .map(({ bare }) => bare.toString())
            .join(' ')}`,
        )
  return texts
}

/** A few publications: of events by themselves, or of a batch of them. */
const publications = fc.array(
  fc.record({ isBatch: fc.boolean(), sizes: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 8 }) }),
  { maxLength: 12 },
)

function store(log: PartitionLog, wanted: readonly { isBatch: boolean; sizes: readonly number[] }[]): string[] {
  const all: string[] = []
  wanted.forEach(({ isBatch, sizes }, i) => {
    const texts = sizes.map((size, j) => `${i}.${j}`.padEnd(size, 'x'))
    if (isBatch) log.appendBatch(textBatch(texts), T0 + i)
    else
      log.append(
        texts.map((text) => event(text)),
        T0 + i,
      )
    all.push(...texts)
  })
  return all
}

describe('a log with batches', () => {
  it('gives every event its number and offset, and finds each by either, and by its time', () => {
    fc.assert(
      fc.property(publications, fc.integer({ min: 1, max: 5 }), (wanted, most) => {
        const folder = new MemoryFolder()
        const first = open(folder, { maxBytes: 4_000 })
        const texts = store(first, wanted)
        for (const log of [first, open(folder, { maxBytes: 4_000 })]) {
          const events = readAll(log, 0, most)
          expect(events.map(textOf)).toEqual(texts)
          expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(texts.map((_, i) => i))
          expect(log.state()).toMatchObject({
            ...{ lastSequenceNumber: texts.length - 1, lastOffset: events.at(-1)?.offset ?? -1 },
          })
          events.forEach(({ sequenceNumber, offset, enqueuedTimeMs }, i) => {
            expect(offset).toBeGreaterThan(events[i - 1]?.offset ?? -1)
            expect(readAll(log, sequenceNumber).map(textOf)).toEqual(texts.slice(i))
            expect(log.locate({ kind: 'offset', value: offset, inclusive: true })).toBe(i)
            expect(log.locate({ kind: 'offset', value: offset, inclusive: false })).toBe(i + 1)
            const ofTime = events.findIndex((one) => one.enqueuedTimeMs === enqueuedTimeMs)
            expect(log.locate({ kind: 'time', value: enqueuedTimeMs, inclusive: true })).toBe(ofTime)
          })
        }
      }),
    )
  })

  it('gives what is stored as it is, from the batch with a number on', () => {
    const log = open(new MemoryFolder())
    log.append([event('a'), event('b')], T0)
    log.appendBatch(textBatch(['c', 'd', 'e']), T0)
    log.append([event('f')], T0)
    const all = ['a', 'b', 'batch 2 c d e', 'f']
    for (const mostBytes of [1, 50, 1_000]) {
      expect(stored(log, 0, mostBytes)).toEqual(all)
      expect(stored(log, 1, mostBytes)).toEqual(all.slice(1))
      for (const number of [2, 3, 4]) expect(stored(log, number, mostBytes)).toEqual(all.slice(2))
      expect(stored(log, 5, mostBytes)).toEqual(['f'])
      expect(stored(log, 6, mostBytes)).toEqual([])
    }
  })

  it('reads on from a number in the middle of a batch while more comes in', () => {
    const log = open(new MemoryFolder())
    log.appendBatch(textBatch(['a', 'b', 'c']), T0)
    const reader = log.reader(1)
    expect(reader.read(1, Infinity).map(textOf)).toEqual(['b'])
    expect([reader.atEnd, reader.sequenceNumber]).toEqual([false, 2])
    log.append([event('d')], T0)
    expect(reader.read(10, Infinity).map(textOf)).toEqual(['c', 'd'])
    expect(reader.atEnd).toBe(true)
  })

  it('stamps a batch with the number and the time that it gets', () => {
    const log = open(new MemoryFolder())
    log.append([event('a')], T0 + 5)
    const batch = textBatch(['b', 'c'])
    expect(log.appendBatch(batch, T0)).toMatchObject({ firstSequenceNumber: 1, lastSequenceNumber: 2 })
    expect(batch.bytes.toString()).toBe(`${'1'.padStart(15, '0')}${String(T0 + 5).padStart(15, '0')}|b|c`)
  })

  it('gives each of many events an offset although the batch has fewer bytes', () => {
    const log = open(new MemoryFolder(), {
      unpack: () => Array.from({ length: 500 }, (_, i) => event(String(i))),
    })
    log.appendBatch({ bytes: Buffer.from('tiny'), events: 500, stamp: () => undefined }, T0)
    log.append([event('after')], T0)
    const events = readAll(log, 0)
    expect(events).toHaveLength(501)
    expect(new Set(events.map(({ offset }) => offset)).size).toBe(501)
    expect(log.locate({ kind: 'offset', value: events[499]!.offset, inclusive: false })).toBe(500)
  })

  it('shows the beginning of each batch', () => {
    const folder = new MemoryFolder()
    const log = open(folder, { maxBytes: 4_000 })
    store(log, [
      { isBatch: true, sizes: [1, 1] },
      { isBatch: false, sizes: [1] },
      { isBatch: true, sizes: [900, 900, 900] },
    ])
    const heads = [...log.batchHeads(10)].map(({ firstSequenceNumber, events, bytes }) => [
      firstSequenceNumber,
      events,
      bytes.length,
    ])
    expect(heads).toEqual([
      [0, 2, 10],
      [3, 3, 10],
    ])
  })
})

describe('a damaged log with batches', () => {
  const threeBatches = (): { folder: MemoryFolder; name: string; size: number; ends: number[] } => {
    const folder = new MemoryFolder()
    const log = open(folder)
    const ends: number[] = []
    const [name] = folder.list().filter((one) => SEGMENT.test(one))
    for (const texts of [
      ['a', 'b'],
      ['c'.repeat(100), 'd'],
      ['e', 'f'.repeat(80), 'g'],
    ]) {
      log.appendBatch(textBatch(texts), T0)
      ends.push(log.state().bytes)
    }
    return { folder, name: name ?? folder.list().find((one) => SEGMENT.test(one))!, size: ends.at(-1)!, ends }
  }

  it('cuts a torn batch at every byte of it, and loses nothing that was whole', () => {
    const { ends, size } = threeBatches()
    for (let cut = ends[1]! + 1; cut < size; cut++) {
      const { folder, name } = threeBatches()
      folder.file(name).truncate(cut)
      const log = open(folder)
      expect(
        readAll(log, 0)
          .map(textOf)
          .map((text) => text[0]),
      ).toEqual(['a', 'b', 'c', 'd'])
      expect(log.append([event('h')], T0).firstSequenceNumber).toBe(4)
    }
  })

  it('shows the batches in front of a damage and behind it', () => {
    for (const broken of [3, 8, 60]) {
      const { folder, name, ends } = threeBatches()
      const file = folder.file(name)
      const bytes = Buffer.from(file.read(0, file.size))
      bytes[ends[0]! + broken]! ^= 0xff
      file.truncate(0)
      file.append(bytes)
      const firsts = [...open(folder).batchHeads(10)].map(({ firstSequenceNumber }) => firstSequenceNumber)
      expect(firsts.filter((first) => first !== 2)).toEqual([0, 4])
    }
  })

  it('tells how many events a damaged batch held, and reads on behind it', () => {
    const { folder, name, ends } = threeBatches()
    const file = folder.file(name)
    const bytes = Buffer.from(file.read(0, file.size))
    bytes[ends[0]! + 60]! ^= 0xff
    file.truncate(0)
    file.append(bytes)
    for (const log of [open(folder), open(folder)]) {
      const reader = log.reader(0)
      expect(reader.read(10, Infinity).map(textOf)).toEqual(['a', 'b'])
      expect(() => reader.read(10, Infinity)).toThrow(DamagedEvents)
      reader.skipDamage()
      expect(reader.read(10, Infinity).map((one) => textOf(one)[0])).toEqual(['e', 'f', 'g'])
      expect(log.losses(0)).toMatchObject([{ firstSequenceNumber: 2, nextSequenceNumber: 4 }])
      const raw = log.storedReader(3)
      expect(() => raw.read(1)).toThrow(DamagedEvents)
      raw.skipDamage()
      expect(raw.sequenceNumber).toBe(4)
    }
  })
})
