import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Failure } from '../../../src/lib/errors.ts'
import { crc32c } from '../../../src/lib/crc32c.ts'
import { DamagedEvents } from '../../../src/local/log/damage.ts'
import { diskFolder } from '../../../src/local/log/disk-files.ts'
import type { PartitionLog } from '../../../src/local/log/partition-log.ts'
import { LogStore } from '../../../src/local/log/store.ts'
import { testDirectory } from '../amqp/support/local.ts'
import { unpack } from './text-batch.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const T0 = Date.parse('2026-03-01T12:00:00Z')
/** Segments of 100 kB. */
const MAX_BYTES = 400_000
const HUB = testDirectory().hubs()[0]!

/** A folder of events: what was acknowledged, by number, and what was said. */
class Stored {
  readonly root = temporaryFolder()
  readonly events = new Map<number, string>()
  readonly lines: string[] = []
  store = this.open()

  get hub(): string {
    return join(this.root, HUB.namespace, HUB.name)
  }

  get partition(): string {
    return join(this.hub, '0')
  }

  get segments(): readonly string[] {
    return readdirSync(this.partition)
      .filter((name) => name.endsWith('.log'))
      .sort()
  }

  get copies(): readonly string[] {
    return readdirSync(this.partition).filter((name) => name.includes('.damaged-'))
  }

  /** One that was not closed before is as after a kill. It is closed when the test has finished. */
  open(): LogStore {
    const store = new LogStore(diskFolder(this.root), {
      unpack,
      ...{ maxBytes: MAX_BYTES, durable: false },
      log: (line) => this.lines.push(line),
    })
    onTestFinished(() => store.close())
    store.adopt([HUB])
    return store
  }

  get log(): PartitionLog {
    return this.store.partition(HUB, 0)
  }

  /** Its files are closed, and nothing is written down since the segment began. */
  kill(): void {
    this.log.close()
  }

  append(texts: readonly string[]): number {
    const events = texts.map((text) => ({
      ...{ partitionKey: text.slice(0, 3), header: Buffer.from('h'), annotations: [Buffer.from('note')] },
      bare: Buffer.from(text),
    }))
    const { firstSequenceNumber } = this.log.append(events, T0 + this.events.size)
    texts.forEach((text, i) => {
      expect(this.events.has(firstSequenceNumber + i), `number ${firstSequenceNumber + i} is given out twice`).toBe(
        false,
      )
      this.events.set(firstSequenceNumber + i, text)
    })
    return firstSequenceNumber
  }

  restart(): void {
    this.store.close()
    this.store = this.open()
  }

  /** All that can be read, and the numbers that the reader is told are lost. */
  read(): { readonly events: Map<number, string>; readonly lost: Set<number> } {
    const events = new Map<number, string>()
    const lost = new Set<number>()
    const reader = this.log.reader(0)
    while (!reader.atEnd) {
      try {
        for (const { sequenceNumber, bare } of reader.read(7, 10_000)) events.set(sequenceNumber, bare.toString())
      } catch (error) {
        if (!(error instanceof DamagedEvents)) throw error
        const { firstSequenceNumber, nextSequenceNumber } = error.lost
        for (let number = firstSequenceNumber; number < nextSequenceNumber; number++) lost.add(number)
        reader.skipDamage()
      }
    }
    return { events, lost }
  }

  /** The numbers that the log says are lost or missing. */
  get told(): Set<number> {
    const numbers = this.lines.flatMap((line) => {
      const range = /Events (\d+) to (?:at most )?(\d+) are/.exec(line) ?? /Event (\d+)() is/.exec(line)
      if (!range) return []
      const first = Number(range[1])
      const last = Number(range[2] || first)
      return Array.from({ length: Math.min(last - first + 1, this.events.size + 1_000_000) }, (_, i) => first + i)
    })
    return new Set(numbers)
  }

  /** What is read is as it was, all else is named by the reader or in the log, and no number comes twice. */
  check(): { readonly missing: readonly number[] } {
    const { events, lost } = this.read()
    const { told } = this
    const wrong = [...events].filter(([number, text]) => this.events.get(number) !== text)
    expect(wrong.map(([number]) => number)).toEqual([])
    const missing = [...this.events.keys()].filter((number) => !events.has(number))
    expect(missing.filter((number) => !told.has(number))).toEqual([])
    const silent = missing.filter((number) => !lost.has(number) && number >= this.log.state().beginSequenceNumber)
    expect(silent).toEqual([])
    this.append(['new after the damage', 'and one more'])
    return { missing }
  }
}

