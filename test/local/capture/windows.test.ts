import { linkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DRAFT } from '../../../src/lib/capture-folder.ts'
import type { CaptureSink } from '../../../src/local/capture/sink.ts'
import { HUB, NAMESPACE } from '../amqp/support/local.ts'
import { eventsOf, snapshot, soon, startCaptured } from './support/capture.ts'
import { CAPTURE } from './support/settings.ts'

const EMPTY_BYTES = 508
/** The clock begins at noon. */
const at = (partition: number, minute: string, second = '00') =>
  `${NAMESPACE}/${HUB}/${partition}/2026/03/01/12/${minute}/${second}.avro`

it('names a file after the beginning of its window, which is that of the first event', async () => {
  const captured = startCaptured()
  captured.clock.advance(5_000)
  await captured.send(['a', 'b'])
  await soon(() => expect(captured.clock.pending).toContain(60_000))
  captured.clock.advance(30_000)
  await captured.send(['c'])
  expect(captured.files()).toEqual([])
  captured.clock.advance(30_000)
  await soon(() => expect(captured.files()).toEqual([at(0, '00', '05')]))
  await captured.send(['d'])
  captured.clock.advance(60_000)
  await soon(() => expect(captured.files()).toEqual([at(0, '00', '05'), at(0, '01', '05')]))
  expect(await captured.bodies()).toEqual(['a', 'b', 'c', 'd'])
  await soon(() => expect(captured.stats()).toMatchObject({ files: 2, pendingEvents: 0, lostEvents: 0, failing: null }))
})

it('writes an empty file of 508 bytes for each window without events, in every partition, from the first event on', async () => {
  const captured = startCaptured({ partitionCount: 2 })
  captured.clock.advance(60_000)
  expect(captured.files()).toEqual([])
  await captured.send(['a'], '1')
  await soon(() => expect(captured.clock.pending.filter((ms) => ms === 60_000)).toHaveLength(2))
  captured.clock.advance(60_000)
  await soon(() => expect(captured.files()).toEqual([at(0, '01'), at(1, '01')]))
  await soon(() => expect(captured.stats().files).toBe(2))
  const sizes = captured.files().map((name) => statSync(join(captured.folder, 'capture/lake/raw', name)).size)
  expect(sizes[0]).toBe(EMPTY_BYTES)
  expect(sizes[1]).toBeGreaterThan(EMPTY_BYTES)
})

it('writes none of these where they are left out', async () => {
  const captured = startCaptured({ partitionCount: 2, capture: { skipEmptyArchives: true } })
  await captured.send(['a'], '1')
  await soon(() => expect(captured.clock.pending.filter((ms) => ms === 60_000)).toHaveLength(2))
  captured.clock.advance(60_000)
  await soon(() => expect(captured.files()).toEqual([at(1, '00')]))
  for (const ms of [60_000, 60_000, 30_000]) {
    await soon(() => expect(captured.clock.pending.filter((ms) => ms === 60_000)).toHaveLength(2))
    captured.clock.advance(ms)
  }
  await captured.send(['b'], '1')
  expect((await captured.flush()).map(({ where }) => where)).toEqual([
    join(captured.folder, 'capture/lake/raw', at(1, '03')),
  ])
})

it('begins a new file at the size limit, each with a second of its own in its name', async () => {
  const captured = startCaptured({ capture: { sizeLimitBytes: 10_000 } })
  const bodies = Array.from({ length: 25 }, (_, i) => String(i).padEnd(1_000, '.'))
  await captured.send(bodies)
  const files = await captured.flush()
  expect(files.map(({ events }) => events)).toEqual([10, 10, 5])
  expect(captured.files()).toEqual([at(0, '00', '00'), at(0, '00', '01'), at(0, '00', '02')])
  expect(await captured.bodies()).toEqual(bodies)
})

it('says of each file that a flush wrote where it is and what is in it, and writes none without events', async () => {
  const captured = startCaptured({ partitionCount: 2 })
  await captured.send(['a', 'b'], '1')
  const [file, ...others] = await captured.flush()
  expect(others).toEqual([])
  expect(file).toEqual({
    ...{ namespace: NAMESPACE, hub: HUB, partition: '1', events: 2, firstSequenceNumber: 0, lastSequenceNumber: 1 },
    where: join(captured.folder, 'capture/lake/raw', at(1, '00')),
    bytes: statSync(join(captured.folder, 'capture/lake/raw', at(1, '00'))).size,
  })
  expect(await captured.flush()).toEqual([])
  expect((await captured.captures.flush({ hub: 'another' })).files).toEqual([])
})

it('goes on after a restart, and writes no empty files for the time in between', async () => {
  const first = startCaptured()
  await first.send(['a'])
  await first.stop()
  expect(await first.bodies()).toEqual(['a'])
  first.clock.advance(3_600_000)
  const second = startCaptured(first)
  await second.send(['b'])
  await second.flush()
  expect(await second.bodies()).toEqual(['a', 'b'])
  expect(second.files()).toHaveLength(2)
})

