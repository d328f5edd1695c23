import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CommittedOffset, CommittedOffsets } from '../../../src/local/log/committed-offsets.ts'
import { diskFolder } from '../../../src/local/log/disk-files.ts'
import { type Folder, MemoryFolder } from '../../../src/local/log/files.ts'
import { LogStore } from '../../../src/local/log/store.ts'
import { unpack } from './text-batch.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const HUB = { namespace: 'ns', name: 'clicks', createdAt: 1 }
const T0 = Date.parse('2026-03-01T12:00:00Z')

const lines: string[] = []
const open = (root: Folder, durable = false): LogStore =>
  new LogStore(root, { maxBytes: 2 ** 20, durable, log: (line) => lines.push(line), unpack })
const at = (offset: number, metadata = '', leaderEpoch = -1): CommittedOffset => ({ offset, leaderEpoch, metadata })
const allOf = (offsets: CommittedOffsets) =>
  new Map(offsets.groups().map((group) => [group, new Map(offsets.of(group))]))

describe.each(['disk', 'disk, durable', 'memory'] as const)('committed offsets in %s', (mode) => {
  const storage = (): Folder => (mode === 'memory' ? new MemoryFolder() : diskFolder(temporaryFolder()))

  it('are what was committed last, also for a store that nobody closed', () => {
    const group = fc.constantFrom('a', 'A', '__proto__', 'x'.repeat(256), 'ä/../\u0000', '1')
    const action = fc.oneof(
      fc.record({
        do: fc.constant('commit' as const),
        group,
        partition: fc.nat(3),
        offset: fc.nat(),
        note: fc.string(),
      }),
      fc.record({ do: fc.constant('forget' as const), group, partition: fc.option(fc.nat(3)) }),
      fc.record({ do: fc.constant('kill' as const) }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
        const root = storage()
        let offsets = open(root, mode !== 'disk').committedOffsets(HUB)
        const model = new Map<string, Map<number, CommittedOffset>>()
        for (const one of actions) {
          if (one.do === 'kill') offsets = open(root).committedOffsets(HUB)
          if (one.do === 'commit') {
            const committed = at(one.offset, one.note, one.offset % 3)
            offsets.commit(one.group, [[one.partition, committed]])
            model.set(
              one.group,
              (model.get(one.group) ?? new Map<number, CommittedOffset>()).set(one.partition, committed),
            )
          }
          if (one.do === 'forget') {
            offsets.forget(one.group, one.partition ?? undefined)
            for (const partition of one.partition === null ? [0, 1, 2, 3] : [one.partition])
              model.get(one.group)?.delete(partition)
            if (model.get(one.group)?.size === 0) model.delete(one.group)
          }
          expect(allOf(offsets)).toEqual(model)
        }
        expect(allOf(open(root).committedOffsets(HUB))).toEqual(model)
      }),
      { numRuns: 20 },
    )
  })

  it('are no partition and no events, and go with their hub', () => {
    const root = storage()
    const store = open(root)
    store.partition(HUB, 2)
    store.committedOffsets(HUB).commit('trainer', [[2, at(7)]])
    expect(store.storedPartitions(HUB).filter((one) => one !== 2)).toEqual([])
    expect(open(root).committedOffsets(HUB).of('trainer').get(2)).toEqual(at(7))
    lines.length = 0
    open(root).adopt([])
    expect(lines).toEqual([])
    expect(open(root).committedOffsets(HUB).groups()).toEqual([])

    const again = { ...HUB, createdAt: 2 }
    open(root)
      .committedOffsets(HUB)
      .commit('trainer', [[2, at(7)]])
    expect(open(root).committedOffsets(again).groups()).toEqual([])
  })

  it('are set aside with the events that they count', () => {
    const root = storage()
    const store = open(root)
    const bare = Buffer.from('event')
    store.partition(HUB, 0).append([{ partitionKey: undefined, header: Buffer.alloc(0), annotations: [], bare }], T0)
    store.committedOffsets(HUB).commit('trainer', [[0, at(1)]])
    store.close()
    open(root).adopt([])
    expect(open(root).committedOffsets(HUB).groups()).toEqual([])
    expect(root.folder('ns').folder('clicks+1').folder('offsets').list()).toHaveLength(1)
  })
})

it('tells of a damaged file, and the other groups go on', () => {
  const folder = temporaryFolder()
  const offsets = open(diskFolder(folder)).committedOffsets(HUB)
  offsets.commit('broken', [[0, at(1)]])
  const file = join(folder, 'ns', 'clicks', 'offsets', readdirSync(join(folder, 'ns', 'clicks', 'offsets'))[0]!)
  offsets.commit('whole', [[0, at(5)]])
  writeFileSync(file, '{"format":1,"crc32c":1,"values":{}}')
  lines.length = 0
  const again = open(diskFolder(folder)).committedOffsets(HUB)
  expect(again.groups()).toEqual(['whole'])
  expect(lines).toEqual([`${file} is damaged: the group whose offsets it held starts again in this hub`])
  again.commit('broken', [[0, at(9)]])
  expect(open(diskFolder(folder)).committedOffsets(HUB).of('broken').get(0)).toEqual(at(9))
})