/** 360 events in four segments. */
function filled(): Stored {
  const stored = new Stored()
  for (let i = 0; i < 120; i++) stored.append(['a', 'b', 'c'].map((name) => `${i}/${name}/${'x'.repeat(1_000)}`))
  expect(stored.segments.length).toBe(4)
  return stored
}

type Harm = 'flip' | 'cut' | 'empty' | 'remove'
const HARMS: readonly Harm[] = ['flip', 'cut', 'empty', 'remove']

function harm(file: string, how: Harm): void {
  const bytes = readFileSync(file)
  if (how === 'remove') rmSync(file)
  else if (how === 'empty') truncateSync(file, 0)
  else if (how === 'cut') truncateSync(file, Math.floor(bytes.length / 2))
  else {
    for (let i = 0; i < 8; i++) bytes[Math.floor(bytes.length / 2) + i]! ^= 0x55
    writeFileSync(file, bytes)
  }
}

const SEGMENTS = ['first', 'second', 'last'] as const
const segmentFile = (stored: Stored, which: (typeof SEGMENTS)[number]): string =>
  join(stored.partition, stored.segments.at({ first: 0, second: 1, last: -1 }[which])!)

describe.each(SEGMENTS)('the %s segment', (which) => {
  it.each(HARMS)('%s: every lost event is named, and all else is there', (how) => {
    const stored = filled()
    stored.store.close()
    const file = segmentFile(stored, which)
    harm(file, how)
    stored.lines.length = 0
    stored.store = stored.open()
    const { missing } = stored.check()
    if (how === 'flip') expect(missing).toHaveLength(1)
    else if (how === 'cut') expect(missing.length).toBeGreaterThan(30)
    else expect(missing.length).toBeGreaterThan(50)
    if (how === 'flip') expect(stored.copies).toEqual([expect.stringContaining(basename(file))])

    // It is told once, and stays so.
    stored.lines.length = 0
    stored.restart()
    const again = stored.read()
    expect([...again.events.keys()].filter((number) => !stored.events.has(number))).toEqual([])
    expect(again.events.size).toBe(stored.events.size - missing.length)
    expect(stored.lines).toEqual([])
  })
})