it('writes each event into one file, wherever a crash comes in between', async () => {
  const crashes: { readonly moment: string; readonly folder: string }[] = []
  const crash = (moment: string) => {
    const folder = snapshot(captured.folder)
    crashes.push({ moment, folder })
    return folder
  }
  const captured = startCaptured({
    capture: { sizeLimitBytes: 600_000 },
    through: (sink) => ({
      whereIs: (place) => sink.whereIs(place),
      head: (place, bytes) => sink.head(place, bytes),
      begin: async (place) => {
        crash('before the file')
        const file = await sink.begin(place)
        return {
          write: async (bytes) => {
            crash('before a block')
            await file.write(bytes)
            crash('after a block')
          },
          commit: async () => {
            crash('before it shows')
            await file.commit()
            crash('after it shows')
            const path = sink.whereIs(place).replace(captured.folder, crash('while it has both names'))
            linkSync(path, `${path}${DRAFT}`)
          },
          abandon: () => file.abandon(),
        }
      },
    }),
  })
  const bodies = Array.from({ length: 1_000 }, (_, i) => String(i).padEnd(1_000, '.'))
  await captured.send(bodies)
  await captured.flush()
  expect(captured.files()).toHaveLength(2)
  expect(new Set(crashes.map(({ moment }) => moment)).size).toBe(6)
  for (const { moment, folder } of crashes) {
    const after = startCaptured({ folder, directory: captured.directory, clock: captured.clock })
    await after.flush()
    expect(await after.bodies(), moment).toEqual(bodies)
    expect(after.files(), moment).toEqual(captured.files())
  }
})

/** A storage that is down while it says so. */
const failing =
  (isDown: () => boolean) =>
  (sink: CaptureSink): CaptureSink => ({
    whereIs: (place) => sink.whereIs(place),
    head: (place, bytes) => sink.head(place, bytes),
    begin: async (place) => {
      if (isDown()) throw new Error('the storage is down')
      return sink.begin(place)
    },
  })

it('catches up in order where the storage was down, and says so once', async () => {
  let isDown = true
  const captured = startCaptured({ through: failing(() => isDown) })
  await captured.send(['a'])
  const { failures } = await captured.captures.flush({})
  expect(failures).toEqual([{ namespace: NAMESPACE, hub: HUB, why: 'the storage is down' }])
  captured.clock.advance(90_000)
  await captured.send(['b'])
  await soon(() => expect(captured.stats()).toMatchObject({ failing: 'the storage is down', pendingEvents: 2 }))
  expect(captured.lines).toEqual([
    `${NAMESPACE}/${HUB}: cannot capture into lake/raw, and tries again: the storage is down`,
  ])
  isDown = false
  const files = await captured.flush()
  expect(files.map(({ events }) => events)).toEqual([1, 1])
  expect(captured.files()).toEqual([at(0, '00'), at(0, '01')])
  expect(await captured.bodies()).toEqual(['a', 'b'])
  await soon(() => expect(captured.lines.at(-1)).toBe(`${NAMESPACE}/${HUB}: it is captured again.`))
  expect(captured.lines).toHaveLength(2)
})

it('tells which events retention dropped before they were captured', async () => {
  let isDown = true
  const captured = startCaptured({ capture: { skipEmptyArchives: true }, through: failing(() => isDown) })
  await captured.send(['a', 'b'])
  await captured.captures.flush({})
  captured.clock.advance(25 * 3_600_000)
  captured.hubs.partition(captured.directory.hub(NAMESPACE, HUB)!, 0).trimToAge(captured.clock.now(), 24)
  expect(captured.stats()).toMatchObject({ lostEvents: 2, pendingEvents: 0 })
  await captured.send(['c'])
  isDown = false
  await captured.flush()
  expect(captured.lines).toContain(
    `${NAMESPACE}/${HUB} partition 0: Events 0 to 1 were dropped before they were captured.`,
  )
  expect(captured.lines.filter((line) => line.includes('dropped'))).toHaveLength(1)
  expect(await captured.bodies()).toEqual(['c'])
  expect(captured.stats()).toMatchObject({ lostEvents: 2, pendingEvents: 0 })
})

it('closes the window by the old settings where they change, and captures nothing while it is off', async () => {
  const captured = startCaptured()
  await captured.send(['a'])
  captured.directory.changeHub(HUB, { capture: { ...CAPTURE, container: 'other' } })
  await soon(() => expect(captured.files()).toEqual([at(0, '00')]))
  await captured.send(['b'])
  await soon(async () => expect((await captured.flush())[0]?.where).toContain(join('lake', 'other')))
  captured.directory.changeHub(HUB, { capture: undefined })
  await soon(() => expect(captured.captures.stats(captured.directory.hub(NAMESPACE, HUB)!)).toBeUndefined())
  await captured.send(['c'])
  captured.directory.changeHub(HUB, { capture: CAPTURE })
  await captured.send(['d'])
  await captured.flush()
  expect(await captured.bodies()).toEqual(['a', 'd'])
})

it('leaves nothing of a hub that is deleted while its window is open', async () => {
  const captured = startCaptured()
  await captured.send(['a'])
  captured.directory.removeHub(HUB)
  captured.directory.addHub(HUB, { partitionCount: 1, capture: CAPTURE })
  await captured.send(['b'])
  expect(await captured.flush()).toMatchObject([{ firstSequenceNumber: 0, events: 1 }])
  expect(await captured.bodies()).toEqual(['b'])
})

it('stays inside its folder, whatever the names are', async () => {
  const capture = { account: '..', container: '../..', archiveNameFormat: '../{EventHub}//..\\{PartitionId}:{Second}' }
  const captured = startCaptured({ capture })
  await captured.send(['a'])
  const [file] = await captured.flush()
  expect(file?.where.startsWith(join(captured.folder, 'capture'))).toBe(true)
  expect(file?.where).not.toContain('/../')
  expect((await eventsOf(file!.where)).map(({ Body }) => Body.toString())).toEqual(['a'])
})

it('captures partitions that are added', async () => {
  const captured = startCaptured()
  captured.directory.changeHub(HUB, { partitionCount: 3 })
  await captured.send(['a'], '2')
  expect(await captured.flush()).toMatchObject([{ partition: '2', events: 1 }])
})
