import { beforeEach, describe, expect, it } from 'vitest'
import type { Amount } from '../../../src/local/hubs/budget.ts'
import { amountToStore, type Capacity, Limits } from '../../../src/local/hubs/limits.ts'
import type { EventToStore } from '../../../src/local/log/record.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const EMPTY = Buffer.alloc(0)
const publication = (events: number, bytesOfEach = 100): Amount =>
  amountToStore(
    Array.from({ length: events }, () => ({
      ...{ partitionKey: undefined, header: EMPTY, annotations: [] },
      bare: Buffer.alloc(bytesOfEach),
    })),
  )

let clock: ManualClock
let capacities: Record<string, Capacity>
let inflated: (readonly [string, number])[]
let lines: string[]
let limits: Limits

const throughput = (units: number, mostUnits = units): Capacity => ({ unit: 'throughput unit', units, mostUnits })
const setCapacity = (name: string, capacity: Capacity) => {
  capacities[name] = capacity
  limits.followDirectory()
}
const HUNDRED = publication(100)
/** How many publications of 100 small events are let in at this moment. */
function lettingIn(name: string, most = 1_000): number {
  let count = 0
  while (count < most && limits.letIn(name, HUNDRED)) count++
  return count
}

beforeEach(() => {
  clock = new ManualClock()
  capacities = { one: throughput(1), two: throughput(2) }
  inflated = []
  lines = []
  limits = new Limits({
    clock,
    scaling: {
      capacityOf: (name) => capacities[name],
      inflate: (name, units) => {
        inflated.push([name, units])
        setCapacity(name, { ...capacities[name]!, units })
      },
    },
    log: (line) => lines.push(line),
  })
})

describe('what comes in', () => {
  it('is limited for each namespace by its own units', () => {
    expect([lettingIn('one'), lettingIn('two')]).toEqual([10, 20])
    clock.advance(500)
    expect([lettingIn('one'), lettingIn('two')]).toEqual([5, 10])
  })

  it('counts all events of a publication, and every byte of their messages', () => {
    const large: EventToStore = {
      ...{ partitionKey: undefined, header: Buffer.alloc(100_000), bare: Buffer.alloc(800_000) },
      annotations: [Buffer.alloc(50_000), Buffer.alloc(50_000)],
    }
    expect(limits.letIn('one', amountToStore([large]))).toBe(true)
    expect(limits.letIn('one', publication(1))).toBe(false)
    expect(limits.letIn('two', publication(2_000))).toBe(true)
    expect(limits.letIn('two', publication(1))).toBe(false)
  })

  it('does not count what is refused', () => {
    expect(lettingIn('one')).toBe(10)
    for (let i = 0; i < 50; i++) expect(limits.letIn('one', HUNDRED)).toBe(false)
    expect(limits.refused('one')).toBe(51)
    clock.advance(1_000)
    expect(lettingIn('one')).toBe(10)
    expect(limits.refused('two')).toBe(0)
  })

  it('is told once when it comes too fast', () => {
    lettingIn('one')
    lettingIn('one')
    expect(lines).toEqual(['More comes into namespace one than 1 throughput unit can take: senders are told to wait'])
  })

  it('tells clients that wait how long, and lets nothing in that would wait longer than it may', () => {
    const amount = { bytes: 10_000, events: 1_500 }
    expect(limits.letInOrWait('one', amount, 30_000)).toEqual({ isIn: true, waitMs: 501 })
    expect(limits.letInOrWait('one', amount, 500)).toEqual({ isIn: false, waitMs: 501 })
    expect([limits.refused('one'), limits.letIn('one', HUNDRED)]).toEqual([1, false])
    expect(limits.letInOrWait('one', amount, 501)).toEqual({ isIn: true, waitMs: 2_001 })
    clock.advance(2_001)
    expect(limits.letIn('one', HUNDRED)).toBe(true)
    expect(limits.letInOrWait('missing', amount, 0)).toEqual({ isIn: true, waitMs: 0 })
  })

  it('tells those that read how long to wait, unless auto-inflate has more for them', () => {
    const amount = { bytes: 3_000_000, events: 10 }
    expect([limits.waitAfterReading('one', amount), limits.waitAfterReading('missing', amount)]).toEqual([501, 0])
    setCapacity('two', throughput(2, 3))
    expect(limits.waitAfterReading('two', { bytes: 5_000_000, events: 10 })).toBe(0)
    expect(inflated).toEqual([['two', 3]])
  })

  it('follows a new capacity at once, in both directions', () => {
    expect(lettingIn('one')).toBe(10)
    setCapacity('one', throughput(3))
    expect(lettingIn('one')).toBe(20)
    clock.advance(1_000)
    expect(lettingIn('one')).toBe(30)
    setCapacity('one', throughput(1))
    clock.advance(10_000)
    expect(lettingIn('one')).toBe(10)
  })

  it('is not limited in a cluster, nor where there is no such namespace', () => {
    capacities['cluster'] = { unit: 'capacity unit', units: 1, mostUnits: 1 }
    expect(lettingIn('cluster')).toBe(1_000)
    expect(lettingIn('missing')).toBe(1_000)
    expect(limits.joinReaders('cluster', () => undefined)).toBeUndefined()
  })

  it('has a limit of bytes alone for processing units', () => {
    capacities['premium'] = { unit: 'processing unit', units: 2, mostUnits: 2 }
    expect(limits.letIn('premium', publication(9_999, 1_000))).toBe(true)
    expect(limits.letIn('premium', publication(1, 1_000))).toBe(true)
    expect(limits.letIn('premium', publication(1))).toBe(false)
  })

  it('begins anew for a namespace that was deleted and made again', () => {
    expect(lettingIn('one')).toBe(10)
    delete capacities['one']
    limits.followDirectory()
    setCapacity('one', throughput(1))
    expect(lettingIn('one')).toBe(10)
  })
})

describe('auto-inflate', () => {
  it('adds units while more comes in, up to its maximum, and refuses nothing before', () => {
    setCapacity('one', throughput(1, 3))
    expect(lettingIn('one')).toBe(30)
    expect(inflated).toEqual([
      ['one', 2],
      ['one', 3],
    ])
    clock.advance(1_000)
    expect(lettingIn('one')).toBe(30)
  })

  it('adds no more than are needed, and takes none back', () => {
    setCapacity('one', throughput(1, 20))
    for (let i = 0; i < 100; i++) {
      expect(limits.letIn('one', publication(150))).toBe(true)
      clock.advance(100)
    }
    expect(inflated).toEqual([['one', 2]])
    clock.advance(3_600_000)
    expect(capacities['one']!.units).toBe(2)
  })

  it('adds units for readers too', () => {
    setCapacity('one', throughput(1, 2))
    const reader = limits.joinReaders('one', () => undefined)!
    let read = 0
    for (; reader.mayRead(); read += 100) reader.spend({ bytes: 100, events: 100 })
    expect(inflated).toEqual([['one', 2]])
    // 41 reads of 100 use up 4,096, the other 4,096 are 4 less than that.
    expect(read).toBe(8_200)
    limits.close()
  })
})