describe('a file beside the segments', () => {
  it.each(HARMS)('ledger.json, %s: all events are there, and numbers go on', (how) => {
    const stored = filled()
    stored.store.close()
    harm(join(stored.hub, 'ledger.json'), how)
    stored.lines.length = 0
    stored.store = stored.open()
    expect(stored.check()).toEqual({ missing: [] })
    const said = [expect.stringContaining(`ledger.json is ${how === 'remove' ? 'missing' : 'damaged'}`) as string]
    expect(stored.lines).toEqual(said)
  })

  it.each(HARMS)('cursors.json, %s: all events are there, and the readers begin anew', (how) => {
    const stored = filled()
    stored.store.cursors(HUB).move('trainer', 0, { next: 300 })
    stored.store.close()
    harm(join(stored.hub, 'cursors.json'), how)
    stored.lines.length = 0
    stored.store = stored.open()
    expect(stored.store.cursors(HUB).get('trainer', 0)?.next).toBeUndefined()
    expect(stored.check()).toEqual({ missing: [] })
    const said = how === 'remove' ? [] : [expect.stringContaining('cursors.json is damaged') as string]
    expect(stored.lines).toEqual(said)
  })

  it.each(HARMS)('hub.json, %s: it refuses, and nothing is touched', (how) => {
    const stored = filled()
    stored.store.close()
    const file = join(stored.hub, 'hub.json')
    const whole = readFileSync(file)
    harm(file, how)
    stored.lines.length = 0
    expect(() => stored.open()).toThrow(Failure)
    writeFileSync(file, whole)
    stored.store = stored.open()
    expect(stored.check()).toEqual({ missing: [] })
    expect(stored.lines).toEqual([])
  })

  it('hub.json with another time: the events are set aside, and the place is told', () => {
    const stored = filled()
    stored.store.close()
    const file = join(stored.hub, 'hub.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace(`${HUB.createdAt}`, `${HUB.createdAt + 1}`))
    stored.lines.length = 0
    stored.store = stored.open()
    expect(stored.lines).toEqual([expect.stringContaining(`${stored.hub}+1`)])
    expect(existsSync(join(`${stored.hub}+1`, '0'))).toBe(true)
  })

  it.each(['closed', 'killed'] as const)('the folder of a partition, removed after it was %s', (end) => {
    const stored = filled()
    if (end === 'closed') stored.store.close()
    else stored.kill()
    rmSync(stored.partition, { recursive: true })
    stored.lines.length = 0
    stored.store = stored.open()
    const first = stored.append(['new'])
    expect(first).toBeGreaterThanOrEqual(360)
    expect(stored.lines).toEqual([expect.stringContaining('Events 0 to')])
  })
})

describe('the newest segment, cut short', () => {
  it('after a kill, at any place before what the ledger knows: no number is given out twice', () => {
    for (const share of [0, 0.01, 0.2, 0.5]) {
      const stored = new Stored()
      stored.append(Array.from({ length: 40 }, (_, i) => `first ${i} ${'x'.repeat(100)}`))
      stored.append(Array.from({ length: 40 }, (_, i) => `second ${i} ${'x'.repeat(100)}`))
      const file = segmentFile(stored, 'last')
      truncateSync(file, Math.floor((statSync(file).size / 2) * share))
      stored.lines.length = 0
      stored.store = stored.open()
      expect(stored.append(['new']), `cut at ${share}`).toBeGreaterThanOrEqual(80)
      stored.check()
    }
  })

  it('after a clean stop: exactly the events that it held are lost', () => {
    const stored = filled()
    stored.store.close()
    truncateSync(segmentFile(stored, 'last'), 0)
    stored.lines.length = 0
    stored.store = stored.open()
    expect(stored.append(['new'])).toBe(stored.events.size - 1)
    stored.check()
  })

  it('with rubbish behind it after a clean stop: nothing is lost, and that is said', () => {
    const stored = filled()
    stored.store.close()
    appendFileSync(segmentFile(stored, 'last'), Buffer.alloc(500, 0xee))
    stored.lines.length = 0
    stored.store = stored.open()
    expect(stored.check()).toEqual({ missing: [] })
    expect(stored.lines).toEqual([
      expect.stringMatching(/^\S+ partition 0: No event is lost: .*: 500 bytes are no events/),
    ])
  })
})

it('tells a reader of the first events that all of them are gone', () => {
  const stored = new Stored()
  stored.append(['one', 'two'])
  stored.store.close()
  rmSync(segmentFile(stored, 'last'))
  stored.store = stored.open()
  expect(stored.log.losses(0)).toMatchObject([{ firstSequenceNumber: 0, nextSequenceNumber: 2 }])
  expect(stored.log.readableEvents).toBe(0)
})

it('takes no part of a body for a record', () => {
  const forger = new Stored()
  const inner = Array.from({ length: 3 }, (_, i) => `inner ${i}`)
  forger.append(inner)
  const records = readFileSync(segmentFile(forger, 'last'))
  records.writeUIntBE(900_000, 15, 6)
  records.writeUInt32BE(crc32(records.subarray(8, records.readUInt32BE(0) + 8)), 4)
  const forged = records.subarray(0, records.readUInt32BE(0) + 8)

  const stored = new Stored()
  stored.append(['zero', 'one'])
  const at = statSync(segmentFile(stored, 'last')).size
  const { firstSequenceNumber } = stored.log.append(
    [
      {
        partitionKey: undefined,
        header: Buffer.alloc(0),
        annotations: [],
        bare: Buffer.concat([forged, Buffer.alloc(9)]),
      },
    ],
    T0,
  )
  stored.append(['three', 'four'])
  const bytes = readFileSync(segmentFile(stored, 'last'))
  bytes[at + 2]! ^= 0x10
  writeFileSync(segmentFile(stored, 'last'), bytes)
  stored.store = stored.open()
  const { events, lost } = stored.read()
  expect([...events.values()]).toEqual(['zero', 'one', 'three', 'four'])
  expect([...lost]).toEqual([firstSequenceNumber])
})

it('skips numbers where the newest segment is gone, and nobody knows what was in it', () => {
  const stored = filled()
  stored.kill()
  rmSync(segmentFile(stored, 'last'))
  stored.lines.length = 0
  stored.store = stored.open()
  expect(stored.check().missing.length).toBeGreaterThan(50)
})

it('finds any byte of the last segment that changed, after a clean end', () => {
  const stored = new Stored()
  stored.append(['first'])
  stored.append(['second', 'of', 'three'])
  stored.store.close()
  const file = segmentFile(stored, 'last')
  const bytes = readFileSync(file)
  const known = [...stored.events]
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 0xff
    for (const name of [...stored.copies, ...stored.segments]) rmSync(join(stored.partition, name))
    writeFileSync(file, changed)
    const ledger = readFileSync(join(stored.hub, 'ledger.json'))
    stored.lines.length = 0
    stored.store = stored.open()
    expect(stored.check().missing, `byte ${at}`).toHaveLength(1)
    // The whole damaged record is in the copy.
    const copy = stored.copies[0]!
    const start = Number(copy.split('-').at(-1))
    const kept = readFileSync(join(stored.partition, copy))
    expect(kept).toEqual(changed.subarray(start, start + kept.length))
    expect(at >= start && at < start + kept.length).toBe(true)
    stored.store.close()
    writeFileSync(join(stored.hub, 'ledger.json'), ledger)
    stored.events.clear()
    for (const [number, text] of known) stored.events.set(number, text)
  }
})

it('keeps the bytes of a publication that was not complete, each time', () => {
  const stored = new Stored()
  stored.append(['whole'])
  const file = segmentFile(stored, 'last')
  const whole = readFileSync(file)
  for (let round = 1; round <= 2; round++) {
    const ledger = readFileSync(join(stored.hub, 'ledger.json'))
    stored.append(['torn'])
    stored.events.delete(1)
    // The process dies in the write of the segment.
    writeFileSync(join(stored.hub, 'ledger.json'), ledger)
    const torn = readFileSync(file).subarray(0, -1)
    writeFileSync(file, torn)
    stored.lines.length = 0
    stored.store = stored.open()
    expect(stored.read().events).toEqual(stored.events)
    expect(stored.lines).toEqual([
      expect.stringContaining(`cut ${torn.length - whole.length} bytes of a publication that was not complete`),
    ])
    expect(stored.copies).toHaveLength(round)
    for (const copy of stored.copies)
      expect(readFileSync(join(stored.partition, copy))).toEqual(torn.subarray(whole.length))
  }
})

it('tells a reader that starts by offset or time at lost events of them', () => {
  const stored = filled()
  stored.store.close()
  harm(segmentFile(stored, 'second'), 'flip')
  stored.store = stored.open()
  const { log } = stored
  const { missing } = stored.check()
  const lost = missing[0]!
  const [before] = log.reader(lost - 1).read(1, Infinity)
  const starts = [
    { kind: 'sequenceNumber', value: lost - 1, inclusive: false },
    { kind: 'offset', value: before!.offset, inclusive: false },
    { kind: 'time', value: before!.enqueuedTimeMs - 3, inclusive: false },
  ] as const
  for (const start of starts) {
    const reader = log.reader(log.locate(start))
    const read = () => reader.read(10, Infinity).map(({ sequenceNumber }) => sequenceNumber)
    const readAll = (): number[] => {
      const numbers = read()
      return numbers.includes(lost - 1) ? [...numbers, ...readAll()] : numbers
    }
    expect(readAll, JSON.stringify(start)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`Event ${lost} is lost`) as string }) as Error,
    )
    expect(read, 'until it is skipped').toThrow(DamagedEvents)
    reader.skipDamage()
    expect(read()[0]).toBe(lost + 1)
  }
})

describe('records of an earlier version', () => {
  /** As format 1 wrote them: without a number. */
  function oldRecord(text: string): Buffer {
    const bare = Buffer.from(text)
    const bytes = Buffer.alloc(27 + bare.length)
    bytes.writeUInt32BE(bytes.length - 8, 0)
    bytes[8] = 1
    bytes.writeUIntBE(T0, 9, 6)
    bytes.writeUInt16BE(0xffff, 15)
    bare.copy(bytes, 27)
    bytes.writeUInt32BE(crc32c(bytes, 8), 4)
    return bytes
  }

  /** A folder that the earlier version left, with `texts` in one segment. */
  function left(texts: readonly string[]): { stored: Stored; file: string } {
    const stored = new Stored()
    stored.append(['x'])
    stored.store.close()
    const file = segmentFile(stored, 'last')
    writeFileSync(file, Buffer.concat(texts.map(oldRecord)))
    rmSync(join(stored.hub, 'ledger.json'))
    const description = join(stored.hub, 'hub.json')
    writeFileSync(description, readFileSync(description, 'utf8').replace('"format":3', '"format":1'))
    stored.events.clear()
    texts.forEach((text, i) => stored.events.set(i, text))
    stored.lines.length = 0
    return { stored, file }
  }

  it('are read, and new ones follow them in the same file', () => {
    const { stored, file } = left(['one', 'two', 'three'])
    stored.store = stored.open()
    expect(stored.check()).toEqual({ missing: [] })
    stored.restart()
    expect(stored.read().events).toEqual(stored.events)
    expect(stored.segments).toEqual([basename(file)])
    expect(stored.lines).toEqual([])
    // The earlier version refuses them, as it would take them for damage.
    expect(readFileSync(join(stored.hub, 'hub.json'), 'utf8')).toContain('"format":3')
  })

  it('are cut where the last one is torn', () => {
    const { stored, file } = left(['one', 'two', 'three'])
    truncateSync(file, statSync(file).size - 1)
    stored.events.delete(2)
    stored.store = stored.open()
    expect(stored.check()).toEqual({ missing: [] })
  })

  it('keep their numbers behind one whose bytes have changed', () => {
    const { stored, file } = left(['one', 'two', 'three'])
    const bytes = readFileSync(file)
    bytes[30 + 27]! ^= 1
    writeFileSync(file, bytes)
    stored.store = stored.open()
    expect(stored.check()).toEqual({ missing: [1] })
  })

  it('are kept aside where nobody knows their numbers', () => {
    const { stored, file } = left(['one', 'two', 'three', 'four'])
    const bytes = readFileSync(file)
    bytes[30 + 3]! ^= 0x10
    writeFileSync(file, bytes)
    stored.store = stored.open()
    expect(stored.check()).toEqual({ missing: [1, 2, 3] })
    expect(readFileSync(join(stored.partition, stored.copies[0]!)).includes('three')).toBe(true)
  })
})

it('reads what is damaged while it is open, but for what is lost', () => {
  const stored = filled()
  const file = segmentFile(stored, 'last')
  stored.read()
  harm(file, 'flip')
  expect(stored.check().missing).toHaveLength(1)
  // Rubbish at the end: new events go to a segment of their own.
  const bytes = readFileSync(file)
  bytes.fill(0xee, bytes.length - 10)
  writeFileSync(file, bytes)
  const { events, lost } = stored.read()
  expect(events.size + lost.size).toBe(stored.events.size)
  stored.append(['behind the rubbish'])
  stored.restart()
  expect([...stored.read().events.values()].at(-1)).toBe('behind the rubbish')
})

it('gives back each event as it was with its number, and names each other one', () => {
  const publications = fc.array(fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 5 }), {
    minLength: 20,
    maxLength: 120,
  })
  const place = { segment: fc.nat(), at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }) }
  const damage = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ how: fc.constant('flip' as const), ...place, bytes: fc.integer({ min: 1, max: 40 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ how: fc.constant('zero' as const), ...place, bytes: fc.integer({ min: 1, max: 9_000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ how: fc.constant('drop' as const), ...place, bytes: fc.integer({ min: 1, max: 9_000 }) }),
    },
    { weight: 2, arbitrary: fc.record({ how: fc.constant('cut' as const), ...place, bytes: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ how: fc.constant('remove' as const), ...place, bytes: fc.constant(0) }) },
  )
  fc.assert(
    fc.property(publications, fc.array(damage, { minLength: 1, maxLength: 6 }), (all, damages) => {
      const stored = new Stored()
      all.forEach((sizes, i) => stored.append(sizes.map((size, j) => `${i}/${j}/${'x'.repeat(size)}`)))
      stored.store.close()
      for (const { how, segment, at, bytes } of damages) {
        const names = stored.segments
        if (names.length === 0) break
        const file = join(stored.partition, names[segment % names.length]!)
        const old = readFileSync(file)
        const start = Math.floor(at * old.length)
        if (how === 'remove') rmSync(file)
        else if (how === 'cut') truncateSync(file, start)
        else if (how === 'drop')
          writeFileSync(file, Buffer.concat([old.subarray(0, start), old.subarray(start + bytes)]))
        else {
          for (let i = start; i < Math.min(old.length, start + bytes); i++) old[i] = how === 'zero' ? 0 : ~old[i]!
          writeFileSync(file, old)
        }
      }
      stored.lines.length = 0
      stored.store = stored.open()
      stored.check()
      stored.restart()
      stored.check()
      stored.store.close()
      rmSync(stored.root, { recursive: true })
    }),
    { numRuns: Number(process.env['DAMAGE_RUNS'] ?? 40) },
  )
}, 120_000)
